"""The judge: asks every rule in force about every item and combines the findings.

Rules of this module:
- Pure: facts in, decision out. No clock, no chance, no network; `proposal.now` is the only time.
- A rule that raises, or answers with anything but one sound finding, denies the item and raises an alarm.
- Items of identical facts are judged once, so bulk publishing costs one judgement a class.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import UTC, date
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import NamedTuple

from policy.combine import combine, first_due
from policy.decision import Decision, ItemDecision
from policy.errors import PolicyError
from policy.facts import ACT, Action, Item, Proposal
from policy.findings import Effect, Finding
from policy.grounds import RULE_FAILED
from policy.parameters import Parameters, parameters, parameters_version
from policy.rules import Body, Rule, rules

_CLASS = attrgetter(*(one.name for one in fields(Item) if one.name != "id"))


def classify(item: Item) -> tuple[object, ...]:
    """A hashable key: items with equal keys get equal decisions under one proposal."""
    key: tuple[object, ...] = _CLASS(item)
    return key


class _Asked(NamedTuple):
    id: str
    version: str
    cites: str
    body: Body


class Law:
    """A set of rules, ready to be asked. The package's own is `law()`; tests may bring others."""

    def __init__(self, some: Iterable[Rule]) -> None:
        self.rules = tuple(some)
        self._ready: dict[tuple[Action, date], tuple[tuple[_Asked, ...], dict[str, str]]] = {}

    @cached_property
    def version(self) -> str:
        """SHA-256 over all rules' ids and versions and all parameter files."""
        lines = sorted(f"{one.id} {one.version}" for one in self.rules)
        return hashlib.sha256("\n".join([*lines, parameters_version()]).encode()).hexdigest()

    def asked(self, action: Action, day: date) -> tuple[tuple[_Asked, ...], dict[str, str]]:
        """The rules that speak about `action` on `day`, and their versions by id."""
        ready = self._ready.get((action, day))
        if ready is None:
            chosen = [one for one in self.rules if action in one.applies and one.in_force_on(day)]
            listed = tuple(_Asked(one.id, one.version, one.citation, one.body) for one in chosen)
            ready = self._ready[action, day] = listed, {one.id: one.version for one in listed}
        return ready


@lru_cache(maxsize=1)
def law() -> Law:
    """The law of this package."""
    return Law(rules())


def decide(proposal: Proposal, under: Law | None = None) -> Decision:
    """Judge `proposal` under the package's law (or `under`). Raises `PolicyError` on a `now` without zone."""
    if proposal.now.tzinfo is None:
        raise PolicyError("This time has no zone.", field="now")
    book = under or law()
    day = proposal.now.astimezone(UTC).date()
    asked, versions = book.asked(proposal.action, day)
    figures = parameters(day, proposal.national)
    judged: dict[tuple[object, ...], ItemDecision] = {}
    items: dict[str, ItemDecision] = {}
    for item in proposal.items or (ACT,):
        if item.id in items:
            raise PolicyError("Two items have one id.", field="items")
        key = _CLASS(item)
        known = judged.get(key)
        if known is None:
            known = judged[key] = _judge(proposal, item, figures, asked)
        items[item.id] = known if known.item == item.id else replace(known, item=item.id)
    return _sum_up(proposal, items, judged.values(), book, versions)


def _judge(proposal: Proposal, item: Item, figures: Parameters, asked: tuple[_Asked, ...]) -> ItemDecision:
    findings = []
    for one in asked:
        try:
            raw = one.body(proposal, item, figures)
            if raw is None:
                continue
            if _sound(raw):
                findings.append(Finding(one.id, one.version, one.cites, *raw[3:]))
                continue
            fault = "nonsense"
        except Exception as broken:  # noqa: BLE001 - whatever a rule raises, it denies
            fault = type(broken).__name__
        findings.append(_failed(one, fault))
    return combine(item.id, findings)


def _sound(raw: Finding) -> bool:
    if type(raw) is not Finding or type(raw.effect) is not Effect or not raw.sentence:
        return False
    if raw.effect in (Effect.DENY, Effect.ASK):
        return bool(raw.ground_code and raw.way_out)
    return raw.effect is not Effect.APPROVE or bool(raw.roles)


def _failed(one: _Asked, fault: str) -> Finding:
    return Finding(
        one.id,
        one.version,
        one.cites,
        Effect.DENY,
        f"The rule itself failed ({fault}); what cannot be judged does not leave.",
        "Report the failed rule to the maintainers of the law package; nothing leaves meanwhile.",
        RULE_FAILED,
    )


def _sum_up(
    proposal: Proposal,
    items: dict[str, ItemDecision],
    judged: Iterable[ItemDecision],
    book: Law,
    versions: dict[str, str],
) -> Decision:
    classes = tuple(judged)
    routes = {one.route for one in classes}
    findings = [found for one in classes for found in one.findings]
    return Decision(
        facts=proposal,
        items=items,
        route=next((name for name in ("siena", "comity") if name in routes), "none"),
        deadline=first_due([due for one in classes for due in one.deadlines]),
        clarify=tuple(sorted({name for found in findings for name in found.asks})),
        law_version=book.version,
        alarms=tuple(sorted({one.rule for one in findings if one.ground_code == RULE_FAILED})),
        rules=versions,
    )
