"""2023/977 Article 6(1)(f): security, ongoing investigations, the safety of people, a firm's interests.

A ground that leaves discretion: a prosecutor decides, and what is at stake is recorded with the decision.
A token or a notice that would expose somebody is simply withheld.
"""

from __future__ import annotations

from datetime import date

from policy.facts import Item, Proposal
from policy.findings import Finding, approve, ask, deny
from policy.law._words import EXISTENCE, OUTWARD, personal
from policy.parameters import Parameters
from policy.rules import rule


@rule(
    id="ie977-06-exposure",
    cites="Directive (EU) 2023/977, Article 6(1)(f)",
    in_force=date(2024, 12, 12),
    applies=OUTWARD,
)
def exposure(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    """Whoever proposes says what a release could expose; if anything, a prosecutor decides."""
    if not personal(facts, item) or item.exposes == ():
        return None
    if item.exposes is None:
        return ask("Nobody stated whether a release exposes anybody.", "item.exposes")
    known = law.table("exposure")
    entries = [known.get(word) for word in sorted(item.exposes)]
    if any(entry is None for entry in entries):
        return ask("What it exposes is not a known word.", "item.exposes")
    code = min(entry["ground"] for entry in entries if entry)
    what = ", ".join(entry["text"] for entry in entries if entry)
    if facts.action in EXISTENCE:
        return deny(code, f"It would expose {what}.", "Withhold it until nobody is exposed any more.")
    return approve("R-PROS", f"It would expose {what}.", "The prosecutor decides, in writing.", code=code)
