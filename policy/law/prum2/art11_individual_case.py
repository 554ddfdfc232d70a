"""2024/982 Articles 11(1), 20(1) and 26: searches in individual cases, under the searcher's own law."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny
from policy.law.prum2._systems import PRUM, asked
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="prum2-11-individual-case",
    cites="Regulation (EU) 2024/982, Articles 11(1), 20(1) and 26",
    in_force=date(2024, 4, 25),
    applies={Action.EVALUATE},
)
def individual_case(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """No search without an individual case, and none that the searcher's own law does not permit."""
    if facts.system not in PRUM:
        return None
    search = asked(facts)
    wanted = {"search.individual_case": search.individual_case, "search.national_law": search.national_law}
    unknown = [name for name, value in wanted.items() if value is None]
    if unknown:
        return ask("The individual case or the national law is not stated.", *unknown)
    if all(wanted.values()):
        return None
    return deny(
        "prum-individual-case", "No individual case, or no law that permits it.", "Search from one case."
    )
