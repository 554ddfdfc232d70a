"""What an officer does in a channel: open, add, write, ask, share, close; and what everybody reads.

What goes in is judged by the law first, for every member who would read it. The identifiers of entries
are the caller's, so that a repeated command makes the same entry once.
"""

from __future__ import annotations

import hashlib
from typing import Any

from sqlmodel import Session, col, select

from comity.errors import Conflict, Forbidden, NotFound
from comity.v1 import channel_pb2 as pb
from node.flow import channel as flow
from node.records import Channel, ChannelEventRow
from node.service.channel_law import hit_of, judge_opening, judge_sharing
from node.service.context import Node
from node.service.rooms import LEGAL_BASIS, Room, log_act, room_of, write

MAX_FILE = 64 * 1024 * 1024


def open_channel(node: Node, hits: list[str], title: str, officer: str, *, nonce: str) -> dict[str, Any]:
    """Opens a pre-JIT channel on one or more hits, with the teams on their other side."""
    with node.store.write() as session:
        marker = hashlib.sha256(f"open {nonce}".encode()).hexdigest()
        if (known := _by_marker(session, marker)) is not None:
            return _view(session, node, known)
        found = [hit_of(session, name) for name in hits]
        peers = sorted({hit.peer for hit in found})
        for hit in found:
            judge_opening(session, node, hit)
        roster = node.roster(session)
        members = {team: roster.team(team).sealing_key for team in [node.team, *peers]}
        made = flow.opening(
            founder=node.team,
            members=members,
            hits=[bytes.fromhex(name) for name in hits],
            title=title,
            legal_basis=LEGAL_BASIS,
            chance=node.chance,
        )
        row = Channel(
            id=made.channel.hex(),
            members=sorted(members),
            hits=hits,
            opened_by=f"{node.team}/{officer}",
            opened_at=node.now(),
            extra={"marker": marker},
        )
        session.add(row)
        session.flush()
        write(session, node, Room(session, node, row.id), made)
        log_act(session, node, row, officer, "channel opened on a hit", peers)
        return _view(session, node, row)


def add_member(node: Node, channel: str, newcomer: str, reason: str, officer: str) -> dict[str, Any]:
    """A third nation joins: a new epoch of keys; what was said before stays with those who said it."""
    with node.store.write() as session:
        row, room = room_of(session, node, channel)
        if newcomer in room.log.members:
            return _view(session, node, row)
        member = node.roster(session).team(newcomer)
        for name in row.hits:
            judge_opening(session, node, hit_of(session, name), towards=newcomer)
        if not row.hits:
            raise Forbidden(f"there is no hit to share with {member.team}", field="newcomer")
        step = flow.add_member(
            room.log,
            node.team,
            room.sealing_keys(room.log.members | {newcomer}),
            newcomer,
            reason=reason,
            chance=node.chance,
        )
        write(session, node, room, step)
        log_act(session, node, row, officer, f"{newcomer} joined the channel", [newcomer])
        return _view(session, node, row)


def post(
    node: Node, channel: str, text: str, officer: str, handling: str, message: str, *, personal: bool
) -> dict[str, Any]:
    """A message to all members. `message` is the caller's id for it, so that a repetition adds nothing.

    `personal`: the officer's signed word on whether it holds personal data; the law is asked accordingly.
    """
    with node.store.write() as session:
        row, room = room_of(session, node, channel)
        judge_sharing(session, node, room, "message", personal=personal, handling=handling)
        step = flow.message(
            room.case, node.team, text=text, officer=officer, handling=handling, chance=_named(message)
        )
        return _say(session, node, row, room, step, officer, f"message {message}")


def add_task(
    node: Node, channel: str, title: str, assignee: str, officer: str, note: str, task: str
) -> dict[str, Any]:
    """A task asked of one nation; it starts as Requested."""
    with node.store.write() as session:
        row, room = room_of(session, node, channel)
        judge_sharing(session, node, room, "task", personal=False)
        step = flow.task(
            room.case,
            node.team,
            title=title,
            assignee=assignee,
            officer=officer,
            note=note,
            chance=_named(task),
        )
        return _say(session, node, row, room, step, officer, f"task {task}")


