"""Files that commands read and write: signed documents, private files.

Signed documents are serialised envelopes, or the same in base64 between BEGIN and END lines as mail
programs carry it. Nothing is overwritten unless the command says that it works in place; private files
are readable by their owner alone from the first byte on.
"""

from __future__ import annotations

import os
import re
from base64 import b64decode
from binascii import Error as NotBase64
from pathlib import Path
from typing import TYPE_CHECKING

from comity.errors import ComityError, Conflict, Malformed

if TYPE_CHECKING:
    from comity.envelope import Signer
    from comity.v1.envelope_pb2 import Envelope

MAX_DOCUMENT = 4 * 1_048_576  # bytes
_ARMOUR = re.compile(rb"\s*-----BEGIN [A-Z ]+-----\n(.*?)-----END [A-Z ]+-----\s*", re.DOTALL)


def read(path: Path, what: str, limit: int = MAX_DOCUMENT) -> bytes:
    """A file's bytes; Malformed names what could not be read."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError:
        raise Malformed(f"The {what} file cannot be read.", field=what, remedy="check its name") from None
    if len(data) > limit:
        raise Malformed(f"The {what} file is longer than {limit // 1_048_576} MiB.", field=what)
    return data


def read_envelope(path: Path, what: str) -> Envelope:
    """The signed document in a file."""
    from comity.envelope import parse_envelope

    data = read(path, what)
    armoured = _ARMOUR.fullmatch(data.replace(b"\r\n", b"\n"))
    try:
        found = parse_envelope(b64decode(b"".join(armoured[1].split()), validate=True) if armoured else data)
    except (NotBase64, ComityError):
        found = None
    if found is None or not found.payload:
        raise Malformed(f"The {what} file does not hold a signed document.", field=what)
    return found


def read_secret(path: Path, what: str) -> Signer:
    """A signing key of 32 bytes in hexadecimal."""
    from comity.envelope import Signer

    try:
        seed = bytes.fromhex(read(path, what, 1_048_576).decode().strip())
    except (ValueError, UnicodeDecodeError):
        seed = b""
    if len(seed) != 32:
        raise Malformed("This is not a key file: 32 bytes in hexadecimal.", field=what)
    return Signer(seed)


def write_new(path: Path, data: bytes, *, private: bool = False) -> None:
    """Writes a file that was not there; Conflict when it was."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o644)
    except FileExistsError:
        raise Conflict(
            "There is a file of that name already.",
            code="file-exists",
            field="output",
            remedy="choose another name; nothing is overwritten",
        ) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def replace(path: Path, data: bytes) -> None:
    """Writes a file as a whole, also over itself."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    write_new(temporary, data)
    temporary.replace(path)
