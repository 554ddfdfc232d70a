"""LED Article 9(1): data collected for Article 1(1) purposes serve no other purpose unless law authorises it.

Whether a law authorises is for that law's own procedure (and then the GDPR applies): never for this one.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.law._words import OUTWARD, purpose_of
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="led-09-other-purposes",
    cites="Directive (EU) 2016/680, Articles 1(1) and 9(1)",
    in_force=date(2018, 5, 6),
    applies=OUTWARD | {Action.EVALUATE, Action.REQUEST, Action.OPEN_CHANNEL},
)
def other_purposes(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Immigration administration, tax or welfare are refused; so is a purpose that is not known."""
    purpose = purpose_of(facts)
    if not purpose or purpose in law.table("purposes")["inside"]:
        return None
    return deny(
        "purpose-outside",
        "The purpose is not one of Article 1(1).",
        "Use the procedure of the law that authorises this purpose, if there is one.",
    )
