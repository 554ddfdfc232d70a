"""LED Article 22: an operator is a processor and acts on instructions only; it does not read content."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, deny
from policy.law._words import ACTS
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="led-22-operator-is-blind",
    cites="Directive (EU) 2016/680, Article 22; Regulation (EU) 2023/969, Article 7(10)",
    in_force=date(2018, 5, 6),
    applies=ACTS,
)
def operator_is_blind(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Whoever operates the broker or a space neither receives nor asks for anything."""
    if "operator" not in (facts.provider.kind, facts.requester.kind):
        return None
    return deny("operator-blind", "An operator is one of the parties.", "Ask the controller of the content.")
