"""Handling codes and sticky conditions: what a receiver may do with an item, as data.

The rules:

* The codes are Europol's H0 to H3 (SIENA). They are not a scale: an item may carry H1 and H2 together,
  written "H1+H2". H0 alone means the purpose lock and nothing more. H3 needs a note.
* Conditions travel with the item and bind the receiver (Directive (EU) 2016/680, Article 9(3)). Whoever
  merges items merges their conditions, and the stricter one wins each time; items of different purposes or
  origins do not merge (whose permission would one ask?).
* Unknown codes are refused: a condition that is not understood cannot be kept.

Left to others: which conditions a provider must set (policy), and acting on `needs_human` (node).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from comity.envelope import instant, milliseconds
from comity.errors import Conflict, Malformed
from comity.v1.delivery_pb2 import Conditions as ConditionsMessage


class Handling(StrEnum):
    """Europol handling codes, with the words that officers know."""

    H0 = "H0"
    H1 = "H1"
    H2 = "H2"
    H3 = "H3"

    @property
    def meaning(self) -> str:
        """The code in words."""
        return _MEANINGS[self]


_MEANINGS = {
    Handling.H0: "only to prevent and combat crime, under the law that applies",
    Handling.H1: "not in judicial proceedings without the provider's permission",
    Handling.H2: "not to be disseminated without the provider's permission",
    Handling.H3: "other restrictions: see the note",
}

_EVALUATION = re.compile(r"[ABCX][1-4]")


@dataclass(frozen=True, slots=True)
class StickyConditions:
    """The conditions of one item."""

    purpose: str
    origin: str
    """State of origin, ISO 3166-1; empty for an EU body."""
    handling: frozenset[Handling]
    evaluation: str
    """4x4 code, e.g. "B2" (Regulation (EU) 2016/794, Article 29); empty when not evaluated."""
    assessment: bool
    """A personal assessment, not a fact (Directive (EU) 2016/680, Article 7(1))."""
    evidence_use: bool
    onward: bool
    retention_until: datetime
    note: str = ""

    def __post_init__(self) -> None:
        if not self.purpose:
            raise Malformed("Conditions name the purpose.", field="conditions.purpose")
        if self.origin and not re.fullmatch(r"[A-Z]{2}", self.origin):
            raise Malformed("The origin is a state in two capital letters.", field="conditions.origin")
        if self.evaluation and not _EVALUATION.fullmatch(self.evaluation):
            raise Malformed(
                "The evaluation is a 4x4 code, such as B2.", code="evaluation", field="conditions.evaluation"
            )
        if Handling.H3 in self.handling and not self.note:
            raise Malformed("H3 needs its restriction in words.", field="conditions.handling_note")

    @property
    def evidence_allowed(self) -> bool:
        """May be used in judicial proceedings without asking the provider."""
        return self.evidence_use and Handling.H1 not in self.handling

    @property
    def onward_allowed(self) -> bool:
        """May be passed on without asking the provider."""
        return self.onward and Handling.H2 not in self.handling

    @property
    def needs_human(self) -> bool:
        """A person has to read the note before the item is used."""
        return Handling.H3 in self.handling

    def merged(self, other: StickyConditions) -> StickyConditions:
        """The conditions of something made from both items: the stricter of each.

        Conflict when purpose or origin differ.
        """
        if self.purpose != other.purpose:
            raise Conflict("Items of different purposes do not merge.", code="purpose", field="purpose")
        if self.origin != other.origin:
            raise Conflict("Items of different origins do not merge.", code="origin", field="origin")
        notes = [each for each in dict.fromkeys((self.note, other.note)) if each]
        return StickyConditions(
            purpose=self.purpose,
            origin=self.origin,
            handling=self.handling | other.handling,
            evaluation=_weaker(self.evaluation, other.evaluation),
            assessment=self.assessment or other.assessment,
            evidence_use=self.evidence_use and other.evidence_use,
            onward=self.onward and other.onward,
            retention_until=min(self.retention_until, other.retention_until),
            note="\n".join(notes),
        )

    def to_message(self) -> ConditionsMessage:
        """The conditions as they travel."""
        return ConditionsMessage(
            purpose=self.purpose,
            origin=self.origin,
            handling=handling_text(self.handling),
            evaluation=self.evaluation,
            assessment=self.assessment,
            evidence_use=self.evidence_use,
            onward=self.onward,
            retention_until_ms=milliseconds(self.retention_until),
            handling_note=self.note,
        )

    @classmethod
    def from_message(cls, message: ConditionsMessage) -> StickyConditions:
        """The conditions that arrived; Malformed when one is not understood."""
        return cls(
            purpose=message.purpose,
            origin=message.origin,
            handling=parse_handling(message.handling),
            evaluation=message.evaluation,
            assessment=message.assessment,
            evidence_use=message.evidence_use,
            onward=message.onward,
            retention_until=instant(message.retention_until_ms, "conditions.retention_until_ms"),
            note=message.handling_note,
        )


def parse_handling(text: str) -> frozenset[Handling]:
    """Codes written as "H1" or "H1+H2"; Malformed for anything else, the empty text included."""
    parts = text.split("+")
    if any(each not in Handling.__members__ for each in parts) or len(set(parts)) != len(parts):
        raise Malformed(
            "Handling codes are H0 to H3, joined by '+'.", code="handling", field="conditions.handling"
        )
    return frozenset(Handling(each) for each in parts)


def handling_text(codes: frozenset[Handling]) -> str:
    """`codes` in their one written form: ascending, and H0 only where it stands alone."""
    stronger = sorted(codes - {Handling.H0})
    return "+".join(stronger) if stronger else Handling.H0.value


def _weaker(one: str, other: str) -> str:
    """The less certain evaluation: of the letters and of the digits, the later one; "" knows least."""
    if not one or not other:
        return ""
    return max(one[0], other[0]) + max(one[1], other[1])
