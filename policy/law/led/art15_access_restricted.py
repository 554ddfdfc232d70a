"""LED Articles 15 and 17: a person's access may be restricted; the reasons are kept for the supervisor.

Access is handled by the controller's own procedure. A federation's release is never the way, and the answer
is the same whether anything is held or not.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, deny, duty
from policy.law._words import OUTWARD
from policy.parameters import Parameters
from policy.rules import rule

REASONS = duty(
    "document-reasons",
    "Document the factual or legal reasons and keep them for the supervisory authority.",
    "Directive (EU) 2016/680, Article 15(4)",
)


@rule(
    id="led-15-access-restricted",
    cites="Directive (EU) 2016/680, Articles 15(1), (3), (4) and 17",
    in_force=date(2018, 5, 6),
    applies=OUTWARD,
)
def access_restricted(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """The person concerned gets a neutral answer here, and the route through the supervisory authority."""
    if facts.requester.kind != "data_subject":
        return None
    return deny(
        "access-restricted",
        "A release to the person concerned is not made through the federation.",
        "The controller answers; the rights can be exercised through the supervisory authority.",
        REASONS,
    )
