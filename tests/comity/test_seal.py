"""Only the one it is sealed to, and only for what it was sealed for."""

import hashlib
import hmac
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.bindings import crypto_aead_chacha20poly1305_ietf_encrypt

from comity.envelope import parse
from comity.errors import ComityError, Corrupt, Forbidden, Malformed
from comity.seal import PUBLIC_SIZE, SealingKey, check_public, open_box, seal
from comity.v1.envelope_pb2 import SealedBox
from tests.comity.trust import chance_from, team

VECTOR = json.loads((Path(__file__).parents[1] / "vectors" / "seal.json").read_text())
RO, IT = team("ro").sealing, team("it").sealing
INFO = b"answer: it to ro, request 17"


def box(info: bytes = INFO) -> SealedBox:
    return seal(RO.public, b"what was asked", info=info, chance=chance_from("box"))


def test_the_recipient_opens_what_was_sealed() -> None:
    assert open_box(RO, box(), INFO) == b"what was asked"
    assert open_box(RO, seal(RO.public, b"", info=b"", chance=chance_from("empty")), b"") == b""


def test_nobody_else_opens_it() -> None:
    with pytest.raises(Forbidden) as refused:
        open_box(IT, box(), INFO)
    assert refused.value.code == "not-recipient"


def test_a_box_relabelled_for_another_key_does_not_open() -> None:
    relabelled = box()
    relabelled.key_id = IT.key_id
    with pytest.raises(Corrupt):
        open_box(IT, relabelled, INFO)


def test_a_box_opened_for_another_purpose_does_not_open() -> None:
    with pytest.raises(Corrupt):
        open_box(RO, box(), b"answer: it to ro, request 18")


@pytest.mark.parametrize("field", ["wrapped_key", "nonce", "ciphertext"])
def test_no_byte_of_a_box_can_be_changed_or_cut_off(field: str) -> None:
    data = getattr(box(), field)
    positions = {0, 1, len(data) // 2, len(data) - 17, len(data) - 1}
    changes = [data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :] for at in sorted(positions)]
    for changed in [*changes, data[:-1], data + b"\0", b""]:
        forged = box()
        setattr(forged, field, changed)
        with pytest.raises(Corrupt):
            open_box(RO, forged, INFO)


def test_parts_of_two_boxes_do_not_combine() -> None:
    one, other = box(), seal(RO.public, b"something else", info=INFO, chance=chance_from("other"))
    one.ciphertext, one.nonce = other.ciphertext, other.nonce
    with pytest.raises(Corrupt):
        open_box(RO, one, INFO)


def test_the_encapsulation_is_fresh_even_from_the_same_chance() -> None:
    assert box().wrapped_key != box().wrapped_key
    assert box().ciphertext == box().ciphertext


def test_a_key_is_its_32_byte_seed_and_does_not_show_it() -> None:
    key = SealingKey.generate(chance_from("key"))
    assert SealingKey.from_bytes(key.to_bytes()).public == key.public
    assert len(key.public) == PUBLIC_SIZE
    assert key.to_bytes().hex() not in repr(key)
    assert SealingKey.generate(chance_from("key")).public != SealingKey.generate(chance_from("other")).public
    with pytest.raises(Malformed):
        SealingKey.from_bytes(bytes(31))


@pytest.mark.parametrize("public", [b"", bytes(1215), b"\xff" * 1216, RO.public[:1184] + bytes(32)])
def test_nothing_is_sealed_to_what_is_no_key(public: bytes) -> None:
    with pytest.raises(Malformed):
        seal(public, b"x", info=b"", chance=chance_from("bad"))


def test_a_usable_public_key_passes_and_a_cut_one_does_not() -> None:
    assert check_public(RO.public) == RO.public
    with pytest.raises(Malformed):
        check_public(RO.public[:-1])


def extract(suite: bytes, salt: bytes, label: bytes, key: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + key, "sha256")


def expand(suite: bytes, secret: bytes, label: bytes, context: bytes, size: int) -> bytes:
    info = size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + context
    return hmac.digest(secret, info + b"\x01", hashlib.sha256)[:size]


def test_the_kem_is_x_wing_under_its_registered_number() -> None:
    """The draft's shared secret, put through RFC 9180's key schedule by hand, opens with our key."""
    vector = {name: bytes.fromhex(value) for name, value in VECTOR.items() if name != "origin"}
    key = SealingKey.from_bytes(vector["seed"])
    assert key.public.startswith(vector["public_begins"])
    assert key.public.endswith(vector["public_ends"])
    suite = b"HPKE" + vector["kem_id"] + vector["kdf_id"] + vector["aead_id"]
    hashes = (
        extract(suite, b"", b"psk_id_hash", b""),
        extract(suite, b"", b"info_hash", vector["info"]),
    )
    context = b"\x00" + b"".join(hashes)
    secret = extract(suite, vector["shared_secret"], b"secret", b"")
    tail = crypto_aead_chacha20poly1305_ietf_encrypt(
        vector["content_key"],
        b"",
        expand(suite, secret, b"base_nonce", context, 12),
        expand(suite, secret, b"key", context, 32),
    )
    assert tail == vector["wrapped_tail"]
    wrapped = SealedBox(
        key_id=key.key_id,
        wrapped_key=vector["encapsulated"] + tail,
        nonce=vector["nonce"],
        ciphertext=vector["ciphertext"],
    )
    assert key.unwrap(wrapped.wrapped_key, vector["info"]) == vector["content_key"]
    assert open_box(key, wrapped, vector["info"]) == vector["plaintext"]


@settings(deadline=None, max_examples=50)
@given(data=st.binary(max_size=200), wrapped=st.binary(max_size=1300), ciphertext=st.binary(max_size=50))
def test_any_box_raises_only_errors_of_the_protocol(data: bytes, wrapped: bytes, ciphertext: bytes) -> None:
    shaped = SealedBox(key_id=RO.key_id, wrapped_key=wrapped, nonce=bytes(24), ciphertext=ciphertext)
    with pytest.raises(ComityError):
        open_box(RO, shaped, INFO)
    with pytest.raises(ComityError):
        open_box(RO, parse(SealedBox, data, "sealed"), INFO)


@settings(deadline=None, max_examples=30)
@given(plaintext=st.binary(max_size=500), info=st.binary(max_size=100))
def test_whatever_is_sealed_opens_to_itself(plaintext: bytes, info: bytes) -> None:
    assert open_box(RO, seal(RO.public, plaintext, info=info, chance=chance_from("any")), info) == plaintext
