"""LED Article 8: processing is lawful only if necessary for a task and based on law.

No Union act regulates pseudonymised matching of selectors; what carries it is national law that names
objectives, data and purposes, with Directive (EU) 2023/977, Article 7, behind the notice of a hit. So the
acting team states its act and article for every query, token and notice.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, permit
from policy.law._words import EXISTENCE, PARTNERS
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="led-08-lawfulness",
    cites="Directive (EU) 2016/680, Article 8",
    in_force=date(2018, 5, 6),
    applies=EXISTENCE | {Action.EVALUATE},
)
def lawfulness(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A query, a token or a notice rests on a stated national act, between authorities of states."""
    if not facts.legal_basis:
        return ask("Nobody stated the national act and article.", "legal_basis")
    if facts.provider.kind not in PARTNERS or facts.requester.kind not in PARTNERS:
        return None
    return permit(f"It rests on {facts.legal_basis}.")
