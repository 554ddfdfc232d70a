"""What Articles 36 to 38 of the LED share: the file that every transfer without adequacy leaves behind."""

from __future__ import annotations

from policy.facts import Proposal
from policy.findings import duty
from policy.law._words import is_third_state
from policy.parameters import Parameters

RECORD = duty(
    "record-transfer",
    "Record the transfer to the third country with its legal ground.",
    "Directive (EU) 2016/680, Article 24(1)",
)
DOCUMENT = duty(
    "document-transfer",
    "Document date and time, recipient, justification and the data transferred.",
    "Directive (EU) 2016/680, Articles 37(3) and 38(3)",
)
TELL_SUPERVISOR = duty(
    "inform-supervisor",
    "Inform the supervisory authority of the categories of transfers.",
    "Directive (EU) 2016/680, Article 37(2)",
)


def inadequate(facts: Proposal, law: Parameters) -> bool:
    """A public authority of a third country without an adequacy decision in force."""
    receiver = facts.requester
    return is_third_state(receiver, law) and law.adequate(receiver.state) is None
