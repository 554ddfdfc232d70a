"""2016/794 Article 20(3): what comes of Europol is used for its crimes and serious crime only."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, deny
from policy.law._words import EUROPOL_SOURCES, OUTWARD, within_europol
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="europol-20-further-use",
    cites="Regulation (EU) 2016/794, Article 20(3)",
    in_force=date(2017, 5, 1),
    applies=OUTWARD,
)
def further_use(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A minor matter gets nothing that came from Europol."""
    if item.source not in EUROPOL_SOURCES or facts.offence is None:
        return None
    entry = law.offence(facts.offence.code)
    if entry is None or entry.serious or within_europol(facts, law):
        return None
    return deny(
        "purpose-outside", "It is neither Europol's crime nor a serious one.", "Use other information."
    )