def move_task(node: Node, channel: str, task: str, to: str, officer: str, note: str) -> dict[str, Any]:
    """Moves a task along Requested, Approved, Doing, Review, Done."""
    with node.store.write() as session:
        row, room = room_of(session, node, channel)
        entry = room.case.task(bytes.fromhex(task))
        if entry is not None and entry.shown.state == to:
            return _view(session, node, row)
        step = flow.move_task(room.case, node.team, bytes.fromhex(task), to, officer=officer, note=note)
        return _say(session, node, row, room, step, officer, f"task moved to {to}")


def add_file(
    node: Node,
    channel: str,
    name: str,
    data: bytes,
    officer: str,
    handling: str,
    note: str,
    file: str,
    *,
    personal: bool,
) -> dict[str, Any]:
    """A file: announced with size and SHA-256, then its parts, all in one transaction."""
    if len(data) > MAX_FILE:
        raise Conflict(
            "the file is larger than this channel carries", field="file", remedy="at most 64 MiB: split it"
        )
    with node.store.write() as session:
        row, room = room_of(session, node, channel)
        judge_sharing(session, node, room, "file", personal=personal, handling=handling)
        step = flow.file_announcement(
            room.case,
            node.team,
            name=name,
            size=len(data),
            sha256=hashlib.sha256(data).digest(),
            officer=officer,
            handling=handling,
            note=note,
            chance=_named(file),
        )
        if room.case.file(bytes.fromhex(file)) is not None:
            return _view(session, node, row)
        write(session, node, room, step)
        for part in flow.chunks(bytes.fromhex(file), data):
            write(session, node, room, part)
        log_act(
            session, node, row, officer, f"file sha256:{hashlib.sha256(data).hexdigest()} shared", row.members
        )
        return _view(session, node, row)


def close(node: Node, channel: str, reason: str, officer: str) -> dict[str, Any]:
    """Closes the channel: nothing is written after it."""
    with node.store.write() as session:
        row, room = room_of(session, node, channel)
        if row.state == "closed":
            return _view(session, node, row)
        step = flow.close(room.case, node.team, reason=reason, officer=officer, chance=node.chance)
        row.state = "closed"
        session.add(row)
        return _say(session, node, row, room, step, officer, "channel closed")


def show(node: Node, channel: str) -> dict[str, Any]:
    """The shared case, and what is still missing here."""
    with node.store.read() as session:
        row, room = room_of(session, node, channel)
        return {**_view(session, node, row), "case": room.case.to_dict()}


def listing(node: Node) -> list[dict[str, Any]]:
    """All channels of this team."""
    with node.store.read() as session:
        rows = session.exec(select(Channel).order_by(col(Channel.opened_at))).all()
        return [_view(session, node, row) for row in rows]


def fetch_file(node: Node, channel: str, file: str) -> tuple[str, bytes]:
    """A complete file, its SHA-256 checked."""
    with node.store.read() as session:
        _, room = room_of(session, node, channel)
        entry = room.case.file(bytes.fromhex(file))
        if entry is None:
            raise NotFound("there is no such file in this channel", field="file")
        return entry.name, flow.read_file(entry, room.log, room.carried, room.ring)


def _say(
    session: Session, node: Node, row: Channel, room: Room, step: flow.Step, officer: str, words: str
) -> dict[str, Any]:
    if not _was_said(room, step):
        write(session, node, room, step)
        log_act(session, node, row, officer, words, row.members)
    return _view(session, node, row)


def _was_said(room: Room, step: flow.Step) -> bool:
    """A message or a new task whose id stands in the case was said before; a move of a task was not."""
    case = room.case
    body = step.payload
    if isinstance(body, pb.ChannelMessage):
        return any(entry["id"] == body.id for entry in case.messages)
    return isinstance(body, pb.ChannelTask) and body.state == "Requested" and case.task(body.id) is not None


def _view(session: Session, node: Node, row: Channel) -> dict[str, Any]:
    events = session.exec(select(ChannelEventRow).where(ChannelEventRow.channel == row.id)).all()
    return {
        "channel": row.id,
        "state": row.state,
        "members": row.members,
        "hits": row.hits,
        "opened_by": row.opened_by,
        "events": len(events),
        "held": sum(event.state == "held" for event in events),
    }


def _by_marker(session: Session, marker: str) -> Channel | None:
    rows = session.exec(select(Channel)).all()
    return next((row for row in rows if row.extra.get("marker") == marker), None)


def _named(name: str) -> Any:
    """A caller's id in place of chance, so that a repeated command makes the same entry."""
    data = bytes.fromhex(name)
    return lambda count: data[:count]
