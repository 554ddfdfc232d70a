"""Sealing at rest, and the node's long-term keys."""

from __future__ import annotations

from typing import Protocol

from sqlmodel import Session

from comity.envelope import Signer
from comity.seal import SealingKey

NODE_KEY = "node"


class Vault(Protocol):
    """Promises: a box opens only in the place it was sealed for (`where` is bound as associated
    data) and only while its data key exists; after `erase_key` nothing sealed under that key can be
    opened from this database again (an older backup still can: docs/privacy.md). Data keys are
    wrapped by the key-encryption key, which is never in the database.
    """

    def seal(self, session: Session, where: str, data: bytes, key: str = NODE_KEY) -> bytes: ...

    def open(self, session: Session, where: str, box: bytes, key: str = NODE_KEY) -> bytes:
        """Raises Corrupt when the box was moved or changed, Expired when its key was erased."""
        ...

    def erase_key(self, session: Session, key: str) -> bool: ...

    def digest(self, purpose: str, data: bytes) -> bytes:
        """HMAC-SHA-256 under a key of this node: for look-ups that nobody else can repeat."""
        ...


class KeyRing(Protocol):
    """The node's own long-term keys, from files (or a token); reloaded when they are replaced."""

    @property
    def signer(self) -> Signer: ...

    @property
    def sealing(self) -> SealingKey: ...
