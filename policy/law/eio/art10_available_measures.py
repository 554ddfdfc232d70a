"""2014/41 Article 10: some measures are always available; another may be missing in the executing state."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny
from policy.law.eio._order import measure_always, ordered
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="eio-10-available-measures",
    cites="Directive 2014/41/EU, Article 10(1)-(2)",
    in_force=date(2017, 5, 22),
    verified=False,
    applies={Action.DISCLOSE},
)
def available_measures(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Evidence already held, databases, hearings and subscribers always; the rest as in a domestic case."""
    order = ordered(facts)
    if order is None or measure_always(facts, law):
        return None
    if order.available_here is None:
        return ask("Nobody stated whether the measure exists here.", "request.available_here")
    if order.available_here:
        return None
    return deny("eio-conditions", "The measure does not exist here.", "Ask for a measure that does.")
