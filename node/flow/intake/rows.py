"""The rows of a delimited file as spreadsheets write it, one at a time.

Promised: every row comes with the number of the line where it begins; CRLF, LF and CR end lines alike; a
quoted cell may hold line breaks; a quote that is never closed costs its own line and no other; a row longer
than the limit is reported and skipped. Memory is that of one row, whatever the file's size. Left to others:
what the cells mean, and rows that are blank or comments (they are given as they are).
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from comity.errors import Malformed

from .columns import recognised
from .facts import Format

MAX_ROW = 65_536  # characters of one row, line breaks within quotes included
MAX_ROW_LINES = 200  # lines that one quoted cell may span
DELIMITERS = (";", ",", "\t", "|")

_QUOTED = re.compile(r' *"[^"]*+(?:""[^"]*+)*+"')
_OPENING = re.compile(r' *"')
_REST_OF_QUOTED = re.compile(r'[^"]*+(?:""[^"]*+)*+"')
_SEP = re.compile(r"^\ufeff?sep=(.)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it begins at, its raw text, and what is wrong with it ("" when nothing is)."""

    line: int
    text: str
    wrong: str = ""


class Rows:
    """Iterates over the rows of a file. The delimiter is set once it is known; until then one is assumed."""

    def __init__(self, data: bytes, form: Format) -> None:
        self._lines = io.TextIOWrapper(io.BytesIO(data), encoding=form.encoding, errors="replace", newline="")
        self._ahead: deque[str] = deque()
        self._next = 1
        self.delimiter = ","

    def __iter__(self) -> Iterator[Row]:
        while line := self._take():
            at = self._next - 1
            if len(line) > MAX_ROW:
                yield Row(at, "", "row-too-long")
            elif '"' in line and _left_open(line, self.delimiter):
                yield self._quoted(at, line)
            else:
                yield Row(at, line.rstrip("\r\n"))

    def cells(self, row: Row) -> list[str]:
        """The cells of a row that is not wrong. Raises Malformed when its quotes make no sense."""
        if '"' not in row.text and "\n" not in row.text and "\r" not in row.text:
            return row.text.split(self.delimiter)
        reader = csv.reader(
            io.StringIO(row.text, newline=""), delimiter=self.delimiter, skipinitialspace=True
        )
        try:
            return next(reader, [])
        except csv.Error:
            raise Malformed("A row cannot be cut into cells.", code="broken-row", field="row") from None

    def _take(self) -> str:
        self._next += 1
        line = self._ahead.popleft() if self._ahead else self._lines.readline()
        return line.removeprefix("\ufeff") if self._next == 2 else line

    def _quoted(self, at: int, first: str) -> Row:
        """The row whose quoted cell goes on over several lines; alone and wrong if it never ends."""
        taken = [first]
        size = len(first)
        while size <= MAX_ROW and len(taken) <= MAX_ROW_LINES and (line := self._take()):
            taken.append(line)
            size += len(line)
            closing = _REST_OF_QUOTED.match(line)
            if closing and not _left_open(line, self.delimiter, closing.end()):
                return Row(at, "".join(taken).rstrip("\r\n"))
        self._ahead.extendleft(reversed(taken[1:]))
        self._next = at + 1
        return Row(at, "", "open-quote")


def _left_open(line: str, delimiter: str, start: int = -1) -> bool:
    """Whether a quoted cell begins in `line` and does not end in it; from `start` on."""
    at = 0 if start < 0 else line.find(delimiter, start) + 1
    if start >= 0 and at == 0:
        return False
    while True:
        quoted = _QUOTED.match(line, at)
        if quoted is None and _OPENING.match(line, at):
            return True
        after = line.find(delimiter, quoted.end() if quoted else at)
        if after < 0:
            return False
        at = after + 1


def separator_line(text: str) -> str | None:
    """The delimiter that Excel's own first line `sep=;` names, or None."""
    found = _SEP.match(text)
    return found[1] if found else None


def best_delimiter(header: str) -> str:
    """The delimiter under which most headings mean something; the semicolon when none does."""
    return max(DELIMITERS, key=lambda mark: recognised(header.replace('"', "").split(mark)))
