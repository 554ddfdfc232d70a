"""2023/969 Article 17(3): what a third state uploads the administrator verifies before others get it."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.law._words import in_team, personal
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="reg969-17-quarantine",
    cites="Regulation (EU) 2023/969, Article 17(3)",
    in_force=date(2023, 6, 7),
    applies={Action.SHARE},
)
def quarantine(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A third state's upload stays in quarantine until the administrator of the space has verified it."""
    if facts.provider.kind != "third_state" or not in_team(facts) or not personal(facts, item):
        return None
    if item.verified_upload is True:
        return None
    return deny(
        "quarantine", "The administrator has not verified it.", "The administrator verifies it first."
    )
