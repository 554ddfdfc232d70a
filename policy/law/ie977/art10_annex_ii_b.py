"""2023/977 Articles 6(1)(d) and 10(b): only the categories of Annex II, Section B, by kind of person.

Some categories go only as far as the person's role makes them necessary: then that necessity is stated.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny
from policy.law._words import CONTENT, between_members, is_europol, personal
from policy.parameters import Parameters
from policy.rules import rule

WAY_OUT = "Give what the Annex allows for this kind of person."


@rule(
    id="ie977-10-annex-ii-b",
    cites="Directive (EU) 2023/977, Articles 6(1)(d) and 10(b); Regulation (EU) 2016/794, Annex II.B",
    in_force=date(2024, 12, 12),
    verified=False,
    applies=CONTENT,
)
def annex_ii_b(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A suspect's data may go in all categories, a victim's in few, an unlisted person's in none."""
    if not personal(facts, item) or item.subject_category is None or not _governs(facts, law):
        return None
    category = law.category(item.kind, item.category)
    if category is None:
        return ask("The category of Annex II.B is not stated.", "item.category")
    allowed = law.may_hold(item.subject_category, category)
    if allowed == "yes" or (allowed == "role" and item.strictly_necessary is True):
        return None
    if allowed == "role" and item.strictly_necessary is None:
        return ask("Nobody stated that the person's role needs it.", "item.strictly_necessary")
    return deny("6.1.d", f"Category {category} is not open for a {item.subject_category}.", WAY_OUT)


def _governs(facts: Proposal, law: Parameters) -> bool:
    """Between members, and on the way to Europol, whose own Annex it is."""
    to_europol = facts.action is Action.DISCLOSE and is_europol(facts.requester)
    return to_europol or between_members(facts, law)
