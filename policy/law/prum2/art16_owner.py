"""2024/982 Article 16(3): the owner, only of suspects and convicts, where the asked state allows it."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.law.prum2._systems import CRIMINAL, asked
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="prum2-16-owner",
    cites="Regulation (EU) 2024/982, Article 16(3)",
    in_force=date(2024, 4, 25),
    applies={Action.EVALUATE},
)
def owner(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Searching vehicles by their owner is for suspects and convicted persons alone."""
    search = asked(facts)
    if facts.system != "vehicles" or search.aim != "owner":
        return None
    if search.category in CRIMINAL and search.national_law is True:
        return None
    return deny("prum-index", "The person is neither suspect nor convict.", "Search by the vehicle's number.")
