"""LED Article 39: a direct transfer to a recipient in a third country that is no competent authority.

Only on a stated national law, in a specific case, and never anything of a hit (the federation's own rule
`comity-submit-only` sees to that).
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal, Transfer
from policy.findings import Finding, approve, ask, deny, duty
from policy.law._words import third_country
from policy.law.led._transfers import DOCUMENT
from policy.parameters import Parameters
from policy.rules import rule

SUPERVISOR = duty(
    "inform-supervisor", "Inform the supervisory authority.", "Directive (EU) 2016/680, Article 39(3)"
)
CONDITIONS = ("authority_route_ineffective", "authority_informed", "purpose_told")


@rule(
    id="led-39-direct-transfer",
    cites="Directive (EU) 2016/680, Article 39",
    in_force=date(2018, 5, 6),
    applies={Action.DISCLOSE},
)
def direct_transfer(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A private recipient abroad is asked directly only when all five conditions are met and documented."""
    transfer = facts.transfer
    if facts.requester.kind != "private" or transfer is None or not third_country(facts, law):
        return None
    if unknown := _unknown(facts, item, transfer):
        return ask("Conditions of Article 39(1) are not stated.", *unknown, code="art39")
    met = all(getattr(transfer, name) for name in CONDITIONS)
    if not met or transfer.rights_override or not item.strictly_necessary:
        return deny("art39", "A condition of Article 39(1) is not met.", "Ask through the authority there.")
    text = "All conditions of Article 39(1) are stated."
    return approve("R-CTRL", text, "The controller's delegate decides.", DOCUMENT, SUPERVISOR, basis=True)


def _unknown(facts: Proposal, item: Item, transfer: Transfer) -> list[str]:
    unknown = [] if facts.requester.state else ["requester.state"]
    unknown += [f"transfer.{name}" for name in CONDITIONS if getattr(transfer, name) is None]
    if transfer.rights_override is None:
        unknown.append("transfer.rights_override")
    if item.strictly_necessary is None:
        unknown.append("item.strictly_necessary")
    if not facts.legal_basis:
        unknown.append("legal_basis")
    return unknown
