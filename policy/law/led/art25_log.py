"""LED Article 25: collection, alteration, consultation, disclosure, combination and erasure are logged."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.law._words import ACTS
from policy.parameters import Parameters
from policy.rules import rule

CITES = "Directive (EU) 2016/680, Article 25(1)"
TEXT = "Log operation, date, time, justification, who acted and who received."
OPERATION = {
    Action.EVALUATE: "consultation",
    Action.PUBLISH: "disclosure",
    Action.NOTIFY: "disclosure",
    Action.REQUEST: "consultation",
    Action.DISCLOSE: "disclosure",
    Action.OPEN_CHANNEL: "combination",
    Action.SHARE: "disclosure",
    Action.LEAD: "collection",
}
FINDINGS = {
    action: oblige("It is logged.", duty("log", TEXT, CITES, operation=operation))
    for action, operation in OPERATION.items()
}


@rule(id="led-25-log", cites=CITES, in_force=date(2018, 5, 6), applies=ACTS)
def log(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Every operation is logged with its justification, time, actor and recipient."""
    return FINDINGS[facts.action]
