"""Grounds of refusal by code, and what of them a requester may read.

Rules of this module:
- A ground's public sentence and way out are fixed text of `policy/parameters/grounds.toml`: they depend on
  the code alone, never on the item, so a refusal is no oracle.
- A ground that would itself tell something (an informant, a child, a failed rule) is read by others as the
  ground named in `reads_as`.
- When several grounds refuse one item, the one listed first in the file is the ground of the decision.
- A code that the file does not have is read as "no legal basis"; the linter refuses such a code in a rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from policy.parameters import PARAMETERS, read_toml

NO_LEGAL_BASIS = "no-legal-basis"
RULE_FAILED = "rule-failed"


@dataclass(frozen=True, slots=True)
class Ground:
    """One ground of refusal."""

    code: str
    rank: int
    cites: str
    sentence: str
    way_out: str
    reads_as: str


@lru_cache(maxsize=1)
def grounds() -> dict[str, Ground]:
    """All grounds by code, in order of rank."""
    found = read_toml(PARAMETERS / "grounds.toml")["ground"]
    return {
        one["code"]: Ground(
            one["code"],
            rank,
            one["cites"],
            one["sentence"],
            one["way_out"],
            one.get("reads_as", one["code"]),
        )
        for rank, one in enumerate(found)
    }


def ground(code: str) -> Ground:
    """The ground of that code, "no legal basis" for an unknown one."""
    known = grounds()
    return known.get(code) or known[NO_LEGAL_BASIS]


def public(code: str) -> Ground:
    """The ground as the requester reads it."""
    return ground(ground(code).reads_as)
