"""What the audience sees: steps with their time, sentences, tables; nothing at all when a program listens."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import typer

from node.cli.output import Screen


class Teller(Protocol):
    """Tells the story while it happens."""

    def step(self, title: str) -> None:
        """A new step begins."""

    def say(self, text: str) -> None:
        """One sentence or two."""

    def table(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Rows with the same columns; an empty list shows nothing."""


class Spoken:
    """Tells on standard output, in colour when that is a terminal."""

    def __init__(self) -> None:
        self._screen = Screen()
        self._began = time.monotonic()
        self._number = 0

    def step(self, title: str) -> None:
        """A numbered heading with the seconds so far."""
        self._number += 1
        seconds = time.monotonic() - self._began
        typer.echo()
        self._screen.heading(f"{self._number}. {title}  [{seconds:.1f} s]", "bold cyan")

    def say(self, text: str) -> None:
        """One line; an empty one is a pause."""
        if text:
            self._screen.line(text)
        else:
            typer.echo()

    def table(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """A table."""
        if rows:
            self._screen.table(rows)


class Silent:
    """For --json: the report says it all at the end."""

    def step(self, title: str) -> None:
        """Nothing."""

    def say(self, text: str) -> None:
        """Nothing."""

    def table(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Nothing."""
