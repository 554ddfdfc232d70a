"""Cryptocurrency transactions: `chain:transaction id`.

Most chains write 32 bytes in hexadecimal, so the chain must be named; `0x` means an EVM chain, and 64
bytes in Base58 are Solana's. Hexadecimal is lower case (with `0x` for EVM only).
"""

from __future__ import annotations

import base64
import re

from comity.selector.kind import Hint, Kind
from comity.selector.text import one_line, refuse
from comity.selector.wallet import base58check, split_chain


def parse(text: str, hint: Hint) -> tuple[str, ...]:
    """`chain:id`."""
    chain, code = split_chain(one_line(text), hint)
    if chain is None:
        chain = _guess(code)
    if chain is None:
        raise refuse("A transaction needs its chain", "needs-chain", "Write for example btc:<transaction id>")
    found = _written(chain, code)
    if found is None:
        raise refuse("This is no transaction id of that chain", "format")
    return (f"{chain}:{found}",)


def _guess(code: str) -> str | None:
    if re.fullmatch(r"0[xX][0-9a-fA-F]{64}", code):
        return "evm"
    return "sol" if _solana(code) else None


def _written(chain: str, code: str) -> str | None:
    if chain == "sol":
        return _solana(code)
    if chain == "algo":
        return code.upper() if re.fullmatch(r"[A-Za-z2-7]{52}", code) else None
    if chain == "ton" and re.fullmatch(r"[A-Za-z0-9+/_-]{43}=?", code):
        return base64.b64decode(code[:43].replace("-", "+").replace("_", "/") + "=").hex()
    if chain == "xtz":
        return code if re.fullmatch(r"o[1-9A-HJ-NP-Za-km-z]{50}", code) else None
    match = re.fullmatch(r"(?:0[xX])?([0-9a-fA-F]{64})", code)
    if match is None:
        return None
    return ("0x" if chain == "evm" else "") + match[1].lower()


def _solana(code: str) -> str | None:
    data = base58check.plain(code) if 64 <= len(code) <= 88 else None
    return code if data is not None and len(data) == 64 else None


KIND = Kind(
    name="transaction",
    title="Cryptocurrency transaction",
    annex="2(e)",
    guess_space="the list of all transactions is public",
    care="Every transaction is on the chain, so only the rate limit of the pseudonyms protects it.",
    example=(
        "BTC: F4184FC596403B9D638783CF57ADFE4C75C605F6356FBC91338530E9831E9E16",
        "btc:f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16",
    ),
    parse=parse,
    aliases=("tx", "txid", "crypto-transaction"),
)
