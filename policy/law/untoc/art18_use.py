"""UNTOC Article 18(19): what was supplied serves the stated proceedings; others need consent."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding
from policy.law._limits import another_purpose
from policy.law._words import OUTWARD
from policy.parameters import Parameters
from policy.rules import rule

SOURCE = frozenset({"untoc"})


@rule(
    id="untoc-18-use",
    cites="UNTOC, Article 18(19)-(20)",
    in_force=date(2003, 9, 29),
    verified=False,
    applies=OUTWARD,
)
def use(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Other proceedings wait for the state that supplied it, exoneration apart."""
    return None if facts.exculpatory is True else another_purpose(facts, item, SOURCE)
