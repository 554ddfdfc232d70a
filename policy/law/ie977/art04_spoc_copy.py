"""2023/977 Article 4(1)-(2): an authority that writes directly copies its own Single Point of Contact.

Exceptions, case by case: (a) a highly sensitive investigation, (b) terrorism outside crisis management,
(c) the safety of a person.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask
from policy.law._words import CONTENT, between_members
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="ie977-04-spoc-copy",
    cites="Directive (EU) 2023/977, Article 4(1)-(2)",
    in_force=date(2024, 12, 12),
    applies=CONTENT | {Action.REQUEST},
)
def spoc_copy(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A request that passed the Single Point of Contact by goes back with the question for the copy."""
    request = facts.request
    if request is None or not between_members(facts, law):
        return None
    if request.via_spoc is True or request.copy_exception:
        return None
    return ask(
        "The requester's Single Point of Contact has no copy.",
        "request.via_spoc",
        code="6.1.b",
        clock="suspended",
    )
