"""An investigation order, as issued and as executed. No rule is declared here.

The order itself travels between judicial authorities, never by the federation. What is judged here is whether
it is well-formed (`REQUEST`) and what the executing side owes (`DISCLOSE`).
"""

from __future__ import annotations

from datetime import datetime

from policy.facts import Proposal, Request
from policy.parameters import Parameters


def ordered(facts: Proposal) -> Request | None:
    """The investigation order behind the proposal, if that is what it rests on."""
    request = facts.request
    return request if request is not None and request.instrument == "eio" else None


def executed(facts: Proposal) -> datetime | None:
    """When an order that is being executed was received."""
    order = ordered(facts)
    return None if order is None else order.received_at


def measure_always(facts: Proposal, law: Parameters) -> bool:
    """Whether the measure is one that must always be available (Article 10(2))."""
    order = ordered(facts)
    return order is not None and order.measure in law.table("orders")["eio"]["always"]
