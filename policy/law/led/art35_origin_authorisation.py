"""LED Article 35(1)(c) and (2): the Member State of origin authorises the transfer first.

Without it only an immediate and serious threat with no time to ask carries the transfer, and the state of
origin is told without delay.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, approve, ask, deny, duty, oblige
from policy.law._words import CONTENT, OUTWARD, foreign_origin, personal, third_country
from policy.parameters import Parameters
from policy.rules import rule

TELL = duty(
    "inform-origin", "Inform the state of origin without delay.", "Directive (EU) 2016/680, Article 35(2)"
)


@rule(
    id="led-35-origin-authorisation",
    cites="Directive (EU) 2016/680, Article 35(1)(c), (2)",
    in_force=date(2018, 5, 6),
    applies=OUTWARD,
)
def origin_authorisation(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """What another state gave goes to a third country only with that state's authorisation."""
    if not personal(facts, item) or not third_country(facts, law):
        return None
    if item.origin_state is None:
        return ask("Nobody stated where the item was first obtained.", "item.origin_state")
    if not foreign_origin(facts, item) or item.origin_consent is True:
        return None
    if item.origin_consent is False:
        return deny(
            "6.1.h", "The state of origin refused.", "Ask the state of origin again with new reasons."
        )
    if facts.transfer is not None and facts.transfer.threat_no_time is True and facts.action in CONTENT:
        return oblige("An immediate and serious threat leaves no time to ask.", TELL)
    return approve("R-ORIG", f"It came from {item.origin_state}.", "Ask the state of origin.", code="6.1.h")
