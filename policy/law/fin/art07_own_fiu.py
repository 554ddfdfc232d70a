"""2019/1153 Article 7(1): an authority asks its own FIU, with reasons, case by case."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny, permit
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="fin-07-own-fiu",
    cites="Directive (EU) 2019/1153, Article 7(1)",
    in_force=date(2021, 8, 1),
    applies={Action.REQUEST, Action.DISCLOSE},
)
def own_fiu(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Another state's FIU is not asked directly; the own one is, with facts and a link."""
    request = facts.request
    if request is None or request.instrument != "2019/1153" or facts.requester.authority == "FIU":
        return None
    if facts.provider.authority != "FIU" or facts.provider.state != facts.requester.state:
        return deny("fin-scope", "It is not the asker's own FIU.", "Ask your own FIU, or the police there.")
    missing = [f"request.{name}" for name in ("facts", "link") if not getattr(request, name)]
    if missing:
        return ask("The request gives no reasons.", *missing)
    return permit("A reasoned request to one's own FIU.") if facts.action is Action.REQUEST else None
