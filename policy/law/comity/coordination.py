"""What passes in a channel without further ado: coordination that holds no personal data."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny, permit
from policy.law._words import PARTNERS, in_team
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="comity-coordination",
    cites="Directive (EU) 2023/977, Article 7; Regulation (EU) 2023/969, Article 5(a)",
    in_force=date(2018, 5, 6),
    applies={Action.SHARE},
)
def coordination(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Messages, tasks and references that are stated to hold no personal data pass in both channels."""
    if item.personal is not False or facts.provider.kind not in PARTNERS:
        return None
    if item.subject_category is not None or law.category(item.kind, item.category) is not None:
        return deny(
            "facts-missing", "It is about a person, so it is personal data.", "State item.personal anew."
        )
    if facts.requester.kind in PARTNERS or (facts.requester.kind == "eu_body" and in_team(facts)):
        return permit("Coordination without personal data.")
    return None
