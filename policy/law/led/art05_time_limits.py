"""LED Articles 4(1)(e) and 5: data are kept and used only until their erasure date.

Article 16(3)(b): what is needed as evidence is restricted instead of erased, and then serves evidence only.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, approve, ask, deny, duty
from policy.law._words import CONTENT, OUTWARD, personal
from policy.parameters import Parameters
from policy.rules import rule

ERASE = duty("erase", "Erase the item.", "Directive (EU) 2016/680, Articles 5 and 16(2)")
TOMBSTONE = duty("tombstone", "Tell every recipient to erase it.", "Directive (EU) 2016/680, Article 16(6)")
RESTRICT = duty("restrict", "Keep it restricted: no matching.", "Directive (EU) 2016/680, Article 16(3)(b)")


@rule(
    id="led-05-time-limits",
    cites="Directive (EU) 2016/680, Articles 4(1)(e), 5 and 16(2)-(3), (6)",
    in_force=date(2018, 5, 6),
    applies=OUTWARD,
)
def time_limits(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """An item past its erasure date is not matched, published or released; it is erased."""
    if not personal(facts, item):
        return None
    if item.retention_until is None:
        return ask("The item has no erasure date.", "item.retention_until")
    if facts.now.date() <= item.retention_until:
        return None
    for_evidence = facts.action in CONTENT and facts.request is not None and facts.request.use == "evidence"
    if item.needed_as_evidence is True and for_evidence:
        return approve("R-PROS", "Past its erasure date, kept restricted as evidence.", "", RESTRICT)
    if item.needed_as_evidence is True:
        return deny(
            "expired",
            "Past its erasure date, kept as evidence.",
            "A prosecutor may use it as evidence.",
            RESTRICT,
        )
    return deny("expired", "The erasure date has passed.", "Ask for it as new information.", ERASE, TOMBSTONE)
