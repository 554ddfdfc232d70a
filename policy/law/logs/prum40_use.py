"""2024/982 Articles 18(3), 40(3), 45(3): statistics, data protection monitoring and security only."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding
from policy.law.logs._use import judged_use
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="logs-prum2-40-use",
    cites="Regulation (EU) 2024/982, Articles 18(3), 40(3) and 45(3)",
    in_force=date(2024, 4, 25),
    applies={Action.REQUEST},
)
def prum_log_use(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """The list has no criminal proceedings and no ranking of officers."""
    return judged_use(facts, "prum2", law)
