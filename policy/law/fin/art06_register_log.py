"""2019/1153 Article 6: searches of the register are logged; logs are erased after five years."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.parameters import Parameters
from policy.rules import rule

LOG = duty(
    "log-search",
    "Log file, time, query, result, authority, user and recipient; the data protection officer checks it.",
    "Directive (EU) 2019/1153, Article 6",
    years="5",
)


@rule(
    id="fin-06-register-log",
    cites="Directive (EU) 2019/1153, Article 6",
    in_force=date(2021, 8, 1),
    applies={Action.EVALUATE},
)
def register_log(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Each search of the register leaves its log for five years."""
    return oblige("The search is logged.", LOG) if facts.system == "bank-accounts" else None
