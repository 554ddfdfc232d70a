"""2024/982 Article 60: to a third country under LED Chapter V, and with the asked state's authorisation."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding
from policy.law._limits import onward_only_with_consent
from policy.law._words import OUTWARD
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="prum2-60-third-country",
    cites="Regulation (EU) 2024/982, Article 60",
    in_force=date(2024, 4, 25),
    applies=OUTWARD,
)
def third_country_authorised(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Adequacy is not enough: the state that supplied the data authorises the transfer."""
    return onward_only_with_consent(facts, item, "prum2", law)
