"""Handling code H3: restrictions in words. A machine cannot keep them, so a person reads them first."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, approve, ask, deny, duty
from policy.law._words import EXISTENCE, OUTWARD, personal
from policy.parameters import Parameters
from policy.rules import rule

CITES = "Regulation (EU) 2016/794, Article 19(2); SIENA handling code H3"


@rule(id="europol-handling-h3", cites=CITES, in_force=date(2017, 5, 1), verified=False, applies=OUTWARD)
def handling_h3(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """An H3 item is neither published nor notified; released only after a liaison officer read its words."""
    if not personal(facts, item) or item.handling != "H3":
        return None
    if facts.action in EXISTENCE:
        return deny("handling", "Its restrictions are in words.", "A liaison officer sets another code.")
    if not item.handling_note:
        return ask("The restrictions of H3 are not stated.", "item.handling_note")
    keep = duty("handling-note", "Its restrictions go with it, word for word.", CITES)
    return approve("R-LO", "Its restrictions are in words.", "A liaison officer reads them.", keep)
