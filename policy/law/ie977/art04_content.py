"""2023/977 Article 4(3) and (5): what a request must say.

After a hit the objective reason to believe that the other state has the information is the hit itself. What
is missing is asked for before anything is refused (Article 6(3)), and the clock stands still meanwhile.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal, Request
from policy.findings import Finding, ask, permit
from policy.law._words import CONTENT, between_members
from policy.parameters import Parameters
from policy.rules import rule

MUST = ("case_reference", "facts", "link", "legal_basis")


@rule(
    id="ie977-04-content",
    cites="Directive (EU) 2023/977, Article 4(3), (5)",
    in_force=date(2024, 12, 12),
    verified=False,
    applies=CONTENT | {Action.REQUEST},
)
def content(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A request names its case, its facts, its offence, its basis and the person's link to its purpose."""
    request = facts.request
    if not between_members(facts, law):
        return None
    if request is None:
        missing = ["request"] if facts.action is Action.REQUEST else []
    else:
        missing = _missing(facts, request)
    if missing:
        return ask("The request is not complete.", *missing, code="6.1.b", clock="suspended")
    return permit("The request is complete.") if facts.action is Action.REQUEST else None


def _missing(facts: Proposal, request: Request) -> list[str]:
    missing = [f"request.{name}" for name in MUST if not (getattr(request, name) or "").strip()]
    if facts.offence is None or not facts.offence.code:
        missing.append("offence.code")
    if facts.hit is None and not request.available_because:
        missing.append("request.available_because")
    return missing
