"""The options that many commands share, and what they open: the node, an officer's key, a new id."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from comity.errors import Malformed

if TYPE_CHECKING:
    from comity.officer_key import OfficerKey
    from node.cli.client import NodeClient

PASSPHRASE = "COMITY_OFFICER_PASSPHRASE"  # noqa: S105 - the variable's name, not a passphrase

HomeOption = Annotated[Path, typer.Option("--home", envvar="COMITY_HOME", help="The node's folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One line of JSON instead of words.")]
KeyOption = Annotated[
    Path,
    typer.Option(
        "--key",
        envvar="COMITY_OFFICER_KEY",
        help=f"The officer's key file; its passphrase is asked for, or read from {PASSPHRASE}.",
    ),
]
IdOption = Annotated[
    str,
    typer.Option("--id", help="32 hexadecimal digits: the same id twice does it once. Made up if absent."),
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept in the log. No personal data.")]
OutOption = Annotated[Path, typer.Option("-o", "--output", help="The file to write.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask before signing.")]
HandlingOption = Annotated[str, typer.Option("--handling", help="H0, H1, H2 or H3.")]

HERE = Path()


def group(name: str, words: str) -> typer.Typer:
    """A group of commands."""
    return typer.Typer(
        name=name, help=words, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
    )


def node(home: Path) -> NodeClient:
    """The running node of a home."""
    from node.cli.client import NodeClient

    return NodeClient(home)


def act(home: Path, key: Path, operation: str, **arguments: Any) -> Any:
    """An operation signed by the officer of the key file."""
    officer = officer_key(key)
    return node(home).act(operation, officer, **arguments)


def officer_key(path: Path) -> OfficerKey:
    """The key in a file; its passphrase comes from the environment or from whoever sits there."""
    from comity.officer_key import OfficerKey, is_protected

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise Malformed("The officer's key file cannot be read.", field="key") from None
    passphrase = os.environ.get(PASSPHRASE) if is_protected(text) else None
    if is_protected(text) and passphrase is None and sys.stdin.isatty():
        passphrase = typer.prompt("Passphrase", hide_input=True, err=True)
    return OfficerKey.from_text(text, passphrase)


def new_id(given: str = "") -> str:
    """The id given, or a random one."""
    return given or secrets.token_hex(16)


def typed(value: str, what: str) -> str:
    """The value given, or with "-" the one on standard input, which no history or process list shows."""
    if value != "-":
        return value
    try:
        text = sys.stdin.buffer.read(16_384).decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise Malformed("The value on standard input is not UTF-8.", field=what) from None
    if not text:
        raise Malformed("There is no value on standard input.", field=what)
    return text
