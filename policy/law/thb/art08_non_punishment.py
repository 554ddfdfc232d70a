"""2011/36 Article 8, CETS 197 Article 26: victims need not be punished for what they were compelled to do."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.law._words import CONTENT
from policy.law.thb._victims import trafficked
from policy.parameters import Parameters
from policy.rules import rule

NO_PUNISHMENT = duty(
    "non-punishment",
    "Say that this is a victim: authorities are entitled not to prosecute or punish for compelled acts.",
    "Directive 2011/36/EU, Article 8; CETS 197, Article 26",
)


@rule(
    id="thb-08-non-punishment",
    cites="Directive 2011/36/EU, Article 8; CETS 197, Article 26",
    in_force=date(2013, 4, 6),
    verified=False,
    applies=CONTENT,
)
def non_punishment(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Content on a victim says so, that nobody is prosecuted for having been exploited."""
    return oblige("It concerns a victim.", NO_PUNISHMENT) if trafficked(facts, item) else None
