"""What a token or a notice may never be about: special categories, informants, and children's tokens.

A token tells every reader that the team holds the selector. Special categories and informants are therefore
neither published nor notified, whatever basis their content might have. A child's selector is not published;
it can still meet a peer's token, and then a person decides on the notice (`thb-13-child-or-victim`).
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.law._words import EXISTENCE, child
from policy.parameters import Parameters
from policy.rules import rule

KEEP = "Keep it at home; it still matches what peers publish, and a person decides then."


@rule(
    id="comity-existence-gate",
    cites="Directive (EU) 2016/680, Articles 4(1)(c), 10 and 20; Directive 2011/36/EU, Article 13",
    in_force=date(2018, 5, 6),
    applies=EXISTENCE,
)
def existence_gate(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Special categories and informants stay at home; a child's selector is not published."""
    if item.special:
        return deny("led-10", "A special category is neither published nor notified.", "Propose its content.")
    if item.subject_category == "informant":
        return deny("informant", "An informant is neither published nor notified.", "Keep it at home.")
    if facts.action is Action.PUBLISH and child(item):
        return deny("child", "A child's selector is not published.", KEEP)
    return None
