"""2024/1640 Article 31: FIUs answer each other, whatever the predicate, on a request that says why."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny, permit
from policy.law._words import instrument
from policy.parameters import Parameters
from policy.rules import rule

MUST = ("facts", "link", "available_because", "use")


@rule(
    id="fiu1640-31-request",
    cites="Directive (EU) 2024/1640, Article 31",
    in_force=date(2027, 7, 10),
    verified=False,
    applies={Action.REQUEST, Action.DISCLOSE},
)
def request(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """A request between FIUs holds facts, reasons, links and the intended use."""
    if instrument(facts) != "2024/1640":
        return None
    if facts.provider.authority != "FIU" or facts.requester.authority != "FIU":
        return deny("fin-scope", "It is not between FIUs.", "Ask your own FIU.")
    missing = [f"request.{name}" for name in MUST if not getattr(facts.request, name)]
    return ask("The request is not complete.", *missing) if missing else permit("FIUs answer each other.")
