"""2014/41 Article 32(2): a provisional measure is decided on at once, where practicable in 24 hours."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Deadline, Finding, oblige
from policy.law.eio._order import executed, ordered
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="eio-32-provisional",
    cites="Directive 2014/41/EU, Article 32(2)",
    in_force=date(2017, 5, 22),
    verified=False,
    applies={Action.DISCLOSE},
)
def provisional(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Securing evidence has a clock of one day."""
    order, received = ordered(facts), executed(facts)
    if order is None or received is None or order.measure != "provisional":
        return None
    period, entry = law.duration("eio_provisional"), law.table("deadlines")["eio_provisional"]
    due = Deadline("eio-provisional", period, received + period, entry["cites"], duty="decision")
    return oblige("Evidence is secured at once.", deadline=due)
