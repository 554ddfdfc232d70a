"""2016/794 Article 19(1): what Europol holds serves another purpose only if its provider authorises it."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding
from policy.law._limits import another_purpose
from policy.law._words import EUROPOL_SOURCES, OUTWARD
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="europol-19-other-purpose",
    cites="Regulation (EU) 2016/794, Article 19(1)",
    in_force=date(2017, 5, 1),
    applies=OUTWARD,
)
def other_purpose(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """The provider's purpose binds everybody after Europol as well."""
    return another_purpose(facts, item, EUROPOL_SOURCES)
