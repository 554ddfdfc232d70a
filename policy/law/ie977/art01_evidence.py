"""2023/977 Article 1(3)(c) and (4): information is no evidence unless the provider consents."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, approve, ask, duty
from policy.law._words import CONTENT, between_members
from policy.parameters import Parameters
from policy.rules import rule

FLAG = duty("evidence-flag", "Mark it as usable in evidence.", "Directive (EU) 2023/977, Article 1(4)")


@rule(
    id="ie977-01-evidence",
    cites="Directive (EU) 2023/977, Article 1(3)(c), (4)",
    in_force=date(2024, 12, 12),
    verified=False,
    applies=CONTENT,
)
def evidence(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Use as evidence needs the provider's consent, which a prosecutor gives."""
    request = facts.request
    if request is None or not between_members(facts, law):
        return None
    if request.use is None:
        return ask("The request does not say its use.", "request.use", code="6.1.b", clock="suspended")
    if request.use != "evidence":
        return None
    return approve("R-PROS", "It is asked for as evidence.", "Ask for it as intelligence first.", FLAG)
