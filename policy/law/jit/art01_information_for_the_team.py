"""2002/465 Article 1(9), MLA Convention 2000 Article 13(9): a member gives the team what it has at home.

Inside the team's purpose and period, under national law and within the member's competence.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, duty, permit
from policy.law._words import in_team
from policy.parameters import Parameters
from policy.rules import rule

MARK = duty(
    "jit-mark", "Mark it with the team and its purpose.", "Framework Decision 2002/465/JHA, Article 1(9)-(10)"
)


@rule(
    id="jit-01-information-for-the-team",
    cites="Framework Decision 2002/465/JHA, Article 1(9); MLA Convention 2000, Article 13(9)",
    in_force=date(2003, 1, 1),
    verified=False,
    applies={Action.SHARE},
)
def information_for_the_team(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A member of a signed team shares its own file for the team's purpose while the agreement lasts."""
    jit, offence = facts.jit, facts.offence
    if jit is None or not in_team(facts) or offence is None or not facts.legal_basis:
        return None
    both = facts.provider.team in jit.members and facts.requester.team in (*jit.members, *jit.participants)
    lasts = jit.until is not None and facts.now.date() <= jit.until
    if not both or not lasts or jit.purpose is None or offence.code != jit.purpose:
        return None
    return permit("It is for the team's purpose.", MARK)
