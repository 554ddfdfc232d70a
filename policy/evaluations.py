"""Evaluation codes: 4x4 (Regulation (EU) 2016/794, Article 29), and how 3x5x2 and 5x5x5 read in it.

Rules of this module:
- The original code is never replaced: it is what the source wrote, and it is sent. A reading says what it
  would be in 4x4, all candidates, and what the mapping loses.
- Of several candidates the more cautious one is `code`: a mapping never makes a source better than it was.
- What is suspected to be false has no reading: it is not sent (LED Article 7(2)).
- "B2" is 4x4; 5x5x5 has three parts ("B21", "B/2/1"), 3x5x2 starts with a figure ("2B", "2BP").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Reading(NamedTuple):
    """One evaluation code, understood."""

    original: str
    scheme: str  # "4x4", "3x5x2", "5x5x5"
    code: str  # the cautious reading in 4x4; "" where it must not be sent
    candidates: tuple[str, ...]
    loss: str  # what the mapping loses; "" for 4x4

    @property
    def sendable(self) -> bool:
        """Whether information so evaluated may be made available at all."""
        return bool(self.code)


def read(original: str, codes: Mapping[str, Any]) -> Reading | None:
    """What `original` means under the codes of a day (`evaluation.toml`); `None` when no scheme has it."""
    if original in codes["four_by_four"]:
        return Reading(original, "4x4", original, (original,), "")
    parts = original.replace("/", "")
    for name, scheme in codes["scheme"].items():
        found = _candidates(parts, scheme)
        if found is not None:
            return Reading(original, name, found[-1] if found else "", found, scheme["loss"])
    return None


def _candidates(parts: str, scheme: Mapping[str, Any]) -> tuple[str, ...] | None:
    if len(parts) not in (2, 3) or (len(parts) == 2 and "5" in scheme["handling"]):
        return None
    if len(parts) == 3 and parts[2] not in scheme["handling"]:
        return None
    sources, details = scheme["source"].get(parts[0]), scheme["information"].get(parts[1])
    if sources is None or details is None:
        return None
    return tuple(sorted(source + detail for source in sources for detail in details))
