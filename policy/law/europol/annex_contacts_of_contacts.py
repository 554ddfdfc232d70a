"""2016/794 Annex II.B(3): of a contact's contacts nothing but the kind of link."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, deny
from policy.law._words import OUTWARD
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="europol-annex-contacts-of-contacts",
    cites="Regulation (EU) 2016/794, Annex II, Section B, point 3",
    in_force=date(2017, 5, 1),
    applies=OUTWARD,
)
def contacts_of_contacts(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """The circle around a suspect ends after one step."""
    if item.contact_of_contact is not True or item.category == "2(g)":
        return None
    return deny("6.1.d", "It is about a contact of a contact.", "Give the kind of link (2(g)) only.")
