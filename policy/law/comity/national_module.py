"""A national module that is named must exist: a misspelt name is not the same as no national law."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, ask
from policy.law._words import ACTS
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="comity-national-module",
    cites="Directive (EU) 2016/680, Article 8(2)",
    in_force=date(2018, 5, 6),
    applies=ACTS,
)
def national_module(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """The provider's national law is consulted by its module's name."""
    if facts.national is None or law.known:
        return None
    return ask("There is no national module of that name.", "national")
