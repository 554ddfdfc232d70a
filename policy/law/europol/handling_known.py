"""Handling codes: every item carries one, and it is one that the recipient knows."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, ask
from policy.law._words import OUTWARD, personal
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="europol-handling-known",
    cites="Regulation (EU) 2016/794, Article 19(2); SIENA handling codes",
    in_force=date(2017, 5, 1),
    verified=False,
    applies=OUTWARD,
)
def handling_known(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Nothing goes out without a handling code H0 to H3."""
    if not personal(facts, item) or item.handling in law.table("handling"):
        return None
    return ask("The item has no known handling code.", "item.handling")
