"""2023/977 Article 5(1): available information is provided within 8 hours, 3 days or 7 days of receipt.

8 hours: urgent and directly available. 3 days: urgent and indirectly available. 7 days: everything else.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Deadline, Finding, ask, permit
from policy.law._words import between_members
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="ie977-05-deadlines",
    cites="Directive (EU) 2023/977, Article 5(1)",
    in_force=date(2024, 12, 12),
    applies={Action.DISCLOSE},
)
def deadlines(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """What is available is provided on request, by the time that its urgency and access demand."""
    request = facts.request
    if request is None or not between_members(facts, law):
        return None
    if request.received_at is None:
        return ask("Nobody stated when the request came in.", "request.received_at")
    access = item.held or request.access
    name = "other"
    if request.urgency_ground:
        name = "urgent_direct" if access == "direct" else "urgent_indirect"
    period = law.duration(name)
    cites = law.table("deadlines")[name]["cites"]
    due = Deadline(name.replace("_", "-"), period, request.received_at + period, cites)
    return permit("Available information is provided on request.", deadline=due)
