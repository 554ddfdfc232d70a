"""The file in which an officer's signing key rests.

The rules: plain text with a heading that people can read; with a passphrase the 32 secret bytes are sealed
under Argon2id and XChaCha20-Poly1305, and the heading is authenticated with them. A wrong passphrase and a
changed file look alike. Whoever holds an unprotected file is the officer.

Left to the caller: file permissions (0600), asking for the passphrase, wiping memory (Python cannot).
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id

from comity.envelope import Chance, Signer
from comity.errors import Forbidden, Malformed
from comity.identifiers import check_team
from comity.officer import check_officer

OPS = argon2id.OPSLIMIT_MODERATE  # passes
MEMORY = argon2id.MEMLIMIT_MODERATE  # bytes
MAX_OPS = 16
MAX_MEMORY = 2**30  # bytes; a file cannot make us use more

_BEGIN = "-----BEGIN COMITY OFFICER KEY-----"
_END = "-----END COMITY OFFICER KEY-----"
_FILE = re.compile(
    rf"{_BEGIN}\n(?P<head>Team: (?P<team>[^\n]+)\nOfficer: (?P<officer>[^\n]+)\n"
    r"Protection: (?:none|argon2id ops=(?P<ops>\d{1,3}) memory=(?P<memory>\d{1,10}) "
    r"salt=(?P<salt>[0-9a-f]{32}))\n)"
    rf"\n(?P<body>[A-Za-z0-9+/=]+)\n{_END}\n?"
)


@dataclass(frozen=True, slots=True)
class OfficerKey:
    """An officer's private key and whose it is."""

    team: str
    officer: str
    seed: bytes = field(repr=False)

    @classmethod
    def generate(cls, team: str, officer: str, chance: Chance) -> OfficerKey:
        """A fresh key for `officer` of `team`."""
        return cls(check_team(team), check_officer(officer), chance(32))

    @property
    def public(self) -> bytes:
        """The Ed25519 public key to have certified (32 bytes)."""
        return Signer(self.seed).public

    def to_text(self, passphrase: str | None, chance: Chance, *, ops: int = OPS, memory: int = MEMORY) -> str:
        """The key file; `passphrase=None` leaves the secret bytes readable."""
        head = f"Team: {self.team}\nOfficer: {self.officer}\n"
        if passphrase is None:
            head += "Protection: none\n"
            body = self.seed
        else:
            salt = chance(16)
            head += f"Protection: argon2id ops={ops} memory={memory} salt={salt.hex()}\n"
            key = _stretch(passphrase, salt, ops, memory)
            nonce = chance(24)
            body = nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(self.seed, head.encode(), nonce, key)
        return f"{_BEGIN}\n{head}\n{base64.b64encode(body).decode()}\n{_END}\n"

    @classmethod
    def from_text(cls, text: str, passphrase: str | None = None) -> OfficerKey:
        """The key in `text`. Malformed: no key file; Forbidden: passphrase missing or wrong."""
        found = _FILE.fullmatch(text)
        if not found:
            raise Malformed("This is not an officer key file.", field="officer-key")
        body = _decode(found["body"])
        if found["ops"] is not None:
            body = _unseal(found, body, passphrase)
        if len(body) != 32:
            raise Malformed("The officer key has not 32 bytes.", field="officer-key")
        return cls(check_team(found["team"]), check_officer(found["officer"]), body)


def is_protected(text: str) -> bool:
    """Whether the key file asks for a passphrase."""
    found = _FILE.fullmatch(text)
    return found is not None and found["ops"] is not None


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as problem:
        raise Malformed("The officer key is not base64.", field="officer-key") from problem


def _unseal(found: re.Match[str], body: bytes, passphrase: str | None) -> bytes:
    if passphrase is None:
        raise Forbidden(
            "The officer key is protected.", code="passphrase-needed", field="passphrase", remedy="give it"
        )
    ops, memory = int(found["ops"]), int(found["memory"])
    if not (1 <= ops <= MAX_OPS and argon2id.MEMLIMIT_MIN <= memory <= MAX_MEMORY):
        raise Malformed("The officer key asks for an unreasonable effort.", field="officer-key")
    key = _stretch(passphrase, bytes.fromhex(found["salt"]), ops, memory)
    try:
        return crypto_aead_xchacha20poly1305_ietf_decrypt(body[24:], found["head"].encode(), body[:24], key)
    except (CryptoError, ValueError, TypeError) as problem:
        raise Forbidden(
            "The passphrase is wrong, or the file was changed.", code="wrong-passphrase", field="passphrase"
        ) from problem


def _stretch(passphrase: str, salt: bytes, ops: int, memory: int) -> bytes:
    return argon2id.kdf(32, passphrase.encode(), salt, opslimit=ops, memlimit=memory)
