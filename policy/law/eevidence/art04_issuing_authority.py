"""2023/1543 Article 4: prosecutors order subscriber data; traffic and content data need a judge."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="eevidence-04-issuing-authority",
    cites="Regulation (EU) 2023/1543, Article 4(1)-(2)",
    in_force=date(2026, 8, 18),
    verified=False,
    applies={Action.REQUEST},
)
def issuing_authority(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Whoever issues must be one that the kind of data allows, or have the order validated by one."""
    order = facts.request
    if order is None or order.instrument != "e-evidence":
        return None
    issuers = law.table("orders")["e_evidence"].get(order.measure or "")
    if not isinstance(issuers, list) or order.issued_by is None:
        return ask("Kind of data or issuer is not stated.", "request.measure", "request.issued_by")
    if order.issued_by in issuers or order.validated is True:
        return None
    return deny("eio-validation", "The issuer may not order this.", "Have the order validated by a judge.")
