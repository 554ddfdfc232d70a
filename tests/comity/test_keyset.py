"""A key set counts when every holder signed the very same."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.envelope import Signer, co_sign, digest, serialise
from comity.errors import ComityError, Conflict, Expired, Forbidden, Malformed, NotFound, Unauthenticated
from comity.keyset import TrustedKeySet, build, compose
from comity.v1.envelope_pb2 import Envelope
from comity.v1.roster_pb2 import KeySet
from tests.comity.trust import FEDERATION, NOW, next_roster, pinned, team

ROSTER = pinned()
POINTS = {"phone": (b"\x01" * 32, b"\x02" * 32), "email": (b"\x03" * 32, b"\x04" * 32)}


def key_set(**changes: Any) -> KeySet:
    terms: dict[str, Any] = {
        "federation": FEDERATION,
        "epoch": 3,
        "roster_version": 1,
        "threshold": 2,
        "holders": [3, 1, 2],
        "labels": POINTS,
        "not_before": NOW - timedelta(days=1),
        "not_after": NOW + timedelta(days=30),
        "transcript": bytes(32),
    }
    return build(**(terms | changes))


def signed(message: KeySet, signers: Sequence[Signer] | None = None, sender: str = "it") -> Envelope:
    envelope = compose(message, sender=sender, issued_at=NOW - timedelta(days=2))
    for each in signers if signers is not None else [team(name).node for name in ("it", "nl", "ro")]:
        envelope = co_sign(envelope, each)
    return envelope


def test_a_key_set_that_all_holders_signed_is_trusted() -> None:
    trusted = TrustedKeySet.open(signed(key_set()), ROSTER, NOW)
    assert trusted.epoch == 3
    assert trusted.purpose == "thb"
    assert trusted.kinds == ("email", "phone")
    assert trusted.commitments("phone") == POINTS["phone"]
    assert trusted.public_key("phone") == POINTS["phone"][0]
    assert trusted.holders == {1: "it", 2: "nl", 3: "ro"}
    assert trusted.threshold == 2
    assert trusted.active(NOW)
    with pytest.raises(NotFound):
        trusted.commitments("iban")


def test_every_holder_composes_the_very_same_bytes() -> None:
    reordered = key_set(holders=[2, 3, 1], labels=dict(reversed(POINTS.items())))
    assert signed(key_set(), []) == signed(reordered, [])
    assert signed(key_set(), []).header != signed(key_set(epoch=4), []).header


def test_one_missing_holder_is_enough_to_refuse() -> None:
    with pytest.raises(Unauthenticated) as refused:
        TrustedKeySet.open(signed(key_set(), [team("it").node, team("nl").node]), ROSTER, NOW)
    assert refused.value.code == "too-few-signatures"


def test_root_keys_do_not_stand_in_for_node_keys() -> None:
    with pytest.raises(Unauthenticated) as refused:
        TrustedKeySet.open(signed(key_set(), [team(each).root for each in ("it", "nl", "ro")]), ROSTER, NOW)
    assert refused.value.code == "unknown-key"


def test_a_changed_commitment_refuses_the_key_set() -> None:
    envelope = signed(key_set())
    other = KeySet.FromString(envelope.payload)
    other.labels[0].commitments[0] = b"\x09" * 32
    envelope.payload = serialise(other)
    with pytest.raises(Unauthenticated):
        TrustedKeySet.open(envelope, ROSTER, NOW)


def test_holders_that_the_roster_does_not_know_are_refused() -> None:
    with pytest.raises(Conflict) as refused:
        TrustedKeySet.open(signed(key_set(holders=[1, 2, 4])), ROSTER, NOW)
    assert refused.value.code == "other-holders"


def test_a_key_set_made_under_a_newer_roster_waits_for_it() -> None:
    newer = signed(key_set(roster_version=2))
    with pytest.raises(Conflict) as refused:
        TrustedKeySet.open(newer, ROSTER, NOW)
    assert refused.value.code == "older-roster"
    assert TrustedKeySet.open(newer, ROSTER.advance(next_roster(ROSTER), NOW), NOW).roster_version == 2


def test_the_sender_is_one_of_the_holders_that_signed() -> None:
    with pytest.raises(Unauthenticated) as refused:
        TrustedKeySet.open(signed(key_set(), sender="be"), ROSTER, NOW)
    assert refused.value.code == "wrong-sender"


def test_another_federations_key_set_is_refused() -> None:
    with pytest.raises(Forbidden):
        TrustedKeySet.open(signed(key_set(federation="eu-other")), ROSTER, NOW)


def test_an_epoch_that_is_over_is_refused_and_one_ahead_is_not_active() -> None:
    with pytest.raises(Expired):
        TrustedKeySet.open(signed(key_set(not_after=NOW)), ROSTER, NOW)
    ahead = TrustedKeySet.open(signed(key_set(not_before=NOW + timedelta(days=1))), ROSTER, NOW)
    assert not ahead.active(NOW)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("epoch", {"epoch": 0}),
        ("holders", {"holders": [1, 1, 2]}),
        ("holders", {"holders": [0, 1, 2]}),
        ("threshold", {"threshold": 1}),
        ("threshold", {"threshold": 4}),
        ("not_after_ms", {"not_after": NOW - timedelta(days=1)}),
        ("transcript", {"transcript": b""}),
        ("labels", {"labels": {}}),
        ("labels", {"labels": {"": POINTS["phone"]}}),
        ("labels.purpose", {"purpose": ""}),
        ("labels.commitments", {"labels": {"phone": [bytes(32)]}}),
        ("labels.commitments", {"labels": {"phone": [bytes(32), bytes(31)]}}),
    ],
)
def test_a_key_set_that_contradicts_itself_is_not_made(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as refused:
        key_set(**changes)
    assert refused.value.field == field


@pytest.mark.parametrize("field", ["epoch", "purpose", "kind"])
def test_labels_that_disagree_are_refused_on_arrival(field: str) -> None:
    message = key_set()
    setattr(message.labels[1], field, {"epoch": 9, "purpose": "other", "kind": "email"}[field])
    envelope = Envelope(header=signed(key_set(), []).header, payload=serialise(message))
    for name in ("it", "nl", "ro"):
        envelope = co_sign(envelope, team(name).node)
    with pytest.raises(Malformed):
        TrustedKeySet.open(envelope, ROSTER, NOW)


@settings(deadline=None, max_examples=50)
@given(payload=st.binary(max_size=200))
def test_any_bytes_in_place_of_a_key_set_raise_only_errors_of_the_protocol(payload: bytes) -> None:
    envelope = Envelope(header=signed(key_set(), []).header, payload=payload)
    for name in ("it", "nl", "ro"):
        envelope = co_sign(envelope, team(name).node)
    with pytest.raises(ComityError):
        TrustedKeySet.open(envelope, ROSTER, NOW)


def test_the_example_of_the_document_is_reproduced() -> None:
    vector = json.loads((Path(__file__).parents[1] / "vectors" / "envelope.json").read_text())["key_set"]
    message = key_set(
        holders=[1, 2, 3],
        labels={"phone": POINTS["phone"]},
        not_before=NOW,
        transcript=bytes(range(32)),
    )
    envelope = compose(message, sender="it", issued_at=NOW)
    assert envelope.payload.hex() == vector["payload"]
    assert envelope.header.hex() == vector["header"]
    assert digest(envelope).hex() == vector["digest"]
