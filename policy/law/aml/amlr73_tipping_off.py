"""2024/1624 Article 73: the prohibition of tipping-off, as a regulation from 10 July 2027."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding
from policy.law._words import ACTS
from policy.law.aml._tipping import told_off
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="aml-amlr-73-tipping-off",
    cites="Regulation (EU) 2024/1624, Article 73",
    in_force=date(2027, 7, 10),
    verified=False,
    applies=ACTS - {Action.LEAD},
)
def tipping_off(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A bank does not learn whether others reported its customer."""
    return told_off(facts, item)
