"""LED Article 21: joint controllers arrange their duties and name a contact point."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.law._words import OUTWARD
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="led-21-arrangement",
    cites="Directive (EU) 2016/680, Article 21",
    in_force=date(2018, 5, 6),
    applies=OUTWARD | {Action.EVALUATE, Action.OPEN_CHANNEL},
)
def arrangement(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Where it is stated that there is no arrangement with the other side, nothing is processed jointly."""
    if facts.arrangement is not False:
        return None
    return deny(
        "no-arrangement", "The controllers have no arrangement.", "Conclude it; name a contact point."
    )
