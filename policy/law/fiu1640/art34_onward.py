"""2024/1640 Article 34: onward only with prior consent, granted promptly and to the largest extent."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, approve, duty
from policy.law._words import CONTENT, foreign_origin
from policy.parameters import Parameters
from policy.rules import rule

GRANT = duty(
    "grant-consent-promptly",
    "Answer the question for consent promptly and to the largest extent; explain a refusal.",
    "Directive (EU) 2024/1640, Article 34",
)


@rule(
    id="fiu1640-34-onward",
    cites="Directive (EU) 2024/1640, Article 34",
    in_force=date(2027, 7, 10),
    verified=False,
    applies=CONTENT,
)
def onward(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """What another state's FIU gave waits for that FIU."""
    if item.source != "fiu" or item.origin_consent is not None or not foreign_origin(facts, item):
        return None
    return approve("R-FIU", "Another state's FIU gave it.", "That FIU decides.", GRANT, code="handling")
