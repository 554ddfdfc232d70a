"""2023/969 Article 13(1): the members of a signed team open their space."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, duty, permit
from policy.law._words import in_team
from policy.parameters import Parameters
from policy.rules import rule

ERASURE = duty(
    "erase-after-28-days",
    "Operational data are erased when all have downloaded, at most four weeks after upload.",
    "Regulation (EU) 2023/969, Article 21",
)


@rule(
    id="reg969-13-space-of-the-team",
    cites="Regulation (EU) 2023/969, Articles 13(1) and 21",
    in_force=date(2023, 6, 7),
    applies={Action.OPEN_CHANNEL},
)
def space_of_the_team(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A member opens the team's space when the agreement names its administrator."""
    jit = facts.jit
    if jit is None or not in_team(facts) or not jit.administrator or facts.provider.team not in jit.members:
        return None
    return permit("The agreement is signed.", ERASURE)
