"""2015/849 Article 39: nobody outside learns that a suspicion was, is being or may be reported."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding
from policy.law._words import ACTS
from policy.law.aml._tipping import told_off
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="aml-39-tipping-off",
    cites="Directive (EU) 2015/849, Article 39",
    in_force=date(2017, 6, 26),
    until=date(2027, 7, 9),
    verified=False,
    applies=ACTS - {Action.LEAD},
)
def tipping_off(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A bank does not learn whether others reported its customer."""
    return told_off(facts, item)
