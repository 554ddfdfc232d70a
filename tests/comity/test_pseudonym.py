"""Tokens, hit ids and notice proofs say no more than they must."""

from __future__ import annotations

import hmac
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity import pseudonym
from comity.errors import Malformed

OUTPUT, OTHER = bytes(range(64)), bytes(64)
TEXT = st.text(min_size=1, max_size=12)


def test_an_input_is_each_field_after_its_length() -> None:
    assert pseudonym.encode_input("comity-selectors-1", "thb", "phone", "+3120") == (
        b"\x00\x12comity-selectors-1\x00\x03thb\x00\x05phone\x00\x05+3120"
    )
    assert (pseudonym.PROFILE, pseudonym.PURPOSE) == ("comity-selectors-1", "thb")


@settings(max_examples=40, deadline=None)
@given(st.tuples(TEXT, TEXT, TEXT, TEXT), st.tuples(TEXT, TEXT, TEXT, TEXT))
def test_different_fields_never_share_an_input(
    one: tuple[str, str, str, str], two: tuple[str, str, str, str]
) -> None:
    assert (pseudonym.encode_input(*one) == pseudonym.encode_input(*two)) is (one == two)


def test_an_empty_or_overlong_field_is_refused() -> None:
    for fields in (
        ("", "thb", "phone", "x"),
        ("p", "thb", "phone", ""),
        ("p", "thb", "phone", "x" * 65536),
        ("p", "thb", "phone", "\ud800"),
    ):
        with pytest.raises(Malformed):
            pseudonym.encode_input(*fields)


def test_a_token_is_the_publisher_s_own() -> None:
    assert pseudonym.token(OUTPUT, "nl") == sha256(b"comity feed" + OUTPUT + b"nl").digest()[:16]
    assert pseudonym.token(OUTPUT, "nl") != pseudonym.token(OUTPUT, "it")
    assert pseudonym.tokens([OUTPUT, OTHER], "nl") == [
        pseudonym.token(OUTPUT, "nl"),
        pseudonym.token(OTHER, "nl"),
    ]


def test_both_teams_name_a_hit_alike_and_other_pairs_otherwise() -> None:
    hit = pseudonym.hit_id(OUTPUT, "ro", "it")
    assert hit == sha256(b"comity hit" + OUTPUT + b"\x00\x02it\x00\x02ro").digest()[:16]
    assert hit == pseudonym.hit_id(OUTPUT, "it", "ro")
    assert hit != pseudonym.hit_id(OUTPUT, "it", "nl")
    assert hit != pseudonym.hit_id(OTHER, "it", "ro")
    with pytest.raises(Malformed):
        pseudonym.hit_id(OUTPUT, "it", "it")


def test_a_notice_proof_needs_the_output_and_fits_one_direction_and_one_hit() -> None:
    hit = pseudonym.hit_id(OUTPUT, "it", "ro")
    proof = pseudonym.notice_proof(OUTPUT, "it", "ro", hit)
    key = sha256(b"comity notice" + OUTPUT).digest()
    assert pseudonym.notice_key(OUTPUT) == key
    message = b"comity-hit-notice-v1\x00\x02it\x00\x02ro" + hit
    assert proof == hmac.new(key, message, "sha256").digest()
    assert pseudonym.check_notice_proof(OUTPUT, "it", "ro", hit, proof)
    assert not pseudonym.check_notice_proof(OUTPUT, "ro", "it", hit, proof)
    assert not pseudonym.check_notice_proof(OTHER, "it", "ro", hit, proof)
    assert not pseudonym.check_notice_proof(OUTPUT, "it", "ro", bytes(16), proof)
    assert not pseudonym.check_notice_proof(OUTPUT, "it", "ro", hit, proof[:-1])


def test_an_output_or_hit_of_another_length_is_refused() -> None:
    with pytest.raises(Malformed):
        pseudonym.token(OUTPUT[:16], "nl")
    with pytest.raises(Malformed):
        pseudonym.tokens([OUTPUT + b"\0"], "nl")
    with pytest.raises(Malformed):
        pseudonym.notice_proof(OUTPUT, "it", "ro", bytes(15))
