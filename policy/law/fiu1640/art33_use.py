"""2024/1640 Article 33: the sending FIU may restrict use; the receiving one keeps to it."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.law._words import instrument
from policy.parameters import Parameters
from policy.rules import rule

KEEP = duty(
    "fiu-use-limits",
    "Use it for the purpose of the request only, within the restrictions of the sending FIU.",
    "Directive (EU) 2024/1640, Article 33",
)


@rule(
    id="fiu1640-33-use",
    cites="Directive (EU) 2024/1640, Article 33",
    in_force=date(2027, 7, 10),
    verified=False,
    applies={Action.DISCLOSE},
)
def use(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Every answer of an FIU binds its use."""
    return oblige("The FIU's restrictions bind.", KEEP) if instrument(facts) == "2024/1640" else None
