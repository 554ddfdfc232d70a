"""The fold itself: one pass over the events, causes first; each kind has its own small handler."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from comity.v1 import channel_pb2 as pb
from node.flow.case.events import Ancestry, OpenedEvent, in_order
from node.flow.case.model import FileEntry, Member, SharedCase, stamp
from node.flow.case.tasks import TaskFold

PRE_JIT = "pre-jit"
CLOSED = "closed"


def fold(events: Iterable[OpenedEvent], *, channel: bytes = b"") -> SharedCase:
    """The shared case that `events` tell. Any order and any repetition of them give the same case."""
    ordered = in_order(events)
    folding = _Folding(ordered)
    for event in ordered:
        folding.take(event)
    return folding.case(channel)


class _Folding:
    def __init__(self, ordered: list[OpenedEvent]) -> None:
        counted = [event for event in ordered if not event.void]
        self._changes = [event for event in counted if event.joined or event.left]
        asked = [e for e in counted if e.kind in {pb.CHANNEL_EVENT_KIND_TASK, pb.CHANNEL_EVENT_KIND_CLOSE}]
        self._ancestry = Ancestry(ordered, [*asked, *self._changes])
        self._opening: pb.ChannelOpening | None = None
        self._status = ""
        self._closings: list[OpenedEvent] = []
        self._members: list[Member] = []
        self._messages: list[dict[str, Any]] = []
        self._tasks: dict[bytes, TaskFold] = {}
        self._files: dict[bytes, FileEntry] = {}
        self._chunk_hashes: dict[tuple[bytes, int], bytes] = {}
        self._timeline: list[dict[str, Any]] = []
        self._conflicts: list[dict[str, Any]] = []
        self._unreadable: list[dict[str, Any]] = []
        self._slots: defaultdict[tuple[str, int], list[bytes]] = defaultdict(list)

    def take(self, event: OpenedEvent) -> None:
        self._note_rivals(event)
        if event.void:
            self._conflict(event, "after-removal", f"{event.author} wrote beside its removal; left out")
            return
        self._follow_members(event)
        if event.message is None:
            self._tombstone(event)
            return
        self._note_late(event)
        match event.message:
            case pb.ChannelOpening() as opening:
                self._open(event, opening)
            case pb.MembersChange() as change:
                self._change(event, change)
            case pb.ChannelTask() as task:
                self._task(event, task)
            case pb.ChannelFile() as file:
                self._file(event, file)
            case pb.ChannelChunk() as chunk:
                self._chunk(event, chunk)
            case pb.ChannelMessage() as message if event.kind == pb.CHANNEL_EVENT_KIND_CLOSE:
                self._close(event, message)
            case pb.ChannelMessage() as message:
                self._message(event, message)
            case _:
                self._tombstone(event)

    def case(self, channel: bytes) -> SharedCase:
        opening = self._opening or pb.ChannelOpening()
        tasks = tuple(entry for task in self._tasks.values() if (entry := task.entry()))
        disputes = [
            {
                "kind": "task",
                "what": f"“{task.shown.title}” was changed at two places at once",
                "task": task.id,
                "versions": [version.event for version in task.versions],
            }
            for task in tasks
            if task.conflict
        ]
        return SharedCase(
            channel=channel,
            title=opening.title,
            status=self._status,
            legal_basis=opening.legal_basis,
            hits=tuple(opening.hits),
            members=tuple(self._members),
            messages=tuple(self._messages),
            tasks=tasks,
            files=tuple(self._files.values()),
            timeline=tuple(self._timeline),
            conflicts=(*self._conflicts, *disputes),
            unreadable=tuple(self._unreadable),
        )

    # Things that any event can show

    def _note_rivals(self, event: OpenedEvent) -> None:
        rivals = self._slots[event.author, event.sequence]
        rivals.append(event.digest)
        if len(rivals) > 1:
            what = f"{event.author} signed {len(rivals)} different events as its number {event.sequence}"
            self._conflict(event, "equivocation", what, events=list(rivals))

    def _note_late(self, event: OpenedEvent) -> None:
        if any(self._ancestry.knew(event, closing) for closing in self._closings):
            self._conflict(event, "after-closing", f"{event.author} wrote after the channel was closed")

    def _tombstone(self, event: OpenedEvent) -> None:
        if event.kind == pb.CHANNEL_EVENT_KIND_OPEN and not self._status:
            self._status = PRE_JIT
        self._unreadable.append(
            {
                "at": stamp(event.created_at),
                "team": event.author,
                "sequence": event.sequence,
                "event": event.digest,
            }
        )
        if event.kind != pb.CHANNEL_EVENT_KIND_CHUNK:
            self._tell(event, "", "an entry that cannot be read here")

    # Members

    def _follow_members(self, event: OpenedEvent) -> None:
        for team in sorted(event.left):
            self._members = [
                Member(m.team, m.since, event.created_at) if m.team == team and m.until is None else m
                for m in self._members
            ]
        present = {member.team for member in self._members if member.until is None}
        for team in sorted(event.joined - present):
            if not self._removed_unknown_to(event, team):
                self._members.append(Member(team, event.created_at))

    def _removed_unknown_to(self, event: OpenedEvent, team: str) -> bool:
        """A removal wins over an addition that did not know of it."""
        return any(
            team in other.left
            and not self._ancestry.knew(event, other)
            and not self._ancestry.knew(other, event)
            for other in self._changes
            if other is not event
        )

    def _open(self, event: OpenedEvent, opening: pb.ChannelOpening) -> None:
        self._status = self._status or PRE_JIT
        if opening.status != PRE_JIT:
            what = (
                "the opening claims another status than pre-JIT; without a signed agreement there is no JIT"
            )
            self._conflict(event, "status-without-agreement", what)
        if self._opening is not None:
            self._conflict(event, "opened-twice", f"{event.author} opened the channel a second time")
            return
        self._opening = opening
        self._tell(event, "", f"opened the channel “{opening.title}” on {len(opening.hits)} hit(s)")

    def _change(self, event: OpenedEvent, change: pb.MembersChange) -> None:
        for team in sorted(event.joined):
            self._tell(event, "", f"added {team}")
        for team in sorted(event.left):
            self._tell(event, "", f"removed {team}: {change.reason}")
        if not event.joined and not event.left:
            self._tell(event, "", "renewed the channel's key")

    # Content

    def _message(self, event: OpenedEvent, message: pb.ChannelMessage) -> None:
        self._messages.append(
            {
                "id": message.id,
                "at": stamp(event.created_at),
                "team": event.author,
                "officer": message.officer,
                "text": message.text,
                "handling": message.handling,
                "event": event.digest,
            }
        )
        self._tell(event, message.officer, "wrote a message")

    def _task(self, event: OpenedEvent, task: pb.ChannelTask) -> None:
        new = task.id not in self._tasks
        folding = self._tasks.setdefault(task.id, TaskFold(task.id))
        if folding.take(event, task, self._ancestry, partial=bool(self._unreadable)):
            what = f"{event.author} set “{task.title}” to {task.state}, which no rule allows; not applied"
            self._conflict(event, "task-move", what, task=task.id)
            return
        asked = f"asked {task.assignee}: “{task.title}”" if new else f"set “{task.title}” to {task.state}"
        self._tell(event, task.officer, asked)

    def _file(self, event: OpenedEvent, file: pb.ChannelFile) -> None:
        if file.id in self._files:
            self._conflict(
                event, "file-twice", f"{event.author} announced a file under an id in use", file=file.id
            )
            return
        self._files[file.id] = FileEntry(
            id=file.id,
            event=event.digest,
            team=event.author,
            at=event.created_at,
            officer=file.officer,
            name=file.name,
            size=file.size,
            sha256=file.sha256,
            chunks=file.chunks,
            handling=file.handling,
            note=file.note,
        )
        self._tell(event, file.officer, f"announced the file “{file.name}” ({file.size} bytes)")

    def _chunk(self, event: OpenedEvent, chunk: pb.ChannelChunk) -> None:
        file = self._files.get(chunk.file)
        if file is None and self._unreadable:  # announced before this node may read
            return
        if file is None or file.team != event.author or chunk.index >= file.chunks:
            self._conflict(event, "stray-chunk", f"{event.author} sent a part of no file of its own")
            return
        key, digest = (chunk.file, chunk.index), hashlib.sha256(chunk.data).digest()
        if self._chunk_hashes.setdefault(key, digest) != digest:
            self._conflict(
                event, "chunk-twice", f"{event.author} sent two versions of one part", file=file.id
            )
            return
        if chunk.index not in file.present:
            file.present[chunk.index] = event.digest
            if file.complete:
                self._tell(event, file.officer, f"the file “{file.name}” is complete")

    def _close(self, event: OpenedEvent, message: pb.ChannelMessage) -> None:
        self._status = CLOSED
        self._closings.append(event)
        self._tell(event, message.officer, "closed the channel")

    def _tell(self, event: OpenedEvent, officer: str, what: str) -> None:
        self._timeline.append(
            {
                "at": stamp(event.created_at),
                "team": event.author,
                "officer": officer,
                "what": what,
                "event": event.digest,
            }
        )

    def _conflict(self, event: OpenedEvent, kind: str, what: str, **more: Any) -> None:
        self._conflicts.append(
            {
                "kind": kind,
                "what": what,
                "at": stamp(event.created_at),
                "team": event.author,
                "event": event.digest,
                **more,
            }
        )
