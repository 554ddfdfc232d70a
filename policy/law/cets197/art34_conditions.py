"""CETS 197 Article 34, CETS 185 Article 26: spontaneous information under conditions that are accepted first.

A recipient that cannot comply says so before it gets the information, and the sender decides anew.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, ask, deny, duty, oblige
from policy.law._words import CONTENT
from policy.parameters import Parameters
from policy.rules import rule

CITES = "CETS 197, Article 34(2)-(3); CETS 185 (Budapest Convention), Article 26(2)"
KEEP = duty("keep-conditions", "Keep to the sender's conditions, confidentiality included.", CITES)


@rule(
    id="cets197-34-conditions",
    cites=CITES,
    in_force=date(2008, 2, 1),
    verified=False,
    applies=CONTENT,
)
def conditions(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Nothing goes out under conditions that the recipient has not accepted."""
    if not facts.conditions:
        return None
    if facts.conditions_accepted is None:
        return ask(
            "The recipient has not answered to the conditions.",
            "conditions_accepted",
            code="conditions-unmet",
        )
    if facts.conditions_accepted:
        return oblige("The conditions are accepted.", KEEP)
    return deny(
        "conditions-unmet", "The recipient does not accept the conditions.", "Change them, or keep it."
    )
