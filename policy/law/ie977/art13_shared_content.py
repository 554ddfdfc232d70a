"""2023/977 Article 13, read for channels: before a JIT is signed, personal data still go by SIENA."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.law._words import personal
from policy.law.ie977._siena import siena_demanded
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="ie977-13-shared-content",
    cites="Directive (EU) 2023/977, Article 13(1)",
    in_force=date(2024, 12, 12),
    applies={Action.SHARE},
)
def shared_content(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A pre-JIT channel coordinates; personal data pass into it only where SIENA is not demanded."""
    if not personal(facts, item) or not siena_demanded(facts, law):
        return None
    return deny(
        "channel",
        "Before the agreement is signed, personal data go by SIENA.",
        "Send it by SIENA and put its reference into the channel, or sign the agreement.",
    )
