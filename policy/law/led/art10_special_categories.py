"""LED Article 10: special categories only where strictly necessary, on one of three bases.

Strict necessity is checked and shown by the authority itself, case by case (CJEU, 28 November 2024, case
number C-80/23 to be verified). Basis (c) needs publication by the data subject: a trafficker's advert is not.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, ask, deny, duty, oblige
from policy.law._words import OUTWARD, personal
from policy.law.led._bases import BASES
from policy.parameters import Parameters
from policy.rules import rule

SAFEGUARD = duty(
    "special-safeguards",
    "Record why it is strictly necessary; limit access at the recipient to named persons.",
    "Directive (EU) 2016/680, Article 10",
)
WAY_OUT = "Show strict necessity in this case, and basis (a) law or (b) vital interests."


@rule(
    id="led-10-special-categories",
    cites="Directive (EU) 2016/680, Article 10",
    in_force=date(2018, 5, 6),
    applies=OUTWARD,
)
def special_categories(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Health, sex life, origin, belief and the like leave only where strictly necessary and with a basis."""
    if not personal(facts, item) or item.special == ():
        return None
    if item.special is None:
        return ask("Nobody stated whether this is a special category.", "item.special")
    if item.strictly_necessary is not True:
        return deny("led-10", "Strict necessity is not shown.", WAY_OUT)
    if item.special_basis is None:
        return ask("Nobody stated the basis of Article 10.", "item.special_basis", code="led-10")
    if item.special_basis not in BASES:
        return deny("led-10", "The data subject did not make it public.", WAY_OUT)
    return oblige("A special category, strictly necessary.", SAFEGUARD)
