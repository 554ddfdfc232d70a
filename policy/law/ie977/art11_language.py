"""2023/977 Article 11: requests come in a language that the asked state has listed; English is always one."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask
from policy.law._words import CONTENT, between_members
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="ie977-11-language",
    cites="Directive (EU) 2023/977, Article 11",
    in_force=date(2024, 12, 12),
    verified=False,
    applies=CONTENT | {Action.REQUEST},
)
def language(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A request in another language is sent back for translation while the clock stands still."""
    request = facts.request
    if request is None or request.language in (None, "en") or not between_members(facts, law):
        return None
    if request.language in law.national.get("languages", ()):
        return None
    return ask("The request is in no listed language.", "request.language", code="6.1.b", clock="suspended")
