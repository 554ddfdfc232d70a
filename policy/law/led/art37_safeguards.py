"""LED Article 37: without adequacy, a binding instrument or the controller's own assessment."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, approve, ask, permit
from policy.law._words import OUTWARD
from policy.law.led._transfers import DOCUMENT, RECORD, TELL_SUPERVISOR, inadequate
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="led-37-safeguards",
    cites="Directive (EU) 2016/680, Article 37(1)-(3)",
    in_force=date(2018, 5, 6),
    applies=OUTWARD | {Action.OPEN_CHANNEL},
)
def safeguards(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A binding instrument carries the transfer; the controller's own assessment needs the controller."""
    transfer = facts.transfer
    if transfer is None or not transfer.safeguards or not inadequate(facts, law):
        return None
    if transfer.safeguards == "binding":
        if not transfer.instrument:
            return ask("Nobody named the binding instrument.", "transfer.instrument", code="no-adequacy")
        return permit(f"Safeguards: {transfer.instrument}.", RECORD)
    return approve(
        "R-CTRL",
        "The controller assesses the safeguards itself.",
        "The controller's delegate decides.",
        DOCUMENT,
        TELL_SUPERVISOR,
        basis=True,
    )
