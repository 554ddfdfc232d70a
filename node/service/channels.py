"""Joint-investigation channels at one node: write, carry, take in, read.

An event is stored with the statement that brought it; the log, the keys and the shared case are folded
from what is stored, so that order and repetition of arrival mean nothing. Events travel sealed through
the broker. What goes in is judged by the law first, for every member who would read it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from google.protobuf.message import Message
from sqlmodel import Session, col, select

from comity import envelope as envelopes
from comity.channel import (
    Accepted,
    ChannelLog,
    Duplicate,
    EpochKey,
    Equivocated,
    Equivocation,
    Held,
    encode_event,
    event_digest,
    read_event,
)
from comity.errors import Conflict, Forbidden, NotFound, Unauthenticated
from comity.v1 import channel_pb2 as pb
from comity.v1 import envelope_pb2
from node.flow import channel as flow
from node.flow.case import SharedCase
from node.flow.facts import party, policy_item, policy_offence
from node.records import Channel, ChannelEventRow, ChannelKey, Hit
from node.service import ledger
from node.service.context import Node, raise_alarm
from node.service.deciding import records_of
from node.service.gate import PURPOSE
from node.service.incoming import handles, open_statement
from node.service.outgoing import queue, send, sign
from policy import Action, Item, Proposal, decide
from policy import Hit as HitFacts

LEGAL_BASIS = "Directive (EU) 2023/977 Article 7; Convention of 29 May 2000 Article 7"
MAX_FILE = 64 * 1024 * 1024
RELAY_BYTES = 1024 * 1024


class Room:
    """A channel as this node holds it: the chain, the carried bytes, the keys it can open."""

    def __init__(self, session: Session, node: Node, channel: str) -> None:
        self.session, self.node, self.channel = session, node, channel
        self.log = ChannelLog(bytes.fromhex(channel))
        self.carried: dict[bytes, bytes] = {}
        rows = session.exec(
            select(ChannelEventRow)
            .where(ChannelEventRow.channel == channel, ChannelEventRow.state != "refused")
            .order_by(col(ChannelEventRow.id))
        ).all()
        for row in rows:
            event = envelope_pb2.Envelope.FromString(row.envelope).payload
            self.log.accept(event, row.author, cosigners=row.cosigners)
            self.carried[bytes.fromhex(row.digest)] = event
        self.ring = self._ring()

    def _ring(self) -> dict[bytes, EpochKey]:
        known: dict[bytes, EpochKey] = {}
        query = select(ChannelKey).where(ChannelKey.channel == self.channel)
        for row in self.session.exec(query).all():
            where = f"channel_key/{self.channel}/{row.change}"
            key = self.node.vault.open(self.session, where, row.key_sealed)
            known[bytes.fromhex(row.change)] = EpochKey(row.epoch, key)
        return known

    def learn(self) -> None:
        """Opens the keys that new membership events brought, and keeps them sealed."""
        ring = flow.learn_keys(self.log, self.carried, self.node.team, [self.node.keys.sealing], self.ring)
        for change, key in ring.items():
            if change in self.ring:
                continue
            where = f"channel_key/{self.channel}/{change.hex()}"
            self.session.merge(
                ChannelKey(
                    channel=self.channel,
                    change=change.hex(),
                    epoch=key.epoch,
                    key_sealed=self.node.vault.seal(self.session, where, key.key),
                )
            )
        self.ring = ring

    @property
    def case(self) -> SharedCase:
        """The shared case as this node can read it."""
        return flow.read_case(self.log, self.carried, self.ring)

    def sealing_keys(self, teams: set[str] | frozenset[str]) -> dict[str, bytes]:
        """Members' public sealing keys from the roster."""
        roster = self.node.roster(self.session)
        return {team: roster.team(team).sealing_key for team in sorted(teams)}


def open_channel(node: Node, hits: list[str], title: str, officer: str, *, nonce: str) -> dict[str, Any]:
    """Opens a pre-JIT channel on one or more hits, with the teams on their other side."""
    with node.store.write() as session:
        marker = hashlib.sha256(f"open {nonce}".encode()).hexdigest()
        if (known := _by_marker(session, marker)) is not None:
            return _view(session, node, known)
        found = [_hit(session, name) for name in hits]
        peers = sorted({hit.peer for hit in found})
        for hit in found:
            _judge_opening(session, node, hit)
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
        _write(session, node, Room(session, node, row.id), made)
        _log(session, node, row, officer, "channel opened on a hit", peers)
        return _view(session, node, row)


