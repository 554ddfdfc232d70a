"""2023/977 Article 13: requests too come by SIENA, or by a channel that paragraph 2 allows.

A request over Comity is the structured form of the request that SIENA carries, so its SIENA reference is
recorded; a private messenger is no channel at all.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny
from policy.law._words import CONTENT, between_members
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="ie977-13-request-channel",
    cites="Directive (EU) 2023/977, Article 13(1)-(2)",
    in_force=date(2024, 12, 12),
    applies=CONTENT | {Action.REQUEST},
)
def request_channel(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A request by an insecure channel is not answered there; the requester is told to use SIENA."""
    request = facts.request
    if request is None or request.exception_channel or not between_members(facts, law):
        return None
    if request.channel is None:
        return ask("Nobody stated how the request came.", "request.channel")
    if request.channel in law.table("request")["channels"]["secure"]:
        return None
    return deny("channel", "The request did not come by a permitted channel.", "Send it by SIENA.")
