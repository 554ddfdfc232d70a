"""UNTOC Article 18(19): what exonerates an accused may be disclosed, after notice to the supplier."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.law._words import CONTENT
from policy.parameters import Parameters
from policy.rules import rule

NOTICE = duty(
    "notify-supplier",
    "Tell the state that supplied it before disclosing what exonerates the accused; consult if asked.",
    "UNTOC, Article 18(19)",
)


@rule(
    id="untoc-18-exculpatory",
    cites="UNTOC, Article 18(19)",
    in_force=date(2003, 9, 29),
    verified=False,
    applies=CONTENT,
)
def exculpatory(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Consent is not needed to exonerate; notice is."""
    if facts.exculpatory is not True or item.source != "untoc":
        return None
    return oblige("It exonerates an accused.", NOTICE)
