"""2023/977 Article 6(1): the list of grounds is closed.

A ground of the list that leaves discretion refuses when the provider invokes it. Any other, such as "the
offence is political", refuses nothing; a manifest breach of fundamental rights is checked instead.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny, duty, note, oblige
from policy.law._words import between_members
from policy.parameters import Parameters
from policy.rules import rule

DISCRETION = frozenset({"6.1.f.i", "6.1.f.ii", "6.1.f.iii"})
CHECK = duty(
    "fundamental-rights-check",
    "Check for a manifest breach of fundamental rights; no other reason counts.",
    "Directive (EU) 2023/977, Article 6(1), second subparagraph (verify)",
)


@rule(
    id="ie977-06-closed-list",
    cites="Directive (EU) 2023/977, Article 6(1)",
    in_force=date(2024, 12, 12),
    applies={Action.DISCLOSE},
)
def closed_list(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Who refuses names a listed ground; a ground of one's own making is void."""
    if not facts.refuse_on or not between_members(facts, law):
        return None
    listed = sorted(DISCRETION.intersection(facts.refuse_on))
    if listed:
        return deny(listed[0], "The provider invokes the ground.", "Narrow the request.", discretion=True)
    if facts.request is None:
        return note("The ground invoked is not in the list; nothing was requested.")
    return oblige("The ground invoked is not in the list and is void.", CHECK)
