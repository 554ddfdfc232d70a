"""JSON case files: `{"case": {…}, "selectors": [{…, "items": [{…}]}]}`, or a list of such objects.

Promised: names are the same as those of columns; an error in the JSON names line and column; a selector is
reported by the line where its object begins; numbers keep the digits that were written; a name that occurs
twice in one object is refused. Left to others: what the fields mean.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any, NoReturn

from comity.errors import Malformed

from .codes import Unreadable
from .columns import field_name
from .encodings import detect, text_of
from .facts import DataItem, Problem
from .items import as_text, item_from_object
from .raw import RawLine

_SPACE = re.compile(r"[ \t\r\n]*")
_SHAPE = 'Write {"case": {…}, "selectors": [{"kind": …, "value": …}]}.'


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise Malformed(
            "A name occurs twice in one object.", code="key-twice", field="json", remedy="Keep one."
        )
    return dict(pairs)


def _refuse_constant(_: str) -> NoReturn:
    raise Malformed("NaN and Infinity are not JSON.", code="bad-json", field="json", remedy="Use text.")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=str, parse_float=str, parse_constant=_refuse_constant
)


class Document:
    """A JSON file, read whole on opening, or Malformed is raised."""

    def __init__(
        self, file: str, data: bytes, *, team_state: str, defaults: Mapping[str, str], today: date
    ) -> None:
        self._file, self._today = file, today
        self.format = detect(data, team_state=team_state)
        self.given: list[Mapping[str, str]] = []
        self._selectors: list[tuple[int, Mapping[str, str], object]] = []
        walk = _Walk(text_of(data, self.format))
        for case, selectors in walk.documents():
            given = {**defaults, **_case_texts(case)}
            self.given.append(given)
            self._selectors.extend((line, given, selector) for line, selector in selectors)

    def __iter__(self) -> Iterator[RawLine | Problem]:
        for line, given, selector in self._selectors:
            try:
                yield self._raw(line, given, selector)
            except Unreadable as reason:
                yield Problem(self._file, line, "selector", reason.code, reason.message, reason.remedy)

    def _raw(self, line: int, given: Mapping[str, str], selector: object) -> RawLine:
        if not isinstance(selector, dict):
            raise Unreadable("not-an-object", "A selector is not an object.", _SHAPE)
        texts = dict(given)
        items: tuple[Callable[[DataItem], DataItem | None], ...] = ()
        for key, value in selector.items():
            if key == "items":
                items = self._item_objects(value)
            elif (name := field_name(key)) is None:
                raise Unreadable(
                    "unknown-field", "A selector has a field that is not known.", "See the list of fields."
                )
            elif text := as_text(value):
                texts[name] = text
        return RawLine(line, texts, items)

    def _item_objects(self, value: object) -> tuple[Callable[[DataItem], DataItem | None], ...]:
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise Unreadable("bad-items", "The items are not a list of objects.", _SHAPE)
        return tuple(partial(item_from_object, item, today=self._today) for item in value)


def _case_texts(case: object) -> dict[str, str]:
    """The case object as texts. A case may also be given by its reference alone."""
    if isinstance(case, str):
        case = {"case": case}
    if not isinstance(case, dict):
        raise Malformed("The case is not an object.", code="bad-json", field="case", remedy=_SHAPE)
    texts: dict[str, str] = {}
    for key, value in case.items():
        name = field_name(key)
        if name is None or name == "value":
            raise Malformed(
                "The case has a field that is not known.", code="unknown-field", field="case", remedy=_SHAPE
            )
        try:
            texts[name] = as_text(value)
        except Unreadable as reason:
            raise Malformed(reason.message, code=reason.code, field=name, remedy=reason.remedy) from None
    return {name: text for name, text in texts.items() if text}


class _Walk:
    """Walks the outer shape of the text, so that the line of every selector is known."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._counted, self._line = 0, 1

    def documents(self) -> Iterator[tuple[object, list[tuple[int, object]]]]:
        """Each case with its selectors and their lines."""
        if self._next() == "[":
            for _ in self._elements():
                yield self._document()
        else:
            yield self._document()
        if self._next():
            self._refuse("There is more text after the end")

    def _document(self) -> tuple[object, list[tuple[int, object]]]:
        case: object = {}
        selectors: list[tuple[int, object]] | None = None
        seen: set[str] = set()
        if self._next() != "{":
            self._refuse("A case file is an object")
        for key in self._keys():
            if key in seen:
                self._refuse("A name occurs twice in one object")
            seen.add(key)
            if key == "selectors" and self._next() == "[":
                selectors = [(self._line_here(), self._value()) for _ in self._elements()]
            elif key == "case":
                case = self._value()
            else:
                self._refuse("Only case and selectors are known here")
        if selectors is None:
            self._refuse("There is no list of selectors")
        return case, selectors

    def _keys(self) -> Iterator[str]:
        for _ in self._members("}"):
            if self._next() != '"':
                self._refuse("A name in quotes is expected")
            key = self._value()
            self._expect(":")
            yield str(key)

    def _elements(self) -> Iterator[None]:
        return self._members("]")

    def _members(self, end: str) -> Iterator[None]:
        """Steps through an array or object from its opening sign; the caller reads each member."""
        self._at += 1
        if self._next() == end:
            self._at += 1
            return
        while True:
            self._next()
            yield
            if self._next() == end:
                self._at += 1
                return
            self._expect(",")

    def _next(self) -> str:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._text[self._at : self._at + 1]

    def _expect(self, sign: str) -> None:
        if self._next() != sign:
            self._refuse(f"Expecting {sign!r}")
        self._at += 1

    def _value(self) -> object:
        self._next()
        try:
            value, self._at = _DECODER.raw_decode(self._text, self._at)
        except json.JSONDecodeError as reason:
            self._at = reason.pos
            self._refuse(reason.msg.split(":")[0])
        except RecursionError:
            self._refuse("The values are nested too deeply")
        result: object = value
        return result

    def _line_here(self) -> int:
        self._next()
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _refuse(self, what: str) -> NoReturn:
        line = self._text.count("\n", 0, self._at) + 1
        column = self._at - self._text.rfind("\n", 0, self._at)
        raise Malformed(
            f"The JSON is wrong at line {line}, column {column}: {what}.",
            code="bad-json",
            field="json",
            remedy=_SHAPE,
        )
