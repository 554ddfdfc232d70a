"""2023/969 Article 23: who is controller of a third state's data is named before anything is uploaded."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.law._words import in_team, is_third_state
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="reg969-23-controller",
    cites="Regulation (EU) 2023/969, Article 23",
    in_force=date(2023, 6, 7),
    applies={Action.SHARE},
)
def controller(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """No upload of a third state while it is stated that nobody answers for it."""
    jit = facts.jit
    if jit is None or jit.controller != "" or not in_team(facts) or not is_third_state(facts.provider, law):
        return None
    return deny(
        "not-in-agreement", "Nobody answers for the third state's data.", "Name the controller first."
    )
