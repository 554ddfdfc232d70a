"""2023/977 Article 1(3)(a): no duty to obtain information by coercive measures."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, deny
from policy.law._words import CONTENT, between_members
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="ie977-01-coercion",
    cites="Directive (EU) 2023/977, Article 1(3)(a); Directive 2014/41/EU, Article 1",
    in_force=date(2024, 12, 12),
    verified=False,
    applies=CONTENT,
)
def coercion(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """What needs a search, a seizure or an interception is not exchanged under this Directive."""
    if item.held != "coercive" or not between_members(facts, law):
        return None
    return deny(
        "1.3.a",
        "It could be had only by a coercive measure.",
        "Use a European Investigation Order, or a joint investigation team.",
    )