def add_member(node: Node, channel: str, newcomer: str, reason: str, officer: str) -> dict[str, Any]:
    """A third nation joins: a new epoch of keys; what was said before stays with those who said it."""
    with node.store.write() as session:
        row, room = _room(session, node, channel)
        if newcomer in room.log.members:
            return _view(session, node, row)
        member = node.roster(session).team(newcomer)
        for name in row.hits:
            _judge_opening(session, node, _hit(session, name), towards=newcomer)
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
        _write(session, node, room, step)
        _log(session, node, row, officer, f"{newcomer} joined the channel", [newcomer])
        return _view(session, node, row)


def post(
    node: Node, channel: str, text: str, officer: str, handling: str, message: str, *, personal: bool
) -> dict[str, Any]:
    """A message to all members. `message` is the caller's id for it, so that a repetition adds nothing.

    `personal`: the officer's signed word on whether it holds personal data; the law is asked accordingly.
    """
    with node.store.write() as session:
        row, room = _room(session, node, channel)
        _judge_sharing(session, node, room, "message", personal=personal, handling=handling)
        step = flow.message(
            room.case, node.team, text=text, officer=officer, handling=handling, chance=_named(message)
        )
        return _say(session, node, row, room, step, officer, f"message {message}")


def add_task(
    node: Node, channel: str, title: str, assignee: str, officer: str, note: str, task: str
) -> dict[str, Any]:
    """A task asked of one nation; it starts as Requested."""
    with node.store.write() as session:
        row, room = _room(session, node, channel)
        _judge_sharing(session, node, room, "task", personal=False)
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
        row, room = _room(session, node, channel)
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
        row, room = _room(session, node, channel)
        _judge_sharing(session, node, room, "file", personal=personal, handling=handling)
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
        _write(session, node, room, step)
        for part in flow.chunks(bytes.fromhex(file), data):
            _write(session, node, room, part)
        _log(
            session, node, row, officer, f"file sha256:{hashlib.sha256(data).hexdigest()} shared", row.members
        )
        return _view(session, node, row)


def close(node: Node, channel: str, reason: str, officer: str) -> dict[str, Any]:
    """Closes the channel: nothing is written after it."""
    with node.store.write() as session:
        row, room = _room(session, node, channel)
        if row.state == "closed":
            return _view(session, node, row)
        step = flow.close(room.case, node.team, reason=reason, officer=officer, chance=node.chance)
        row.state = "closed"
        session.add(row)
        return _say(session, node, row, room, step, officer, "channel closed")


def show(node: Node, channel: str) -> dict[str, Any]:
    """The shared case, and what is still missing here."""
    with node.store.read() as session:
        row, room = _room(session, node, channel)
        return {**_view(session, node, row), "case": room.case.to_dict()}


def listing(node: Node) -> list[dict[str, Any]]:
    """All channels of this team."""
    with node.store.read() as session:
        rows = session.exec(select(Channel).order_by(col(Channel.opened_at))).all()
        return [_view(session, node, row) for row in rows]


def fetch_file(node: Node, channel: str, file: str) -> tuple[str, bytes]:
    """A complete file, its SHA-256 checked."""
    with node.store.read() as session:
        _, room = _room(session, node, channel)
        entry = room.case.file(bytes.fromhex(file))
        if entry is None:
            raise NotFound("there is no such file in this channel", field="file")
        return entry.name, flow.read_file(entry, room.log, room.carried, room.ring)


@handles(pb.ChannelEvent)
def on_event(
    session: Session, node: Node, sender: str, message: Message, statement: envelope_pb2.Envelope
) -> None:
    """Takes in one event of one author; asks for what is missing before it."""
    assert isinstance(message, pb.ChannelEvent)
    signers = sorted(open_statement(session, node, statement).signers)
    _take_in(session, node, message.channel.hex(), sender, signers, statement, told_by=sender)


