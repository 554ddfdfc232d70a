"""2016/794 Article 31: the need of data is reviewed every three years at the latest; else they are erased."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, deny, duty, oblige
from policy.law._words import CONTENT, EUROPOL_SOURCES
from policy.parameters import Parameters
from policy.rules import rule

YEARS = 3
ERASE = duty("erase", "Erase the item.", "Regulation (EU) 2016/794, Article 31(2)-(3)")
TELL = duty(
    "erasure-propagates",
    "When the provider erases it, tell Europol and erase it wherever it was passed on.",
    "Regulation (EU) 2016/794, Article 31(5)",
)


@rule(
    id="europol-31-review",
    cites="Regulation (EU) 2016/794, Article 31",
    in_force=date(2017, 5, 1),
    applies=CONTENT,
)
def review(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Europol's data whose last review is more than three years old are gone, and are not passed on."""
    if item.source not in EUROPOL_SOURCES:
        return None
    today, last = facts.now.date(), item.last_review
    if last is not None and (today.year - YEARS, today.month, today.day) > (last.year, last.month, last.day):
        return deny("expired", "Its review is overdue.", "Ask Europol for it as new information.", ERASE)
    return oblige("It falls when its provider erases it.", TELL)
