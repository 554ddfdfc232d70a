"""CETS 224 Article 14(2): what was supplied serves compatible purposes only."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding
from policy.law._limits import another_purpose
from policy.law._words import OUTWARD
from policy.parameters import Parameters
from policy.rules import rule

SOURCE = frozenset({"cets224"})


@rule(
    id="cets224-14-use",
    cites="CETS 224, Article 14(2)",
    in_force=date(2022, 5, 12),
    verified=False,
    applies=OUTWARD,
)
def use(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Another purpose waits for the party that supplied it."""
    return another_purpose(facts, item, SOURCE)
