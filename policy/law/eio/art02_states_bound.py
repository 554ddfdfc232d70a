"""2014/41: Denmark and Ireland are not bound; there the conventions of 1959 and 2000 remain."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.law.eio._order import ordered
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="eio-02-states-bound",
    cites="Directive 2014/41/EU, recitals 44-45",
    in_force=date(2017, 5, 22),
    verified=False,
    applies={Action.REQUEST, Action.DISCLOSE},
)
def states_bound(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """An order binds only between states that both take part."""
    if ordered(facts) is None:
        return None
    if all(law.takes_part("eio", one.state) for one in (facts.provider, facts.requester)):
        return None
    return deny("not-bound", "One of the states is not bound.", "Use mutual legal assistance (1959, 2000).")
