"""2023/977 Article 6(1)(a): what neither the provider nor anyone it may ask without coercion has."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, ask, deny
from policy.law._words import CONTENT, personal
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="ie977-06-not-available",
    cites="Directive (EU) 2023/977, Articles 2(5)-(7) and 6(1)(a)",
    in_force=date(2024, 12, 12),
    applies=CONTENT,
)
def not_available(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """The provider states how it can reach the item; what it cannot reach is not available."""
    if not personal(facts, item) or item.held in ("direct", "indirect", "coercive"):
        return None
    if item.held is None:
        return ask("Nobody stated how the item can be reached.", "item.held")
    return deny("6.1.a", "The item is not available.", "The request can be made with other particulars.")
