"""2024/982 Articles 18, 40 and 45: every search is logged, on both sides, for three years."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.law.prum2._systems import PRUM
from policy.parameters import Parameters
from policy.rules import rule

LOG = duty(
    "log-search",
    "Log requester, times of request and reply, databases asked and answered; erase after three years.",
    "Regulation (EU) 2024/982, Articles 18, 40 and 45",
    years="3",
)


@rule(
    id="prum2-40-log",
    cites="Regulation (EU) 2024/982, Articles 18, 40 and 45",
    in_force=date(2024, 4, 25),
    applies={Action.EVALUATE},
)
def log(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """The log of a search serves statistics, monitoring and security, and is erased after three years."""
    return oblige("The search is logged.", LOG) if facts.system in PRUM else None
