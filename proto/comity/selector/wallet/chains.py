"""Which chain an address belongs to: one reader a family, tried in a fixed order.

Each reader gives `chain:address` in its canonical writing or None. Every reader but Solana's tests a
checksum, so Solana (any 32 bytes in Base58) comes last.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
import zlib
from collections.abc import Callable

from eth_hash.auto import keccak

from comity.selector.wallet import base58check, bech32, cashaddr, evm

Reader = Callable[[str], str | None]

_SEGWIT = {"bc": "btc", "tb": "btc", "ltc": "ltc", "tltc": "ltc"}
_VERSIONS = {
    b"\x00": "btc", b"\x05": "btc", b"\x6f": "btc", b"\xc4": "btc",
    b"\x30": "ltc", b"\x32": "ltc",
    b"\x1e": "doge", b"\x16": "doge",
    b"\x4c": "dash", b"\x10": "dash",
    b"\x41": "trx",
    b"\x1c\xb8": "zec", b"\x1c\xbd": "zec",
    b"\x06\xa1\x9f": "xtz", b"\x06\xa1\xa1": "xtz", b"\x06\xa1\xa4": "xtz", b"\x02\x5a\x79": "xtz",
}  # fmt: skip
"""Version bytes before a 20-byte hash. Testnets keep their chain's name: the address tells them apart."""

_COSMOS = {"cosmos": "atom", "osmo": "osmo", "celestia": "tia", "inj": "inj", "terra": "luna", "kava": "kava",
           "axelar": "axl", "akash": "akt", "bnb": "bnb", "thor": "rune", "sei": "sei", "dydx": "dydx",
           "cosmosvaloper": "atom", "secret": "scrt", "juno": "juno", "stars": "stars"}  # fmt: skip
_CARDANO = {"addr", "addr_test", "stake", "stake_test"}
_MONERO_TAGS = {18, 19, 42, 53, 54, 63, 24, 25, 36}
_STELLAR = {6 << 3: 32, 12 << 3: 40, 2 << 3: 32}
_SS58_CHAINS = {0: "dot", 2: "ksm"}


def segwit(text: str) -> str | None:
    """Bitcoin and Litecoin, BIP-173 and BIP-350."""
    chain = _SEGWIT.get(text.lower().rpartition("1")[0])
    return f"{chain}:{text.lower()}" if chain and bech32.segwit_holds(text) else None


def version_byte(text: str) -> str | None:
    """Base58Check with a known version before 20 bytes."""
    data = base58check.checked(text)
    if data is None:
        return None
    chain = _VERSIONS.get(data[:-20]) if len(data) > 20 else None
    return f"{chain}:{text}" if chain else None


def tron_hex(text: str) -> str | None:
    """Tron's hexadecimal writing, `41` and 20 bytes, as Base58Check."""
    if not re.fullmatch(r"41[0-9a-fA-F]{40}", text):
        return None
    import base58

    return "trx:" + base58.b58encode_check(bytes.fromhex(text)).decode()


def ethereum(text: str) -> str | None:
    """Every EVM chain."""
    found = evm.address(text)
    return f"evm:{found}" if found else None


def cash(text: str) -> str | None:
    """Bitcoin Cash and eCash, with or without prefix; the prefix is left out, as most writers do."""
    if text not in (text.lower(), text.upper()):
        return None
    prefix, colon, body = text.lower().rpartition(":")
    for known, chain in (("bitcoincash", "bch"), ("bchtest", "bch"), ("ecash", "xec")):
        if (not colon or prefix == known) and cashaddr.holds(known, body):
            return f"{chain}:{body}"
    return None


def ripple(text: str) -> str | None:
    """XRP Ledger classic addresses, and X-addresses (XLS-5) without or with a tag (`r…:tag`)."""
    data = base58check.checked(text, ripple=True)
    if data is None:
        return None
    if len(data) == 21 and data[0] == 0:
        return f"xrp:{text}"
    if len(data) != 31 or data[:2] != b"\x05\x44" or data[22] > 1:
        return None
    import base58

    classic = base58.b58encode_check(b"\x00" + data[2:22], alphabet=base58.RIPPLE_ALPHABET).decode()
    tag = f":{int.from_bytes(data[23:27], 'little')}" if data[22] else ""
    return f"xrp:{classic}{tag}"


def ripple_tagged(text: str) -> str | None:
    """A classic address with its destination tag, `r…:tag` or `r…?dt=tag`."""
    match = re.fullmatch(r"(r[1-9A-HJ-NP-Za-km-z]{24,34})(?::|\?dt=)([0-9]{1,10})", text)
    if match is None or int(match[2]) >= 1 << 32:
        return None
    found = ripple(match[1])
    return f"{found}:{int(match[2])}" if found else None


