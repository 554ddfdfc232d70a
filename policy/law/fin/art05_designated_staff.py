"""2019/1153 Article 5(1): registers are searched case by case, by designated and authorised staff."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal, Search
from policy.findings import Finding, ask, deny
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="fin-05-designated-staff",
    cites="Directive (EU) 2019/1153, Article 5(1)",
    in_force=date(2021, 8, 1),
    applies={Action.EVALUATE},
)
def designated_staff(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Both are stated: the single case and the designation."""
    if facts.system != "bank-accounts":
        return None
    search = facts.search or Search()
    wanted = {
        "search.designated_staff": search.designated_staff,
        "search.individual_case": search.individual_case,
    }
    unknown = [name for name, value in wanted.items() if value is None]
    if unknown:
        return ask("Single case or designation is not stated.", *unknown)
    if all(wanted.values()):
        return None
    return deny(
        "fin-scope", "No single case, or nobody designated.", "Let designated staff search, case by case."
    )
