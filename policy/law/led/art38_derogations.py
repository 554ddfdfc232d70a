"""LED Article 38: derogations for specific situations, never for feeds; (d) and (e) are balanced (38(2))."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, approve, deny, permit
from policy.law._words import CONTENT
from policy.law.led._transfers import DOCUMENT, inadequate
from policy.parameters import Parameters
from policy.rules import rule

BALANCED = frozenset({"individual_case", "legal_claims"})
AT_ONCE = frozenset({"vital_interests", "serious_threat"})


@rule(
    id="led-38-derogations",
    cites="Directive (EU) 2016/680, Article 38",
    in_force=date(2018, 5, 6),
    applies=CONTENT | {Action.NOTIFY},
)
def derogations(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Vital interests and serious threats carry a transfer; a single case is the controller's to balance."""
    transfer = facts.transfer
    if transfer is None or transfer.safeguards or not transfer.derogation or not inadequate(facts, law):
        return None
    if transfer.derogation in AT_ONCE:
        return permit("Vital interests or a serious threat (Article 38(1)(a), (c)).", DOCUMENT)
    if transfer.derogation in BALANCED and transfer.rights_override is True:
        return deny(
            "rights-override", "The person's rights override.", "None while the risk lasts.", DOCUMENT
        )
    return approve(
        "R-CTRL",
        "A single case: the controller balances rights and interest.",
        "The controller's delegate decides.",
        DOCUMENT,
        basis=True,
    )
