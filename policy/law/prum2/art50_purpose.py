"""2024/982 Article 50(1): supplied data serve their purpose; another only with prior authorisation."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding
from policy.law._limits import another_purpose
from policy.law._words import OUTWARD
from policy.parameters import Parameters
from policy.rules import rule

PRUM_SOURCE = frozenset({"prum2"})


@rule(
    id="prum2-50-purpose",
    cites="Regulation (EU) 2024/982, Article 50(1)",
    in_force=date(2024, 4, 25),
    applies=OUTWARD,
)
def purpose(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Another purpose than that of the supply waits for the supplier."""
    return another_purpose(facts, item, PRUM_SOURCE)
