"""2014/41 Article 16(1): receipt of the order is acknowledged within a week."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Deadline, Finding, oblige
from policy.law.eio._order import executed
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="eio-16-receipt",
    cites="Directive 2014/41/EU, Article 16(1)",
    in_force=date(2017, 5, 22),
    verified=False,
    applies={Action.DISCLOSE},
)
def receipt(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Whoever gets an order says so, without delay and within a week."""
    received = executed(facts)
    if received is None:
        return None
    period, entry = law.duration("eio_receipt"), law.table("deadlines")["eio_receipt"]
    due = Deadline("eio-receipt", period, received + period, entry["cites"], duty="receipt")
    return oblige("Receipt is acknowledged.", deadline=due)
