"""2024/982 Article 47(4)-(5): core data are a list; of an unknown person's trace, its last four."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.law.prum2._systems import core_data
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="prum2-47-listed-core-data",
    cites="Regulation (EU) 2024/982, Article 47(4)-(5)",
    in_force=date(2024, 4, 25),
    applies={Action.DISCLOSE},
)
def listed_core_data(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """What is not core data is asked for by another instrument."""
    if not core_data(facts):
        return None
    listed = law.table("prum2")["core"]["trace" if item.subject_category == "unknown" else "person"]
    if item.kind in listed:
        return None
    return deny("prum-fields", "It is no core data.", "Ask for it under Directive (EU) 2023/977.")
