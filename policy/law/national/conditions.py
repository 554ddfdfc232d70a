"""Conditions of the provider's own law travel with its data (LED Article 9(3)), at home as abroad (9(4)).

The conditions are `[[condition]]` entries of the member's module. One that binds other states alone is void
and is left out; the linter tells its owner.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, Obligation, duty, oblige
from policy.parameters import Parameters, Table
from policy.rules import rule


@rule(
    id="national-conditions",
    cites="Directive (EU) 2016/680, Article 9(3)-(4)",
    in_force=date(2018, 5, 6),
    applies={Action.DISCLOSE, Action.SHARE},
)
def conditions(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """What the provider's law demands of every recipient goes out with the item."""
    found = [one for one in law.conditions if item.kind in one.get("kinds", (item.kind,))]
    if not found or (facts.action is Action.SHARE and item.personal is False):
        return None
    return oblige("National conditions bind the recipient.", *(_sticky(one) for one in found))


def _sticky(one: Table) -> Obligation:
    return duty("national-condition", one["text"], one["cites"])
