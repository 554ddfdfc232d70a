"""2024/982 Articles 25 and 43: names and aliases are pseudonymised, in the index and in the query."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny
from policy.law.prum2._systems import asked
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="prum2-25-names-pseudonymised",
    cites="Regulation (EU) 2024/982, Articles 25 and 43",
    in_force=date(2024, 4, 25),
    applies={Action.PUBLISH, Action.EVALUATE},
)
def names_pseudonymised(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A name in clear neither enters the index nor searches it."""
    if facts.system != "police-records" or asked(facts).pseudonymised is True:
        return None
    if asked(facts).pseudonymised is None:
        return ask("Nobody stated that the names are pseudonymised.", "search.pseudonymised")
    return deny("prum-fields", "The names are in clear.", "Pseudonymise names and aliases first.")
