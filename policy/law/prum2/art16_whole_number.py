"""2024/982 Article 16(2): vehicles are searched with a full chassis number or a full registration number."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.law.prum2._systems import asked
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="prum2-16-whole-number",
    cites="Regulation (EU) 2024/982, Article 16(2)",
    in_force=date(2024, 4, 25),
    applies={Action.EVALUATE},
)
def whole_number(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A part of a plate searches nothing."""
    if facts.system != "vehicles":
        return None
    if set(asked(facts).elements or ()) & set(law.table("prum2")["vehicle"]["whole"]):
        return None
    return deny("prum-fields", "No whole plate or chassis number.", "Search with the whole number.")
