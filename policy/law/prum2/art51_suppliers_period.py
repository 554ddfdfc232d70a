"""2024/982 Article 51: supplied data end at the supplier's national maximum, and follow its corrections."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.law._words import CONTENT
from policy.parameters import Parameters
from policy.rules import rule

END = duty(
    "delete-at-suppliers-maximum",
    "Delete it when the supplier's national maximum period ends; follow the supplier's corrections.",
    "Regulation (EU) 2024/982, Article 51",
)


@rule(
    id="prum2-51-suppliers-period",
    cites="Regulation (EU) 2024/982, Article 51",
    in_force=date(2024, 4, 25),
    applies=CONTENT,
)
def suppliers_period(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Whoever passes on what Prüm brought passes on the supplier's period too."""
    return oblige("The supplier's period binds.", END) if item.source == "prum2" else None
