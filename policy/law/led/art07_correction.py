"""LED Articles 7(3) and 16(5)-(6): who received wrong data is told without delay, and follows."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, duty, permit
from policy.law._words import STATES
from policy.parameters import Parameters
from policy.rules import rule

PUSH = duty("push-correction", "Send the correction without delay.", "Directive (EU) 2016/680, Article 7(3)")
CONFIRM = duty(
    "confirm", "The recipient confirms that it followed.", "Directive (EU) 2016/680, Article 16(6)"
)


@rule(
    id="led-07-correction",
    cites="Directive (EU) 2016/680, Articles 7(3) and 16(5)-(6)",
    in_force=date(2018, 5, 6),
    applies={Action.DISCLOSE},
)
def correction(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A correction goes to everyone who has the wrong item, as a duty."""
    receiver = facts.requester.kind
    if facts.correction is not True or (
        receiver not in STATES and receiver not in ("eu_body", "third_state")
    ):
        return None
    return permit("The recipient has an earlier, wrong version of it.", PUSH, CONFIRM)
