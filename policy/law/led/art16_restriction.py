"""LED Article 16(3)(a): where accuracy is contested and cannot be settled, processing is restricted."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, deny, duty
from policy.law._words import OUTWARD, personal
from policy.parameters import Parameters
from policy.rules import rule

RESTRICT = duty("restrict", "Keep it restricted: no matching.", "Directive (EU) 2016/680, Article 16(3)(a)")
FLAG = duty(
    "flag-contested", "Mark it as contested wherever it is held.", "Directive (EU) 2016/680, Article 16(3)"
)


@rule(
    id="led-16-restriction",
    cites="Directive (EU) 2016/680, Article 16(3)(a)",
    in_force=date(2018, 5, 6),
    applies=OUTWARD,
)
def restriction(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A contested item is restricted instead of erased, and marked, until it is settled."""
    if item.defect != "contested" or not personal(facts, item):
        return None
    return deny("6.1.e", "Its accuracy is contested.", "Settle it, then propose it again.", RESTRICT, FLAG)
