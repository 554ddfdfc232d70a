"""2024/982 Articles 20(1) and 26: faces and police records, for offences of at least one year.

The maximum penalty counts where the search comes from. Exactly one year is enough here; Directive (EU)
2023/977, Article 6(1)(g)(i), refuses for exactly one year.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny
from policy.law._words import penalty_at_requester
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="prum2-20-one-year",
    cites="Regulation (EU) 2024/982, Articles 20(1) and 26",
    in_force=date(2024, 4, 25),
    applies={Action.EVALUATE},
)
def one_year(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A search of faces or police records needs an offence of at least one year's imprisonment."""
    if facts.system not in ("faces", "police-records"):
        return None
    years = penalty_at_requester(facts, law)
    if years is None:
        return ask(
            "The maximum penalty of the searching state is not known.", "offence.max_penalty_requester"
        )
    if years >= 1:
        return None
    return deny("prum-minor", "The offence carries less than one year.", "Search for a graver offence only.")
