"""2019/1153 Article 4(1), (1a): one's own register of bank accounts; others' by the interconnection."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="fin-04-own-register",
    cites="Directive (EU) 2019/1153, Article 4(1), (1a)",
    in_force=date(2021, 8, 1),
    applies={Action.EVALUATE},
)
def own_register(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """The federation searches no other state's register."""
    if facts.system != "bank-accounts" or facts.requester.state == facts.provider.state:
        return None
    if facts.search is not None and facts.search.route == "baris":
        return None
    return deny(
        "fin-scope", "It is another state's register.", "Search it through the interconnection (BARIS)."
    )
