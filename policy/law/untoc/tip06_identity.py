"""Palermo Protocol Articles 6(1), 10: privacy of victims, and use restrictions kept by whoever receives."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.law._words import CONTENT
from policy.law.thb._victims import trafficked
from policy.parameters import Parameters
from policy.rules import rule

PRIVACY = duty(
    "victim-privacy",
    "Protect the privacy and identity of the victim; keep legal proceedings confidential.",
    "Protocol on Trafficking in Persons, Articles 6(1) and 10(3)",
)


@rule(
    id="untoc-tip-06-identity",
    cites="Protocol on Trafficking in Persons, Articles 6(1) and 10(3)",
    in_force=date(2003, 12, 25),
    verified=False,
    applies=CONTENT,
)
def identity(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A victim's data that go to a state party go with the duty of privacy."""
    return oblige("It concerns a victim.", PRIVACY) if trafficked(facts, item) else None
