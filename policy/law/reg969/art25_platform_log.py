"""2023/969 Article 25: every use of the space is logged; logs are kept for three years."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.law._words import in_team
from policy.parameters import Parameters
from policy.rules import rule

LOG = duty(
    "log-platform",
    "Log every use of the space; keep the log for three years, or until monitoring that needs it ends.",
    "Regulation (EU) 2023/969, Article 25",
    years="3",
)


@rule(
    id="reg969-25-platform-log",
    cites="Regulation (EU) 2023/969, Article 25",
    in_force=date(2023, 6, 7),
    applies={Action.OPEN_CHANNEL},
)
def platform_log(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A space is opened with its log."""
    return oblige("The space is logged.", LOG) if in_team(facts) else None
