"""2023/969 Article 22: non-operational data are kept until the evaluation, five years at most."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.law._words import in_team
from policy.parameters import Parameters
from policy.rules import rule

KEEP = duty(
    "erase-non-operational",
    "Erase non-operational data when the evaluation is done, at most five years after.",
    "Regulation (EU) 2023/969, Article 22",
    years="5",
)


@rule(
    id="reg969-22-non-operational",
    cites="Regulation (EU) 2023/969, Article 22",
    in_force=date(2023, 6, 7),
    applies={Action.OPEN_CHANNEL},
)
def non_operational(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A space is opened with its end."""
    return oblige("Coordination data end as well.", KEEP) if in_team(facts) else None
