"""A broker's home: the folder with its keys, certificate, settings and, by default, its database.

    settings.toml    what the operator decides
    authority.key    the broker's certificate authority; sign leaves, nothing else
    authority.pem
    leaf.pem         certificate and key of the moment; renewed by `serve` at two thirds of its life
    witness.key      Ed25519 seed that cosigns checkpoints, in hexadecimal
    <id>.broker      the card for the roster's composer
    broker.sqlite    mail, roster, witness (unless `database` says otherwise)
    ready            while serving: process id, port
    lock             held while serving

Files are readable by their owner alone. An attacker who can read the home can pose as this broker and
cosign forks; it still reads no mail.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from comity.envelope import Signer
from comity.errors import Conflict, Malformed, NotFound
from comity.identifiers import Identity, broker_spiffe
from comity.transport import broker_card, pki
from comity.transport.pki import KeyPair
from comity.v1.roster_pb2 import BrokerCard

_KEY_AND_CERTIFICATE = re.compile(
    rb"(-----BEGIN PRIVATE KEY-----.*?-----END PRIVATE KEY-----\n)(.*)", re.DOTALL
)


class Home:
    """The files of one home."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self, *, broker: str, now: datetime) -> None:
        """Makes folder, authority and witness key; refuses a folder that has them."""
        if (self.folder / "authority.key").exists():
            raise Conflict(
                "There is a broker in this folder already.",
                code="home-exists",
                field="home",
                remedy="Choose another folder; keys are never overwritten.",
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        authority = pki.make_authority(f"broker {broker} {secrets.token_hex(4)}", now)
        self.write("authority.key", authority.key_pem)
        self.write("authority.pem", authority.cert_pem)
        self.write("witness.key", secrets.token_hex(32).encode() + b"\n")

    def authority(self) -> KeyPair:
        """The broker's certificate authority."""
        return KeyPair(self.read("authority.key"), self.read("authority.pem"))

    def witness(self) -> Signer:
        """The key that cosigns.

        Raises:
            Malformed: the file is not 32 bytes in hexadecimal.
        """
        try:
            return Signer(bytes.fromhex(self.read("witness.key").decode().strip()))
        except (ValueError, UnicodeDecodeError):
            raise Malformed("witness.key is damaged.", field="witness.key") from None

    def card(self, *, broker: str, name: str, address: str) -> BrokerCard:
        """What the roster says about this broker."""
        return BrokerCard(
            broker=broker,
            name=name or broker,
            address=address,
            witness_key=self.witness().public,
            authority_pem=self.read("authority.pem"),
        )

    def write_card(self, card: BrokerCard) -> Path:
        """Writes the card beside the keys; returns where."""
        self.write(f"{card.broker}.broker", broker_card.to_text(card).encode())
        return self.folder / f"{card.broker}.broker"

    def read(self, name: str) -> bytes:
        """One file; NotFound names it when it is missing."""
        try:
            return (self.folder / name).read_bytes()
        except OSError:
            raise NotFound(
                f"The broker's home has no readable {name}.", code="no-file", field="home"
            ) from None

    def write(self, name: str, data: bytes) -> None:
        """Replaces one file as a whole, readable by its owner alone, on the disk when it returns."""
        temporary = self.folder / f".{name}.new"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(self.folder / name)

    def remove(self, name: str) -> None:
        """Removes one file, if it is there."""
        with contextlib.suppress(OSError):
            (self.folder / name).unlink()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Held while serving: a second broker on the same home is refused.

        Raises:
            Conflict: another process holds it.
        """
        with (self.folder / "lock").open("w", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Conflict(
                    "A broker serves from this home already.", code="already-serving", field="home"
                ) from None
            yield

    def is_served(self) -> bool:
        """Whether a process holds the lock now."""
        try:
            with self.lock():
                return False
        except Conflict:
            return True


class Leaf:
    """The broker's own certificate, renewed by itself at two thirds of its life."""

    def __init__(self, home: Home, identity: Identity, lifetime: timedelta) -> None:
        self._home, self._identity, self._lifetime = home, identity, lifetime
        self._lock = Lock()
        self._pair: KeyPair | None = None

    def at(self, now: datetime) -> KeyPair:
        """The certificate to show at `now`."""
        with self._lock:
            pair = self._pair or self._stored()
            if pair is None or self._is_old(pair, now):
                pair = self._issue(now)
                self._home.write("leaf.pem", pair.key_pem + pair.cert_pem)
            self._pair = pair
            return pair

    def _is_old(self, pair: KeyPair, now: datetime) -> bool:
        left = pki.not_after(pair.cert_pem) - now
        return left < self._lifetime / 3 or left > self._lifetime + pki.BACKDATING

    def _stored(self) -> KeyPair | None:
        try:
            found = _KEY_AND_CERTIFICATE.fullmatch(self._home.read("leaf.pem"))
        except NotFound:
            return None
        return KeyPair(found[1], found[2]) if found else None

    def _issue(self, now: datetime) -> KeyPair:
        return pki.issue_leaf(
            *self._home.authority(),
            spiffe=broker_spiffe(self._identity.federation, self._identity.name),
            dns=pki.dns_name(self._identity),
            now=now,
            lifetime=self._lifetime,
        )
