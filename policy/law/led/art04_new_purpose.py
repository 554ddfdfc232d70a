"""LED Article 4(2): another purpose inside Article 1(1) needs a law, and necessity and proportion."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, ask, duty, oblige
from policy.law._words import CONTENT, purpose_of
from policy.parameters import Parameters
from policy.rules import rule

NEW = duty(
    "record-new-purpose",
    "Record the new purpose, the law that authorises it and why it is necessary and proportionate.",
    "Directive (EU) 2016/680, Article 4(2) and (4)",
)


@rule(
    id="led-04-new-purpose",
    cites="Directive (EU) 2016/680, Article 4(2)",
    in_force=date(2018, 5, 6),
    applies=CONTENT,
)
def new_purpose(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """What was collected for one purpose serves another on a stated law, and that is recorded."""
    if item.supplied_for is None or item.supplied_for == purpose_of(facts):
        return None
    if not facts.legal_basis:
        return ask("Nobody stated the law that authorises the new purpose.", "legal_basis")
    return oblige("It serves another purpose than before.", NEW)
