"""Signed notes (C2SP signed-note): a text and signature lines, readable by people and foreign verifiers.

The rules:

* A key is a name, an algorithm byte and public bytes; name and 4-byte key id together select it.
* Algorithm 0x01 is Ed25519 over the text. 0x04 is a timestamped witness cosignature (tlog-cosignature), made
  and checked in `checkpoint`.
* Lines of unknown keys are kept and ignored. A wrong signature by a known key refuses the whole note.
* Nothing in the text counts before a known key's signature has been verified.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from comity.envelope import Signer, signature_is_good
from comity.errors import Malformed, Unauthenticated

ED25519 = 0x01
COSIGNATURE = 0x04
MAX_SIGNATURES = 256
MAX_BYTES = 256 * 1024

_DASH = "\u2014 "


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A verifier key: who signs notes, and how."""

    name: str
    public: bytes
    algorithm: int = ED25519

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.public) != 32 or self.algorithm not in (ED25519, COSIGNATURE):
            raise Malformed("The note key is not an Ed25519 key of a known kind.", field="vkey")

    @property
    def key_id(self) -> bytes:
        """SHA-256(name ‖ 0x0A ‖ algorithm ‖ public key), first 4 bytes."""
        data = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public
        return hashlib.sha256(data).digest()[:4]

    def to_text(self) -> str:
        """The vkey: `name+hex(key id)+base64(algorithm ‖ public key)`."""
        material = base64.b64encode(bytes([self.algorithm]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{material}"

    @classmethod
    def from_text(cls, text: str) -> NoteKey:
        """The key in a vkey; Malformed unless its key id fits."""
        parts = text.split("+", 2)
        material = decode_base64(parts[2], "vkey") if len(parts) == 3 else b""
        if len(material) != 33:
            raise Malformed("This is not a vkey of an Ed25519 key.", field="vkey")
        key = cls(parts[0], material[1:], material[0])
        if key.key_id.hex() != parts[1]:
            raise Malformed("The vkey's key id does not fit its key.", field="vkey")
        return key


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: a key's name, its 4-byte id, and what it says."""

    name: str
    key_id: bytes
    blob: bytes

    def to_line(self) -> str:
        """The line with its newline."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.blob).decode()}\n"

    @classmethod
    def from_line(cls, line: str) -> NoteSignature:
        """The signature in one line, with or without its newline."""
        body = line.removesuffix("\n")
        if not body.startswith(_DASH):
            raise Malformed("A signature line begins with a dash.", field="note")
        name, _, text = body.removeprefix(_DASH).partition(" ")
        data = decode_base64(text, "note")
        if len(data) < 5:
            raise Malformed("A signature line is too short.", field="note")
        return cls(check_name(name), data[:4], data[4:])


@dataclass(frozen=True, slots=True)
class Note:
    """A text, ending in a newline, and its signatures."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def to_bytes(self) -> bytes:
        """The note as it travels (UTF-8)."""
        return (self.text + "\n" + "".join(each.to_line() for each in self.signatures)).encode()

    def with_signatures(self, more: Sequence[NoteSignature]) -> Note:
        """The note with further signatures; doubles are dropped."""
        return Note(self.text, tuple(dict.fromkeys((*self.signatures, *more))))


def check_name(name: str) -> str:
    """`name` itself when it can name a key: not empty, no white space, no '+', nothing unprintable."""
    if not name or "+" in name or len(name) > 255 or not name.isprintable() or any(map(str.isspace, name)):
        raise Malformed("A key name has no spaces and no '+'.", field="name")
    return name


def sign_note(text: str, *, name: str, signer: Signer) -> Note:
    """`text` signed as `name` with algorithm 0x01."""
    check_text(text)
    key = NoteKey(name, signer.public)
    return Note(text, (NoteSignature(name, key.key_id, signer.sign(text.encode())),))


def parse(data: bytes) -> Note:
    """The note in `data`, nothing verified; Malformed when it has not the form of one."""
    if len(data) > MAX_BYTES:
        raise Malformed("The note is too long.", field="note")
    try:
        whole = data.decode()
    except UnicodeDecodeError as problem:
        raise Malformed("The note is not UTF-8.", field="note") from problem
    head, separator, tail = whole.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise Malformed("The note has no signatures.", field="note")
    text = check_text(head + "\n")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise Malformed("The note has too many signatures.", field="note")
    return Note(text, tuple(NoteSignature.from_line(each) for each in lines))


def check_text(text: str) -> str:
    """`text` itself when a note can carry it: ends in a newline, no other control characters."""
    if not text.endswith("\n") or any(each < " " and each != "\n" for each in text):
        raise Malformed("A note's text has lines without control characters.", field="note")
    return text


def verify(note: Note, key: NoteKey) -> None:
    """Unauthenticated unless `key` (algorithm 0x01) signed the text, and no line of it is wrong."""
    if key.algorithm != ED25519:
        raise Malformed("Cosignatures are verified as such.", field="vkey")
    mine = [each for each in note.signatures if (each.name, each.key_id) == (key.name, key.key_id)]
    if not mine:
        raise Unauthenticated("The note is not signed by that key.", code="unknown-key", field="note")
    text = note.text.encode()
    if not all(signature_is_good(key.public, text, each.blob) for each in mine):
        raise Unauthenticated("The note's signature is wrong.", code="bad-signature", field="note")


def decode_base64(text: str, field: str) -> bytes:
    """RFC 4648 section 4, in its one canonical spelling; Malformed otherwise."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as problem:
        raise Malformed("The text is not base64.", field=field) from problem
    if base64.b64encode(data).decode() != text:
        raise Malformed("The base64 is not canonical.", field=field)
    return data
