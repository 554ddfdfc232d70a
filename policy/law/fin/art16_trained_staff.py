"""2019/1153 Article 16: special categories in financial information are for trained and authorised staff."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.law._words import CONTENT
from policy.parameters import Parameters
from policy.rules import rule

TRAINED = duty(
    "trained-staff",
    "Only trained and authorised staff process it, under guidance of the data protection officer.",
    "Directive (EU) 2019/1153, Article 16",
)


@rule(
    id="fin-16-trained-staff",
    cites="Directive (EU) 2019/1153, Article 16",
    in_force=date(2021, 8, 1),
    applies=CONTENT,
)
def trained_staff(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A payment that tells of health or sex life is no ordinary payment."""
    return (
        oblige("A special category from an FIU.", TRAINED) if item.source == "fiu" and item.special else None
    )
