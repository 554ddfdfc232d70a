"""Events as the fold takes them: opened where a key was held, in the channel's one order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from google.protobuf.message import Message

from comity.channel import total_order
from comity.envelope import milliseconds
from comity.v1 import channel_pb2 as pb


@dataclass(frozen=True, slots=True)
class OpenedEvent:
    """One event of a channel. `message` is None where this node has no key, or the payload was erased."""

    author: str
    sequence: int
    digest: bytes
    created_at: datetime  # as its author's clock said
    kind: int
    message: Message | None
    parents: tuple[bytes, ...] = ()
    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    void: bool = False

    @property
    def joined(self) -> frozenset[str]:
        """The teams that this event made members."""
        if self.added:
            return self.added
        if isinstance(self.message, pb.ChannelOpening):
            return frozenset(self.message.members)
        return frozenset(self.message.added) if isinstance(self.message, pb.MembersChange) else frozenset()

    @property
    def left(self) -> frozenset[str]:
        """The teams that this event removed."""
        if self.removed:
            return self.removed
        return frozenset(self.message.removed) if isinstance(self.message, pb.MembersChange) else frozenset()


def in_order(events: Iterable[OpenedEvent]) -> list[OpenedEvent]:
    """Each event once, causes first, ties by time, author and sequence."""
    unique = {event.digest: event for event in events}
    return total_order(unique, lambda event: event.parents, _rank)


def _rank(event: OpenedEvent) -> tuple[int, str, int, bytes]:
    return (milliseconds(event.created_at), event.author, event.sequence, event.digest)


class Ancestry:
    """Who knew of what: for each event, which of the events in question lie in its causal past."""

    def __init__(self, ordered: list[OpenedEvent], asked: Iterable[OpenedEvent]) -> None:
        self._bit = {event.digest: 1 << place for place, event in enumerate(asked)}
        self._knows: dict[bytes, int] = {}
        for event in ordered:
            known = 0
            for parent in event.parents:
                known |= self._knows.get(parent, 0) | self._bit.get(parent, 0)
            self._knows[event.digest] = known

    def knew(self, later: OpenedEvent, earlier: OpenedEvent) -> bool:
        """Whether `later` was written by somebody who had `earlier`, one of the events in question."""
        return bool(self._knows[later.digest] & self._bit[earlier.digest])
