"""LED Article 4(4): the controller can demonstrate compliance, so every step names its case.

Regulation (EU) 2024/982, Articles 11(1) and 33(2)(a), asks the same of every search; a federation whose
searches are as intrusive asks no less.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask
from policy.law._words import OUTWARD
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="led-04-accountability",
    cites="Directive (EU) 2016/680, Article 4(4); cf. Regulation (EU) 2024/982, Articles 11(1) and 33(2)(a)",
    in_force=date(2018, 5, 6),
    applies=OUTWARD | {Action.EVALUATE, Action.REQUEST, Action.OPEN_CHANNEL},
)
def accountability(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """No query, publication, notice, request or release without a case reference."""
    if facts.case_reference:
        return None
    return ask("There is no case reference.", "case_reference", code="no-case-reference")
