"""CashAddr, the address format of Bitcoin Cash and eCash (spec: bitcoincash.org, cashaddr).

The prefix is part of the checksum and may be left out by the writer.
"""

from __future__ import annotations

from comity.selector.wallet.bech32 import ALPHABET, to_bytes

_GENERATOR = (0x98F2BC8E61, 0x79B76D99E2, 0xF33E5FB3C4, 0xAE2EABE2A8, 0x1E4F43E470)
_SIZES = (20, 24, 28, 32, 40, 48, 56, 64)


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 35
        check = (check & 0x07FFFFFFFF) << 5 ^ value
        for bit in range(5):
            if top >> bit & 1:
                check ^= _GENERATOR[bit]
    return check ^ 1


def holds(prefix: str, body: str) -> bool:
    """Whether `body` (lower case, without prefix) is an address under `prefix`."""
    if len(body) < 9 or any(c not in ALPHABET for c in body):
        return False
    values = [ALPHABET.index(c) for c in body]
    if _polymod([ord(c) & 31 for c in prefix] + [0, *values]) != 0:
        return False
    data = to_bytes(values[:-8])
    return data is not None and len(data) > 1 and data[0] < 0x80 and len(data) - 1 == _SIZES[data[0] & 7]
