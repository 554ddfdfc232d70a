"""LED Article 11(1): no solely automated decision with an adverse effect on a person.

A hit may be told automatically; nothing may happen to anybody on it before a person has looked.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny, duty, oblige
from policy.law._words import CONTENT
from policy.parameters import Parameters
from policy.rules import rule

REVIEW = duty(
    "match-review",
    "A person reviews the match before any act, and the review is recorded.",
    "Directive (EU) 2016/680, Article 11(1); cf. Regulation (EU) 2024/982, Article 47(6)",
)


@rule(
    id="led-11-no-automated-decision",
    cites="Directive (EU) 2016/680, Article 11(1)",
    in_force=date(2018, 5, 6),
    applies=CONTENT | {Action.NOTIFY, Action.OPEN_CHANNEL},
)
def no_automated_decision(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A match alone moves nothing: no measure, no content, no channel before a person reviewed it."""
    hit = facts.hit
    if hit is None:
        return None
    if hit.automated_measure is True and hit.reviewed is not True:
        return deny(
            "led-11", "A measure would follow from the match alone.", "Have a person review the match."
        )
    if facts.action is Action.NOTIFY:
        return oblige("The notice is automatic; what follows is not.", REVIEW)
    if hit.reviewed is not True:
        return ask("Nobody reviewed the match.", "hit.reviewed", code="led-11")
    return None
