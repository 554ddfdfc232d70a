"""2023/969 Articles 13(2) and 16: who has access to a space is what the agreement says, and nobody else."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.law._words import in_team
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="reg969-13-agreement-drives-access",
    cites="Regulation (EU) 2023/969, Articles 13(2) and 16",
    in_force=date(2023, 6, 7),
    applies={Action.OPEN_CHANNEL, Action.SHARE},
)
def agreement_drives_access(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A body that the agreement does not name, Europol included, gets no access."""
    jit = facts.jit
    if jit is None or not in_team(facts):
        return None
    admitted = (*jit.members, *jit.participants)
    if facts.requester.team in admitted and facts.provider.team in admitted:
        return None
    return deny("not-in-agreement", "The agreement does not name this body.", "Amend the agreement first.")
