"""2002/465 Article 1(12): Europol, Eurojust and others take part as agreed, without a member's powers."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.law._words import in_team, instrument
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="jit-01-participants",
    cites="Framework Decision 2002/465/JHA, Article 1(12)",
    in_force=date(2003, 1, 1),
    verified=False,
    applies={Action.OPEN_CHANNEL, Action.REQUEST},
)
def participants(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A participant neither opens the space nor asks for measures."""
    jit = facts.jit
    if jit is None or not (in_team(facts) or instrument(facts) == "jit"):
        return None
    actor = facts.provider if facts.action is Action.OPEN_CHANNEL else facts.requester
    if actor.team not in jit.participants or actor.team in jit.members:
        return None
    return deny("not-in-agreement", "A participant has no member's powers.", "A member does it.")
