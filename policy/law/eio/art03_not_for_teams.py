"""2014/41 Article 3: an order neither sets up a joint investigation team nor gathers evidence inside one."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.law.eio._order import ordered
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="eio-03-not-for-teams",
    cites="Directive 2014/41/EU, Article 3",
    in_force=date(2017, 5, 22),
    verified=False,
    applies={Action.REQUEST, Action.DISCLOSE},
)
def not_for_teams(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """What a team does rests on its agreement."""
    order = ordered(facts)
    if order is None or order.measure != "team":
        return None
    return deny("eio-scope", "A team's own measures need no order.", "Use the agreement of the team.")
