"""Leads of submit-only members: in under GDPR Article 6(1)(c), (d) or (f), out never.

The basis is the submitter's (GDPR, for special data and offences also Articles 9(2) and 10); it states it.
The national node triages by hand; an unevaluated lead is X4. The answer is a receipt.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny, duty, permit
from policy.law._words import STATES
from policy.parameters import Parameters
from policy.rules import rule

RECEIPT = duty(
    "receipt-only", "Answer with a receipt, whatever is known.", "Directive (EU) 2016/680, Article 9(1)"
)
TRIAGE = duty(
    "triage", "A person evaluates it before use; until then it is X4.", "Directive (EU) 2016/680, Article 7"
)


@rule(
    id="comity-lead",
    cites="Regulation (EU) 2016/679, Articles 6(1)(c), (d), (f), 9(2) and 10, recital 50",
    in_force=date(2018, 5, 25),
    verified=False,
    applies={Action.LEAD},
)
def lead(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A submit-only member hands one lead to one national node, on its own stated basis."""
    if facts.provider.kind != "private":
        return None
    if facts.requester.kind not in STATES:
        return deny("submit-only", "Leads go to a national node.", "Send it to the node of your state.")
    if not facts.legal_basis:
        return ask("The submitter's basis is not stated.", "legal_basis")
    return permit("A lead of a submit-only member.", RECEIPT, TRIAGE)
