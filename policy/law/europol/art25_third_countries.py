"""2016/794 Article 25(5): a derogation carries single transfers, not systematic or massive ones."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, ask, deny
from policy.law._words import OUTWARD, is_europol, third_country
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="europol-25-third-countries",
    cites="Regulation (EU) 2016/794, Article 25",
    in_force=date(2017, 5, 1),
    applies=OUTWARD,
)
def third_countries(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Without adequacy, agreement or safeguards Europol transfers case by case."""
    transfer = facts.transfer
    if not is_europol(facts.provider) or transfer is None or not third_country(facts, law):
        return None
    if transfer.safeguards or not transfer.derogation:
        return None
    if transfer.systematic is None:
        return ask("Nobody stated that it is a single transfer.", "transfer.systematic", code="europol-25")
    if not transfer.systematic:
        return None
    return deny("europol-25", "The transfers are systematic.", "Rest them on an agreement or a decision.")
