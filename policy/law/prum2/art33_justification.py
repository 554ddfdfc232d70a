"""2024/982 Article 33: every search leaves a justification: case, category of the person, aim."""

from __future__ import annotations

from datetime import date

from policy.facts import Action, Item, Proposal
from policy.findings import Finding, ask, duty, oblige
from policy.law.prum2._systems import PRUM, asked
from policy.parameters import Parameters
from policy.rules import rule

KEEP = duty(
    "keep-justification",
    "Keep the justification of the search, traceable to the log, for three years.",
    "Regulation (EU) 2024/982, Article 33",
    years="3",
)


@rule(
    id="prum2-33-justification",
    cites="Regulation (EU) 2024/982, Article 33",
    in_force=date(2024, 4, 25),
    applies={Action.EVALUATE},
)
def justification(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Whom the search is for, and whether to identify or to learn more, is stated and kept."""
    if facts.system not in PRUM:
        return None
    search = asked(facts)
    missing = [f"search.{name}" for name in ("category", "aim") if not getattr(search, name)]
    if missing:
        return ask("The justification is not complete.", *missing)
    return oblige("The search is justified.", KEEP)
