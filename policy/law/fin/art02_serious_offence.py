"""2019/1153 Articles 2(12), 7(1), 10(1): financial intelligence serves serious offences alone."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, deny
from policy.law._words import OUTWARD, personal, within_europol
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="fin-02-serious-offence",
    cites="Directive (EU) 2019/1153, Articles 2(12), 7(1) and 10(1)",
    in_force=date(2021, 8, 1),
    applies=OUTWARD,
)
def serious_offence(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """What an FIU gave does not serve a minor matter."""
    if item.source != "fiu" or facts.offence is None or not personal(facts, item):
        return None
    entry = law.offence(facts.offence.code)
    if entry is None or entry.serious or within_europol(facts, law):
        return None
    return deny("purpose-outside", "The offence is not serious enough.", "Use other information.")
