"""2011/36 Article 12(4): no needless repetition of interviews, no needless questions on private life."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.law._words import CONTENT
from policy.law.thb._victims import trafficked
from policy.parameters import Parameters
from policy.rules import rule

SPARE = duty(
    "spare-the-victim",
    "Avoid repeated interviews, visual contact with accused persons and questions on private life.",
    "Directive 2011/36/EU, Article 12(3)-(4)",
)


@rule(
    id="thb-12-no-repeat",
    cites="Directive 2011/36/EU, Article 12(3)-(4)",
    in_force=date(2013, 4, 6),
    applies=CONTENT,
)
def no_repeat(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Whoever receives something on a victim uses it instead of asking the victim again."""
    return oblige("It spares the victim a question.", SPARE) if trafficked(facts, item) else None
