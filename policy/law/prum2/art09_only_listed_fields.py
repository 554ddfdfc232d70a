"""2024/982 Articles 9, 15, 24 and 28: a search carries the listed elements and nothing else."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny
from policy.law.prum2._systems import PRUM, asked
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="prum2-09-only-listed-fields",
    cites="Regulation (EU) 2024/982, Articles 9, 15, 24 and 28",
    in_force=date(2024, 4, 25),
    applies={Action.EVALUATE},
)
def only_listed_fields(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Whoever searches says what with; an element that the system does not list stays at home."""
    if facts.system not in PRUM:
        return None
    elements = asked(facts).elements
    if not elements:
        return ask("Nobody stated what is searched with.", "search.elements")
    if set(elements) <= set(law.table("prum2")["fields"][facts.system]):
        return None
    return deny("prum-fields", "An element is not listed for this system.", "Leave out what is not listed.")
