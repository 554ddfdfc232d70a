"""When Article 13 of Directive (EU) 2023/977 demands SIENA for content."""

from __future__ import annotations

from policy.facts import Proposal
from policy.law._words import between_members
from policy.parameters import Parameters


def siena_demanded(facts: Proposal, law: Parameters) -> bool:
    """SIENA by default; not under Article 13(2), inside a JIT, or where the member's module says Comity."""
    if not between_members(facts, law) or law.content_over_comity:
        return False
    return facts.request is None or not facts.request.exception_channel
