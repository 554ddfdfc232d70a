"""2014/41 Article 12(3): recognition is decided within 30 days of receipt, 30 more where that cannot be."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Deadline, Finding, ask, oblige
from policy.law.eio._order import executed, ordered
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="eio-12-decision",
    cites="Directive 2014/41/EU, Article 12(3), (5)",
    in_force=date(2017, 5, 22),
    verified=False,
    applies={Action.DISCLOSE},
)
def decision(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """The decision on the order has its own clock."""
    if ordered(facts) is None:
        return None
    received = executed(facts)
    if received is None:
        return ask("Nobody stated when the order came in.", "request.received_at")
    period, entry = law.duration("eio_decision"), law.table("deadlines")["eio_decision"]
    due = Deadline("eio-decision", period, received + period, entry["cites"], duty="decision")
    return oblige("The order is decided on.", deadline=due)
