"""CETS 197 Article 33: a victim or witness in immediate danger in another Party: tell it without delay."""

from __future__ import annotations

from datetime import date, timedelta

from policy.facts import Action, Item, Proposal
from policy.findings import Deadline, Finding, duty, permit
from policy.law._words import STATES
from policy.parameters import Parameters
from policy.rules import rule

CITES = "Council of Europe Convention CETS 197, Article 33; Directive (EU) 2023/977, Article 7(2)"
WARN = duty("warn-at-once", "Transmit it at once, by the fastest secure channel.", CITES)


@rule(
    id="cets197-33-immediate-danger",
    cites=CITES,
    in_force=date(2008, 2, 1),
    verified=False,
    applies={Action.DISCLOSE},
)
def immediate_danger(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Reasonable grounds for immediate danger make telling the other state a duty, now."""
    if facts.danger is not True or facts.requester.kind not in STATES:
        return None
    due = Deadline("at-once", timedelta(0), facts.now, CITES, duty="warn")
    return permit("A victim or witness is in immediate danger there.", WARN, deadline=due)
