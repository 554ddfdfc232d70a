"""2002/465 Article 1(8): help from a state outside the team is asked by the ordinary instruments."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.law._words import instrument
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="jit-01-non-member",
    cites="Framework Decision 2002/465/JHA, Article 1(8)",
    in_force=date(2003, 1, 1),
    verified=False,
    applies={Action.REQUEST},
)
def non_member(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """The team's agreement binds nobody who did not sign it."""
    jit = facts.jit
    if instrument(facts) != "jit" or jit is None or facts.provider.team in jit.members:
        return None
    return deny(
        "not-in-agreement", "This state is not in the team.", "Use an investigation order, or legal aid."
    )
