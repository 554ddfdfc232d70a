"""2016/794 Article 20(2): data given to Europol for operational analysis show a hit and nothing more.

After the hit, sharing follows the decision of whoever gave the data.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, approve
from policy.law._words import CONTENT, personal
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="europol-20-hit-no-hit",
    cites="Regulation (EU) 2016/794, Article 20(2)",
    in_force=date(2017, 5, 1),
    applies=CONTENT,
)
def hit_no_hit(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Content from operational analysis waits for the provider of origin."""
    if not personal(facts, item) or item.source != "europol_analysis":
        return None
    return approve(
        "R-ORIG", "It comes from operational analysis at Europol.", "Its provider decides.", code="6.1.h"
    )
