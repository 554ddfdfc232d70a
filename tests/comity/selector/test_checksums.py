"""A single slip of the finger is noticed wherever the standard has a check."""

from __future__ import annotations

import pytest

from comity.errors import Malformed
from comity.selector import normalise
from comity.selector.iban import check_digits_hold
from comity.selector.wallet import bech32, chains

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
CHECKED_WALLETS = [
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
    "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
    "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
    "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
    "cosmos1gghjut3ccd8ay0zduzj64hwre2fxs9ld75ru9p",
]


def _slips(text: str, alphabet: str) -> list[str]:
    """The text with each character replaced by its neighbour in the alphabet."""
    return [
        text[:place] + alphabet[(alphabet.index(character) + 1) % len(alphabet)] + text[place + 1 :]
        for place, character in enumerate(text)
        if character in alphabet
    ]


def _refused(kind: str, value: str) -> bool:
    try:
        normalise(kind, value)
    except Malformed:
        return True
    return False


@pytest.mark.parametrize("address", CHECKED_WALLETS)
def test_an_address_with_one_wrong_character_is_refused(address: str) -> None:
    alphabet = bech32.ALPHABET if address == address.lower() else BASE58
    assert all(_refused("wallet", slip) for slip in _slips(address, alphabet))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("iban", "NL91ABNA0417164300"),
        ("iban", "MT84MALT011000012345MTLCAST001S"),
        ("imei", "490154203237518"),
        ("card", "4111111111111111"),
        ("company", "LEI:7LTWFZYICNSX8D621K86"),
    ],
)
def test_a_number_with_one_wrong_digit_is_refused(kind: str, value: str) -> None:
    assert all(_refused(kind, slip) for slip in _slips(value, "0123456789"))


def test_a_transposition_in_an_iban_is_refused() -> None:
    number = "DE89370400440532013000"
    swaps = [number[:i] + number[i + 1] + number[i] + number[i + 2 :] for i in range(4, len(number) - 1)]
    assert all(_refused("iban", swap) for swap in swaps if swap != number)


def test_check_digits_that_no_bank_can_compute_are_refused() -> None:
    """01 is congruent to 98 and 00 to 97, so the remainder alone does not tell them apart."""
    number = "NL98ABNA0000000000"
    account = next(
        number[:8] + f"{account:010d}"
        for account in range(1000)
        if check_digits_hold(number[:8] + f"{account:010d}")
    )
    assert not _refused("iban", account)
    assert _refused("iban", "NL01" + account[4:])


def test_the_wrong_constant_of_a_segwit_address_is_refused() -> None:
    version_1_with_bech32 = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd"
    found = bech32.decode(version_1_with_bech32)
    assert found is not None
    assert found[2] == bech32.BECH32
    assert _refused("wallet", version_1_with_bech32)


def test_every_reader_refuses_what_the_others_read() -> None:
    """Autodetection is unambiguous: each address is read by exactly one family."""
    for address in CHECKED_WALLETS:
        assert sum(reader(address) is not None for reader in chains.READERS) == 1