@handles(pb.ChannelRelay)
def on_relay(
    session: Session, node: Node, sender: str, message: Message, _statement: envelope_pb2.Envelope
) -> None:
    """Takes in events that another member passes on: each stands by its own author's signature."""
    assert isinstance(message, pb.ChannelRelay)
    for event in message.events:
        author, signers = _signed_by(session, node, event)
        _take_in(session, node, message.channel.hex(), author, signers, event, told_by=sender)


@handles(pb.ChannelCatchUp)
def on_catch_up(
    session: Session, node: Node, sender: str, message: Message, _statement: envelope_pb2.Envelope
) -> None:
    """Passes on to a member the events, of whatever author, that it lacks."""
    assert isinstance(message, pb.ChannelCatchUp)
    room = Room(session, node, message.channel.hex())
    if sender in room.log.members:
        _relay(session, node, room, sender, dict(message.have))


def _signed_by(session: Session, node: Node, statement: envelope_pb2.Envelope) -> tuple[str, list[str]]:
    """The author and all signers of a relayed event. Its addressees and its age do not matter any more."""
    roster = node.roster(session)
    owners = {each.key_id: roster.by_signing_key(each.key_id) for each in statement.signatures}
    keys = {key: owner.public for key, owner in owners.items() if owner is not None}
    valid = envelopes.verify_signatures(statement, keys)
    header = envelopes.read_header(statement)
    envelopes.check_federation_of(header, node.settings.federation)
    envelopes.read_payload(statement, header, pb.ChannelEvent)
    teams = sorted({owner.team for key, owner in owners.items() if owner is not None and key in valid})
    if header.sender not in teams:
        raise Unauthenticated("a relayed event is not signed by its author", field="events")
    return header.sender, teams


def _take_in(
    session: Session,
    node: Node,
    channel: str,
    author: str,
    signers: list[str],
    statement: envelope_pb2.Envelope,
    *,
    told_by: str,
) -> None:
    event = read_event(statement.payload)
    if event.author != author or event.channel.hex() != channel:
        raise Forbidden("a member writes under its own name, in the channel it says", field="author")
    digest = event_digest(statement.payload).hex()
    if session.exec(_row_query(channel, digest)).first() is not None:
        return
    room = Room(session, node, channel)
    outcome = room.log.accept(statement.payload, author, cosigners=signers)
    session.add(
        ChannelEventRow(
            channel=channel,
            author=author,
            sequence=event.sequence,
            digest=digest,
            envelope=statement.SerializeToString(),
            cosigners=signers,
            received_at=node.now(),
            state=_state_of(outcome),
        )
    )
    session.flush()
    _after(session, node, room, outcome, event, told_by)
    room = Room(session, node, channel)
    room.learn()
    _refresh(session, node, room)
    _settle_held(session, room)


def _settle_held(session: Session, room: Room) -> None:
    """Marks events as accepted whose predecessors have come."""
    known = {entry.record.digest.hex() for entry in room.log.entries()}
    rows = session.exec(
        select(ChannelEventRow).where(
            ChannelEventRow.channel == room.channel, ChannelEventRow.state == "held"
        )
    ).all()
    for row in rows:
        if row.digest in known:
            row.state = "accepted"
            session.add(row)


def _after(
    session: Session, node: Node, room: Room, outcome: object, event: pb.ChannelEvent, told_by: str
) -> None:
    if isinstance(outcome, Held):
        have = dict(room.log.vector())
        if event.sequence <= have.get(event.author, 0):  # another branch than ours: back to where it forked
            have[event.author] = max(0, event.sequence - 2)
        send(session, node, pb.ChannelCatchUp(channel=room.log.channel, have=have), told_by, route="broker")
    for evidence in _equivocations(outcome):
        raise_alarm(
            session,
            node,
            "critical",
            "equivocation",
            f"{evidence.author} signed two events with one number in channel {room.channel}",
        )


def _equivocations(outcome: object) -> list[Equivocation]:
    if isinstance(outcome, Equivocated):
        return [outcome.evidence, *outcome.accepted.equivocations]
    return list(outcome.equivocations) if isinstance(outcome, Accepted) else []


