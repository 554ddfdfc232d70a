"""2023/977 Article 16: requests and answers are kept in one case management system, and reviewed."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.law._words import between_members
from policy.parameters import Parameters
from policy.rules import rule

KEEP = duty(
    "case-management",
    "Record request, clarification, refusal and answer; first review the need to keep them after six months.",
    "Directive (EU) 2023/977, Article 16 (verify)",
    review_months="6",
)


@rule(
    id="ie977-16-case-management",
    cites="Directive (EU) 2023/977, Articles 14 and 16",
    in_force=date(2024, 12, 12),
    verified=False,
    applies={Action.DISCLOSE},
)
def case_management(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """The Single Point of Contact can say what was asked, answered and refused."""
    if facts.request is None or not between_members(facts, law):
        return None
    return oblige("It is recorded in the case management system.", KEEP)
