"""2016/794 Article 20(2): a search of operational analysis answers hit or no hit."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, duty, permit
from policy.law._words import STATES, is_europol
from policy.parameters import Parameters
from policy.rules import rule

EXISTENCE_ONLY = duty(
    "existence-only",
    "Answer hit or no hit and nothing more; what follows is the data provider's to decide.",
    "Regulation (EU) 2016/794, Article 20(2)",
)


@rule(
    id="europol-20-analysis-hit",
    cites="Regulation (EU) 2016/794, Article 20(2)",
    in_force=date(2017, 5, 1),
    applies={Action.EVALUATE},
)
def analysis_hit(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Members have indirect access to analysis data: that there is a hit."""
    if facts.system != "europol-analysis" or not is_europol(facts.provider):
        return None
    if facts.requester.kind not in STATES:
        return None
    return permit("Members may learn of a hit.", EXISTENCE_ONLY)
