"""2023/977 Article 4(4): a request is urgent on four grounds only, and gives its reasons."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask
from policy.law._words import CONTENT, between_members
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="ie977-04-urgency",
    cites="Directive (EU) 2023/977, Article 4(4)",
    in_force=date(2024, 12, 12),
    verified=False,
    applies=CONTENT | {Action.REQUEST},
)
def urgency(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Urgency is claimed with a ground U1 to U4 and with reasons, or expressly not at all."""
    request = facts.request
    if request is None or not between_members(facts, law):
        return None
    if request.urgency_ground is None:
        return ask(
            "Nobody stated whether it is urgent.", "request.urgency_ground", code="6.1.b", clock="suspended"
        )
    if request.urgency_ground and not request.urgency_reasons:
        return ask(
            "Urgency is claimed without reasons.", "request.urgency_reasons", code="6.1.b", clock="suspended"
        )
    return None
