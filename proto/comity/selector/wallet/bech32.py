"""Bech32 (BIP-173), Bech32m (BIP-350) and the segwit addresses made of them.

Case must not be mixed. A segwit address of version 0 carries the Bech32 constant, every later version
Bech32m's; the wrong constant is refused. Other chains use plain Bech32 without the limit of 90.
"""

from __future__ import annotations

from collections.abc import Iterable

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
BECH32 = 1
BECH32M = 0x2BC830A3
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def _polymod(values: Iterable[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit in range(5):
            if top >> bit & 1:
                check ^= _GENERATOR[bit]
    return check


def _expand(prefix: str) -> list[int]:
    return [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]


def decode(text: str, limit: int = 90) -> tuple[str, list[int], int] | None:
    """The human-readable part, the 5-bit data without checksum, and the constant found (BECH32 or
    BECH32M); None when the text is neither."""
    if len(text) > limit or (text != text.lower() and text != text.upper()):
        return None
    text = text.lower()
    prefix, separator, data = text.rpartition("1")
    if not separator or not prefix or len(data) < 6:
        return None
    if any(not 33 <= ord(c) <= 126 for c in prefix) or any(c not in ALPHABET for c in data):
        return None
    values = [ALPHABET.index(c) for c in data]
    constant = _polymod(_expand(prefix) + values)
    return (prefix, values[:-6], constant) if constant in (BECH32, BECH32M) else None


def to_bytes(values: list[int]) -> bytes | None:
    """5-bit groups as bytes; None when the padding is longer than four bits or not zero."""
    accumulator = bits = 0
    out = bytearray()
    for value in values:
        accumulator = (accumulator << 5 | value) & 0xFFF
        bits += 5
        if bits >= 8:
            bits -= 8
            out.append(accumulator >> bits & 0xFF)
    if bits >= 5 or accumulator & ((1 << bits) - 1):
        return None
    return bytes(out)


def segwit_holds(text: str) -> bool:
    """Whether the text is a segwit address of any network (BIP-350)."""
    found = decode(text)
    if found is None or not found[1]:
        return False
    version, constant = found[1][0], found[2]
    program = to_bytes(found[1][1:])
    if program is None or version > 16 or not 2 <= len(program) <= 40:
        return False
    if version == 0:
        return constant == BECH32 and len(program) in (20, 32)
    return constant == BECH32M


def payload(text: str, limit: int = 1023) -> tuple[str, bytes] | None:
    """Prefix and bytes of a plain Bech32 address (Cosmos, Cardano, Zcash Sapling), or None."""
    found = decode(text, limit)
    if found is None or found[2] != BECH32:
        return None
    data = to_bytes(found[1])
    return None if data is None else (found[0], data)
