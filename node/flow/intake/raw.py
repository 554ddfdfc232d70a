"""What a reader of one file format hands on: the texts of one selector, not yet understood."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from .facts import DataItem, Format, Problem


@dataclass(frozen=True, slots=True)
class RawLine:
    """The non-empty fields of one selector, cleaned, and its items, to be completed by the line's facts."""

    line: int
    texts: Mapping[str, str]
    items: tuple[Callable[[DataItem], DataItem | None], ...] = ()


class Source(Protocol):
    """A file being read. `given` are case facts that stand above all lines, one mapping for each case."""

    format: Format
    given: list[Mapping[str, str]]

    def __iter__(self) -> Iterator[RawLine | Problem]:
        """Every selector row once, in order; a row that is broken as a row comes as a Problem."""
        ...
