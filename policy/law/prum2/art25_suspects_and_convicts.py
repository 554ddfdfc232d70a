"""2024/982 Article 25(1): the index of police records holds suspects and convicted persons only."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.law.prum2._systems import CRIMINAL
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="prum2-25-suspects-and-convicts",
    cites="Regulation (EU) 2024/982, Article 25(1)",
    in_force=date(2024, 4, 25),
    applies={Action.PUBLISH},
)
def suspects_and_convicts(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """No victim, witness or contact enters the index of police records."""
    if facts.system != "police-records" or item.subject_category is None or item.subject_category in CRIMINAL:
        return None
    return deny(
        "prum-index", f"A {item.subject_category} does not belong here.", "Enter suspects and convicts."
    )
