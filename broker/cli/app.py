"""The commands: init, join, serve, status."""

from __future__ import annotations

import json
import re
import signal
import threading
from base64 import b64decode
from binascii import Error as NotBase64
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from broker import settings as settings_file
from broker.bootstrap import BrokerApp, Parts, now
from broker.cli.output import reported, say
from broker.cli.state import state_of
from broker.home import Home
from comity.envelope import parse_envelope
from comity.errors import ComityError, Malformed
from comity.identifiers import check_broker, check_federation
from comity.roster_form import check_address, check_broker_card
from comity.transport.broker_card import card_fingerprint
from comity.v1.envelope_pb2 import Envelope

MAX_ROSTER_BYTES = 4 * 1_048_576
_ARMOUR = re.compile(rb"\s*-----BEGIN [A-Z ]+-----\n(.*?)-----END [A-Z ]+-----\s*", re.DOTALL)

app = typer.Typer(
    name="comity-broker",
    help="The blind mailbox, roster copy and log witness of a federation.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

HomeOption = Annotated[Path, typer.Option("--home", envvar="COMITY_BROKER_HOME", help="The broker's folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object instead of words.")]
DatabaseOption = Annotated[
    str | None, typer.Option("--database", envvar="COMITY_BROKER_DATABASE", help="SQLAlchemy address.")
]


def main() -> None:
    """Entry point of `comity-broker`."""
    app()


@app.command(
    epilog="Example: comity-broker init --home hub --broker hub --federation eu-thb --address hub:7443"
)
def init(
    home: HomeOption,
    broker: Annotated[str, typer.Option(help="Id of the broker, e.g. hub.")],
    federation: Annotated[str, typer.Option(help="Name of the federation, e.g. eu-thb.")],
    address: Annotated[str, typer.Option(help="host:port under which nodes reach it.")],
    name: Annotated[str, typer.Option(help="How people call it.")] = "",
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Create keys, settings and database, and the card that the roster's composer needs."""
    with reported(as_json):
        check_broker(broker)
        check_federation(federation)
        check_address(address)
        files = Home(home)
        values: dict[str, Any] = {"broker": broker, "federation": federation, "address": address}
        values |= {"name": name, "database": database}
        files.create(broker=broker, now=now())
        card = files.card(broker=broker, name=name, address=address)
        check_broker_card(card)
        settings_file.write(home, values)
        parts = Parts(home, database)
        parts.credentials()
        parts.close()
        path = files.write_card(card)
        result = {
            "broker": broker,
            "home": str(home),
            "card": str(path),
            "fingerprint": card_fingerprint(card),
        }
        say(result, as_json, title="Broker created. Hand the card to whoever composes the roster:")


@app.command(epilog="Example: comity-broker join eu-thb.roster --home hub --fingerprint sha256:…")
def join(
    roster: Annotated[Path, typer.Argument(help="File with the signed roster.")],
    home: HomeOption,
    fingerprint: Annotated[
        str | None, typer.Option(help="Of version 1, as a member read it out; not needed for later versions.")
    ] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Pin the roster, or take its next version; a serving broker notices within a second."""
    with reported(as_json):
        parts = Parts(home, database)
        try:
            trusted = parts.join(read_roster(roster), fingerprint)
        finally:
            parts.close()
        result = {
            "federation": trusted.federation,
            "version": trusted.version,
            "fingerprint": trusted.fingerprint,
            "teams": [each.team for each in trusted.members],
            "expires_at": trusted.expires_at.isoformat(),
        }
        say(result, as_json, title="Roster accepted")


@app.command(epilog="Example: comity-broker serve --home hub")
def serve(
    home: HomeOption,
    listen: Annotated[str | None, typer.Option(help="host:port, in place of the setting.")] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve until a signal ends it; prints one line when it is ready."""
    with reported(as_json):
        over = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: over.set())
        broker = BrokerApp(home, database_url=database, listen=listen)
        broker.start()
        ready = {"ready": True, "broker": broker.parts.settings.broker, "port": broker.port}
        typer.echo(json.dumps(ready, sort_keys=True) if as_json else f"ready on port {broker.port}")
        over.wait()
        broker.stop()


@app.command(epilog="Example: comity-broker status --home hub --json")
def status(home: HomeOption, database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """Show whether it serves, its roster, what waits, and any evidence of forked logs."""
    with reported(as_json):
        parts = Parts(home, database)
        try:
            result = state_of(parts)
        finally:
            parts.close()
        say(result, as_json, title=f"Broker {result['broker']}")
        if result["evidence"] and not as_json:
            Console(highlight=False).print("[bold red]A log contradicts itself: tell the federation.[/]")


def read_roster(path: Path) -> Envelope:
    """The signed roster in a file: serialised bytes, or the same in base64 between BEGIN and END lines.

    Raises:
        Malformed: no such file, too long, or neither form.
    """
    try:
        data = path.read_bytes()
    except OSError:
        raise Malformed("The roster file cannot be read.", field="roster") from None
    if len(data) > MAX_ROSTER_BYTES:
        raise Malformed("The roster file is longer than 4 MiB.", field="roster")
    armoured = _ARMOUR.fullmatch(data.replace(b"\r\n", b"\n"))
    try:
        return parse_envelope(b64decode(b"".join(armoured[1].split()), validate=True) if armoured else data)
    except (NotBase64, ComityError):
        raise Malformed("The file does not hold a signed roster.", field="roster") from None
