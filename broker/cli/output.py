"""What a command says: words for a person, or one JSON object for a program; never a traceback.

With --json both results and errors are one line on standard output; without, errors go to standard
error. Exit codes: 0 done, 1 refused or failed, 2 bad usage or input, 3 unavailable.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

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
    except OSError as error:
        told = ComityError(
            f"The machine refused: {os.strerror(error.errno or 0)}.",
            code="system",
            remedy="Check the folder.",
        )
        _tell(told, as_json)
        raise typer.Exit(1) from None
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:  # noqa: BLE001 - the border to a person: no traceback
        reference = secrets.token_hex(4)
        name = type(error).__name__
        _tell(ComityError(f"Internal error {name}, reference {reference}.", code="internal"), as_json)
        raise typer.Exit(1) from None


def say(result: Mapping[str, Any], as_json: bool, *, title: str) -> None:
    """The result of a command: one JSON line, or a titled table of two columns."""
    if as_json:
        typer.echo(json.dumps(result, sort_keys=True))
        return
    console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)
    console.print(f"[bold]{escape(title)}[/]")
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")  # a fingerprint is shown whole
    for key, value in result.items():
        table.add_row(key.replace("_", " "), escape(_spoken(value)))
    console.print(table)


def _spoken(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(_spoken(each) for each in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key} {each}" for key, each in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None else str(value)


def _tell(error: ComityError, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"error": error.as_dict()}, sort_keys=True))
        return
    console = Console(stderr=True, highlight=False)
    console.print(f"[bold red]{escape(error.message)}[/]")
    if error.field:
        console.print(f"at: {escape(error.field)}")
    if error.remedy:
        console.print(f"way out: {escape(error.remedy)}")
