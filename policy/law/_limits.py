"""What several instruments share: use is bound to the purpose of supply, and onward transfer to consent."""

from __future__ import annotations

from policy.facts import Item, Proposal
from policy.findings import Finding, approve, deny
from policy.law._words import CONTENT, purpose_of, third_country
from policy.parameters import Parameters


def another_purpose(facts: Proposal, item: Item, sources: frozenset[str]) -> Finding | None:
    """What was supplied for one purpose serves another only with the supplier's authorisation."""
    if item.source not in sources or item.supplied_for is None or item.supplied_for == purpose_of(facts):
        return None
    if item.origin_consent is True:
        return None
    if facts.action in CONTENT and item.origin_consent is None:
        return approve(
            "R-ORIG", "It was supplied for another purpose.", "Its supplier decides.", code="handling"
        )
    return deny("handling", "It was supplied for another purpose.", "Ask its supplier for authorisation.")


def onward_only_with_consent(facts: Proposal, item: Item, source: str, law: Parameters) -> Finding | None:
    """What one partner gave goes to a third country only with that partner's authorisation."""
    if item.source != source or item.origin_consent is True or not third_country(facts, law):
        return None
    if facts.action in CONTENT and item.origin_consent is None:
        return approve(
            "R-ORIG", "Its supplier has not authorised the transfer.", "Ask its supplier.", code="6.1.h"
        )
    return deny(
        "6.1.h", "Its supplier has not authorised the transfer.", "Ask its supplier, then propose again."
    )
