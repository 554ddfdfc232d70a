"""2024/982 Article 47(6): the return of core data is decided by a person."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, approve
from policy.law.prum2._systems import core_data
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="prum2-47-human-decision",
    cites="Regulation (EU) 2024/982, Article 47(6)",
    in_force=date(2024, 4, 25),
    applies={Action.DISCLOSE},
)
def human_decision(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """No system returns core data by itself."""
    if not core_data(facts):
        return None
    return approve("R-HUM", "A person decides on core data.", "The officer on duty decides.")
