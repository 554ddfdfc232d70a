"""2014/41 Article 11: a list of grounds; dual criminality is not checked for Annex D from three years on.

The last two grounds do not apply to measures that are always available (Article 11(2)). Trafficking in human
beings is of Annex D and carries more than three years everywhere.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny, duty, oblige
from policy.law._words import penalty_at_requester
from policy.law.eio._order import measure_always, ordered
from policy.parameters import Parameters
from policy.rules import rule

CHECK = duty(
    "fundamental-rights-check",
    "Check for a manifest breach of fundamental rights; no other reason counts.",
    "Directive 2014/41/EU, Article 11(1)(f)",
)


@rule(
    id="eio-11-grounds",
    cites="Directive 2014/41/EU, Article 11 and Annex D",
    in_force=date(2017, 5, 22),
    verified=False,
    applies={Action.DISCLOSE},
)
def grounds(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A listed ground refuses when it is invoked; one that does not apply, or is not listed, is void."""
    if not facts.refuse_on or ordered(facts) is None:
        return None
    orders = law.table("orders")["eio"]
    void = _void(facts, law)
    if any(word in orders["grounds"] and word not in void for word in facts.refuse_on):
        return deny("eio.11", "The executing authority invokes a ground.", "Consult on it.", discretion=True)
    return oblige("The ground invoked is not open for this order.", CHECK)


def _void(facts: Proposal, law: Parameters) -> set[str]:
    orders, entry = law.table("orders")["eio"], law.offence(facts.offence.code if facts.offence else None)
    void = set(orders["not_for_always"]) if measure_always(facts, law) else set()
    grave = (penalty_at_requester(facts, law) or 0) >= orders["annex_d_years"]
    if entry is not None and entry.crime_area in orders["annex_d"] and grave:
        void.add("dual_criminality")
    return void
