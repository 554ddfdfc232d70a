"""LED Article 4(1)(b): data are processed for specified, explicit purposes, so the purpose must be stated."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask
from policy.law._words import CONTENT, OUTWARD, purpose_of
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="led-04-purpose",
    cites="Directive (EU) 2016/680, Article 4(1)(b)",
    in_force=date(2018, 5, 6),
    applies=OUTWARD | {Action.EVALUATE, Action.REQUEST},
)
def purpose(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Nothing is processed for a purpose that nobody stated."""
    if purpose_of(facts):
        return None
    if facts.request is not None and facts.action in CONTENT | {Action.REQUEST}:
        return ask(
            "The request does not say its purpose.", "request.purpose", code="6.1.b", clock="suspended"
        )
    return ask("Nobody stated the purpose.", "purpose")
