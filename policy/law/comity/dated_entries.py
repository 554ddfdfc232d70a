"""Why a decision changed overnight: entries of the registries that bear on the facts but do not hold today.

Other rules decide; this one says which entry they missed, with its day and its source (LED Article 4(4)).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policy.facts import Item, Party, Proposal
from policy.findings import Finding, note
from policy.law._words import ACTS
from policy.parameters import Parameters
from policy.rules import rule

INSTRUMENTS = ("ie977", "led", "jit969", "thb", "eio")


@rule(
    id="comity-dated-entries",
    cites="Directive (EU) 2016/680, Article 4(4)",
    in_force=date(2018, 5, 6),
    applies=ACTS,
)
def dated_entries(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """An entry that has ended, or has not begun, is named with its day."""
    if not law.anything_gone:
        return None
    found = law.gone(*_keys(facts, item))
    return note(" ".join(one.sentence(law.day) for one in found)) if found else None


def _keys(facts: Proposal, item: Item) -> Iterator[str]:
    yield from _party(facts.provider)
    yield from _party(facts.requester)
    yield f"adequacy.led.{facts.requester.state}"
    if facts.offence is not None:
        yield f"offences.offence.{facts.offence.code}"
        yield f"offences.offence.{facts.offence.code}.penalty.{facts.provider.state}"
        yield f"exploitation.{facts.offence.exploitation}"
    yield f"handling.{item.handling}"
    yield f"annex_ii_b.subject.{item.subject_category}"
    yield from (f"exposure.{word}" for word in item.exposes or ())
    yield f"national.judicial.{item.kind}"
    yield f"national.condition.{item.kind}"
    yield from (f"national.{name}" for name in ("exchange", "refusal", "retention", "release"))


def _party(one: Party) -> Iterator[str]:
    yield from (f"participation.{name}.bound.{one.state}" for name in INSTRUMENTS)
