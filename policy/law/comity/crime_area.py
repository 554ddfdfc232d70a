"""The federation exists for serious cross-border crime: tokens and queries name an offence within it."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, deny
from policy.law._words import EXISTENCE
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="comity-crime-area",
    cites="Directive (EU) 2016/680, Article 4(1)(b)-(c); Regulation (EU) 2016/794, Annex I",
    in_force=date(2018, 5, 6),
    applies=EXISTENCE | {Action.EVALUATE, Action.OPEN_CHANNEL},
)
def crime_area(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Matching serves offences of the catalogue that Europol's list of crimes covers, and no others."""
    if facts.offence is None or not facts.offence.code:
        return ask("Nobody stated the offence.", "offence.code")
    entry = law.offence(facts.offence.code)
    if entry is None:
        return ask("The offence is not in the catalogue.", "offence.code")
    if entry.crime_area in law.table("crime_areas")["areas"] or facts.action is Action.NOTIFY:
        return None
    return deny("purpose-outside", "The offence is outside the federation's crimes.", "Use SIENA alone.")
