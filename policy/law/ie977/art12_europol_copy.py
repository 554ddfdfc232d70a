"""2023/977 Article 12: within Europol's objectives, a copy to Europol is considered case by case."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, duty, oblige
from policy.law._words import between_members
from policy.parameters import Parameters
from policy.rules import rule

CONSIDER = duty(
    "consider-europol-copy",
    "Consider a copy to Europol; state its purpose and restrictions.",
    "Directive (EU) 2023/977, Article 12 (verify)",
)


@rule(
    id="ie977-12-europol-copy",
    cites="Directive (EU) 2023/977, Article 12",
    in_force=date(2024, 12, 12),
    verified=False,
    applies={Action.DISCLOSE},
)
def europol_copy(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Whoever releases something within Europol's objectives considers telling Europol too."""
    entry = law.offence(facts.offence.code if facts.offence is not None else None)
    if entry is None or entry.crime_area not in law.table("crime_areas")["areas"]:
        return None
    return oblige("It is within Europol's objectives.", CONSIDER) if between_members(facts, law) else None
