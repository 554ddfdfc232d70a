"""2019/1153 Article 9: between FIUs this act carries urgent terrorism; the rest goes by FIU.net."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, deny, permit
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="fin-09-between-fius",
    cites="Directive (EU) 2019/1153, Article 9",
    in_force=date(2021, 8, 1),
    applies={Action.REQUEST, Action.DISCLOSE},
)
def between_fius(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """An FIU that asks another names terrorism and urgency."""
    request, offence = facts.request, facts.offence
    if request is None or request.instrument != "2019/1153" or facts.requester.authority != "FIU":
        return None
    if (
        facts.provider.authority == "FIU"
        and offence
        and offence.code == "terrorism"
        and request.urgency_ground
    ):
        return permit("Urgent, and about terrorism.")
    return deny(
        "fin-scope",
        "It is not urgent terrorism between FIUs.",
        "Use FIU.net under the anti-laundering rules.",
    )
