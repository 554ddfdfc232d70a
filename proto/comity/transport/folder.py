"""A program's home folder: files readable by their owner alone, one process at a time, its own leaf.

Promises: `write` replaces a file as a whole and is on the disk when it returns; `lock` is held by one
process at most and falls with it, however it ends; `Leaf` renews the certificate by itself at two
thirds of its life. Left to others: what the files mean.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from comity.errors import Conflict, NotFound
from comity.identifiers import Identity, broker_spiffe, node_spiffe
from comity.transport import pki
from comity.transport.pki import KeyPair

_KEY_AND_CERTIFICATE = re.compile(
    rb"(-----BEGIN PRIVATE KEY-----.*?-----END PRIVATE KEY-----\n)(.*)", re.DOTALL
)


class Folder:
    """The files of one home."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, name: str) -> bytes:
        """One file; NotFound names it when it is missing."""
        try:
            return (self.folder / name).read_bytes()
        except OSError:
            raise NotFound(f"The home has no readable {name}.", code="no-file", field="home") from None

    def has(self, name: str) -> bool:
        """Whether the file is there."""
        return (self.folder / name).exists()

    def write(self, name: str, data: bytes) -> None:
        """Replaces one file as a whole, readable by its owner alone, on the disk when it returns."""
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = target.with_name(f".{target.name}.new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(target)

    def remove(self, name: str) -> None:
        """Removes one file, if it is there."""
        with contextlib.suppress(OSError):
            (self.folder / name).unlink()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Held while serving: a second process on the same home is refused with Conflict."""
        with (self.folder / "lock").open("w", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Conflict(
                    "Another process serves from this home already.",
                    code="already-serving",
                    field="home",
                    remedy="Stop it first, or use the commands that talk to it.",
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
    """A program's own certificate, renewed by itself at two thirds of its life."""

    def __init__(
        self,
        home: Folder,
        authority: KeyPair,
        identity: Identity,
        lifetime: timedelta,
        name: str = "leaf.pem",
    ) -> None:
        self._home, self._authority, self._identity = home, authority, identity
        self._lifetime, self._name = lifetime, name
        self._lock = Lock()
        self._pair: KeyPair | None = None

    def at(self, now: datetime) -> KeyPair:
        """The certificate to show at `now`."""
        with self._lock:
            pair = self._pair or self._stored()
            if pair is None or self._is_old(pair, now):
                pair = self._issue(now)
                self._home.write(self._name, pair.key_pem + pair.cert_pem)
            self._pair = pair
            return pair

    def _is_old(self, pair: KeyPair, now: datetime) -> bool:
        left = pki.not_after(pair.cert_pem) - now
        return left < self._lifetime / 3 or left > self._lifetime + pki.BACKDATING

    def _stored(self) -> KeyPair | None:
        try:
            found = _KEY_AND_CERTIFICATE.fullmatch(self._home.read(self._name))
        except NotFound:
            return None
        return KeyPair(found[1], found[2]) if found else None

    def _issue(self, now: datetime) -> KeyPair:
        federation, name = self._identity.federation, self._identity.name
        is_team = self._identity.role == "team"
        return pki.issue_leaf(
            *self._authority,
            spiffe=node_spiffe(federation, name) if is_team else broker_spiffe(federation, name),
            dns=pki.dns_name(self._identity),
            now=now,
            lifetime=self._lifetime,
        )
