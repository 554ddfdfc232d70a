"""2024/982 Article 47(1): core data within 48 hours of match, confirmation, facts and offence."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Deadline, Finding, ask, permit
from policy.law.prum2._systems import core_data
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="prum2-47-core-data",
    cites="Regulation (EU) 2024/982, Article 47(1)",
    in_force=date(2024, 4, 25),
    applies={Action.DISCLOSE},
)
def core_data_in_48_hours(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """The clock starts when the match is confirmed and facts and offence were sent, whichever is later."""
    request, hit = facts.request, facts.hit
    if not core_data(facts) or request is None or hit is None or hit.confirmed is not True:
        return None
    stated = {
        "hit.confirmed_at": hit.confirmed_at,
        "request.received_at": request.received_at,
        "request.facts": request.facts,
        "offence.code": facts.offence and facts.offence.code,
    }
    missing = [name for name, value in stated.items() if not value]
    if missing or hit.confirmed_at is None or request.received_at is None:
        return ask("Facts, offence or times are not stated.", *missing, code="6.1.b", clock="suspended")
    period = law.duration("core_data")
    due = max(hit.confirmed_at, request.received_at) + period
    cites = law.table("deadlines")["core_data"]["cites"]
    return permit("The match is confirmed and explained.", deadline=Deadline("core-data", period, due, cites))
