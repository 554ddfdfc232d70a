"""2012/29 Article 21, CETS 197 Article 11: where a victim is safe is nobody's selector.

A safe house is never published or notified, whoever it belongs to, and leaves only in immediate danger.
The address of a victim, a witness or a missing person is never published or notified.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, approve, ask, deny
from policy.law._words import EXISTENCE, OUTWARD, VULNERABLE, child, personal
from policy.parameters import Parameters
from policy.rules import rule

WAY_OUT = "Keep it at home; in immediate danger the victim protection officer decides."


@rule(
    id="victims-21-protected-places",
    cites="Directive 2012/29/EU, Article 21; CETS 197, Article 11",
    in_force=date(2015, 11, 16),
    verified=False,
    applies=OUTWARD,
)
def protected_places(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """No token, no notice and, danger apart, no release of a place where a victim is protected."""
    if not personal(facts, item):
        return None
    existence = facts.action in EXISTENCE
    if item.safe_house is True:
        if facts.danger is True and not existence:
            return approve("R-VIC", "A safe house, in immediate danger.", "The officer decides.")
        return deny("protected-place", "It is a safe house.", WAY_OUT)
    if not law.is_place(item.kind, law.category(item.kind, item.category)):
        return None
    if item.safe_house is None:
        return ask("Nobody stated whether this is a safe house.", "item.safe_house")
    if existence and (item.subject_category in VULNERABLE or child(item)):
        return deny("protected-place", "It says where a protected person is.", WAY_OUT)
    return None
