"""2023/1543 Article 10: ten days, or eight hours in an emergency to somebody's life or safety."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Deadline, Finding, duty, permit
from policy.parameters import Parameters
from policy.rules import rule

BY_PLATFORM = duty(
    "judicial-route",
    "Send the order to the service provider by the decentralised system; the federation carries none of it.",
    "Regulation (EU) 2023/1543, Article 19",
    to="e-evidence",
)


@rule(
    id="eevidence-10-deadlines",
    cites="Regulation (EU) 2023/1543, Article 10(2), (4)",
    in_force=date(2026, 8, 18),
    verified=False,
    applies={Action.REQUEST},
)
def deadlines(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """The order goes to the service provider, whose clock starts when it receives it."""
    order = facts.request
    if order is None or order.instrument != "e-evidence" or order.measure is None:
        return None
    name = "e_evidence_emergency" if order.urgency_ground == "U2" else "e_evidence"
    period, start = law.duration(name), order.received_at or facts.now
    cites = law.table("deadlines")[name]["cites"]
    due = Deadline(name.replace("_", "-"), period, start + period, cites)
    return permit("An order to a service provider.", BY_PLATFORM, deadline=due)
