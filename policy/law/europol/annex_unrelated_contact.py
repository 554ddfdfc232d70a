"""2016/794 Annex II.B(3)(b): a contact who turns out to have no part in it is deleted, with all the data."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, deny, duty
from policy.law._words import OUTWARD
from policy.parameters import Parameters
from policy.rules import rule

ERASE = duty("erase", "Erase the item.", "Regulation (EU) 2016/794, Annex II, Section B, point 3(b)")
TOMBSTONE = duty("tombstone", "Tell every recipient to erase it.", "Directive (EU) 2016/680, Article 16(6)")


@rule(
    id="europol-annex-unrelated-contact",
    cites="Regulation (EU) 2016/794, Annex II, Section B, point 3(b)",
    in_force=date(2017, 5, 1),
    applies=OUTWARD,
)
def unrelated_contact(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Whoever was only thought to belong to it leaves no trace."""
    if item.unrelated is not True or item.subject_category not in ("contact", "associate"):
        return None
    return deny("unrelated", "The contact has no part in it.", "Erase the contact's data.", ERASE, TOMBSTONE)
