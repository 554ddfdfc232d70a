"""2011/36 Article 11(4)-(5), 2012/29 Article 8(2): a victim who agrees is referred to support."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny, duty, permit
from policy.parameters import Parameters
from policy.rules import rule

MINIMAL = duty(
    "minimal-contact-data",
    "Give name and contact only; nothing of the investigation.",
    "Directive 2011/36/EU, Article 11(4)-(5)",
)


@rule(
    id="thb-11-referral",
    cites="Directive 2011/36/EU, Article 11(4)-(5); Directive 2012/29/EU, Article 8(2)",
    in_force=date(2013, 4, 6),
    verified=False,
    applies={Action.DISCLOSE},
)
def referral(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A victim who agrees is referred to a support organisation with the least contact data."""
    asked = facts.referral
    if asked is None:
        return None
    if asked.agreed is None or asked.support_organisation is None:
        return ask("The referral is not complete.", "referral.agreed", "referral.support_organisation")
    if not asked.agreed or not asked.support_organisation or item.subject_category != "victim":
        return deny(
            "submit-only",
            "No agreed referral of a victim to support.",
            "Ask the person; refer to support only.",
        )
    category = law.category(item.kind, item.category)
    open_to = law.table("annex_ii_b")["contact_data"]["categories"]
    if not any(category == one or (category or "").startswith(one + "(") for one in open_to):
        return deny("submit-only", "A referral carries contact data only.", "Leave this item out.")
    return permit("The victim agreed to be referred to support.", MINIMAL)
