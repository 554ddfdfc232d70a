"""2002/465 Article 1(3): a leader from the state in which the team operates, under that state's law."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny, note
from policy.law._words import in_team
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="jit-01-leader",
    cites="Framework Decision 2002/465/JHA, Article 1(3)",
    in_force=date(2003, 1, 1),
    verified=False,
    applies={Action.OPEN_CHANNEL, Action.SHARE},
)
def leader(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A leader who is named is one of the members."""
    jit = facts.jit
    if jit is None or jit.leader is None or not in_team(facts):
        return None
    if jit.leader in jit.members:
        return note(f"The law of the leader's state applies: {jit.leader}.")
    return deny("not-in-agreement", "The leader is no member.", "Name a leader of the state of operation.")
