"""Handling code H2: not to be disseminated without the provider's permission."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, approve, deny, duty, oblige
from policy.law._words import CONTENT, OUTWARD, foreign_origin, personal
from policy.parameters import Parameters
from policy.rules import rule

CITES = "Regulation (EU) 2016/794, Article 19(2); SIENA handling code H2"
NO_ONWARD = duty("no-onward", "Not to be passed on without the provider's permission.", CITES)


@rule(id="europol-handling-h2", cites=CITES, in_force=date(2017, 5, 1), verified=False, applies=OUTWARD)
def handling_h2(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Another's H2 item is passed on only with permission; one's own goes out with the bar on it."""
    if not personal(facts, item) or item.handling != "H2":
        return None
    if not foreign_origin(facts, item) or item.origin_consent is True:
        return oblige("It is not to be passed on.", NO_ONWARD) if facts.action in CONTENT else None
    if facts.action in CONTENT and item.origin_consent is None:
        return approve("R-ORIG", "Its code forbids dissemination.", "Its provider decides.", code="handling")
    return deny("handling", "Its code forbids dissemination.", "Ask its provider to lift the code.")
