"""The longest time that a token may be published, as the publisher's own law says (LED Article 5)."""

from __future__ import annotations

from datetime import date, timedelta

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="national-retention",
    cites="Directive (EU) 2016/680, Articles 4(1)(e) and 5",
    in_force=date(2018, 5, 6),
    applies={Action.PUBLISH},
)
def retention(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A selector whose erasure date lies beyond the national limit is not published."""
    limit = law.national.get("retention", {}).get("token_days")
    if limit is None or item.retention_until is None:
        return None
    last = facts.now.date() + timedelta(days=limit)
    if item.retention_until <= last:
        return None
    return ask(f"Its erasure date lies later than {limit} days from now.", "item.retention_until")
