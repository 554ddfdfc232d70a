"""What a case file says, as records: a selector line, its data items, its case, and what went wrong.

Promised: a record holds only values that were read and understood; an empty value (`None`, `()`, `""`)
means that the file is silent, never a guess. (Two defaults are
not guesses: a line that names no other origin was obtained by the team itself, and what nobody evaluated
is X4.) What silence means in law is decided later, by the gate,
which withholds and names the article. Left to others: sealing `display` and `DataItem.value` at rest, the
record's id, and every judgement about whether anything may leave.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

Dropped = Literal["line", "item", "nothing"]
Scheme = Literal["4x4", "3x5x2", "5x5x5", ""]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the file that its author should know. Never holds what the cell holds.

    `line` counts from 1 as an editor does (0: the file as a whole); `field` is the field's name;
    `dropped` says what was left out because of it: the line, one data item, or nothing (a note).
    """

    file: str
    line: int
    field: str
    code: str
    message: str
    remedy: str
    dropped: Dropped = "line"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How reliable a statement is, in the 4x4 scheme of Regulation (EU) 2016/794, Article 29.

    `code` is the 4x4 code, "B2"; where the file used another scheme the mapping loses something, so
    `original` keeps what was written. `suspected_false`: the author believes it false (3x5x2 "E",
    5x5x5 "5"), which Directive (EU) 2016/680, Article 7(2), does not let anyone send.
    """

    code: str
    original: str = ""
    scheme: Scheme = ""
    suspected_false: bool = False


UNEVALUATED = Evaluation("X4")
"""What Article 29 assumes when the provider said nothing."""


@dataclass(frozen=True, slots=True)
class DataItem:
    """One thing the team knows about the selector, which it may later disclose or refuse by itself.

    `category` is the point of Annex II, Section B, of Regulation (EU) 2016/794, e.g. "2(a)(i)", or
    "" when the file gives none; `special` the categories of Directive (EU) 2016/680, Article 10, () for
    none; `defect` "outdated" and the like, "" for none known; `held` how the team can get at it ("direct",
    "indirect", "coercive"); `judicial` the state of an authorisation; `exposes` whom a release would expose.
    """

    category: str
    label: str
    value: str
    special: tuple[str, ...] | None = None
    origin_state: str = ""
    origin_consent: bool | None = None
    handling: str | None = None
    evaluation: Evaluation = UNEVALUATED
    assessment: bool | None = None
    retention_until: date | None = None
    source: str | None = None
    defect: str | None = None
    held: str | None = None
    judicial: str | None = None
    special_basis: str | None = None
    strictly_necessary: bool | None = None
    exposes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class SelectorLine:
    """One selector of one case, with the facts that the law asks for.

    `display` is the value as typed; `normal_forms` what is matched. `subject_category` is one of
    `codes.SUBJECTS`, `child` "yes", "no" or "presumed", `origin_state` an ISO 3166-1 alpha-2 code,
    `handling` "H0" to "H3", `pap` a colour of the PAP taxonomy, `expiry` the last day it may be matched.
    """

    line: int
    kind: str
    normal_forms: tuple[str, ...]
    display: str
    case_reference: str | None = None
    legal_basis: str | None = None
    offence: str | None = None
    subject_category: str | None = None
    child: str | None = None
    special: tuple[str, ...] | None = None
    origin_state: str = ""
    origin_consent: bool | None = None
    handling: str | None = None
    handling_note: str = ""
    evaluation: Evaluation = UNEVALUATED
    assessment: bool | None = None
    expiry: date | None = None
    crime_area: str | None = None
    exploitation: tuple[str, ...] = ()
    safe_house: bool | None = None
    pap: str | None = None
    source: str | None = None
    special_basis: str | None = None
    strictly_necessary: bool | None = None
    defect: str | None = None
    held: str | None = None
    judicial: str | None = None
    exposes: tuple[str, ...] | None = None
    items: tuple[DataItem, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """The case that the selectors belong to. `max_penalty_years` is the statutory maximum, in years."""

    reference: str
    title: str | None = None
    offence: str | None = None
    legal_basis: str | None = None
    exploitation: tuple[str, ...] = ()
    crime_area: str | None = None
    max_penalty_years: int | None = None
    officer: str | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """How the bytes were read: `encoding` is Python's name, `delimiter` "" for JSON."""

    encoding: str
    delimiter: str = ""
    bom: bool = False
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Intake:
    """All that one file gave. `lines_read` counts selector rows, good or bad."""

    file: str
    records: list[SelectorLine]
    problems: list[Problem]
    cases: list[CaseFacts]
    format: Format
    lines_read: int

    def dropped(self) -> Iterator[Problem]:
        """The problems that cost a line."""
        return (problem for problem in self.problems if problem.dropped == "line")
