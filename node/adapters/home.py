"""A node's home: keys, settings and, by default, the database, readable by their owner alone.

    settings.toml        what the operator decides
    keys/kek.key         key-encryption key of the sealed columns (32 bytes)
    keys/signing.key     Ed25519 seed that signs the node's statements and its log
    keys/sealing.key     X-Wing seed that opens what is sealed to the team
    keys/authority.key   the team's certificate authority; signs leaves, nothing else
    keys/authority.pem
    offline/root.key     Ed25519 seed that signs rosters and officers: move it off this machine
    TEAM.card            what the composer of the roster needs
    leaf.pem             certificate and key of the moment, renewed by `serve`
    node.db              the database (unless `database` says otherwise)
    node.sock            the operators' socket while serving
    telemetry/           traces, metrics and log lines, without personal data

Whoever reads `keys/` can pose as this node and read its database; whoever reads `offline/` can make
officers and sign rosters in the team's name.
"""

from __future__ import annotations

import json
import secrets
import tempfile
import tomllib
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from comity.envelope import Signer
from comity.errors import Conflict, Malformed
from comity.identifiers import Identity
from comity.seal import SealingKey
from comity.transport import pki
from comity.transport.folder import Folder
from comity.transport.pki import KeyPair
from node.ports.settings import Settings

SETTINGS = "settings.toml"
PREFIX = "COMITY_NODE_"
_SOCKET_LIMIT = 100  # bytes of a Unix socket's path that every system takes


class Home(Folder):
    """The files of one node."""

    def create(self, team: str, now: datetime) -> None:
        """Makes keys and authority; refuses a folder that has them."""
        if self.has(SETTINGS) or self.has("keys/kek.key"):
            raise Conflict(
                "There is a node in this folder already.",
                code="home-exists",
                field="home",
                remedy="Choose another folder; keys are never overwritten.",
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        authority = pki.make_authority(f"team {team} {secrets.token_hex(4)}", now)
        self.write("keys/authority.key", authority.key_pem)
        self.write("keys/authority.pem", authority.cert_pem)
        for name in ("kek", "signing", "sealing"):
            self.write(f"keys/{name}.key", _hex(secrets.token_bytes(32)))
        self.write("offline/root.key", _hex(secrets.token_bytes(32)))

    def secret(self, name: str) -> bytes:
        """A 32-byte secret; Malformed names a damaged file."""
        try:
            data = bytes.fromhex(self.read(name).decode().strip())
        except (ValueError, UnicodeDecodeError):
            data = b""
        if len(data) != 32:
            raise Malformed(f"{name} is damaged: it is not 32 bytes in hexadecimal.", field=name)
        return data

    @property
    def authority(self) -> KeyPair:
        """The team's certificate authority."""
        return KeyPair(self.read("keys/authority.key"), self.read("keys/authority.pem"))

    def settings(self, environment: dict[str, str]) -> Settings:
        """The settings file, overridden by `COMITY_NODE_*` variables; Malformed names every fault."""
        try:
            values: dict[str, Any] = tomllib.loads(self.read(SETTINGS).decode())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            raise Malformed(
                f"{SETTINGS} is not TOML.",
                field=SETTINGS,
                remedy='Each line is `name = value`; texts are in "quotes".',
            ) from None
        for field in Settings.model_fields:
            if (given := environment.get(PREFIX + field.upper())) is not None:
                values[field] = given
        return checked_settings(values)

    def write_settings(self, values: dict[str, Any]) -> None:
        """Writes the settings file; values that are empty are left to their defaults."""
        lines = ["# Settings of this node. docs/operations.md explains each."]
        lines += [f"{key} = {json.dumps(value)}" for key, value in values.items() if value not in ("", None)]
        self.write(SETTINGS, ("\n".join(lines) + "\n").encode())

    def database_url(self, settings: Settings) -> str:
        """The database's address, with its default inside the home."""
        return settings.database or f"sqlite:///{self.folder / 'node.db'}"

    @property
    def socket(self) -> Path:
        """The operators' socket; in a private folder of the system when the home's path is too long."""
        usual = self.folder.resolve() / "node.sock"
        if len(str(usual).encode()) <= _SOCKET_LIMIT:
            return usual
        name = sha256(str(usual).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"comity-{name}" / "node.sock"


class FileKeys:
    """The `KeyRing` port over the files of a home."""

    def __init__(self, home: Home) -> None:
        self.signer = Signer(home.secret("keys/signing.key"))
        self.sealing = SealingKey(home.secret("keys/sealing.key"))


def checked_settings(values: dict[str, Any]) -> Settings:
    """Settings from raw values; Malformed names every fault."""
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        faults = [(".".join(str(part) for part in each["loc"]), each["msg"]) for each in error.errors()]
        text = "; ".join(f"{name}: {message}" for name, message in faults)
        raise Malformed(
            f"The settings cannot be used: {text}.", field=faults[0][0], remedy=f"Correct {SETTINGS}."
        ) from None


def identity(settings: Settings) -> Identity:
    """Whom this node's certificate names."""
    return Identity(settings.federation, "team", settings.team)


def _hex(data: bytes) -> bytes:
    return data.hex().encode() + b"\n"
