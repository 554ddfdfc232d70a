"""2016/794 Article 30(5): such data from Europol are passed on only where strictly necessary in one case."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, ask, deny
from policy.law._words import EUROPOL_SOURCES, OUTWARD, child
from policy.parameters import Parameters
from policy.rules import rule

PROTECTED_ROLES = frozenset({"victim", "witness", "informant"})


@rule(
    id="europol-30-not-passed-on",
    cites="Regulation (EU) 2016/794, Article 30(5)",
    in_force=date(2017, 5, 1),
    applies=OUTWARD,
)
def not_passed_on(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Europol's data on victims, witnesses, informants and minors stay where they are, necessity apart."""
    if item.source not in EUROPOL_SOURCES or item.strictly_necessary is True:
        return None
    if item.subject_category not in PROTECTED_ROLES and not item.special and not child(item):
        return None
    if item.strictly_necessary is None:
        return ask("Nobody stated that the case strictly needs it.", "item.strictly_necessary")
    return deny("handling", "The case does not strictly need it.", "Leave this item with Europol.")
