"""LED Article 35(1)(a): a transfer to a third country is necessary for the purposes of Article 1(1)."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, deny
from policy.law._words import OUTWARD, third_country
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="led-35-necessity",
    cites="Directive (EU) 2016/680, Article 35(1)(a)",
    in_force=date(2018, 5, 6),
    applies=OUTWARD,
)
def necessity(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A transfer that is stated not to be necessary is not made, adequacy or not."""
    if facts.transfer is None or facts.transfer.necessary is not False or not third_country(facts, law):
        return None
    return deny("no-adequacy", "The transfer is not necessary.", "Transfer what the case needs.")
