"""2016/794 Article 30(1): victims, witnesses, informants, minors at Europol only where strictly necessary."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.law._words import child, is_europol
from policy.parameters import Parameters
from policy.rules import rule

PROTECTED_ROLES = frozenset({"victim", "witness", "informant"})


@rule(
    id="europol-30-protected-persons",
    cites="Regulation (EU) 2016/794, Article 30(1)",
    in_force=date(2017, 5, 1),
    applies={Action.DISCLOSE},
)
def protected_persons(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Strict necessity and proportion are shown, case by case."""
    if not is_europol(facts.requester) or item.strictly_necessary is True:
        return None
    if item.subject_category not in PROTECTED_ROLES and not child(item):
        return None
    return deny("europol-30", "Strict necessity is not shown.", "Show why it is strictly necessary.")
