"""LED Article 13: the person is informed, as soon as that no longer harms the investigation.

Information may be delayed, restricted or left out while it would (Article 13(3)); the reasons are documented.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.law._words import between_members
from policy.parameters import Parameters
from policy.rules import rule

INFORM = duty(
    "inform-person-later",
    "Inform the person when that no longer harms the investigation; document the delay and its reasons.",
    "Directive (EU) 2016/680, Article 13(2)-(3)",
)


@rule(
    id="led-13-information",
    cites="Directive (EU) 2016/680, Article 13(2)-(3)",
    in_force=date(2018, 5, 6),
    applies={Action.DISCLOSE},
)
def information(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Every answer to a request leaves the controller with the question when to inform the person."""
    if facts.request is None or not between_members(facts, law):
        return None
    return oblige("The person is informed later.", INFORM)
