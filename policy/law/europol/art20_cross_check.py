"""2016/794 Article 20(1): data for cross-checking and thematic analysis are open to members' searches."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, permit
from policy.law._words import STATES, is_europol
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="europol-20-cross-check",
    cites="Regulation (EU) 2016/794, Article 20(1)",
    in_force=date(2017, 5, 1),
    applies={Action.EVALUATE},
)
def cross_check(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A member searches Europol's data of Article 18(2)(a) and (b)."""
    if facts.system != "europol-cross-check" or not is_europol(facts.provider):
        return None
    return permit("Members may search these data.") if facts.requester.kind in STATES else None
