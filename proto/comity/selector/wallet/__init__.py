"""Cryptocurrency addresses: `chain:address`.

The chain is found from the address. A chain that the officer names (`ltc:…`, `litecoin …`, the alias
`btc`) must agree with it. Where several chains share one writing, one name is chosen for all:

- any EVM chain is `evm`;
- the version bytes 0 and 5 (`1…` and `3…`) are `btc`, also when called LTC, BCH or BSV.

Payment links (`bitcoin:…?amount=`) lose their parameters. Checksums are always tested where the chain
has one. Whether an address was ever used is not known here; all used ones are public anyway.
"""

from __future__ import annotations

import re

from comity.selector.kind import Hint, Kind
from comity.selector.text import one_line, refuse
from comity.selector.wallet.chains import READERS
from comity.selector.wallet.names import CHAINS, SHARED, chain_of


def parse(text: str, hint: Hint) -> tuple[str, ...]:
    """`chain:address`."""
    named, address = split_chain(one_line(text), hint)
    if named == "evm" and re.fullmatch(r"[0-9a-fA-F]{40}", address):
        address = "0x" + address
    for reader in READERS:
        found = reader(address)
        if found is not None and _agrees(named, found.partition(":")[0]):
            return (found,)
    raise _why(named, address)


def split_chain(text: str, hint: Hint) -> tuple[str | None, str]:
    """The chain that the officer named, if any, and the bare address or transaction.

    Raises:
        Malformed: `wrong-chain` when alias and prefix differ.
    """
    named = chain_of(hint.name)
    head, separator, tail = _cut(text)
    prefix = chain_of(head) if separator else None
    if prefix is not None:
        if named not in (None, prefix) and not (prefix == "btc" and named in SHARED):
            raise refuse("The chain named is not the chain asked for", "wrong-chain")
        named, text = prefix, tail
    return named, _bare("".join(text.split()))


def _cut(text: str) -> tuple[str, str, str]:
    match = re.match(r"([A-Za-z0-9_-]+(?: [A-Za-z]{2,4})?)\s*(:|/|\s)\s*(?=\S)", text)
    if match is None:
        return "", "", text
    if chain_of(match[1]) is None:
        match = re.match(r"([A-Za-z0-9_-]+)\s*(:|/|\s)\s*(?=\S)", text) or match
    return match[1], match[2], text[match.end() :]


def _bare(address: str) -> str:
    address = re.sub(r"^//", "", address)
    if re.match(r"r[1-9A-HJ-NP-Za-km-z]{24,34}\?dt=", address):
        return address
    address = address.partition("?")[0]
    if re.match(r"(pay-)?0[xX]", address):
        address = address.removeprefix("pay-").partition("@")[0]
    return address


def _agrees(named: str | None, chain: str) -> bool:
    if named is None or named == chain:
        return True
    if named in ("dot", "ksm", "substrate"):
        return chain in ("dot", "ksm", "substrate") and named == "substrate"
    return chain == "btc" and named in SHARED


def _why(named: str | None, address: str) -> Exception:
    if not re.fullmatch(r"[A-Za-z0-9:_+/-]{20,130}", address):
        return refuse("This does not look like an address of a known chain", "unknown-address")
    if named is not None and any(reader(address) for reader in READERS):
        return refuse("The address belongs to another chain", "wrong-chain", "Leave out the chain's name")
    return refuse(
        "The address is incomplete, its checksum is wrong, or its chain is not supported",
        "checksum",
        "Copy it again from the source; upper and lower case matter",
    )


_ALIASES = ("crypto", "crypto-address", "cryptocurrency", "crypto-wallet", "wallet-address")

KIND = Kind(
    name="wallet",
    title="Cryptocurrency address",
    annex="2(e)",
    guess_space="the list of all used addresses is public",
    care="Every address is on the chain, so only the rate limit of the pseudonyms protects it.",
    example=(
        "bitcoin:BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4?amount=1",
        "btc:bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    ),
    parse=parse,
    aliases=_ALIASES + tuple(name for name in CHAINS if name not in _ALIASES),
)
