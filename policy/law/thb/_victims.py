"""What the duties towards victims share. No rule is declared here."""

from __future__ import annotations

from policy.facts import Item, Proposal


def trafficked(facts: Proposal, item: Item) -> bool:
    """Whether content on a victim of trafficking goes to an authority."""
    if item.subject_category != "victim" or facts.requester.kind == "private":
        return False
    return facts.offence is not None and facts.offence.code == "thb"
