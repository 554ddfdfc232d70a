"""Lint of how rules answer: every rule is asked about the facts of every case of every table.

What counts as a contradiction: denial overrides, so a rule may deny what another permits. That intent must be
shown. Two rules contradict when one permits without any condition and the other denies on the same facts, and
no table of either holds a case that expects this denial. Two tables contradict when they expect different
outcomes of the same facts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path

from policy.cases import Case
from policy.codec import proposal_from
from policy.engine import Law, decide
from policy.errors import PolicyError
from policy.facts import Proposal
from policy.findings import Effect, Finding
from policy.grounds import grounds
from policy.lint_source import DATA_PROTECTION
from policy.parameters import parameters
from policy.remarks import Remark, error, short, warning
from policy.rules import Rule

Spoken = dict[str, Finding]
JUDGE = "R-JUD"
_STRICTER = {
    None: 1,
    Effect.PERMIT: 0,
    Effect.NOTE: 1,
    Effect.OBLIGE: 2,
    Effect.APPROVE: 3,
    Effect.ASK: 4,
    Effect.DENY: 5,
}


def source_of(one: Rule) -> Path:
    """The file in which a rule stands."""
    return Path(one.body.__code__.co_filename)


def table_of(one: Rule) -> Path:
    """The table of a rule's cases, next to it."""
    return source_of(one).with_suffix(".toml")


def declared(some: Sequence[Rule]) -> Iterator[Remark]:
    """What a rule says of itself: sentence, citation, days, table, one a file."""
    a_file = Counter(source_of(one) for one in some)
    for one in some:
        where = short(source_of(one))
        if not one.sentence:
            yield error("sentence", where, f"{one.id} does not say in a sentence what it demands.")
        if not one.cites.strip():
            yield error("citation", where, f"{one.id} cites nothing.")
        if not isinstance(one.in_force, date):
            yield error("dates", where, f"{one.id} does not say since when it is in force.")
        elif one.until is not None and one.until < one.in_force:
            yield error("dates", where, f"{one.id} ends before it starts.")
        if not table_of(one).exists():
            yield error("table", where, f"{one.id} has no table of cases.")
        if not one.verified or "(verify)" in one.cites:
            yield warning("verify", where, f"{one.cites} is not verified.")
        if a_file[source_of(one)] > 1:
            yield error("one-rule", where, "A file holds one rule.")


class _Heard:
    """One case, and what each rule says to its facts."""

    def __init__(self, case: Case, facts: Proposal, book: Law) -> None:
        self.case = case
        self.facts = facts
        self.book = book
        self.spoken = spoken(facts, book)

    @cached_property
    def denied(self) -> bool:
        return self.case.expect.get("outcome") == "DENY"


def spoken(facts: Proposal, book: Law) -> Spoken:
    """What each rule says about the first item."""
    act = next(iter(decide(facts, book).items.values()))
    return {one.rule: one for one in act.findings}


def answers(some: Sequence[Rule], cases: Iterable[Case]) -> Iterator[Remark]:
    """What the rules' answers to the cases show."""
    book = Law(some)
    heard: list[_Heard] = []
    for case in cases:
        try:
            heard.append(_Heard(case, proposal_from(case.facts), book))
        except PolicyError as wrong:
            yield error("table", case.file, f"{case.name}: {wrong}")
    yield from _unreachable(some, heard)
    yield from _unlisted(some, heard)
    yield from _parity(some, heard)
    yield from _scope(some, heard)
    yield from _rules_against(some, heard)
    yield from _tables_against(heard)


def _own(one: Rule, heard: Iterable[_Heard]) -> list[_Heard]:
    table = short(table_of(one))
    return [each for each in heard if each.case.file == table]


def _unreachable(some: Sequence[Rule], heard: Sequence[_Heard]) -> Iterator[Remark]:
    for one in some:
        own = _own(one, heard)
        if not own and table_of(one).exists():
            yield error("table", short(table_of(one)), f"{one.id} has no case that can be judged.")
        if not own or any(one.id in each.spoken for each in own):
            continue
        days = f"{one.in_force} to {one.until}" if one.until else f"{one.in_force} on"
        reason = "no case of its table makes it speak"
        if not any(one.in_force_on(each.facts.now.date()) for each in own):
            reason = f"no case of its table falls on a day on which it is in force ({days})"
        elif not any(each.facts.action in one.applies for each in own):
            reason = "no case of its table is about an action that it applies to"
        yield error("unreachable", short(source_of(one)), f"{one.id}: {reason}.")


def _unlisted(some: Sequence[Rule], heard: Sequence[_Heard]) -> Iterator[Remark]:
    place = {one.id: short(source_of(one)) for one in some}
    for each in heard:
        for name, found in each.spoken.items():
            if found.effect not in (Effect.DENY, Effect.ASK) or name not in place:
                continue
            if found.ground_code not in grounds() or found.ground_code in DATA_PROTECTION:
                yield error(
                    "LINT-3", place[name], f"{name} denies on the unlisted ground {found.ground_code!r}."
                )


