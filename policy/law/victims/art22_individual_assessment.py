"""2012/29 Articles 22 and 24: needs are assessed one by one; a child is presumed to need protection."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.law._words import CONTENT, PARTNERS
from policy.parameters import Parameters
from policy.rules import rule

ASSESS = duty(
    "individual-assessment",
    "Assess the victim's protection needs individually and timely; presume them in a child.",
    "Directive 2012/29/EU, Articles 22 and 24(2)",
)


@rule(
    id="victims-22-individual-assessment",
    cites="Directive 2012/29/EU, Articles 22(3)-(4) and 24(2)",
    in_force=date(2015, 11, 16),
    verified=False,
    applies=CONTENT,
)
def individual_assessment(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Content on a victim goes with the duty to look at this victim's needs."""
    if item.subject_category != "victim" or facts.requester.kind not in PARTNERS:
        return None
    return oblige("It concerns a victim.", ASSESS)
