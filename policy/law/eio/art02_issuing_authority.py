"""2014/41 Article 2(c): a judge, court, investigating judge or prosecutor issues or validates the order."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny
from policy.law.eio._order import ordered
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="eio-02-issuing-authority",
    cites="Directive 2014/41/EU, Article 2(c)",
    in_force=date(2017, 5, 22),
    verified=False,
    applies={Action.REQUEST, Action.DISCLOSE},
)
def issuing_authority(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """An order of the police alone goes back for validation."""
    order = ordered(facts)
    if order is None or order.issued_by in law.table("orders")["eio"]["issuers"] or order.validated is True:
        return None
    if order.issued_by is None:
        return ask("Nobody stated who issued the order.", "request.issued_by", code="eio-validation")
    return deny(
        "eio-validation", "No judicial authority validated the order.", "Have it validated, send it again."
    )
