"""2019/1153 Articles 7(3) and 10(1): what an FIU gave is passed on with its consent only."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, approve, deny
from policy.law._words import CONTENT, OUTWARD, personal
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="fin-10-fiu-consent",
    cites="Directive (EU) 2019/1153, Articles 7(3) and 10(1)",
    in_force=date(2021, 8, 1),
    applies=OUTWARD,
)
def fiu_consent(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """FIU information gets neither a new purpose nor a new holder without the FIU."""
    if not personal(facts, item) or item.source != "fiu" or item.origin_consent is True:
        return None
    if facts.action in CONTENT and item.origin_consent is None:
        return approve("R-FIU", "It comes from the FIU.", "The FIU decides.", code="handling")
    return deny("handling", "It comes from the FIU, without consent.", "Ask the FIU for its consent.")
