"""2019/1153 Article 17: requests for financial information are recorded for five years."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.law._words import instrument
from policy.parameters import Parameters
from policy.rules import rule

RECORD = duty(
    "record-five-years",
    "Record asker, staff, recipient, case, subject, measures; keep it five years, for lawfulness checks.",
    "Directive (EU) 2019/1153, Article 17",
    years="5",
)


@rule(
    id="fin-17-record",
    cites="Directive (EU) 2019/1153, Article 17",
    in_force=date(2021, 8, 1),
    applies={Action.REQUEST, Action.DISCLOSE},
)
def record(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Both sides can show five years later who asked for what."""
    return oblige("The request is recorded.", RECORD) if instrument(facts) == "2019/1153" else None
