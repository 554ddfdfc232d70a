"""Addresses of Ethereum and of every chain that runs its virtual machine.

One key controls the same address on all of them, so the chain is `evm` whatever the officer calls it.
All-lower and all-upper letters carry no checksum and are accepted; mixed case must be ERC-55's.
"""

from __future__ import annotations

import re

from eth_hash.auto import keccak

_ADDRESS = re.compile(r"0[xX]([0-9a-fA-F]{40})")


def checksummed(body: str) -> str:
    """The address in ERC-55 mixed case, with `0x`; `body` is 40 hexadecimal digits."""
    lower = body.lower()
    digest = keccak(lower.encode()).hex()
    return "0x" + "".join(c.upper() if int(d, 16) >= 8 else c for c, d in zip(lower, digest, strict=False))


def address(text: str) -> str | None:
    """The ERC-55 form, or None when the text is no address or its checksum is wrong."""
    match = _ADDRESS.fullmatch(text)
    if match is None:
        return None
    body = match[1]
    written = checksummed(body)
    return written if body in (body.lower(), body.upper(), written[2:]) else None
