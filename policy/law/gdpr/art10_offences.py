"""GDPR Article 10: data on offences, only where Union or national law authorises it."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="gdpr-10-offences",
    cites="Regulation (EU) 2016/679, Article 10",
    in_force=date(2018, 5, 25),
    verified=False,
    applies={Action.LEAD},
)
def offences(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Who keeps files on offenders needs a law; who reports what happened does not keep one."""
    stated = facts.submission
    if stated is None or stated.offence_data is not True or stated.national_law is True:
        return None
    if stated.national_law is None:
        return ask("Nobody stated the law that authorises it.", "submission.national_law")
    return deny("lead-basis", "No law authorises offence data here.", "Report the event, without the file.")
