"""2024/982 Article 43(1): a query names at least two of first name, surname and date of birth."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.law.prum2._systems import asked
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="prum2-43-two-of-three",
    cites="Regulation (EU) 2024/982, Article 43(1)",
    in_force=date(2024, 4, 25),
    applies={Action.EVALUATE},
)
def two_of_three(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A surname alone searches no police records."""
    if facts.system != "police-records":
        return None
    named = set(asked(facts).elements or ()) & set(law.table("prum2")["query"]["elements"])
    if len(named) >= 2:
        return None
    return deny("prum-two-of-three", "Fewer than two of the three elements.", "Add a second element.")
