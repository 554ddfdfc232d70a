"""2014/41 Article 12(4): the measure is carried out within 90 days of the decision."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Deadline, Finding, oblige
from policy.law.eio._order import ordered
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="eio-12-execution",
    cites="Directive 2014/41/EU, Article 12(4)",
    in_force=date(2017, 5, 22),
    verified=False,
    applies={Action.DISCLOSE},
)
def execution(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Ninety days from the decision; from its last permitted day where none is stated yet."""
    order = ordered(facts)
    if order is None or order.received_at is None:
        return None
    start = order.decided_at or order.received_at + law.duration("eio_decision")
    period, entry = law.duration("eio_execution"), law.table("deadlines")["eio_execution"]
    due = Deadline("eio-execution", period, start + period, entry["cites"], duty="execution")
    return oblige("The order is executed.", deadline=due)
