"""2015/849 Article 33, 2024/1624 Article 69: suspicions are reported to the FIU, not to the police."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="aml-33-report-to-fiu",
    cites="Directive (EU) 2015/849, Article 33; Regulation (EU) 2024/1624, Article 69",
    in_force=date(2017, 6, 26),
    verified=False,
    applies={Action.LEAD},
)
def report_to_fiu(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """An obliged entity's report is no lead."""
    if item.report is not True or facts.requester.authority == "FIU":
        return None
    return deny(
        "fiu-report", "A report of a suspicion goes to the FIU.", "Report it to the FIU of your state."
    )
