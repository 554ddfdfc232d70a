"""init, join, serve: making a node, bringing it into a federation, running it."""

from __future__ import annotations

import json
import secrets
import signal
import threading
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from comity.errors import NotFound
from node.cli import files
from node.cli.options import HERE, HomeOption, JsonOption, node
from node.cli.output import reported, say

if TYPE_CHECKING:
    from comity.v1.roster_pb2 import TeamCard

app = typer.Typer()

CARD = "TEAM.card"
ROOT = "offline/root.key"
_PLACEHOLDER = b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"


class MemberKind(StrEnum):
    """What a team is in the roster."""

    MEMBER_STATE = "member_state"
    ASSOCIATED_STATE = "associated_state"
    EU_BODY = "eu_body"
    THIRD_STATE = "third_state"
    PRIVATE = "private"


@app.command(
    epilog="Example: comity-node init --home nl --team nl --state NL --federation eu-thb "
    "--address nl.example:7443"
)
def init(
    *,
    team: Annotated[str, typer.Option(help="Id of the team, e.g. nl.")],
    federation: Annotated[str, typer.Option(help="Name of the federation, e.g. eu-thb.")],
    address: Annotated[str, typer.Option(help="host:port under which peers reach this node.")],
    state: Annotated[str, typer.Option(help="ISO 3166-1 alpha-2; empty for EU bodies and NGOs.")] = "",
    listen: Annotated[str, typer.Option(help="host:port to listen on; all interfaces if absent.")] = "",
    kind: Annotated[MemberKind, typer.Option("--class", help="What the team is.")] = MemberKind.MEMBER_STATE,
    name: Annotated[str, typer.Option(help="How people call the team.")] = "",
    database: Annotated[str, typer.Option(help="SQLAlchemy address; a file in the folder if absent.")] = "",
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Create keys, settings and database, and the card that the roster's composer needs.

    Every field is checked before a key is made. Move offline/root.key off this machine afterwards: who
    holds it signs rosters and certifies officers in the team's name.
    """
    with reported(as_json):
        from comity.identifiers import check_federation

        check_federation(federation)
        words = {"team": team, "state": state, "name": name or team, "address": address}
        _card(words, kind, (*_throwaway(), _PLACEHOLDER))
        values = {
            "federation": federation,
            "team": team,
            "state": state,
            "listen": listen or f"0.0.0.0:{address.rpartition(':')[2]}",
            "database": database,
        }
        fingerprint = _create(home, values, words, kind)
        result = {
            "team": team,
            "federation": federation,
            "home": str(home),
            "card": str(home / CARD),
            "fingerprint": fingerprint,
            "root_key": str(home / ROOT),
            "next": f"move {home / ROOT} to offline storage; hand {home / CARD} to the roster's composer"
            " and read the fingerprint to them",
        }
        say(result, as_json, title="Node created.")


def _create(home: Path, values: dict[str, Any], words: dict[str, str], kind: MemberKind) -> str:
    from comity.roster import fingerprint_of, sign_card
    from comity.roster_form import check_address
    from comity.transport.pki import load_certificate
    from node.adapters.home import FileKeys, Home, checked_settings
    from node.bootstrap import Parts

    check_address(values["listen"])
    checked_settings(values)
    now = datetime.now(UTC)
    found = Home(home)
    found.create(values["team"], now)
    found.write_settings(values)
    keys = FileKeys(found)
    root = files.read_secret(home / ROOT, "root-key")
    authority = found.authority.cert_pem
    load_certificate(authority)
    public = (root.public, keys.signer.public, keys.sealing.public, authority)
    envelope = sign_card(
        _card(words, kind, public),
        root_signer=root,
        federation=values["federation"],
        issued_at=now,
        chance=secrets.token_bytes,
    )
    found.write(CARD, envelope.SerializeToString(deterministic=True))
    Parts(home).close()  # makes the database
    return fingerprint_of(envelope)


def _card(words: dict[str, str], kind: MemberKind, keys: tuple[bytes, bytes, bytes, bytes]) -> TeamCard:
    from comity.roster import make_card
    from comity.v1.roster_pb2 import MemberClass

    root, signing, sealing, authority = keys
    return make_card(
        **words,
        member_class=MemberClass.Value(f"MEMBER_CLASS_{kind.name}"),
        root_key=root,
        signing_key=signing,
        sealing_key=sealing,
        authority_pem=authority,
    )


def _throwaway() -> tuple[bytes, bytes, bytes]:
    """Keys of the right form, with which the words of a card are checked before real ones are made."""
    from comity.envelope import Signer
    from comity.roster_form import SEALING_KEY_SIZE

    one, other = (Signer(secrets.token_bytes(32)).public for _ in range(2))
    return one, other, bytes(SEALING_KEY_SIZE)


@app.command(epilog="Example: comity-node join eu-thb.roster --home nl --fingerprint sha256:…")
def join(
    roster: Annotated[Path, typer.Argument(help="File with the signed roster.")],
    fingerprint: Annotated[
        str | None, typer.Option(help="Of version 1, as a member read it out; not needed for later versions.")
    ] = None,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Pin the roster, or take its next version."""
    with reported(as_json):
        trusted = follow_roster(home, roster, fingerprint)
        trusted["members"] = [each["team"] for each in trusted["members"]]
        trusted["brokers"] = [each["broker"] for each in trusted["brokers"]]
        say(trusted, as_json, title="Roster accepted.")


def follow_roster(home: Path, roster: Path, fingerprint: str | None = None) -> dict[str, Any]:
    """Hands a roster to the node: to the running one, or to its database when it does not run."""
    from base64 import b64encode

    from node.adapters.home import Home

    data = files.read_envelope(roster, "roster").SerializeToString(deterministic=True)
    check_home(home)
    answer: dict[str, Any]
    if Home(home).is_served():
        answer = node(home).call("roster.follow", roster=b64encode(data).decode())
        return answer
    from node.bootstrap import Parts
    from node.service import federation

    parts = Parts(home)
    try:
        answer = federation.join(parts.node, data, fingerprint)
    finally:
        parts.close()
    return answer


def check_home(home: Path) -> None:
    """NotFound unless there is a node in the folder."""
    from node.adapters.home import SETTINGS, Home

    if not Home(home).has(SETTINGS):
        raise NotFound(
            "There is no node in this folder.",
            code="no-node",
            field="home",
            remedy="give its folder with --home or COMITY_HOME, or make one with `comity-node init`",
        )


@app.command(epilog="Example: comity-node serve --home nl")
def serve(home: HomeOption = HERE, as_json: JsonOption = False) -> None:
    """Serve peers and operators until a signal ends it; prints one line when it is ready."""
    with reported(as_json):
        check_home(home)
        over = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: over.set())
        from node.bootstrap import NodeApp

        found = NodeApp(home)
        found.start()
        try:
            team, port = found.parts.settings.team, found.server.port
            ready = {"ready": True, "team": team, "port": port}
            typer.echo(json.dumps(ready, sort_keys=True) if as_json else f"{team} is ready on port {port}")
            over.wait()
        finally:
            found.stop()
