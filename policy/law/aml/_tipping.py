"""The prohibition of tipping-off, whichever act holds on the day."""

from __future__ import annotations

from policy.facts import Item, Proposal
from policy.findings import Finding, deny

OBLIGED = frozenset({"BANK", "COMPANY", "PRIVATE"})
WAY_OUT = "None: whether a suspicion was reported is not disclosed."


def told_off(facts: Proposal, item: Item) -> Finding | None:
    """Neither the person concerned nor an obliged entity learns whether a suspicion was reported."""
    party = facts.requester
    if item.report is not True or (
        party.kind not in ("private", "data_subject") and party.authority not in OBLIGED
    ):
        return None
    return deny("tipping-off", "It would tell whether a suspicion was reported.", WAY_OUT)
