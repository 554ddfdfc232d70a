"""2011/36 Articles 11 to 16: the victim protection officer sees what concerns a victim or a child.

Uncertain age with reason to believe in a child means a child (Article 13(2)). In immediate danger and in an
agreed referral the officer signs the release instead of deciding on it: help does not wait.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, approve, ask, duty, oblige
from policy.law._words import CONTENT, OUTWARD, child, personal
from policy.parameters import Parameters
from policy.rules import rule

SIGN = duty(
    "release", "The victim protection officer signs.", "Directive 2011/36/EU, Articles 11-16", role="R-VIC"
)


@rule(
    id="thb-13-child-or-victim",
    cites="Directive 2011/36/EU, Articles 11-16 and 13(2)",
    in_force=date(2013, 4, 6),
    applies=OUTWARD,
)
def child_or_victim(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Content on a victim and any notice of a child wait for the victim protection officer."""
    if not personal(facts, item):
        return None
    if item.child is None:
        return ask("Nobody stated whether the person is a child.", "item.child")
    concerned = child(item) or (item.subject_category == "victim" and facts.action in CONTENT)
    if not concerned or facts.action is Action.PUBLISH:
        return None
    if facts.danger is True or (facts.referral is not None and facts.referral.agreed is True):
        return oblige("A victim or a child: the victim protection officer signs.", SIGN, roles=("R-VIC",))
    return approve("R-VIC", "It concerns a victim or a child.", "The victim protection officer decides.")