def monero(text: str) -> str | None:
    """Standard, integrated and sub-addresses of the three networks."""
    if len(text) not in (95, 106):
        return None
    data = base58check.monero(text)
    if data is None or data[0] not in _MONERO_TAGS or keccak(data[:-4])[:4] != data[-4:]:
        return None
    return f"xmr:{text}"


def cardano(text: str) -> str | None:
    """Shelley addresses (CIP-19)."""
    found = bech32.payload(text)
    if found is None or found[0] not in _CARDANO or not 29 <= len(found[1]) <= 80:
        return None
    return f"ada:{text.lower()}"


def cardano_byron(text: str) -> str | None:
    """Byron addresses: CBOR `[24(bytes), crc32]` in Base58."""
    data = base58check.plain(text) if 50 <= len(text) <= 120 else None
    if data is None or data[:4] != b"\x82\xd8\x18\x58" or len(data) < 10:
        return None
    body, rest = data[5 : 5 + data[4]], data[5 + data[4] :]
    crc = zlib.crc32(body)
    heads = {0x1A: 4, 0x19: 2, 0x18: 1}
    if not rest or heads.get(rest[0]) != len(rest) - 1 or int.from_bytes(rest[1:], "big") != crc:
        return None
    return f"ada:{text}"


def cosmos(text: str) -> str | None:
    """Cosmos SDK chains whose prefix is known."""
    found = bech32.payload(text, 90)
    if found is None or found[0] not in _COSMOS or len(found[1]) not in (20, 32):
        return None
    return f"{_COSMOS[found[0]]}:{text.lower()}"


def sapling(text: str) -> str | None:
    """Zcash Sapling (43 bytes)."""
    found = bech32.payload(text)
    return f"zec:{text.lower()}" if found and found[0] == "zs" and len(found[1]) == 43 else None


def stellar(text: str) -> str | None:
    """Stellar StrKey: accounts (G), muxed accounts (M), contracts (C)."""
    upper = text.upper()
    if not re.fullmatch(r"[GMC][A-Z2-7]{55}|M[A-Z2-7]{68}", upper):
        return None
    data = base64.b32decode(upper + "=" * (-len(upper) % 8))
    if len(data) - 3 != _STELLAR.get(data[0]) or base64.b32encode(data).decode().rstrip("=") != upper:
        return None
    return f"xlm:{upper}" if struct.pack("<H", binascii.crc_hqx(data[:-2], 0)) == data[-2:] else None


def algorand(text: str) -> str | None:
    """Algorand: 32 bytes and the last four of their SHA-512/256, in Base32."""
    upper = text.upper()
    if not re.fullmatch(r"[A-Z2-7]{58}", upper):
        return None
    data = base64.b32decode(upper + "======")
    if base64.b32encode(data).decode().rstrip("=") != upper:
        return None
    return f"algo:{upper}" if hashlib.new("sha512_256", data[:32]).digest()[-4:] == data[32:] else None


def ss58(text: str) -> str | None:
    """Polkadot (prefix 0), Kusama (2) and other Substrate chains, with BLAKE2b checksum."""
    data = base58check.plain(text) if 46 <= len(text) <= 50 else None
    if data is None or len(data) not in (35, 36):
        return None
    head = 1 if data[0] < 64 else 2
    if len(data) != head + 34 or data[0] > 127:
        return None
    if hashlib.blake2b(b"SS58PRE" + data[:-2]).digest()[:2] != data[-2:]:
        return None
    return f"{_SS58_CHAINS.get(data[0], 'substrate') if head == 1 else 'substrate'}:{text}"


def ton(text: str) -> str | None:
    """TON: raw `workchain:hash`, which all friendly writings of one account share."""
    raw = re.fullmatch(r"(0|-1):([0-9a-fA-F]{64})", text)
    if raw:
        return f"ton:{raw[1]}:{raw[2].lower()}"
    if not re.fullmatch(r"[A-Za-z0-9+/_-]{48}", text):
        return None
    data = base64.b64decode(text.replace("-", "+").replace("_", "/"))
    if data[0] & 0x7F not in (0x11, 0x51) or struct.pack(">H", binascii.crc_hqx(data[:-2], 0)) != data[-2:]:
        return None
    workchain = {0: "0", 255: "-1"}.get(data[1])
    return f"ton:{workchain}:{data[2:34].hex()}" if workchain else None


def solana(text: str) -> str | None:
    """Solana: 32 bytes in Base58, without a checksum."""
    data = base58check.plain(text) if 32 <= len(text) <= 44 else None
    return f"sol:{text}" if data is not None and len(data) == 32 else None


READERS: tuple[Reader, ...] = (
    segwit, version_byte, ethereum, tron_hex, cash, ripple, ripple_tagged, monero, cardano, cardano_byron,
    cosmos, sapling, stellar, algorand, ss58, ton, solana,
)  # fmt: skip
