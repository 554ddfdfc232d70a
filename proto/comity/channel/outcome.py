"""What a channel's log says about an event that is offered to it, and about one that it holds."""

from __future__ import annotations

from dataclasses import dataclass

from comity.channel.order import Rank
from comity.errors import ComityError
from comity.v1 import channel_pb2 as pb


@dataclass(frozen=True, slots=True)
class Record:
    """The routing fields of one event: all that the chain needs, nothing that must be erased."""

    digest: bytes
    author: str
    sequence: int
    previous: bytes
    seen: tuple[bytes, ...]
    epoch: int
    kind: int
    created_at_ms: int
    teams: frozenset[str]  # who received a key in it

    @classmethod
    def of(cls, event: pb.ChannelEvent, digest: bytes) -> Record:
        """The record of a parsed event; `digest` is that of the bytes as carried."""
        return cls(
            digest=digest,
            author=event.author,
            sequence=event.sequence,
            previous=event.previous,
            seen=tuple(event.seen),
            epoch=event.epoch,
            kind=event.kind,
            created_at_ms=event.created_at_ms,
            teams=frozenset(wrapped.team for wrapped in event.keys),
        )

    @property
    def parents(self) -> tuple[bytes, ...]:
        """The events that this one says it comes after."""
        return (self.previous, *self.seen) if self.previous else self.seen

    @property
    def rank(self) -> Rank:
        """Its place among events that are not each other's cause."""
        return (self.created_at_ms, self.author, self.sequence, self.digest)


@dataclass(frozen=True, slots=True)
class Entry:
    """A record in the log, with what the log derived for it."""

    record: Record
    before: frozenset[bytes]  # the membership changes in its causal past
    key_of: bytes  # digest of the change whose key opens it
    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    void: bool = False  # written beside its author's removal: kept in the chain, left out of the case


@dataclass(frozen=True, slots=True)
class Refused:
    """An event that waited, whose causes arrived, and that proved inadmissible."""

    digest: bytes
    author: str
    error: ComityError


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The event was here already; nothing changed."""

    digest: bytes


@dataclass(frozen=True, slots=True)
class Held:
    """The event waits for the events named by `missing`; ask whoever sent it."""

    digest: bytes
    missing: frozenset[bytes]


@dataclass(frozen=True, slots=True)
class Equivocation:
    """`author` made two different events under one sequence number. Both are kept and folded.

    `first` and `second` are sorted digests. `envelopes` are the two signed envelopes, in that order,
    when they were given: they prove the fact to anybody who has the author's public key.
    """

    channel: bytes
    author: str
    sequence: int
    first: bytes
    second: bytes
    envelopes: tuple[bytes, bytes] | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The event is in the log, and `released` are those that had waited for it."""

    digest: bytes
    void: bool = False
    released: tuple[bytes, ...] = ()
    refused: tuple[Refused, ...] = ()
    equivocations: tuple[Equivocation, ...] = ()  # discovered among the released


@dataclass(frozen=True, slots=True)
class Equivocated:
    """The event is in the log, and proves that its author equivocated."""

    evidence: Equivocation
    accepted: Accepted


Outcome = Accepted | Duplicate | Held | Equivocated
