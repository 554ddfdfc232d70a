"""Who is a member, as a function of a set of membership changes.

Rules (docs/protocol/channels.md, "Membership"):

1. A team is a member when some change in force added it and every removal of it in force precedes that
   change: a removal wins over an addition made without knowing of it.
2. A removal fixes the last valid event of the removed team: the last that the removal's author had seen.
   Whatever the team wrote besides is void, until a later change adds it again.
3. Removals are weighed in one order (fewest changes before, then rank). One whose author was removed by
   an earlier one is not in force, so two members who remove each other do not split the channel.
4. Content is written under the newest change in force whose keys reach exactly the present members. When
   two concurrent changes leave no such key, the channel must be re-keyed first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from comity.channel.order import Rank


@dataclass(frozen=True, slots=True)
class Change:
    """An opening or membership change: what it did to the membership that its author knew."""

    digest: bytes
    author: str
    epoch: int
    rank: Rank
    teams: frozenset[str]  # who received the key
    added: frozenset[str]
    removed: frozenset[str]
    before: frozenset[bytes]  # the changes in its causal past
    past: frozenset[bytes]  # all events in its causal past; filled for removals alone

    @property
    def founds(self) -> bool:
        """Whether this is the opening."""
        return not self.before and self.epoch == 1


@dataclass(frozen=True, slots=True)
class View:
    """The membership that follows from one set of changes."""

    in_force: tuple[Change, ...]  # causes first
    members: frozenset[str]
    writing: Change | None  # the change under whose key content is written; None: re-key first

    def holds(self, author: str, digest: bytes, before: Collection[bytes]) -> bool:
        """Whether an event of `author` counts: a member where it stands, and not cut off by a removal."""
        return author in members_of(c for c in self.in_force if c.digest in before) and not _cut(
            author, digest, before, self.in_force
        )


def view_of(changes: Iterable[Change]) -> View:
    """Weigh `changes` by the rules above. The same set gives the same view."""
    ordered = sorted(changes, key=lambda change: (len(change.before), change.rank))
    removals: set[bytes] = set()
    for removal in ordered:
        if removal.removed and _valid(removal, _in_force(ordered, removals)):
            removals.add(removal.digest)
    in_force = _in_force(ordered, removals)
    members = members_of(in_force)
    return View(tuple(in_force), members, _writing(in_force, members))


def members_of(changes: Iterable[Change]) -> frozenset[str]:
    """The members after `changes`, all of them in force (rule 1)."""
    moves = [change for change in changes if change.added or change.removed]
    teams = frozenset().union(*(change.added for change in moves))
    return frozenset(team for team in teams if _is_member(team, moves))


def _is_member(team: str, moves: list[Change]) -> bool:
    removals = [change for change in moves if team in change.removed]
    return any(
        all(removal.digest in change.before for removal in removals)
        for change in moves
        if team in change.added
    )


def _in_force(ordered: list[Change], removals: set[bytes]) -> list[Change]:
    firm = [change for change in ordered if change.digest in removals]
    standing: list[Change] = []
    for change in ordered:
        if change.removed:
            holds = change.digest in removals
        else:
            holds = change.founds or _valid(change, standing, firm)
        if holds:
            standing.append(change)
    return standing


def _valid(change: Change, standing: list[Change], removals: Iterable[Change] = ()) -> bool:
    moves = [other for other in standing if other.added or other.removed]
    known = members_of(other for other in moves if other.digest in change.before)
    every = [*moves, *removals]  # one that stands twice in it cuts no more than once
    return change.author in known and not _cut(change.author, change.digest, change.before, every)


def _cut(author: str, digest: bytes, before: Collection[bytes], changes: Iterable[Change]) -> bool:
    """Rule 2: some removal of `author` neither saw the event nor was followed by an addition that it saw."""
    moves = [change for change in changes if author in change.added or author in change.removed]
    readmitted = [change for change in moves if author in change.added and change.digest in before]
    return any(
        digest not in removal.past and not any(removal.digest in change.before for change in readmitted)
        for removal in moves
        if author in removal.removed and removal.digest != digest
    )


def _writing(in_force: list[Change], members: frozenset[str]) -> Change | None:
    superseded = frozenset().union(*(change.before for change in in_force))
    newest = [c for c in in_force if c.digest not in superseded and c.teams == members]
    return min(newest, key=lambda change: (-change.epoch, change.digest), default=None)
