"""Delimited case files: a header block of `#name: value`, a header row, then one selector a row.

Promised: the delimiter is the one of Excel's `sep=` line, else the one under which most headings mean
something; `#case: …` lines above the header row hold for every row, and a cell overrides them; empty rows,
comment rows and empty cells at the end cost nothing; a row with more cells than headings is broken, since
nobody can tell which cell has slipped. Rows are read one at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial

from comity.errors import Malformed

from .cells import clean
from .codes import Unreadable
from .columns import Columns, field_name, read_header
from .encodings import detect
from .facts import DataItem, Problem
from .items import item_from_column
from .raw import RawLine
from .rows import MAX_ROW, MAX_ROW_LINES, Row, Rows, best_delimiter, separator_line

_FACT = re.compile(r'^"?#\s*([^:#]{1,60}?)\s*:\s*(.*?)"?[;,|\t]*$', re.DOTALL)
_WRONG = {
    "row-too-long": (
        f"A row is longer than {MAX_ROW} characters.",
        "Split it, or check for a missing line end.",
    ),
    "open-quote": (
        f"A quoted cell is not closed within {MAX_ROW_LINES} lines.",
        "Close the quote, or write a quote inside a cell twice.",
    ),
    "broken-row": ("A row cannot be cut into cells.", "Check the quotes in it."),
    "extra-cells": (
        "A row has more cells than there are headings.",
        "Put cells that contain the delimiter in quotes.",
    ),
}


class Table:
    """A delimited file being read; the header is understood on opening, or Malformed is raised."""

    def __init__(
        self, file: str, data: bytes, *, team_state: str, defaults: Mapping[str, str], today: date
    ) -> None:
        self._file = file
        self._notes: list[Problem] = []
        self._defaults = defaults
        form = detect(data, team_state=team_state)
        self._rows = Rows(data, form)
        self._each = iter(self._rows)
        self._block: dict[str, str] = {}
        header = self._preamble()
        given = frozenset({*defaults, *self._block})
        self._columns = read_header(self._rows.cells(header), given=given, today=today)
        self._notes.extend(self._unknown_columns(header.line))
        self.format = type(form)(form.encoding, self._rows.delimiter, form.bom, form.guessed)
        self.given: list[Mapping[str, str]] = [{**defaults, **self._block}]

    def __iter__(self) -> Iterator[RawLine | Problem]:
        yield from self._notes
        for row in self._each:
            if row.wrong:
                yield self._problem(row.line, "row", row.wrong)
            elif row.text.lstrip('"').startswith("#"):
                if (named := _split_fact(row.text)) and field_name(named[0]):
                    yield self._late(row.line)
            elif row.text.strip(" \t\"'" + self._rows.delimiter):
                yield self._raw(row)

    def _preamble(self) -> Row:
        """Reads up to the header row: the `sep=` line, comments, and case facts."""
        fixed = False
        for row in self._each:
            text = row.text.strip()
            if row.wrong:
                break
            if mark := separator_line(row.text) if row.line == 1 else None:
                self._rows.delimiter, fixed = mark, True
            elif text.lstrip('"').startswith("#"):
                self._fact(row)
            elif text.strip(';,|\t "'):
                self._rows.delimiter = self._rows.delimiter if fixed else best_delimiter(text)
                return row
        raise Malformed(
            "The file has no header row.",
            code="no-header",
            field="header",
            remedy="Put a header row above the data: kind;value;case;legal basis;subject;expiry.",
        )

    def _fact(self, row: Row) -> None:
        found = _split_fact(row.text.strip())
        if found is None:
            return
        name, value = field_name(found[0]), found[1]
        if name is None or name == "value":
            self._notes.append(
                Problem(
                    self._file,
                    row.line,
                    "header",
                    "unknown-fact",
                    "A line of the header block was taken for a comment: its name is not known.",
                    "See docs/case-files.md for the names.",
                    "nothing",
                )
            )
        elif value:
            self._block[name] = clean_or_refuse(value, name)

    def _raw(self, row: Row) -> RawLine | Problem:
        try:
            cells = self._rows.cells(row)
        except Malformed:
            return self._problem(row.line, "row", "broken-row")
        columns = self._columns
        if any(cell.strip() for cell in cells[len(columns.fields) :]):
            return self._problem(row.line, "row", "extra-cells")
        texts = {**self._defaults, **self._block}
        try:
            for name, cell in zip(columns.fields, cells, strict=False):
                if name and cell and (text := clean(cell)):
                    texts[name] = text
        except Unreadable as reason:
            return Problem(self._file, row.line, name or "row", reason.code, reason.message, reason.remedy)
        return RawLine(row.line, texts, self._item_cells(columns, cells))

    def _item_cells(self, columns: Columns, cells: list[str]) -> tuple[partial[DataItem | None], ...]:
        return tuple(
            partial(item_from_column, column, cells[at])
            for at, column in columns.items
            if at < len(cells) and cells[at]
        )

    def _problem(self, line: int, field: str, code: str) -> Problem:
        message, remedy = _WRONG[code]
        return Problem(self._file, line, field, code, message, remedy)

    def _late(self, line: int) -> Problem:
        return Problem(
            self._file,
            line,
            "header",
            "late-fact",
            "A case fact below the header row was taken for a comment.",
            "Move it above the header row, or use a column.",
            "nothing",
        )

    def _unknown_columns(self, line: int) -> Iterator[Problem]:
        for at in self._columns.unknown:
            yield Problem(
                self._file,
                line,
                "header",
                "unknown-column",
                f"Column {at + 1} was not read: its heading is not known.",
                "Rename it, or head it item:<category>:<label> to make it a data item.",
                "nothing",
            )


def _split_fact(text: str) -> tuple[str, str] | None:
    found = _FACT.match(text)
    return (found[1], found[2].replace('""', '"').strip()) if found else None


def clean_or_refuse(text: str, name: str) -> str:
    """A fact that holds for the whole file, cleaned; one that cannot be read makes the file unusable."""
    try:
        return clean(text)
    except Unreadable as reason:
        raise Malformed(reason.message, code=reason.code, field=name, remedy=reason.remedy) from None
