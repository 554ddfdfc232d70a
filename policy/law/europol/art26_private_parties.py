"""2016/794 Article 26(5): to private parties in four narrow cases, none of them the federation's."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, deny
from policy.law._words import EUROPOL_SOURCES, OUTWARD, is_europol
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="europol-26-private-parties",
    cites="Regulation (EU) 2016/794, Article 26(5)",
    in_force=date(2017, 5, 1),
    applies=OUTWARD,
)
def private_parties(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """What came from Europol reaches no private body, not even by referral or direct transfer."""
    gives_europol = item.source in EUROPOL_SOURCES or is_europol(facts.provider)
    if not gives_europol or facts.requester.kind != "private":
        return None
    return deny("submit-only", "It comes from Europol.", "Ask Europol to act under Article 26(5) itself.")