def _state_of(outcome: object) -> str:
    if isinstance(outcome, Held):
        return "held"
    if isinstance(outcome, Equivocated):
        return "equivocation"
    assert isinstance(outcome, Accepted | Duplicate)
    return "accepted"


def _relay(session: Session, node: Node, room: Room, team: str, have: Mapping[str, int]) -> None:
    """Passes on what `team` lacks by its own count, in mails of bounded size.

    Each author's newest event that both count is passed on too: a count says nothing of two events
    under one number, so this is where an equivocation shows.
    """
    rows = session.exec(
        select(ChannelEventRow)
        .where(ChannelEventRow.channel == room.channel, ChannelEventRow.state != "refused")
        .order_by(col(ChannelEventRow.id))
    ).all()
    newest = room.log.vector()
    batch, size = pb.ChannelRelay(channel=room.log.channel), 0
    for row in rows:
        shared = min(have.get(row.author, 0), newest.get(row.author, 0))
        if row.author == team or row.sequence < shared:
            continue
        if batch.events and size + len(row.envelope) > RELAY_BYTES:
            send(session, node, batch, team, route="broker")
            batch, size = pb.ChannelRelay(channel=room.log.channel), 0
        batch.events.append(envelope_pb2.Envelope.FromString(row.envelope))
        size += len(row.envelope)
    if batch.events:
        send(session, node, batch, team, route="broker")


def _say(
    session: Session, node: Node, row: Channel, room: Room, step: flow.Step, officer: str, words: str
) -> dict[str, Any]:
    if not _was_said(room, step):
        _write(session, node, room, step)
        _log(session, node, row, officer, words, row.members)
    return _view(session, node, row)


def _was_said(room: Room, step: flow.Step) -> bool:
    """A message or a new task whose id stands in the case was said before; a move of a task was not."""
    case = room.case
    body = step.payload
    if isinstance(body, pb.ChannelMessage):
        return any(entry["id"] == body.id for entry in case.messages)
    return isinstance(body, pb.ChannelTask) and body.state == "Requested" and case.task(body.id) is not None


def _write(session: Session, node: Node, room: Room, step: flow.Step | flow.Rekeying) -> None:
    """The next event of this team: built, signed, stored, queued to every other member, in one go."""
    room_members = set(room.log.members)
    event = flow.write(room.log, node.team, step, room.ring, now=node.now(), chance=node.chance)
    encoded = encode_event(event)
    room.log.accept(encoded, node.team)
    room.carried[event_digest(encoded)] = encoded
    members = sorted((room_members | set(room.log.members)) - {node.team})
    statement = sign(node, event, [*members, node.team], timedelta(days=node.settings.mail_days))
    assert statement.payload == encoded
    session.add(
        ChannelEventRow(
            channel=room.channel,
            author=node.team,
            sequence=event.sequence,
            digest=event_digest(encoded).hex(),
            envelope=statement.SerializeToString(),
            cosigners=[node.team],
            received_at=node.now(),
        )
    )
    session.flush()
    room.learn()
    _refresh(session, node, room)
    for team in members:  # who joins by this very event gets it first; what lies before follows
        queue(session, node, statement, team, what="ChannelEvent", route="broker")
    if event.kind == pb.CHANNEL_EVENT_KIND_MEMBERS:
        for newcomer in sorted(set(room.log.members) - room_members):
            _relay(session, node, room, newcomer, {})


def _refresh(session: Session, node: Node, room: Room) -> None:
    """Keeps the row of the channel in step with what its events say."""
    row = session.get(Channel, room.channel)
    members = sorted(room.log.members)
    if row is None:
        if node.team not in members:
            return
        case = room.case
        row = Channel(
            id=room.channel,
            members=members,
            hits=[hit.hex() for hit in case.hits],
            opened_by=case.timeline[0]["team"] if case.timeline else "",
            opened_at=node.now(),
        )
        ledger.record(
            session,
            node,
            "collection",
            justification="joined a channel that another team opened",
            legal_basis=LEGAL_BASIS,
            result=f"channel {room.channel}",
            subject=f"channel:{room.channel}",
        )
    row.members = members
    if node.team not in members:
        row.state = "left"
    elif room.case.status == "closed":
        row.state = "closed"
    session.add(row)
    session.flush()


