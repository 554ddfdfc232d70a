"""LED Article 25(2): logs verify lawfulness, and serve monitoring, integrity, security and criminal cases."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding
from policy.law.logs._use import judged_use
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="logs-led-25-use",
    cites="Directive (EU) 2016/680, Article 25(2)",
    in_force=date(2018, 5, 6),
    applies={Action.REQUEST},
)
def led_log_use(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A criminal case against an officer who leaked may use the log; a ranking of officers may not."""
    return judged_use(facts, "led", law)
