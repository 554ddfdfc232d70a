"""2014/41 Article 6(1): necessary, proportionate, and available in a similar domestic case."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny, duty, permit
from policy.law.eio._order import ordered
from policy.parameters import Parameters
from policy.rules import rule

BY_COURT = duty(
    "judicial-route",
    "Send the order between judicial authorities; the federation carries its reference only.",
    "Directive 2014/41/EU, Article 7",
    to="eio",
)


@rule(
    id="eio-06-conditions",
    cites="Directive 2014/41/EU, Article 6(1)",
    in_force=date(2017, 5, 22),
    verified=False,
    applies={Action.REQUEST},
)
def conditions(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """The issuing authority states both conditions before the order leaves."""
    order = ordered(facts)
    if order is None:
        return None
    wanted = {
        "request.proportionate": order.proportionate,
        "request.available_at_home": order.available_at_home,
        "request.measure": order.measure and True,
    }
    unknown = [name for name, value in wanted.items() if value is None]
    if unknown:
        return ask("The conditions of the order are not stated.", *unknown)
    if not all(wanted.values()):
        return deny("eio-conditions", "A condition of the order is not met.", "Choose another measure.")
    return permit("The order is well-formed.", BY_COURT)
