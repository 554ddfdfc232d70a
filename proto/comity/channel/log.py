"""A channel's log: per-author chains woven into one graph of digests.

Rules:

1. An event names its author's previous event and the newest events of others that the author had seen.
   It is placed only when all of these are here; until then it is held.
2. Whether an event is admissible depends on its causal past alone: the author is a member there, the
   sequence continues, the epoch is the one to write in, and a removal carries the signatures of all others.
   So every node admits the same events, whatever the order of arrival.
3. Whether an admitted event counts depends on the set of events alone (`comity.channel.membership`).
   What a removed member wrote beside its removal stays in the chain, void, since others may have seen it.
4. Two events of one author under one sequence number are an equivocation: both stay, because either half
   may already have been seen, and the author is named with evidence.

The log keeps no ciphertext: an erased event keeps its place by its husk. It is mutable; `copy()` is
cheap, so that a transaction can work on a draft and throw it away.

Left to others: signatures (`author` and `cosigners` are what `comity.envelope` verified), storage, erasure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from comity.channel.event import CHANGES, event_digest, read_event
from comity.channel.membership import Change, View, view_of
from comity.channel.order import total_order
from comity.channel.outcome import (
    Accepted,
    Duplicate,
    Entry,
    Equivocated,
    Equivocation,
    Held,
    Outcome,
    Record,
    Refused,
)
from comity.envelope import parse_envelope
from comity.errors import ComityError, Conflict, Exhausted, Forbidden, Malformed, Unauthenticated
from comity.v1 import channel_pb2 as pb

HELD_LIMIT = 4096  # events of one author that may wait for their causes


class Position(NamedTuple):
    """Where an author's next event stands."""

    sequence: int
    previous: bytes
    seen: tuple[bytes, ...]


class _Waiting(NamedTuple):
    record: Record
    signers: frozenset[str]


