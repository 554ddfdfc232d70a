"""LED Article 20(2): by default nothing is open to an indefinite number of persons."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, deny
from policy.law._words import OUTWARD, personal
from policy.parameters import Parameters
from policy.rules import rule

SECURES = frozenset({"trace_family", "wellbeing"})


@rule(
    id="led-20-no-public",
    cites="Directive (EU) 2016/680, Article 20(2)",
    in_force=date(2018, 5, 6),
    applies=OUTWARD,
)
def no_public(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Personal data that a team exchanges go into no report and no news."""
    if not facts.publication or facts.publication in SECURES or not personal(facts, item):
        return None
    return deny(
        "publication", "An indefinite number of persons would see it.", "Publish without personal data."
    )
