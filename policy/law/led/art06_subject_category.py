"""LED Article 6: a clear distinction between suspects, convicts, victims and others, as far as possible."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, ask
from policy.law._words import EXISTENCE, OUTWARD, personal
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="led-06-subject-category",
    cites="Directive (EU) 2016/680, Article 6",
    in_force=date(2018, 5, 6),
    applies=OUTWARD,
)
def subject_category(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Every item says whose it is; "unknown" is an answer, but not one that may be published or notified."""
    if not personal(facts, item):
        return None
    if item.subject_category is None:
        return ask("Nobody stated whose item this is.", "item.subject_category", code="subject-category")
    if item.subject_category == "unknown" and facts.action in EXISTENCE:
        return ask("The person's role is unknown.", "item.subject_category", code="subject-category")
    return None
