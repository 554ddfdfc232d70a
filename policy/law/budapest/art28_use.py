"""CETS 185 Article 28(2): what was supplied stays confidential and serves the stated proceedings."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding
from policy.law._limits import another_purpose
from policy.law._words import OUTWARD
from policy.parameters import Parameters
from policy.rules import rule

SOURCE = frozenset({"budapest"})


@rule(
    id="budapest-28-use",
    cites="CETS 185 (Budapest Convention), Article 28(2)",
    in_force=date(2004, 7, 1),
    verified=False,
    applies=OUTWARD,
)
def use(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Another use waits for the party that supplied it."""
    return another_purpose(facts, item, SOURCE)
