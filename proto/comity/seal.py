"""Sealed boxes: content that only one team can open, now and after quantum computers.

The rules:

* A fresh 32-byte content key is wrapped by HPKE (RFC 9180, base mode) with X-Wing (KEM id 0x647a,
  draft-connolly-cfrg-xwing-kem), HKDF-SHA256 and ChaCha20-Poly1305; the content is carried by
  XChaCha20-Poly1305.
* `info` says what the box is for (who to whom, under which request). It is bound twice, in HPKE's `info` and
  as associated data, and is not carried: a box opened for another purpose does not open.
* A box does not say who sealed it. The signed envelope around it does.

A private key is the 32-byte X-Wing seed; a public key is ML-KEM-768's 1184 bytes and X25519's 32.
"""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)
from nacl.exceptions import CryptoError

from comity.envelope import Chance
from comity.errors import Corrupt, Forbidden, Malformed
from comity.identifiers import key_id
from comity.v1.envelope_pb2 import SealedBox

SEED_SIZE = 32  # bytes
PUBLIC_SIZE = 1216  # bytes
NONCE_SIZE = 24  # bytes
WRAPPED_SIZE = 1120 + 32 + 16  # bytes: encapsulated key, content key, tag

_MLKEM_PUBLIC = 1184  # bytes
_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)


class SealingKey:
    """A team's X-Wing private key; its representation shows the key id only."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_SIZE:
            raise Malformed("A sealing key is made from 32 bytes.", field="sealing_key")
        self._seed = seed
        expanded = hashlib.shake_256(seed).digest(96)  # X-Wing, expandDecapsulationKey
        mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
        x25519 = X25519PrivateKey.from_private_bytes(expanded[64:])
        self._key = hpke.MLKEM768X25519PrivateKey(mlkem, x25519)
        self.public = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
        self.key_id = key_id(self.public)

    @classmethod
    def generate(cls, chance: Chance) -> SealingKey:
        """A fresh key from `chance`."""
        return cls(chance(SEED_SIZE))

    @classmethod
    def from_bytes(cls, seed: bytes) -> SealingKey:
        """The key that `to_bytes` wrote."""
        return cls(seed)

    def to_bytes(self) -> bytes:
        """The 32-byte seed: the whole secret."""
        return self._seed

    def unwrap(self, wrapped: bytes, info: bytes) -> bytes:
        """HPKE single-shot opening; Corrupt when it does not open under this key and `info`."""
        try:
            return _SUITE.decrypt(wrapped, self._key, info)
        except (InvalidTag, ValueError) as problem:
            raise Corrupt("The wrapped key does not open.", code="does-not-open", field="sealed") from problem

    def __repr__(self) -> str:
        return f"SealingKey(key_id={self.key_id.hex()})"


def check_public(public: bytes, field: str = "sealing_key") -> bytes:
    """`public` itself when it is a usable X-Wing public key; Malformed otherwise."""
    _public_key(public, field)
    return public


def _public_key(public: bytes, field: str) -> hpke.MLKEM768X25519PublicKey:
    if len(public) != PUBLIC_SIZE:
        raise Malformed("An X-Wing public key has 1216 bytes.", field=field)
    try:
        mlkem = MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC])
        x25519 = X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC:])
    except ValueError as problem:
        raise Malformed("The bytes are not an X-Wing public key.", field=field) from problem
    return hpke.MLKEM768X25519PublicKey(mlkem, x25519)


def seal(recipient_public: bytes, plaintext: bytes, *, info: bytes, chance: Chance) -> SealedBox:
    """`plaintext` for the owner of `recipient_public`, bound to `info`.

    Content key and nonce come from `chance`. The encapsulation's own randomness is the cryptographic
    library's: no argument of HPKE replaces it, so two boxes are never equal, even from the same `chance`.
    """
    public = _public_key(recipient_public, "recipient")
    content_key, nonce = chance(32), chance(NONCE_SIZE)
    try:
        wrapped = _SUITE.encrypt(content_key, public, info)
    except ValueError as problem:  # e.g. an X25519 point of small order
        raise Malformed("Nothing can be sealed to this key.", field="recipient") from problem
    return SealedBox(
        key_id=key_id(recipient_public),
        wrapped_key=wrapped,
        nonce=nonce,
        ciphertext=crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, info, nonce, content_key),
    )


def open_box(key: SealingKey, box: SealedBox, info: bytes) -> bytes:
    """The plaintext. Forbidden: sealed to another key; Corrupt: changed, or sealed for another `info`."""
    if box.key_id != key.key_id:
        raise Forbidden("The box is sealed to another key.", code="not-recipient", field="sealed.key_id")
    if len(box.nonce) != NONCE_SIZE or len(box.wrapped_key) != WRAPPED_SIZE or len(box.ciphertext) < 16:
        raise Corrupt("The box has not the form of a sealed box.", code="does-not-open", field="sealed")
    content_key = key.unwrap(box.wrapped_key, info)
    try:
        return crypto_aead_xchacha20poly1305_ietf_decrypt(box.ciphertext, info, box.nonce, content_key)
    except CryptoError as problem:
        raise Corrupt("The content does not open.", code="does-not-open", field="sealed") from problem
