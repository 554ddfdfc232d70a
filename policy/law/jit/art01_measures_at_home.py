"""2002/465 Article 1(7): a seconded member asks its own side as in a national case, without any order."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny, duty, permit
from policy.law._words import instrument
from policy.parameters import Parameters
from policy.rules import rule

AT_HOME = duty(
    "as-in-national-case",
    "Handle it under the conditions of a national investigation; no order or letter of request is needed.",
    "Framework Decision 2002/465/JHA, Article 1(7)",
)


@rule(
    id="jit-01-measures-at-home",
    cites="Framework Decision 2002/465/JHA, Article 1(7)",
    in_force=date(2003, 1, 1),
    verified=False,
    applies={Action.REQUEST},
)
def measures_at_home(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Inside a running team a measure is asked of a member directly."""
    jit = facts.jit
    if instrument(facts) != "jit" or jit is None or jit.signed is not True:
        return None
    if jit.until is None or facts.now.date() > jit.until:
        return deny("no-agreement", "The agreement is not in force.", "Extend the agreement.")
    if facts.requester.team not in jit.members or facts.provider.team not in jit.members:
        return None
    return permit("A member asks its own side.", AT_HOME)
