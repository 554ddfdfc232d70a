"""2011/36 Article 15(3)-(4): interviews of a child are few, by trained persons, and may be recorded."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.law._words import CONTENT, child
from policy.law.thb._victims import trafficked
from policy.parameters import Parameters
from policy.rules import rule

FEW = duty(
    "child-interviews",
    "Interview the child as few times as possible, by the same trained person, recorded where allowed.",
    "Directive 2011/36/EU, Article 15(3)-(4)",
)


@rule(
    id="thb-15-child-interviews",
    cites="Directive 2011/36/EU, Article 15(3)-(4)",
    in_force=date(2013, 4, 6),
    applies=CONTENT,
)
def child_interviews(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Whoever receives something on a child who is a victim keeps to it."""
    return oblige("The victim is a child.", FEW) if child(item) and trafficked(facts, item) else None
