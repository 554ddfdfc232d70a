"""Envelope encryption at rest: AES-256-GCM under data keys, data keys under the key-encryption key.

The associated data name the data key and the place (`table/row/column`), so a box moved to another
row does not open. Erasing a data key overwrites its wrapped form: what it sealed cannot be opened from this
database any more. A backup from before still holds the wrapped key, so backups have an end of their own.
"""

from __future__ import annotations

import hashlib
import hmac
from threading import Lock
from typing import cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import event
from sqlmodel import Session

from comity.errors import Corrupt, Expired
from node.ports.vault import NODE_KEY
from node.ports.world import Chance, Clock
from node.records import DataKey

_VERSION = b"\x01"
_NONCE = 12


class SealedVault:
    """The `Vault` port over the table of data keys and one 32-byte key-encryption key."""

    def __init__(self, key_encryption_key: bytes, *, clock: Clock, chance: Chance) -> None:
        self._kek = AESGCM(key_encryption_key)
        self._look_up = hashlib.sha256(b"comity look-up" + key_encryption_key).digest()
        self._clock = clock
        self._chance = chance
        self._open_keys: dict[str, AESGCM] = {}
        self._lock = Lock()

    def seal(self, session: Session, where: str, data: bytes, key: str = NODE_KEY) -> bytes:
        """Seals `data` for the place `where`; makes the data key on first use."""
        cipher = self._cipher(session, key, create=True)
        nonce = self._chance(_NONCE)
        return _VERSION + nonce + cipher.encrypt(nonce, data, _bind(key, where))

    def open(self, session: Session, where: str, box: bytes, key: str = NODE_KEY) -> bytes:
        """Opens what `seal` made for the same place and key."""
        cipher = self._cipher(session, key, create=False)
        try:
            return cipher.decrypt(box[1 : 1 + _NONCE], box[1 + _NONCE :], _bind(key, where))
        except (InvalidTag, ValueError) as error:
            raise Corrupt("a sealed column does not open where it stands", field=where) from error

    def erase_key(self, session: Session, key: str) -> bool:
        """Erases a data key; False when there was none."""
        row = session.get(DataKey, key)
        session.info.pop((DataKey, key), None)
        self._forget(key)
        if row is None or row.wrapped is None:
            return False
        # A reader may have opened the key once more until this transaction is committed.
        event.listen(session, "after_commit", lambda _: self._forget(key), once=True)
        row.wrapped, row.erased_at = None, self._clock.now()
        session.add(row)
        return True

    def digest(self, purpose: str, data: bytes) -> bytes:
        """HMAC-SHA-256 under this node's look-up key, separated by purpose."""
        return hmac.new(self._look_up, purpose.encode() + b"\x00" + data, "sha256").digest()

    def _cipher(self, session: Session, key: str, *, create: bool) -> AESGCM:
        with self._lock:
            if (known := self._open_keys.get(key)) is not None:
                return known
        if (fresh := session.info.get((DataKey, key))) is not None:
            return cast(AESGCM, fresh)
        row = session.get(DataKey, key)
        if row is None and create:
            return self._make(session, key)
        if row is None or row.wrapped is None:
            raise Expired(
                "the data key of this item was erased, and the item with it",
                field=key.split(":", maxsplit=1)[0],
            )
        try:
            plain = self._kek.decrypt(row.wrapped[:_NONCE], row.wrapped[_NONCE:], key.encode())
        except InvalidTag as error:
            raise Corrupt(
                "a data key does not open under this key-encryption key",
                remedy="check that keys/kek.key belongs to this database",
            ) from error
        with self._lock:
            return self._open_keys.setdefault(key, AESGCM(plain))

    def _make(self, session: Session, key: str) -> AESGCM:
        """A new data key, known to its own transaction alone: a rollback leaves nobody sealing under it."""
        nonce, plain = self._chance(_NONCE), self._chance(32)
        wrapped = nonce + self._kek.encrypt(nonce, plain, key.encode())
        session.add(DataKey(name=key, wrapped=wrapped, created_at=self._clock.now()))
        session.flush()
        cipher = AESGCM(plain)
        session.info[(DataKey, key)] = cipher
        return cipher

    def _forget(self, key: str) -> None:
        with self._lock:
            self._open_keys.pop(key, None)


def _bind(key: str, where: str) -> bytes:
    return key.encode() + b"\x00" + where.encode()
