"""2023/977 Article 1(2): where another Union act regulates the exchange specifically, this one steps back."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, note
from policy.law._words import CONTENT, displaced, instrument
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="ie977-01-other-act",
    cites="Directive (EU) 2023/977, Article 1(2)",
    in_force=date(2024, 12, 12),
    applies=CONTENT | {Action.REQUEST},
)
def other_act(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A request under Prüm, an investigation order or a treaty is judged by its own rules alone."""
    if not displaced(facts, law):
        return None
    return note(f"The request rests on an instrument of its own: {instrument(facts)}.")
