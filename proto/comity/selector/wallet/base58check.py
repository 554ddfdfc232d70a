"""Base58 in its four dialects: Bitcoin's and Ripple's with checksum, plain, and Monero's blocks."""

from __future__ import annotations

import base58

_MONERO_BLOCK = {2: 1, 3: 2, 5: 3, 6: 4, 7: 5, 9: 6, 10: 7, 11: 8}
"""Characters of a block to its bytes (Monero's block-wise Base58)."""


def plain(text: str) -> bytes | None:
    """The bytes, or None when a character is not Base58."""
    try:
        return base58.b58decode(text) if text.isascii() and len(text) <= 128 else None
    except ValueError:
        return None


def checked(text: str, *, ripple: bool = False) -> bytes | None:
    """The bytes without the double-SHA-256 checksum, or None when it does not hold."""
    if not text.isascii() or not 20 <= len(text) <= 60:
        return None
    try:
        if ripple:
            return base58.b58decode_check(text, alphabet=base58.RIPPLE_ALPHABET)
        return base58.b58decode_check(text)
    except ValueError:
        return None


def monero(text: str) -> bytes | None:
    """Blocks of eleven characters for eight bytes, the last one shorter; None when malformed."""
    out = b""
    for start in range(0, len(text), 11):
        block = text[start : start + 11]
        size, raw = _MONERO_BLOCK.get(len(block)), plain(block)
        if size is None or raw is None:
            return None
        number = int.from_bytes(raw, "big")
        if number >> (8 * size):
            return None
        out += number.to_bytes(size, "big")
    return out
