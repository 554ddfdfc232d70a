"""Third states join a team on a treaty: CETS 182 Article 20, UNTOC 19, EU-US 5 or CETS 224 12."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny, note
from policy.law._words import in_team, is_third_state
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="jit-third-states",
    cites="CETS 182 (Second Additional Protocol), Article 20; UNTOC, Article 19; CETS 224, Article 12",
    in_force=date(2004, 2, 1),
    verified=False,
    applies={Action.OPEN_CHANNEL, Action.SHARE},
)
def third_states(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Where a third state is in and it is stated that no treaty carries it, there is no team with it."""
    jit = facts.jit
    if jit is None or jit.third_state_basis is None or not in_team(facts):
        return None
    if not (is_third_state(facts.provider, law) or is_third_state(facts.requester, law)):
        return None
    if jit.third_state_basis:
        return note(f"The third state takes part on {jit.third_state_basis}.")
    return deny("no-agreement", "No treaty lets the third state take part.", "Name the treaty.")
