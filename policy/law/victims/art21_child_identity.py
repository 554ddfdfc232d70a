"""2012/29 Article 21(1), CETS 197 Article 11(2): a child victim's identity does not become public.

Exceptionally it may, to trace family members or otherwise to secure the child's well-being; then the victim
protection officer decides.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, approve, deny
from policy.law._words import CONTENT, OUTWARD, child
from policy.parameters import Parameters
from policy.rules import rule

SECURES = frozenset({"trace_family", "wellbeing"})


@rule(
    id="victims-21-child-identity",
    cites="Directive 2012/29/EU, Article 21(1); CETS 197, Article 11(2)",
    in_force=date(2015, 11, 16),
    verified=False,
    applies=OUTWARD,
)
def child_identity(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """No report, no picture, no name of a child reaches the public."""
    if not facts.publication or not child(item):
        return None
    if facts.publication in SECURES and facts.action in CONTENT:
        return approve(
            "R-VIC", "It would secure the child's well-being.", "The victim protection officer decides."
        )
    return deny("child-identity", "A child would be identified in public.", "Publish without personal data.")