def _room(session: Session, node: Node, channel: str) -> tuple[Channel, Room]:
    row = session.get(Channel, channel)
    if row is None:
        raise NotFound("there is no such channel here", field="channel", remedy="comity-node channel list")
    return row, Room(session, node, channel)


def _hit(session: Session, name: str) -> Hit:
    hit = session.get(Hit, name)
    if hit is None:
        raise NotFound("there is no such hit", field="hit", remedy="comity-node hits")
    return hit


def _judge_opening(session: Session, node: Node, hit: Hit, towards: str | None = None) -> None:
    roster = node.roster(session)
    us, them = roster.team(node.team), roster.team(towards or hit.peer)
    records = records_of(session, hit.id)
    decision = decide(
        Proposal(
            action=Action.OPEN_CHANNEL,
            now=node.now(),
            provider=party(us.team, us.state, us.member_class),
            requester=party(them.team, them.state, them.member_class),
            case_reference=next((record.case_id for record in records if record.case_id), None),
            legal_basis=LEGAL_BASIS,
            purpose=PURPOSE,
            offence=policy_offence(records[0].facts) if records else None,
            hit=HitFacts(id=hit.id, reviewed=True, automated_measure=False),
            channel="pre-jit",
            national=node.settings.state.lower() or None,
        )
    )
    if not decision.permitted:
        raise Forbidden(
            _words(decision.act), code=decision.act.ground, field="hit", remedy=decision.act.way_out
        )


def _judge_sharing(
    session: Session, node: Node, room: Room, kind: str, *, personal: bool, handling: str = "H0"
) -> None:
    """Every member who would read it is judged; one denial keeps it out for all."""
    roster = node.roster(session)
    us = roster.team(node.team)
    row = session.get(Channel, room.channel)
    records = records_of(session, row.hits[0]) if row and row.hits else []
    first = records[0].facts if records else {}
    for team in sorted(room.log.members - {node.team}):
        them = roster.team(team)
        item = (
            _personal_item(kind, us.state, first, handling)
            if personal
            else Item(id="shared", kind=kind, personal=False, handling=handling or "H0")
        )
        decision = decide(
            Proposal(
                action=Action.SHARE,
                now=node.now(),
                provider=party(us.team, us.state, us.member_class),
                requester=party(them.team, them.state, them.member_class),
                items=(item,),
                case_reference=room.channel,
                legal_basis=LEGAL_BASIS,
                purpose=PURPOSE,
                offence=policy_offence(first or {"offence": "thb"}),
                channel="pre-jit",
                hit=HitFacts(
                    id=row.hits[0] if row and row.hits else "", reviewed=True, automated_measure=False
                ),
                national=node.settings.state.lower() or None,
            )
        )
        if not decision.permitted:
            raise Forbidden(
                _words(decision.act), code=decision.act.ground, field=kind, remedy=decision.act.way_out
            )


def _personal_item(kind: str, state: str, facts: Mapping[str, Any], handling: str) -> Item:
    """What an officer said is about a person, with the facts of the record behind the channel's hit."""
    return policy_item(
        "shared", {**facts, "kind": kind, "origin_state": state.lower(), "handling": handling or "H0"}
    )


def _words(item: Any) -> str:
    said = [f"{f.sentence} ({f.cites})" for f in item.findings if str(f.effect) in ("deny", "ask")]
    return said[0] if said else "the law does not permit this"


def _log(session: Session, node: Node, row: Channel, officer: str, words: str, to: list[str]) -> None:
    ledger.record(
        session,
        node,
        "disclosure",
        user=officer,
        recipient=",".join(team for team in to if team != node.team),
        justification=words,
        legal_basis=LEGAL_BASIS,
        result=f"channel {row.id}",
        subject=f"channel:{row.id}",
    )


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


def _row_query(channel: str, digest: str) -> Any:
    return select(ChannelEventRow).where(ChannelEventRow.channel == channel, ChannelEventRow.digest == digest)


def _named(name: str) -> Any:
    """A caller's id in place of chance, so that a repeated command makes the same entry."""
    data = bytes.fromhex(name)
    return lambda count: data[:count]
