"""2019/1153 Articles 6(3) and 17: logs of the bank register serve monitoring, lawfulness and security."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding
from policy.law.logs._use import judged_use
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="logs-register-06-use",
    cites="Directive (EU) 2019/1153, Articles 6(3) and 17",
    in_force=date(2021, 8, 1),
    applies={Action.REQUEST},
)
def register_log_use(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """The register's log is no second register."""
    return judged_use(facts, "register", law)
