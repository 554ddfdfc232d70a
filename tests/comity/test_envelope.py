"""What is signed, who may open it, and when."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.envelope import (
    MAX_SIGNATURES,
    Opened,
    Signer,
    co_sign,
    digest,
    enclose,
    milliseconds,
    open_envelope,
    pae,
    parse_envelope,
    serialise,
    sign,
    verify_signatures,
)
from comity.errors import ComityError, Expired, Forbidden, Malformed, Unauthenticated
from comity.v1.delivery_pb2 import HitFeedback, HitNotice
from comity.v1.envelope_pb2 import Envelope, Header, Signature
from tests.comity.trust import FEDERATION, NOW, chance_from, pinned, team

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "envelope.json").read_text())
ROSTER = pinned()
NOTICE = HitNotice(hit=bytes(16), epoch=3, kind="phone", crime_area="thb", proof=bytes(32))


def statement(**changes: Any) -> Envelope:
    """A hit notice of Italy to Romania, valid for a week."""
    terms: dict[str, Any] = {
        "signer": team("it").node,
        "federation": FEDERATION,
        "sender": "it",
        "recipients": ["ro"],
        "issued_at": NOW,
        "lifetime": timedelta(days=7),
        "chance": chance_from("statement"),
    }
    return sign(NOTICE, **(terms | changes))


def opened_by_romania(envelope: Envelope, **changes: Any) -> Opened[HitNotice]:
    terms: dict[str, Any] = {
        "keys": ROSTER.by_signing_key,
        "federation": FEDERATION,
        "me": "ro",
        "now": NOW + timedelta(minutes=1),
        "expected": HitNotice,
    }
    return open_envelope(envelope, **(terms | changes))


def test_a_statement_arrives_as_it_was_made() -> None:
    envelope = statement()
    opened = opened_by_romania(parse_envelope(serialise(envelope)))
    assert opened.message == NOTICE
    assert opened.signer_team == "it"
    assert opened.signers == {"it"}
    assert opened.digest == digest(envelope)
    assert list(opened.header.recipients) == ["ro"]


def test_the_pre_authentication_encoding_cannot_move_bytes_between_header_and_payload() -> None:
    assert pae(b"ab", b"c") != pae(b"a", b"bc")
    assert pae(b"", b"") == b"comity-envelope-v1" + bytes(16)


def test_a_known_answer_is_reproduced() -> None:
    vector = VECTORS["statement"]
    header, payload = bytes.fromhex(vector["header"]), bytes.fromhex(vector["payload"])
    signer = Signer(bytes.fromhex(vector["seed"]))
    assert pae(header, payload).hex() == vector["pae"]
    assert signer.public.hex() == vector["public"]
    assert signer.key_id.hex() == vector["key_id"]
    assert signer.sign(pae(header, payload)).hex() == vector["signature"]
    assert digest(Envelope(header=header, payload=payload)).hex() == vector["digest"]
    assert Header.FromString(header).sender == "it"


def test_ed25519_is_that_of_rfc_8032() -> None:
    for vector in VECTORS["rfc8032"]["tests"]:
        signer = Signer(bytes.fromhex(vector["seed"]))
        assert signer.public.hex() == vector["public"]
        assert signer.sign(bytes.fromhex(vector["message"])).hex() == vector["signature"]


@pytest.mark.parametrize("part", ["header", "payload", "signature"])
def test_no_byte_can_be_changed(part: str) -> None:
    envelope = statement()
    data = envelope.signatures[0].signature if part == "signature" else getattr(envelope, part)
    for position in range(len(data)):
        changed = data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]
        copy = Envelope()
        copy.CopyFrom(envelope)
        if part == "signature":
            copy.signatures[0].signature = changed
        else:
            setattr(copy, part, changed)
        with pytest.raises(Unauthenticated):
            opened_by_romania(copy)


def test_a_changed_key_id_leaves_nobody_known_who_signed() -> None:
    envelope = statement()
    envelope.signatures[0].key_id = bytes(16)
    with pytest.raises(Unauthenticated) as refused:
        opened_by_romania(envelope)
    assert refused.value.code == "unknown-key"


def test_an_unsigned_statement_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(Unauthenticated):
        opened_by_romania(Envelope(header=b"\xff\xff", payload=b"\xff"))


def test_signed_bytes_that_are_no_header_are_malformed() -> None:
    envelope = co_sign(Envelope(header=b"\xff\xff", payload=b""), team("it").node)
    with pytest.raises(Malformed) as refused:
        opened_by_romania(envelope)
    assert refused.value.field == "header"


def test_signed_bytes_that_are_no_payload_are_malformed() -> None:
    envelope = statement()
    broken = co_sign(Envelope(header=envelope.header, payload=b"\xff\xff"), team("it").node)
    with pytest.raises(Malformed) as refused:
        opened_by_romania(broken)
    assert refused.value.field == "payload"


def test_a_key_of_a_stranger_opens_nothing() -> None:
    with pytest.raises(Unauthenticated):
        opened_by_romania(statement(signer=Signer(bytes(32))))


def test_a_team_cannot_speak_in_another_teams_name() -> None:
    with pytest.raises(Unauthenticated) as refused:
        opened_by_romania(statement(signer=team("nl").node))
    assert refused.value.code == "wrong-sender"


def test_a_root_key_does_not_sign_statements() -> None:
    with pytest.raises(Unauthenticated):
        opened_by_romania(statement(signer=team("it").root))


def test_a_statement_to_another_team_is_refused() -> None:
    with pytest.raises(Forbidden) as refused:
        opened_by_romania(statement(recipients=["nl"]))
    assert refused.value.code == "not-addressed"


def test_an_empty_list_of_recipients_addresses_nobody() -> None:
    with pytest.raises(Forbidden):
        opened_by_romania(statement(recipients=[]))


def test_a_star_addresses_every_member() -> None:
    assert opened_by_romania(statement(recipients=["*"])).signer_team == "it"


def test_whoever_only_carries_needs_no_address() -> None:
    assert opened_by_romania(statement(recipients=["nl"]), me=None).signer_team == "it"


def test_a_statement_of_an_exercise_means_nothing_in_the_live_federation() -> None:
    with pytest.raises(Forbidden) as refused:
        opened_by_romania(statement(federation="eu-thb-exercise"))
    assert refused.value.code == "wrong-federation"


def test_a_statement_ends_at_its_very_expiry() -> None:
    end = NOW + timedelta(days=7)
    assert opened_by_romania(statement(), now=end - timedelta(milliseconds=1)).message == NOTICE
    with pytest.raises(Expired):
        opened_by_romania(statement(), now=end)


def test_a_clock_five_minutes_behind_is_borne_and_no_more() -> None:
    assert opened_by_romania(statement(), now=NOW - timedelta(minutes=5)).message == NOTICE
    with pytest.raises(Expired) as refused:
        opened_by_romania(statement(), now=NOW - timedelta(minutes=5, milliseconds=1))
    assert refused.value.code == "from-the-future"


def test_a_statement_that_lives_longer_than_receivers_remember_is_refused() -> None:
    assert opened_by_romania(statement(lifetime=timedelta(days=28))).message == NOTICE
    with pytest.raises(Malformed) as refused:
        opened_by_romania(statement(lifetime=timedelta(days=28, milliseconds=1)))
    assert refused.value.code == "lifetime"


def test_a_payload_of_another_type_is_not_read_as_the_expected_one() -> None:
    with pytest.raises(Malformed) as refused:
        opened_by_romania(statement(), expected=HitFeedback)
    assert refused.value.code == "unknown-payload"


def test_without_an_expected_type_any_message_of_the_protocol_opens_as_what_it_is() -> None:
    assert opened_by_romania(statement(), expected=None).message == NOTICE


@pytest.mark.parametrize("name", ["google.protobuf.Timestamp", "comity.v1.Nothing", "comity.v1.Header", ""])
def test_a_payload_type_outside_the_protocol_is_refused(name: str) -> None:
    header = Header.FromString(statement().header)
    header.payload_type = name
    envelope = co_sign(Envelope(header=serialise(header)), team("it").node)
    with pytest.raises(Malformed) as refused:
        opened_by_romania(envelope, expected=None)
    assert refused.value.code == "unknown-payload"


def test_a_field_of_a_newer_version_is_ignored() -> None:
    envelope = statement()
    newer = Envelope(header=envelope.header, payload=envelope.payload + b"\xf8\x3f\x01")
    assert opened_by_romania(co_sign(newer, team("it").node)).message.kind == "phone"


def test_the_digest_names_the_statement_whoever_has_co_signed_it() -> None:
    envelope = statement()
    more = co_sign(envelope, team("nl").node)
    assert digest(more) == digest(envelope)
    assert opened_by_romania(more).signers == {"it", "nl"}
    assert len(envelope.signatures) == 1
    assert co_sign(more, team("nl").node) == more


def test_two_statements_of_the_same_words_have_different_digests() -> None:
    chance = chance_from("two")
    assert digest(statement(chance=chance)) != digest(statement(chance=chance))


def test_a_signature_of_an_unknown_key_is_ignored_beside_a_good_one() -> None:
    assert opened_by_romania(co_sign(statement(), Signer(bytes(32)))).signers == {"it"}


def test_one_wrong_signature_of_a_known_key_refuses_the_whole() -> None:
    envelope = statement()
    envelope.signatures.append(Signature(key_id=team("nl").node.key_id, signature=bytes(64)))
    with pytest.raises(Unauthenticated) as refused:
        opened_by_romania(envelope)
    assert refused.value.code == "bad-signature"


def test_a_flood_of_signatures_is_refused() -> None:
    envelope = statement()
    envelope.signatures.extend([envelope.signatures[0]] * MAX_SIGNATURES)
    with pytest.raises(Malformed):
        opened_by_romania(envelope)


def test_an_enclosed_message_has_no_signature_until_someone_signs() -> None:
    envelope = enclose(
        NOTICE,
        federation=FEDERATION,
        sender="it",
        recipients=["*"],
        issued_at=NOW,
        lifetime=timedelta(days=1),
        chance=chance_from("enclosed"),
    )
    keys = {team("it").node.key_id: team("it").node.public}
    assert verify_signatures(envelope, keys) == frozenset()
    assert verify_signatures(co_sign(envelope, team("it").node), keys) == set(keys)


@pytest.mark.parametrize(
    "changes",
    [
        {"sender": "IT"},
        {"federation": "EU"},
        {"recipients": ["RO"]},
        {"lifetime": timedelta(0)},
        {"lifetime": timedelta(seconds=-1)},
        {"chance": lambda _: b"short"},
    ],
)
def test_a_statement_that_nobody_could_open_is_not_made(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        statement(**changes)


def test_a_time_without_its_zone_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="zone"):
        milliseconds(NOW.replace(tzinfo=None))


def test_a_signer_does_not_show_its_key() -> None:
    signer = Signer(bytes(range(32)))
    assert bytes(range(32)).hex() not in repr(signer)
    with pytest.raises(Malformed):
        Signer(bytes(31))


@settings(deadline=None, max_examples=60)
@given(data=st.binary(max_size=300))
def test_any_bytes_in_place_of_an_envelope_raise_only_errors_of_the_protocol(data: bytes) -> None:
    with pytest.raises(ComityError):
        opened_by_romania(parse_envelope(data))


@settings(deadline=None, max_examples=60)
@given(header=st.binary(max_size=200), payload=st.binary(max_size=100))
def test_any_signed_bytes_raise_only_errors_of_the_protocol(header: bytes, payload: bytes) -> None:
    envelope = co_sign(Envelope(header=header, payload=payload), team("it").node)
    with pytest.raises(ComityError):
        opened_by_romania(envelope, expected=None)


@settings(deadline=None, max_examples=60)
@given(times=st.tuples(*[st.integers(-(2**63), 2**63 - 1)] * 2))
def test_any_signed_times_raise_only_errors_of_the_protocol(times: tuple[int, int]) -> None:
    header = Header.FromString(statement().header)
    header.issued_at_ms, header.expires_at_ms = times
    envelope = co_sign(Envelope(header=serialise(header)), team("it").node)
    try:
        opened_by_romania(envelope)
    except ComityError:
        return
    assert times[0] <= milliseconds(NOW + timedelta(minutes=6))


DOCUMENTS = Path(__file__).parents[2] / "docs" / "protocol"


@pytest.mark.parametrize(
    ("document", "part", "names"),
    [
        ("envelope.md", "statement", ("header", "payload", "pae", "public", "key_id", "signature", "digest")),
        ("roster.md", "roster", ("fingerprint",)),
        ("roster.md", "key_set", ("payload", "header", "digest")),
        ("roster.md", "officer", ("certificate_payload", "approval_message", "approval")),
    ],
)
def test_the_documents_show_the_bytes_of_the_vectors(
    document: str, part: str, names: tuple[str, ...]
) -> None:
    blocks = (DOCUMENTS / document).read_text().split("\n\n")
    shown = {"".join(each.split()) for each in blocks if each.startswith("    ")}
    for name in names:
        assert VECTORS[part][name] in shown, name
