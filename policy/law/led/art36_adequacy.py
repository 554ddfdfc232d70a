"""LED Article 36: transfers on an adequacy decision need no specific authorisation.

The list is the LED's own (policy/parameters/adequacy.toml), by date: adequacy under the GDPR is not enough.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny, permit
from policy.law._words import OUTWARD, is_third_state
from policy.law.led._transfers import RECORD
from policy.parameters import Parameters
from policy.rules import rule

WAY_OUT = (
    "Use a binding instrument or the controller's assessment (Article 37), or a derogation (Article 38)."
)


@rule(
    id="led-36-adequacy",
    cites="Directive (EU) 2016/680, Articles 35(1)(d) and 36",
    in_force=date(2018, 5, 6),
    applies=OUTWARD | {Action.OPEN_CHANNEL},
)
def adequacy(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """An adequate third state is served like a partner; another needs Article 37 or 38, or gets nothing."""
    receiver = facts.requester
    if not is_third_state(receiver, law):
        return None
    decision = law.adequate(receiver.state)
    if decision is not None:
        return permit(f"Adequate: {decision['cites']}.", RECORD)
    transfer = facts.transfer
    if transfer is not None and (transfer.safeguards or transfer.derogation):
        return None
    if receiver.state in law.table("adequacy")["gdpr_only"]["states"]:
        return deny("no-adequacy", "Adequate under the GDPR, which is not the list of Article 36.", WAY_OUT)
    return deny("no-adequacy", "There is no adequacy decision for this state.", WAY_OUT)
