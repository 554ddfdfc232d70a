"""2002/465 Article 1(1): a team has a specific purpose, a limited period and at least two members."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny
from policy.law._words import in_team
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="jit-01-agreement",
    cites="Framework Decision 2002/465/JHA, Article 1(1); MLA Convention 2000, Article 13(1)",
    in_force=date(2003, 1, 1),
    verified=False,
    applies={Action.OPEN_CHANNEL, Action.SHARE},
)
def agreement(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """An agreement without purpose, or of one state with itself, makes no team."""
    jit = facts.jit
    if jit is None or not in_team(facts):
        return None
    if jit.purpose is None:
        return ask("The purpose of the team is not stated.", "jit.purpose")
    if len(set(jit.members)) >= 2:
        return None
    return deny("no-agreement", "A team has at least two members.", "Name all members in the agreement.")
