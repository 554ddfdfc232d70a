"""2023/977 Article 9(1), LED Article 9(4): no judge for foreign requests where a domestic one needs none."""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, note
from policy.law._words import CONTENT
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="ie977-09-parity",
    cites="Directive (EU) 2023/977, Article 9(1); Directive (EU) 2016/680, Article 9(4)",
    in_force=date(2024, 12, 12),
    verified=False,
    applies=CONTENT,
)
def parity(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A national provision that burdens other states' requests alone is void, and its owner is told."""
    provision = law.judge_needed(item.kind, law.category(item.kind, item.category))
    if provision is None or provision["scope"] == "alike" or item.needs_judicial is not None:
        return None
    return note(f"Void: {provision['cites']} demands a judge of foreign requests only.")
