"""CETS 197 Article 11(1): private life and identity of victims are protected; nothing is published."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, approve, deny
from policy.law._words import CONTENT, OUTWARD
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="cets197-11-private-life",
    cites="Council of Europe Convention CETS 197, Article 11(1); Directive 2012/29/EU, Article 21(1)",
    in_force=date(2008, 2, 1),
    verified=False,
    applies=OUTWARD,
)
def private_life(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A grown victim's data reach no public either."""
    if not facts.publication or item.subject_category != "victim":
        return None
    if facts.publication in ("trace_family", "wellbeing") and facts.action in CONTENT:
        return approve(
            "R-VIC", "It would secure the victim's well-being.", "The victim protection officer decides."
        )
    return deny("publication", "A victim would be identified in public.", "Publish without personal data.")
