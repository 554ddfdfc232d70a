"""LED Article 7(1): facts are distinguished from personal assessments, as far as possible."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, ask, duty, oblige
from policy.law._words import CONTENT, OUTWARD, personal
from policy.parameters import Parameters
from policy.rules import rule

MARK = duty("mark-assessment", "Mark it as a personal assessment.", "Directive (EU) 2016/680, Article 7(1)")


@rule(
    id="led-07-fact-or-assessment",
    cites="Directive (EU) 2016/680, Article 7(1)",
    in_force=date(2018, 5, 6),
    applies=OUTWARD,
)
def fact_or_assessment(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Every item says whether it is a fact or an assessment; an assessment is marked when it is released."""
    if not personal(facts, item):
        return None
    if item.assessment is None:
        return ask("Nobody stated whether this is a fact or an assessment.", "item.assessment")
    if item.assessment and facts.action in CONTENT:
        return oblige("It is a personal assessment and goes out as one.", MARK)
    return None
