"""One line, understood: texts become a `SelectorLine`, or the problems that cost it.

Promised: a line is dropped only when it is malformed (no or unknown kind, a value that fails its own rule,
a cell that none of its column's words or forms fits), and then every bad cell is named at once. A line that
lacks what the law asks for (case, legal basis, subject category, expiry …) is kept with `None` there: the
gate withholds it and names the article. Normal forms come from `comity.selector` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from comity.errors import Malformed
from comity.selector import resolve

from . import codes
from .cells import undamaged
from .codes import Unreadable
from .facts import DataItem, Dropped, Problem, SelectorLine
from .items import MAX_ITEMS
from .kinds import KIND_WORDS
from .raw import RawLine
from .regions import normal_forms

Reader = Callable[[str, date], Any]


def _text(text: str, _: date) -> str:
    return text


READERS: dict[str, Reader] = {
    "case_reference": _text,
    "legal_basis": _text,
    "title": _text,
    "officer": _text,
    "handling_note": _text,
    "offence": lambda text, _: text.casefold(),
    "crime_area": lambda text, _: text.casefold(),
    "subject_category": lambda text, _: codes.subject(text),
    "child": lambda text, _: codes.child(text),
    "special": lambda text, _: codes.special(text),
    "region": lambda text, _: codes.state(text),
    "origin_state": lambda text, _: codes.state(text),
    "origin_consent": lambda text, _: codes.yes_no(text),
    "handling": lambda text, _: codes.handling(text),
    "evaluation": lambda text, _: codes.evaluation(text),
    "assessment": lambda text, _: codes.yes_no(text),
    "expiry": lambda text, today: codes.day(text, today=today),
    "special_basis": lambda text, _: codes.word(codes.SPECIAL_BASIS, text),
    "strictly_necessary": lambda text, _: codes.yes_no(text),
    "exploitation": lambda text, _: codes.exploitation(text),
    "safe_house": lambda text, _: codes.yes_no(text),
    "pap": lambda text, _: codes.pap(text),
    "source": lambda text, _: codes.word(codes.SOURCE, text),
    "defect": lambda text, _: codes.defect(text),
    "held": lambda text, _: codes.word(codes.HELD, text),
    "judicial": lambda text, _: codes.word(codes.JUDICIAL, text),
    "exposes": lambda text, _: codes.exposes(text),
    "max_penalty_years": lambda text, _: codes.years(text),
}
OF_THE_CASE = frozenset({"title", "officer", "max_penalty_years"})
_LINE_FACTS = frozenset(READERS) - OF_THE_CASE - {"region"}
_DIGITS_REMEDY = "If it begins with a zero, format the column as text and enter it again."


class LineReader:
    """Reads the lines of one file. Words and dates that come again are read once."""

    def __init__(self, file: str, *, team_state: str, today: date) -> None:
        self._file, self._state, self._today = file, team_state, today
        self._seen: dict[tuple[str, str], Any] = {}

    def facts(self, texts: Mapping[str, str]) -> dict[str, Any]:
        """The typed facts of `texts`; raises Malformed at the first that cannot be read."""
        facts, problems = self._facts(0, texts)
        if problems:
            first = problems[0]
            raise Malformed(first.message, code=first.code, field=first.field, remedy=first.remedy)
        return facts

    def read(self, raw: RawLine) -> tuple[SelectorLine | None, dict[str, Any], list[Problem]]:
        """The line, None when dropped; its typed facts, those of its case included; and its problems."""
        facts, problems = self._facts(raw.line, raw.texts)
        kind, forms = self._selector(raw, facts, problems)
        if problems:
            return None, facts, problems
        facts.setdefault("origin_state", self._state)
        own = {name: value for name, value in facts.items() if name in _LINE_FACTS}
        line = SelectorLine(raw.line, kind, forms, raw.texts["value"], **own)
        items = tuple(self._items(raw, line, problems))
        return (_with_items(line, own, items) if items else line), facts, problems

    def _facts(self, line: int, texts: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
        facts: dict[str, Any] = {}
        problems: list[Problem] = []
        for name, text in texts.items():
            reader = READERS.get(name)
            if reader is None or not text:
                continue
            try:
                facts[name] = self._once(name, text, reader)
            except Unreadable as reason:
                problems.append(self._problem(line, name, reason))
        return facts, problems

    def _once(self, name: str, text: str, reader: Reader) -> Any:
        key = (name, text)
        if key not in self._seen:
            if len(self._seen) > 10_000:
                self._seen.clear()
            self._seen[key] = reader(text, self._today)
        return self._seen[key]

    def _selector(
        self, raw: RawLine, facts: Mapping[str, Any], problems: list[Problem]
    ) -> tuple[str, tuple[str, ...]]:
        try:
            kind, asked = self._once("kind", raw.texts.get("kind", ""), _kind)
            value = undamaged(raw.texts.get("value", ""))
            if not value:
                raise Unreadable(
                    "no-value", "The line has no value.", "Enter the selector, or delete the line."
                )
            return kind, self._forms(kind, asked, value, facts.get("region"))
        except Unreadable as reason:
            field = "kind" if reason.code in {"no-kind", "unknown-kind"} else "value"
            problems.append(self._problem(raw.line, field, reason))
            return "", ()

    def _forms(self, kind: str, asked: str, value: str, region: str | None) -> tuple[str, ...]:
        try:
            return normal_forms(kind, asked, value, region=region, home=self._state)
        except Malformed as reason:
            raise _hinted(reason, value) from None

    def _items(self, raw: RawLine, line: SelectorLine, problems: list[Problem]) -> Iterator[DataItem]:
        heritage = _heritage(line)
        for item in raw.items[:MAX_ITEMS]:
            try:
                if read := item(heritage):
                    yield read
            except Unreadable as reason:
                problems.append(self._problem(raw.line, "item", reason, dropped="item"))
        if len(raw.items) > MAX_ITEMS:
            much = Unreadable(
                "too-many-items", f"A line holds more than {MAX_ITEMS} items.", "Split the line."
            )
            problems.append(self._problem(raw.line, "item", much, dropped="item"))

    def _problem(self, line: int, field: str, reason: Unreadable, *, dropped: Dropped = "line") -> Problem:
        return Problem(self._file, line, field, reason.code, reason.message, reason.remedy, dropped)


def _kind(text: str, _: date) -> tuple[str, str]:
    """The kind's name, and the name it was asked by, which may say more (`btc` of `wallet`)."""
    if not text:
        raise Unreadable("no-kind", "The line does not say what kind of selector it is.", "Fill in the kind.")
    try:
        asked = KIND_WORDS.get(text.casefold(), text)
        return resolve(asked).name, asked
    except Malformed as reason:
        remedy = reason.remedy or "See docs/case-files.md for the kinds."
        raise Unreadable("unknown-kind", "This kind of selector is not known.", remedy) from None


def _hinted(reason: Malformed, value: str) -> Unreadable:
    """The selector's own refusal, with a hint where it has no remedy."""
    hint = _DIGITS_REMEDY if value.isdigit() else "Compare it with its source."
    return Unreadable(reason.code, reason.message, reason.remedy or hint)


def _heritage(line: SelectorLine) -> DataItem:
    """What an item has from its line unless it says otherwise."""
    return DataItem(
        category="",
        label="",
        value="",
        special=line.special,
        origin_state=line.origin_state,
        origin_consent=line.origin_consent,
        handling=line.handling,
        evaluation=line.evaluation,
        assessment=line.assessment,
        retention_until=line.expiry,
        source=line.source,
        special_basis=line.special_basis,
        strictly_necessary=line.strictly_necessary,
        defect=line.defect,
        held=line.held,
        judicial=line.judicial,
        exposes=line.exposes,
    )


def _with_items(line: SelectorLine, own: Mapping[str, Any], items: tuple[DataItem, ...]) -> SelectorLine:
    return SelectorLine(line.line, line.kind, line.normal_forms, line.display, **own, items=items)
