"""What a command says: words for a person, or one line of JSON for a program; never a traceback.

With --json both results and errors are one line on standard output; without, errors go to standard
error, and so does progress, when that is a terminal. What peers wrote is shown without control
characters. Exit codes: 0 done, 1 refused or failed, 2 bad usage or input, 3 unavailable.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import typer

from comity.errors import ComityError, Malformed, Unavailable

PIPE_WIDTH = 4096  # columns when nobody's screen sets them: nothing is cut or folded


def exit_code(error: ComityError) -> int:
    """The exit code that an error means."""
    if isinstance(error, Malformed):
        return 2
    return 3 if isinstance(error, Unavailable) else 1


@contextmanager
def reported(as_json: bool) -> Iterator[None]:
    """Turns whatever a command raises into words and an exit code."""
    try:
        yield
    except ComityError as error:
        _tell(error, as_json)
        raise typer.Exit(exit_code(error)) from None
    except BrokenPipeError:
        raise typer.Exit(0) from None  # whoever read this has enough
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        told = ComityError(f"The machine refused: {reason}.", code="system", field=_file(error))
        _tell(told, as_json)
        raise typer.Exit(1) from None
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:  # noqa: BLE001 - the border to a person: no traceback
        told = ComityError(
            f"Internal error {type(error).__name__}, reference {secrets.token_hex(4)}.", code="internal"
        )
        _tell(told, as_json)
        raise typer.Exit(1) from None


def say(result: Any, as_json: bool, *, title: str = "", empty: str = "None.") -> None:
    """The result of a command: one JSON line, a table of a list, or two columns of a mapping."""
    if as_json:
        typer.echo(json.dumps(result, sort_keys=True))
        return
    screen = Screen()
    if title:
        screen.heading(title)
    if isinstance(result, Mapping):
        screen.pairs(result)
    elif result:
        screen.table(result)
    else:
        screen.line(empty)


def agree(question: str, *, yes: bool, as_json: bool) -> None:
    """Asks a person at a terminal before something is signed; a script is not asked."""
    if yes or as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return
    typer.confirm(question, abort=True)


@contextmanager
def progress(as_json: bool) -> Iterator[Any]:
    """A callback for progress messages: a bar on standard error when that is a terminal."""
    if as_json or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def show(piece: dict[str, Any]) -> None:
            what = str(piece.get("what", "working"))
            if what not in tasks:
                tasks[what] = bar.add_task(what)
            bar.update(tasks[what], completed=piece.get("done", 0), total=piece.get("total"))

        yield show


class Screen:
    """Words, tables and pairs on standard output; plain and unfolded when it is not a terminal."""

    def __init__(self, *, stderr: bool = False) -> None:
        from rich.console import Console

        terminal = (sys.stderr if stderr else sys.stdout).isatty()
        self._console = Console(stderr=stderr, highlight=False, width=None if terminal else PIPE_WIDTH)

    def heading(self, text: str, style: str = "bold") -> None:
        """A line that begins something."""
        self._console.print(spoken(text), style=style, markup=False)

    def line(self, text: str) -> None:
        """One plain line."""
        self._console.print(spoken(text), markup=False, soft_wrap=True)

    def pairs(self, values: Mapping[str, Any]) -> None:
        """Name and value in two columns."""
        table = self._grid()
        table.add_column(no_wrap=True, style="dim")
        table.add_column(overflow="fold")  # a fingerprint is shown whole
        for name, value in values.items():
            table.add_row(_text(str(name).replace("_", " ")), _text(spoken(value)))
        self._console.print(table)

    def table(self, rows: Sequence[Mapping[str, Any]], columns: Sequence[str] | None = None) -> None:
        """One line a row; without `columns`, those of the first row."""
        names = list(columns or rows[0])
        table = self._grid(header=True)
        for name in names:
            table.add_column(name.replace("_", " "), overflow="fold", header_style="dim")
        for row in rows:
            table.add_row(*(_text(spoken(row.get(name))) for name in names))
        self._console.print(table)

    @staticmethod
    def _grid(*, header: bool = False) -> Any:
        from rich.table import Table

        return Table(show_header=header, box=None, pad_edge=False, padding=(0, 2, 0, 0))


def spoken(value: object) -> str:
    """A value in words, on one line or several, without control characters."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {spoken(each)}" for name, each in value.items()) or "–"
    if isinstance(value, (list, tuple)):
        between = "\n" if any(isinstance(each, (Mapping, list)) for each in value) else ", "
        return between.join(spoken(each) for each in value) or "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value == "":
        return "–"
    return "".join(sign if sign.isprintable() or sign == "\n" else "\ufffd" for sign in str(value))


def _text(words: str) -> Any:
    from rich.text import Text

    return Text(words)


def _tell(error: ComityError, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"error": error.as_dict()}, sort_keys=True))
        return
    screen = Screen(stderr=True)
    screen.heading(error.message, "bold red")
    if error.field:
        screen.line(f"at: {error.field}")
    if error.remedy:
        screen.line(f"way out: {error.remedy}")


def _file(error: OSError) -> str | None:
    return str(error.filename) if error.filename else None
