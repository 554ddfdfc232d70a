"""2014/41 Article 9(1): the executing authority recognises the order, as if one of its own had given it."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, approve
from policy.law.eio._order import ordered
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="eio-09-recognition",
    cites="Directive 2014/41/EU, Article 9(1)",
    in_force=date(2017, 5, 22),
    verified=False,
    applies={Action.DISCLOSE},
)
def recognition(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Evidence leaves on a prosecutor's recognition of the order, never on an officer's."""
    if ordered(facts) is None:
        return None
    return approve("R-PROS", "The executing authority recognises it.", "The prosecutor decides.", basis=True)
