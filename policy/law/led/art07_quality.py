"""LED Article 7(2): what is inaccurate, incomplete or outdated is not made available."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, ask, deny, duty
from policy.law._words import OUTWARD, personal
from policy.parameters import Parameters
from policy.rules import rule

REPAIR = duty("rectify", "Rectify, complete or erase the item.", "Directive (EU) 2016/680, Article 16(1)-(3)")


@rule(
    id="led-07-quality",
    cites="Directive (EU) 2016/680, Article 7(2); Directive (EU) 2023/977, Article 6(1)(e)",
    in_force=date(2018, 5, 6),
    applies=OUTWARD,
)
def quality(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """The provider verifies first; a known or contested defect keeps the item back until it is repaired."""
    if not personal(facts, item) or item.defect == "":
        return None
    if item.defect is None:
        return ask("Nobody stated that the item was verified.", "item.defect")
    return deny("6.1.e", f"The item is {item.defect}.", "Correct the item and propose it again.", REPAIR)
