"""officer: keys are made where the officer sits, certified where the root key is, enrolled at the node."""

from __future__ import annotations

import base64
import os
import re
import secrets
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from comity.errors import Malformed
from node.cli import files
from node.cli.options import HERE, HomeOption, JsonOption, OutOption, group, node
from node.cli.output import reported, say

app = group("officer", "Officers' keys, certificates and roles.")

DAYS = 365
_LABEL = "COMITY OFFICER PUBLIC KEY"
_PUBLIC = re.compile(
    rf"-----BEGIN {_LABEL}-----\nTeam: ([^\n]+)\nOfficer: ([^\n]+)\n"
    rf"\n([A-Za-z0-9+/=]+)\n-----END {_LABEL}-----\n?"
)


@app.command(epilog="Example: comity-node officer new officer-1 --team nl -o officer-1.key")
def new(
    *,
    name: Annotated[str, typer.Argument(help="Unique in the team; no personal name is needed.")],
    output: OutOption,
    team: Annotated[str, typer.Option(help="The team's id; that of --home if absent.")] = "",
    passphrase_env: Annotated[
        str | None, typer.Option(help="Environment variable with the passphrase; asked for if absent.")
    ] = None,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Make an officer's key on the officer's own machine, and the public half to be certified."""
    with reported(as_json):
        from comity.officer_key import OfficerKey

        key = OfficerKey.generate(team or _team_of(home), name, secrets.token_bytes)
        passphrase = _passphrase(passphrase_env)
        files.write_new(output, key.to_text(passphrase, secrets.token_bytes).encode(), private=True)
        public = output.with_name(output.name + ".pub")
        files.write_new(public, _public_text(key.team, key.officer, key.public).encode())
        result = {
            "officer": name,
            "team": key.team,
            "key": str(output),
            "public": str(public),
            "protected": passphrase is not None,
            "next": f"have {public} certified: comity-node officer certify {public} --role R-LO …",
        }
        say(result, as_json, title="Key made. It never leaves this machine.")


@app.command(
    epilog="Example: comity-node officer certify officer-1.key.pub --role R-LO --federation eu-thb "
    "--root-key /media/safe/root.key -o officer-1.cert"
)
def certify(
    *,
    key: Annotated[Path, typer.Argument(help="The officer's public key file, or the key file itself.")],
    role: Annotated[list[str], typer.Option(help="A role, such as R-LO, R-CO, R-JUD; repeat for each.")],
    root_key: Annotated[Path, typer.Option(help="The team's root key, from its safe.")],
    output: OutOption,
    federation: Annotated[str, typer.Option(help="The federation; that of --home if absent.")] = "",
    days: Annotated[int, typer.Option(help="How long the certificate holds.", min=1, max=731)] = DAYS,
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Certify an officer's key and roles with the team's root key. Works without a network."""
    with reported(as_json):
        from comity import officer

        team, name, public = _public_key(key)
        now = datetime.now(UTC)
        made = officer.certify(
            files.read_secret(root_key, "root-key"),
            federation=federation or _federation_of(home),
            team=team,
            officer=name,
            public_key=public,
            roles=role,
            not_before=now - timedelta(minutes=5),
            not_after=now + timedelta(days=days),
            now=now,
            chance=secrets.token_bytes,
        )
        files.write_new(output, made.SerializeToString(deterministic=True))
        result = {
            "officer": name,
            "team": team,
            "roles": sorted(set(role)),
            "certificate": str(output),
            "not_after": (now + timedelta(days=days)).isoformat(timespec="seconds"),
        }
        say(result, as_json, title="Certified. Enrol it at the node: comity-node officer enrol")


@app.command(epilog="Example: comity-node officer enrol officer-1.cert --home nl")
def enrol(
    certificate: Annotated[Path, typer.Argument(help="The officer's certificate.")],
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Enrol an officer at the running node; a newer certificate replaces the older one."""
    with reported(as_json):
        data = files.read_envelope(certificate, "certificate").SerializeToString(deterministic=True)
        result = node(home).call("officer.enrol", certificate=base64.b64encode(data).decode())
        say(result, as_json, title="Enrolled.")


@app.command("list", epilog="Example: comity-node officer list --home nl")
def list_(home: HomeOption = HERE, as_json: JsonOption = False) -> None:
    """List the officers enrolled here."""
    with reported(as_json):
        say(node(home).call("officer.list"), as_json, empty="No officer is enrolled.")


@app.command(epilog="Example: comity-node officer revoke officer-1 --home nl")
def revoke(
    name: Annotated[str, typer.Argument(help="The officer.")],
    home: HomeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Take an officer's powers away at once."""
    with reported(as_json):
        say(node(home).call("officer.revoke", name=name), as_json, title="Revoked.")


def _passphrase(variable: str | None) -> str | None:
    if variable is not None:
        given = os.environ.get(variable)
        if not given:
            raise Malformed("The variable for the passphrase is empty.", field="passphrase-env")
        return given
    if not sys.stdin.isatty():
        return None
    typed = typer.prompt(
        "Passphrase (empty for none)", default="", show_default=False, hide_input=True,
        confirmation_prompt=True, err=True,
    )  # fmt: skip
    return typed or None


def _public_text(team: str, officer: str, public: bytes) -> str:
    body = textwrap.fill(base64.b64encode(public).decode(), 64)
    return f"-----BEGIN {_LABEL}-----\nTeam: {team}\nOfficer: {officer}\n\n{body}\n-----END {_LABEL}-----\n"


def _public_key(path: Path) -> tuple[str, str, bytes]:
    """Team, officer and public key in a public key file or in a key file."""
    from node.cli.options import officer_key

    text = files.read(path, "key").decode(errors="replace").replace("\r\n", "\n")
    found = _PUBLIC.fullmatch(text)
    if found is None:
        key = officer_key(path)
        return key.team, key.officer, key.public
    try:
        return found[1], found[2], base64.b64decode(found[3], validate=True)
    except ValueError:
        raise Malformed("The public key is not base64.", field="key") from None


def _team_of(home: Path) -> str:
    from node.adapters.home import Home

    return Home(home).settings(dict(os.environ)).team


def _federation_of(home: Path) -> str:
    from node.adapters.home import Home

    return Home(home).settings(dict(os.environ)).federation
