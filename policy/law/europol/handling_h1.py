"""Handling code H1: not in judicial proceedings without the provider's permission."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, approve, duty, oblige
from policy.law._words import CONTENT, foreign_origin, personal
from policy.parameters import Parameters
from policy.rules import rule

CITES = "Regulation (EU) 2016/794, Article 19(2); SIENA handling code H1"
NO_COURT = duty("no-judicial-use", "Not to be used in judicial proceedings without permission.", CITES)


@rule(id="europol-handling-h1", cites=CITES, in_force=date(2017, 5, 1), verified=False, applies=CONTENT)
def handling_h1(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """An H1 item goes out as intelligence; as evidence only with the permission of whoever gave it."""
    if not personal(facts, item) or item.handling != "H1":
        return None
    if facts.request is None or facts.request.use != "evidence":
        return oblige("It is no evidence.", NO_COURT)
    role = "R-ORIG" if foreign_origin(facts, item) else "R-PROS"
    return approve(role, "Its code forbids judicial use.", "Whoever set the code decides.", code="handling")