def _parity(some: Sequence[Rule], heard: Sequence[_Heard]) -> Iterator[Remark]:
    """Each national rule, asked about every case as its own member, at home and abroad.

    Rules of Union law are not asked: where an act itself keeps something to a state's own authorities
    (Directive (EU) 2019/1153, Articles 4 and 7), that is the act's choice, not a member's condition.
    """
    for one in some:
        member = member_of(one)
        if member is None:
            continue
        found = {_burden(one, member, each.facts) for each in heard} - {None}
        for code in sorted(found, key=str):
            what = "demands a judge" if code == "LINT-2" else "sets a condition"
            sentence = f"{one.id} {what} of another Member State's request that it does not demand at home."
            yield error(str(code), short(source_of(one)), sentence)


def _burden(one: Rule, member: str, facts: Proposal) -> str | None:
    home, abroad = _twins(replace(facts, national=facts.national if member == "" else member))
    if home is None or abroad is None:
        return None
    alone = Law([one])
    here, there = spoken(home, alone).get(one.id), spoken(abroad, alone).get(one.id)
    if not _burdened(here, there):
        return None
    return "LINT-2" if there is not None and JUDGE in there.roles else "LINT-1"


def member_of(one: Rule) -> str | None:
    """The member whose rule it is; "" for a rule of all members' modules; `None` for a rule of Union law."""
    folder = source_of(one).parent
    if folder.name == "national":
        return ""
    return folder.name if folder.parent.name == "national" else None


def _twins(facts: Proposal) -> tuple[Proposal | None, Proposal | None]:
    """The same proposal towards a recipient at home, and in another Member State."""
    states = ("member_state", "associated_state")
    if facts.provider.kind not in states or facts.requester.kind not in states:
        return None, None
    if not parameters(facts.now.date()).takes_part("led", facts.provider.state):
        return None, None
    other = "it" if facts.provider.state != "it" else "nl"
    home = replace(facts.requester, state=facts.provider.state)
    return replace(facts, requester=home), replace(facts, requester=replace(home, state=other))


def _burdened(home: Finding | None, abroad: Finding | None) -> bool:
    here = _STRICTER[home.effect if home else None]
    there = _STRICTER[abroad.effect if abroad else None]
    if there != here or abroad is None or home is None:
        return there > here
    return not (set(abroad.roles) <= set(home.roles) and set(abroad.obligations) <= set(home.obligations))


def _scope(some: Sequence[Rule], heard: Sequence[_Heard]) -> Iterator[Remark]:
    members = {one.id: member for one in some if (member := member_of(one))}
    place = {one.id: short(source_of(one)) for one in some}
    for each in heard:
        for name in each.spoken.keys() & members.keys():
            if each.facts.national != members[name]:
                sentence = f"{name} speaks where the module is {each.facts.national!r} ({each.case.name})."
                yield error("national-scope", place[name], sentence)


def _rules_against(some: Sequence[Rule], heard: Sequence[_Heard]) -> Iterator[Remark]:
    tables = {one.id: short(table_of(one)) for one in some}
    place = {one.id: short(source_of(one)) for one in some}
    clashes: dict[tuple[str, str], str] = {}
    intended: set[tuple[str, str]] = set()
    for each in heard:
        for yes, no in _clashes(each.spoken):
            if each.denied and each.case.file in (tables.get(yes), tables.get(no)):
                intended.add((yes, no))
            clashes.setdefault((yes, no), each.case.name)
    for (yes, no), name in clashes.items():
        if (yes, no) not in intended and no in place and yes in place:
            sentence = (
                f"{no} denies what {yes} permits without condition, and no case of either says so ({name})."
            )
            yield error("contradiction", place[no], sentence)


def _clashes(found: Spoken) -> Iterator[tuple[str, str]]:
    yes = [name for name, one in found.items() if _unconditional(one)]
    no = [name for name, one in found.items() if one.effect is Effect.DENY]
    yield from ((one, other) for one in yes for other in no)


def _unconditional(one: Finding) -> bool:
    return one.effect is Effect.PERMIT and not (one.obligations or one.deadline or one.roles)


def _tables_against(heard: Sequence[_Heard]) -> Iterator[Remark]:
    first: dict[Proposal, _Heard] = {}
    for each in heard:
        other = first.setdefault(each.facts, each)
        mine, theirs = each.case.expect.get("outcome"), other.case.expect.get("outcome")
        if mine is not None and theirs is not None and mine != theirs:
            there = f"{other.case.name!r} of {other.case.file} {theirs}"
            yield error("contradiction", each.case.file, f"{each.case.name!r} expects {mine}, {there}.")