class ChannelLog:
    """The events of one channel that this node holds. See the module's rules."""

    def __init__(self, channel: bytes) -> None:
        self.channel = channel
        self._entries: dict[bytes, Entry] = {}
        self._slots: dict[tuple[str, int], tuple[bytes, ...]] = {}
        self._newest: dict[str, int] = {}
        self._changes: dict[bytes, Change] = {}
        self._held: dict[bytes, _Waiting] = {}
        self._views: dict[frozenset[bytes], View] = {}

    def copy(self) -> ChannelLog:
        """A draft that can be changed without changing this log."""
        draft = ChannelLog(self.channel)
        for name in ("_entries", "_slots", "_newest", "_changes", "_held", "_views"):
            setattr(draft, name, dict(getattr(self, name)))
        return draft

    # Taking events in

    def accept(self, event: bytes, author: str, *, cosigners: Collection[str] = ()) -> Outcome:
        """Take in an event as carried, signed by `author` and, if a removal, by `cosigners`.

        Raises `Malformed` (form, other channel, broken chain), `Unauthenticated` (not the signer's),
        `Forbidden` (not a member, wrong epoch, signatures missing), `Exhausted` (too many held).
        """
        parsed = read_event(event)
        if parsed.author != author:
            raise Unauthenticated("The event is not of the team that signed it.", field="author")
        return self._take(parsed, event_digest(event), cosigners)

    def restore(self, husk: bytes, digest: bytes, *, cosigners: Collection[str] = ()) -> Outcome:
        """Take in an erased event from this node's own store, where `digest` was kept beside its husk."""
        return self._take(read_event(husk), digest, cosigners)

    def _take(self, event: pb.ChannelEvent, digest: bytes, cosigners: Collection[str]) -> Outcome:
        if event.channel != self.channel:
            raise Malformed("The event belongs to another channel.", code="other-channel", field="channel")
        if digest in self._entries:
            return Duplicate(digest)
        record = Record.of(event, digest)
        signers = frozenset({record.author, *cosigners})
        missing = self._missing_of(record)
        if missing:
            return self._hold(record, signers, missing)
        evidence = self._place(record, signers)
        self._held.pop(digest, None)
        accepted = self._release(digest)
        return Equivocated(evidence, accepted) if evidence else accepted

    def _hold(self, record: Record, signers: frozenset[str], missing: frozenset[bytes]) -> Held:
        before = self._held.get(record.digest)
        if before is None and self._held_of(record.author) >= HELD_LIMIT:
            raise Exhausted(
                "Too many events of this team wait for earlier ones.",
                code="held-limit",
                remedy="Ask the team for its events from the beginning.",
            )
        self._held[record.digest] = _Waiting(record, signers | (before.signers if before else frozenset()))
        return Held(record.digest, missing)

    def _held_of(self, author: str) -> int:
        return sum(waiting.record.author == author for waiting in self._held.values())

    def _release(self, digest: bytes) -> Accepted:
        released: list[bytes] = []
        refused: list[Refused] = []
        evidence: list[Equivocation] = []
        while ready := [w for w in self._held.values() if not self._missing_of(w.record)]:
            for record, signers in ready:
                del self._held[record.digest]
                try:
                    found = self._place(record, signers)
                except ComityError as error:
                    refused.append(Refused(record.digest, record.author, error))
                    continue
                released.append(record.digest)
                evidence.extend([found] if found else [])
        return Accepted(digest, self._is_void(digest), tuple(released), tuple(refused), tuple(evidence))

    def _missing_of(self, record: Record) -> frozenset[bytes]:
        return frozenset(parent for parent in record.parents if parent not in self._entries)

    # Admission (rule 2)

    def _place(self, record: Record, signers: frozenset[str]) -> Equivocation | None:
        before = self._before(record)
        self._check_chain(record)
        if record.kind in CHANGES:
            entry = self._admit_change(record, before, signers)
        else:
            entry = self._admit_content(record, before)
        self._entries[record.digest] = entry
        self._newest[record.author] = max(record.sequence, self._newest.get(record.author, 0))
        slot = (record.author, record.sequence)
        others = self._slots.get(slot, ())
        self._slots[slot] = tuple(sorted((*others, record.digest)))
        return self._evidence(record, others[0]) if others else None

    def _before(self, record: Record) -> frozenset[bytes]:
        before: frozenset[bytes] = frozenset()
        for parent in record.parents:
            theirs = self._entries[parent].before
            before = theirs if theirs >= before else before | theirs
            if parent in self._changes:
                before |= {parent}
        return before

    def _check_chain(self, record: Record) -> None:
        if not record.previous:
            return
        previous = self._entries[record.previous].record
        if previous.author != record.author or previous.sequence + 1 != record.sequence:
            raise Malformed("The event does not continue its author's chain.", field="previous")

    def _admit_content(self, record: Record, before: frozenset[bytes]) -> Entry:
        view = self._view(before)
        self._check_member(record, view)
        if view.writing is None or view.writing.epoch != record.epoch:
            raise Forbidden(
                "The event is not written in the epoch of the members that its author knew.",
                code="wrong-epoch",
                field="epoch",
            )
        return Entry(record, before, view.writing.digest)

    def _admit_change(self, record: Record, before: frozenset[bytes], signers: frozenset[str]) -> Entry:
        members: frozenset[str] = frozenset()
        if record.kind != pb.CHANNEL_EVENT_KIND_OPEN:
            view = self._view(before)
            self._check_member(record, view)
            members = view.members
        if record.epoch != self._epoch_after(before):
            raise Forbidden("A membership change begins the next epoch.", code="wrong-epoch", field="epoch")
        added, removed = record.teams - members, members - record.teams
        if removed and not signers >= members - removed:
            raise Forbidden(
                "A removal is signed by all other members.",
                code="signatures-missing",
                field="signatures",
                remedy="Collect the signatures of all who stay, then send it again.",
            )
        self._changes[record.digest] = Change(
            digest=record.digest,
            author=record.author,
            epoch=record.epoch,
            rank=record.rank,
            teams=record.teams,
            added=added,
            removed=removed,
            before=before,
            past=self._past(record) if removed else frozenset(),
        )
        return Entry(record, before, record.digest, added, removed)

    def _check_member(self, record: Record, view: View) -> None:
        if record.author not in view.members:
            raise Forbidden("The author was no member here.", code="not-a-member", field="author")

    def _epoch_after(self, before: Iterable[bytes]) -> int:
        return 1 + max((self._changes[digest].epoch for digest in before), default=0)

    def _past(self, record: Record) -> frozenset[bytes]:
        past: set[bytes] = set()
        frontier = list(record.parents)
        while frontier:
            digest = frontier.pop()
            if digest not in past:
                past.add(digest)
                frontier.extend(self._entries[digest].record.parents)
        return frozenset(past)

    def _view(self, changes: frozenset[bytes]) -> View:
        if changes not in self._views:
            self._views[changes] = view_of(self._changes[digest] for digest in changes)
        return self._views[changes]

    def _evidence(self, record: Record, other: bytes) -> Equivocation:
        first, second = sorted((record.digest, other))
        return Equivocation(self.channel, record.author, record.sequence, first, second)

    # What follows from the events (rule 3)

    @property
    def view(self) -> View:
        """The membership now."""
        return self._view(frozenset(self._changes))

    @property
    def members(self) -> frozenset[str]:
        """The present members."""
        return self.view.members

    def _is_void(self, digest: bytes) -> bool:
        entry = self._entries[digest]
        if digest in self._changes:
            return all(change.digest != digest for change in self.view.in_force)
        return not self.view.holds(entry.record.author, digest, entry.before)

    def entries(self) -> tuple[Entry, ...]:
        """All events in the one order of folding, void ones marked."""
        ordered = total_order(
            self._entries, lambda entry: entry.record.parents, lambda entry: entry.record.rank
        )
        return tuple(replace(entry, void=self._is_void(entry.record.digest)) for entry in ordered)

    def entry(self, digest: bytes) -> Entry:
        """The entry of one event. Raises KeyError when it is not placed."""
        return replace(self._entries[digest], void=self._is_void(digest))

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def equivocations(self) -> tuple[Equivocation, ...]:
        """Every pair of rival events, by author and sequence."""
        forks = sorted((slot, digests) for slot, digests in self._slots.items() if len(digests) > 1)
        return tuple(
            Equivocation(self.channel, author, sequence, first, second)
            for (author, sequence), digests in forks
            for first, second in pairwise(sorted(digests))
        )

    def last_sequence(self, team: str) -> int:
        """The sequence of the last event of `team` that counts; 0 when there is none."""
        numbers = (
            e.record.sequence
            for d, e in self._entries.items()
            if e.record.author == team and not self._is_void(d)
        )
        return max(numbers, default=0)

    # Catching up

    def heads(self) -> dict[str, tuple[bytes, ...]]:
        """Each author's newest events: one digest, more after an equivocation."""
        return {author: self._slots[author, newest] for author, newest in sorted(self._newest.items())}

    def vector(self) -> dict[str, int]:
        """Each author's newest sequence: what a node sends to ask for the rest."""
        return dict(sorted(self._newest.items()))

    def missing(self) -> frozenset[bytes]:
        """The digests that held events wait for and that are not here."""
        wanted = (self._missing_of(waiting.record) for waiting in self._held.values())
        return frozenset().union(*wanted) - self._held.keys()

    def since(self, vector: Mapping[str, int]) -> tuple[bytes, ...]:
        """What a node that sent `vector` lacks, causes first; both halves of every equivocation."""
        forks = self._forks()
        return tuple(
            entry.record.digest
            for entry in self.entries()
            if entry.record.sequence > vector.get(entry.record.author, 0)
            or entry.record.sequence >= forks.get(entry.record.author, entry.record.sequence + 1)
        )

    def _forks(self) -> dict[str, int]:
        first: defaultdict[str, int] = defaultdict(lambda: 1 << 64)
        for (author, sequence), digests in self._slots.items():
            if len(digests) > 1:
                first[author] = min(first[author], sequence)
        return dict(first)

    # Writing

    def position(self, team: str) -> Position:
        """Where the next event of `team` stands. Raises `Forbidden` when it is no member now."""
        if self._entries and team not in self.members:
            raise Forbidden("Only members write into a channel.", code="not-a-member", field="author")
        newest = self._newest.get(team, 0)
        previous = min(self._slots.get((team, newest), (b"",)))
        return Position(newest + 1, previous, tuple(sorted(self._tips() - {previous})))

    def _tips(self) -> set[bytes]:
        counted = {digest: entry for digest, entry in self._entries.items() if not self._is_void(digest)}
        named = {parent for entry in counted.values() for parent in entry.record.parents}
        return counted.keys() - named

    def writing(self) -> tuple[bytes, int]:
        """The change under whose key content is written now, and its epoch.

        Raises `Conflict` when concurrent changes left no key that reaches exactly the members.
        """
        change = self.view.writing
        if change is None:
            raise Conflict(
                "The members changed at two places at once, so no key reaches all of them.",
                code="keys-diverged",
                remedy="Renew the channel's key, then write again.",
            )
        return change.digest, change.epoch

    def next_epoch(self) -> int:
        """The number of the epoch that a membership change would begin."""
        return self._epoch_after(self._changes)


def equivocation_evidence(first: bytes, second: bytes) -> Equivocation:
    """Check two serialised envelopes as evidence of an equivocation. Raises `Malformed` when they are none.

    The signatures are for the caller to verify (`comity.envelope.verify_signatures`), with the author's key.
    """
    (one, digest_one), (two, digest_two) = _enclosed(first), _enclosed(second)
    same = (one.channel, one.author, one.sequence) == (two.channel, two.author, two.sequence)
    if not same or digest_one == digest_two:
        raise Malformed(
            "These are not two events under one number.", code="no-equivocation", field="envelopes"
        )
    (low, low_envelope), (high, high_envelope) = sorted([(digest_one, first), (digest_two, second)])
    return Equivocation(one.channel, one.author, one.sequence, low, high, (low_envelope, high_envelope))


def _enclosed(envelope: bytes) -> tuple[pb.ChannelEvent, bytes]:
    payload = parse_envelope(envelope).payload
    return read_event(payload), event_digest(payload)
