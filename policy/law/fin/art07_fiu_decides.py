"""2019/1153 Article 7(2)-(4): the FIU keeps the decision; it may decline, and explains why."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, approve, duty
from policy.law._words import instrument
from policy.parameters import Parameters
from policy.rules import rule

EXPLAIN = duty(
    "explain-refusal",
    "If the FIU declines, it says why: harm to ongoing work, disproportion or irrelevance.",
    "Directive (EU) 2019/1153, Article 7(2)",
)


@rule(
    id="fin-07-fiu-decides",
    cites="Directive (EU) 2019/1153, Article 7(2)-(4)",
    in_force=date(2021, 8, 1),
    applies={Action.DISCLOSE},
)
def fiu_decides(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """An FIU's answer waits for its own officer."""
    if instrument(facts) != "2019/1153" or facts.provider.authority != "FIU":
        return None
    if facts.requester.authority == "FIU":
        return None
    return approve(
        "R-FIU", "The FIU keeps the decision.", "An officer of the FIU decides.", EXPLAIN, basis=True
    )
