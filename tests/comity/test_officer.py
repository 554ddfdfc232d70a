"""Who may approve, what exactly was approved, and where the key rests."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.envelope import Signer, serialise
from comity.errors import ComityError, Expired, Forbidden, Malformed, Unauthenticated
from comity.officer import (
    Officer,
    approval_message,
    approve,
    certify,
    check_approval,
    open_certificate,
    sign_approval,
)
from comity.officer_key import OfficerKey, is_protected
from comity.v1.delivery_pb2 import OfficerSignature
from comity.v1.envelope_pb2 import Envelope
from comity.v1.roster_pb2 import OfficerCertificate
from tests.comity.trust import FEDERATION, NOW, chance_from, pinned, seed, team

ROSTER = pinned()
SEED = seed("it", "officer-1")
DIGEST = seed("what would leave")
CHEAP = {"ops": 1, "memory": 8192}


def certificate(root_signer: Signer | None = None, **changes: Any) -> Envelope:
    terms: dict[str, Any] = {
        "federation": FEDERATION,
        "team": "it",
        "officer": "officer-1",
        "public_key": Signer(SEED).public,
        "roles": ["R-LO", "R-CO"],
        "not_before": NOW - timedelta(days=1),
        "not_after": NOW + timedelta(days=365),
        "now": NOW - timedelta(days=1),
        "chance": chance_from("certificate"),
    }
    return certify(root_signer or team("it").root, **(terms | changes))


def approval(**changes: Any) -> OfficerSignature:
    terms: dict[str, Any] = {"officer": "officer-1", "certificate": certificate(), "role": "R-LO"}
    return approve(SEED, DIGEST, **(terms | changes))


def checked(given_approval: OfficerSignature, **changes: Any) -> Officer:
    terms: dict[str, Any] = {"roster": ROSTER, "team": "it", "required_role": "R-LO", "now": NOW}
    digest = changes.pop("digest", DIGEST)
    return check_approval(given_approval, digest, **(terms | changes))


def test_a_certified_officer_approves() -> None:
    officer = checked(approval())
    assert (officer.team, officer.officer) == ("it", "officer-1")
    assert officer.roles == {"R-LO", "R-CO"}


def test_an_approval_is_for_one_digest_only() -> None:
    assert approval_message(DIGEST) == b"comity officer v1" + DIGEST
    with pytest.raises(Unauthenticated) as refused:
        checked(approval(), digest=seed("something else"))
    assert refused.value.code == "bad-signature"
    with pytest.raises(Malformed):
        sign_approval(SEED, b"short")


def test_an_officer_of_another_team_does_not_approve_for_this_one() -> None:
    with pytest.raises(Forbidden) as refused:
        checked(approval(), team="nl")
    assert refused.value.code == "wrong-team"


def test_a_role_that_the_certificate_does_not_list_is_refused() -> None:
    with pytest.raises(Forbidden) as refused:
        checked(approval(role="R-JUD"), required_role="R-JUD")
    assert refused.value.code == "wrong-role"


def test_an_approval_in_one_role_does_not_count_as_another() -> None:
    with pytest.raises(Forbidden):
        checked(approval(role="R-CO"), required_role="R-LO")


def test_the_approval_names_the_officer_of_the_certificate() -> None:
    with pytest.raises(Unauthenticated):
        checked(approval(officer="officer-2"))


def test_a_stolen_certificate_without_its_key_approves_nothing() -> None:
    forged = approval()
    forged.signature = sign_approval(seed("thief"), DIGEST)
    with pytest.raises(Unauthenticated):
        checked(forged)


def test_a_team_cannot_certify_another_teams_officer() -> None:
    with pytest.raises(Unauthenticated) as refused:
        open_certificate(certificate(team("nl").root), ROSTER, NOW)
    assert refused.value.code == "wrong-sender"


def test_the_nodes_key_cannot_certify_officers() -> None:
    with pytest.raises(Unauthenticated) as refused:
        open_certificate(certificate(team("it").node), ROSTER, NOW)
    assert refused.value.code == "unknown-key"


def test_a_changed_certificate_is_refused() -> None:
    envelope = certificate()
    message = OfficerCertificate.FromString(envelope.payload)
    message.roles.append("R-JUD")
    envelope.payload = serialise(message)
    with pytest.raises(Unauthenticated):
        open_certificate(envelope, ROSTER, NOW)


@pytest.mark.parametrize("now", [NOW - timedelta(days=2), NOW + timedelta(days=365)])
def test_a_certificate_counts_only_in_its_time(now: datetime) -> None:
    with pytest.raises(Expired):
        open_certificate(certificate(), ROSTER, now)


def test_a_certificate_for_later_is_not_in_force_yet() -> None:
    with pytest.raises(Expired) as refused:
        open_certificate(certificate(not_before=NOW + timedelta(days=1)), ROSTER, NOW)
    assert refused.value.code == "not-yet"


def test_a_certificate_of_the_exercise_is_refused_in_the_live_federation() -> None:
    with pytest.raises(Forbidden):
        open_certificate(certificate(federation="eu-exercise"), ROSTER, NOW)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("officer", {"officer": "Officer One"}),
        ("public_key", {"public_key": b""}),
        ("roles", {"roles": []}),
        ("roles", {"roles": ["judge"]}),
        ("not_after", {"not_after": NOW - timedelta(days=1)}),
        ("not_after", {"not_after": NOW + timedelta(days=800)}),
    ],
)
def test_a_certificate_that_makes_no_sense_is_not_made(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as refused:
        certificate(**changes)
    assert refused.value.field == field


@settings(deadline=None, max_examples=50)
@given(signature=st.binary(max_size=80), name=st.text(max_size=8), inner=st.binary(max_size=60))
def test_any_approval_raises_only_errors_of_the_protocol(signature: bytes, name: str, inner: bytes) -> None:
    forged = OfficerSignature(
        officer=name, role="R-LO", signature=signature, certificate=Envelope(header=inner, payload=inner)
    )
    with pytest.raises(ComityError):
        checked(forged)


def key() -> OfficerKey:
    return OfficerKey.generate("it", "officer-1", chance_from("officer key"))


@pytest.mark.parametrize("passphrase", [None, "", "correct horse", "пароль"])
def test_an_officers_key_is_read_as_it_was_written(passphrase: str | None) -> None:
    text = key().to_text(passphrase, chance_from("file"), **CHEAP)
    assert is_protected(text) == (passphrase is not None)
    assert OfficerKey.from_text(text, passphrase) == key()
    assert "Officer: officer-1" in text


def test_a_protected_key_does_not_show_its_bytes_and_opens_with_its_passphrase_only() -> None:
    text = key().to_text("correct horse", chance_from("file"), **CHEAP)
    with pytest.raises(Forbidden) as refused:
        OfficerKey.from_text(text, "wrong horse")
    assert refused.value.code == "wrong-passphrase"
    with pytest.raises(Forbidden) as asked:
        OfficerKey.from_text(text)
    assert asked.value.code == "passphrase-needed"
    assert key().seed.hex() not in repr(key())


def test_a_protected_key_cannot_be_given_to_another_officer() -> None:
    text = key().to_text("correct horse", chance_from("file"), **CHEAP)
    with pytest.raises(Forbidden):
        OfficerKey.from_text(text.replace("officer-1", "officer-2"), "correct horse")


def test_a_key_file_cannot_ask_for_all_the_memory_there_is() -> None:
    text = key().to_text("correct horse", chance_from("file"), **CHEAP)
    with pytest.raises(Malformed):
        OfficerKey.from_text(text.replace("memory=8192", "memory=9999999999"), "correct horse")


@settings(deadline=None, max_examples=100)
@given(text=st.text(max_size=200), position=st.integers(0, 250), letter=st.characters())
def test_any_text_in_place_of_a_key_file_raises_only_errors_of_the_protocol(
    text: str, position: int, letter: str
) -> None:
    good = key().to_text(None, chance_from("file"))
    for candidate in (text, good[:position] + letter + good[position + 1 :]):
        try:
            OfficerKey.from_text(candidate, "x")
        except ComityError:
            continue
        assert "COMITY OFFICER KEY" in candidate


def test_the_example_of_the_document_is_reproduced() -> None:
    vector = json.loads((Path(__file__).parents[1] / "vectors" / "envelope.json").read_text())["officer"]
    example = certificate(roles=["R-LO"], not_before=NOW, not_after=NOW + timedelta(days=365), now=NOW)
    approved = bytes.fromhex(vector["approved_digest"])
    assert SEED.hex() == vector["seed"]
    assert example.payload.hex() == vector["certificate_payload"]
    assert approval_message(approved).hex() == vector["approval_message"]
    assert sign_approval(SEED, approved).hex() == vector["approval"]
