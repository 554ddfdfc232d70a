"""2023/1543 Article 5(4): traffic and content data for offences of at least three years, or listed ones."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny
from policy.law._words import penalty_at_requester
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="eevidence-05-thresholds",
    cites="Regulation (EU) 2023/1543, Article 5(4)",
    in_force=date(2026, 8, 18),
    verified=False,
    applies={Action.REQUEST},
)
def thresholds(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """The maximum penalty counts where the order is issued; exactly three years is enough."""
    order = facts.request
    if (
        order is None
        or order.instrument != "e-evidence"
        or order.measure not in ("traffic_data", "content_data")
    ):
        return None
    years, entry = (
        penalty_at_requester(facts, law),
        law.offence(facts.offence.code if facts.offence else None),
    )
    figures = law.table("orders")["e_evidence"]
    if entry is not None and entry.crime_area in figures["listed"]:
        return None
    if years is None:
        return ask("The maximum penalty there is not known.", "offence.max_penalty_requester")
    if years >= figures["years"]:
        return None
    return deny(
        "e-evidence-threshold", "The offence carries less than three years.", "Ask for subscriber data."
    )
