"""How a federation may change, and every way in which it may not."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.envelope import Signer, co_sign, milliseconds, parse_envelope, serialise, sign
from comity.errors import ComityError, Conflict, Expired, Forbidden, Malformed, NotFound, Unauthenticated
from comity.roster import (
    TrustedRoster,
    build_roster,
    fingerprint_of,
    make_card,
    open_card,
    sign_card,
    sign_roster,
)
from comity.v1.envelope_pb2 import Envelope, Header
from comity.v1.roster_pb2 import MemberClass, Roster
from tests.comity.trust import (
    BROKER,
    FEDERATION,
    NOW,
    broker_card,
    chance_from,
    first_roster,
    next_roster,
    pinned,
    team,
)

PRIVATE = MemberClass.MEMBER_CLASS_PRIVATE
V1 = pinned()


def refused_code(envelope: Envelope, kind: type[ComityError], trusted: TrustedRoster = V1) -> str:
    """The code with which `trusted` refuses the next roster; and it stays what it was."""
    before = (trusted.version, trusted.payload_digest, trusted.members)
    with pytest.raises(kind) as refused:
        trusted.advance(envelope, NOW)
    assert (trusted.version, trusted.payload_digest, trusted.members) == before
    return refused.value.code


def test_version_one_is_trusted_by_its_fingerprint() -> None:
    assert V1.version == 1
    assert [each.team for each in V1.members] == ["it", "nl", "ro"]
    assert V1.fingerprint == fingerprint_of(first_roster())
    assert V1.mode == "live"
    assert V1.threshold == 2


def test_the_fingerprint_is_the_same_whoever_has_signed_so_far() -> None:
    assert fingerprint_of(first_roster(signers=())) == fingerprint_of(
        first_roster(signers=("it", "nl", "ro"))
    )


def test_another_roster_than_the_one_compared_is_refused() -> None:
    other = first_roster(names=("it", "nl", "be"))
    with pytest.raises(Unauthenticated) as refused:
        TrustedRoster.pin(other, V1.fingerprint, NOW)
    assert refused.value.code == "other-fingerprint"


@pytest.mark.parametrize("text", ["", "sha256:", "9f86", "SHA256:" + "0" * 64, "sha256:" + "A" * 64])
def test_a_fingerprint_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        TrustedRoster.pin(first_roster(), text, NOW)


def test_version_one_needs_the_signatures_of_its_own_members() -> None:
    envelope = first_roster(signers=("it",))
    with pytest.raises(Unauthenticated) as refused:
        TrustedRoster.pin(envelope, fingerprint_of(envelope), NOW)
    assert refused.value.code == "too-few-signatures"


def test_only_version_one_can_be_pinned() -> None:
    envelope = next_roster(V1)
    with pytest.raises(Malformed):
        TrustedRoster.pin(envelope, fingerprint_of(envelope), NOW)


def test_a_roster_from_the_future_is_not_pinned() -> None:
    with pytest.raises(Expired) as refused:
        TrustedRoster.pin(first_roster(), V1.fingerprint, NOW - timedelta(days=31))
    assert refused.value.code == "from-the-future"


def test_the_next_version_follows_when_the_members_of_the_last_one_sign_it() -> None:
    cards = [team(each).card() for each in ("it", "nl", "ro", "be")]
    v2 = V1.advance(next_roster(V1, cards=cards), NOW)
    assert v2.version == 2
    assert v2.team("be").share_index == 4
    assert [v2.team(each).share_index for each in ("it", "nl", "ro")] == [1, 2, 3]
    assert V1.find("be") is None


def test_one_signature_too_few_is_refused() -> None:
    envelope = next_roster(V1, signers=[team("it").root])
    assert refused_code(envelope, Unauthenticated) == "too-few-signatures"


def test_the_same_member_signing_twice_counts_once() -> None:
    envelope = next_roster(V1, signers=[team("it").root])
    envelope.signatures.append(envelope.signatures[0])
    assert refused_code(envelope, Unauthenticated) == "too-few-signatures"


def test_members_who_only_enter_with_the_next_version_cannot_vote_for_it() -> None:
    cards = [team(each).card() for each in ("it", "nl", "ro", "be")]
    envelope = next_roster(V1, cards=cards, signers=[team("it").root, team("be").root])
    assert refused_code(envelope, Unauthenticated) == "too-few-signatures"


def test_node_keys_do_not_sign_rosters() -> None:
    envelope = next_roster(V1, signers=[team("it").node, team("nl").node])
    assert refused_code(envelope, Unauthenticated) == "too-few-signatures"


def test_a_changed_roster_loses_its_signatures() -> None:
    envelope = next_roster(V1)
    forged = Roster.FromString(envelope.payload)
    forged.members[0].card.address = "elsewhere.example:7443"
    envelope.payload = serialise(forged)
    assert refused_code(envelope, Unauthenticated) == "bad-signature"


def test_a_member_whose_root_key_was_replaced_votes_with_the_new_one_only() -> None:
    cards = [team("it", "new").card(), team("nl").card(), team("ro").card()]
    v2 = V1.advance(next_roster(V1, cards=cards), NOW)
    old = next_roster(v2, cards=cards, signers=[team("it").root, team("nl").root])
    assert refused_code(old, Unauthenticated, v2) == "too-few-signatures"
    new = next_roster(v2, cards=cards, signers=[team("it", "new").root, team("nl").root])
    assert v2.advance(new, NOW).version == 3


def test_there_is_no_way_back() -> None:
    v2 = V1.advance(next_roster(V1), NOW)
    assert refused_code(next_roster(V1), Conflict, v2) == "rollback"
    assert refused_code(first_roster(), Conflict, v2) == "rollback"


def test_no_version_is_stepped_over() -> None:
    v2 = V1.advance(next_roster(V1), NOW)
    assert refused_code(next_roster(v2), Conflict) == "skipped-version"


def test_two_successors_of_one_version_do_not_join() -> None:
    cards = [team(each).card() for each in ("it", "nl", "ro", "be")]
    v2, other_v2 = V1.advance(next_roster(V1), NOW), V1.advance(next_roster(V1, cards=cards), NOW)
    assert refused_code(next_roster(other_v2, cards=cards), Conflict, v2) == "fork"


def test_a_successor_cannot_be_older_than_its_predecessor() -> None:
    assert refused_code(next_roster(V1, issued_at=NOW - timedelta(days=31)), Conflict) == "rollback"


def test_a_successor_from_the_future_is_refused() -> None:
    assert refused_code(next_roster(V1, issued_at=NOW + timedelta(hours=1)), Expired) == "from-the-future"


def test_an_exercise_never_becomes_the_live_federation() -> None:
    assert refused_code(next_roster(V1, mode="exercise"), Conflict) == "other-mode"


def test_another_federations_roster_is_refused() -> None:
    assert refused_code(next_roster(V1, federation="eu-other"), Conflict) == "other-federation"


def test_a_header_that_contradicts_its_roster_is_refused() -> None:
    envelope = next_roster(V1)
    header = Header.FromString(envelope.header)
    header.federation = "eu-other"
    forged = Envelope(header=serialise(header), payload=envelope.payload)
    for each in ("it", "nl"):
        forged = sign_roster(forged, team(each).root)
    assert refused_code(forged, Forbidden) == "wrong-federation"


def test_an_expired_version_is_still_a_step_to_the_next() -> None:
    v2 = V1.advance(next_roster(V1, lifetime=timedelta(hours=1)), NOW)
    assert v2.expired(NOW)
    v3 = v2.advance(next_roster(v2), NOW)
    assert not v3.expired(NOW)
    assert v3.expired(v3.expires_at)


def test_keys_names_shares_and_witnesses_are_found() -> None:
    it = team("it")
    assert V1.by_signing_key(it.node.key_id) == ("it", it.node.public)
    assert V1.by_signing_key(it.root.key_id) is None
    assert V1.by_root_key(it.root.key_id) == ("it", it.root.public)
    assert dict(V1.holders) == {1: "it", 2: "nl", 3: "ro"}
    assert V1.witnesses["comity/eu-thb/it"] == it.node.public
    assert V1.witnesses["comity/eu-thb/broker.hub"] == BROKER.public
    assert V1.broker("hub").address == "hub.example:7443"
    with pytest.raises(NotFound):
        V1.team("de")
    with pytest.raises(NotFound):
        V1.broker("other")


def test_a_submit_only_member_neither_votes_nor_witnesses_nor_holds_a_share() -> None:
    cards = [team("it").card(), team("nl").card(), team("ro").card(), team("be").card(PRIVATE)]
    v2 = V1.advance(next_roster(V1, cards=cards), NOW)
    assert v2.team("be").submit_only
    assert v2.team("be").share_index == 0
    assert "comity/eu-thb/be" not in v2.witnesses
    envelope = next_roster(v2, cards=cards, signers=[team("it").root, team("be").root])
    assert refused_code(envelope, Unauthenticated, v2) == "too-few-signatures"


def contradictory(change: Any) -> Roster:
    roster = Roster.FromString(first_roster().payload)
    change(roster)
    return roster


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("federation", lambda r: setattr(r, "federation", "EU")),
        ("mode", lambda r: setattr(r, "mode", "test")),
        ("version", lambda r: setattr(r, "version", 0)),
        ("previous", lambda r: setattr(r, "previous", bytes(32))),
        ("expires_at_ms", lambda r: setattr(r, "expires_at_ms", r.issued_at_ms)),
        ("issued_at_ms", lambda r: setattr(r, "issued_at_ms", -1)),
        ("members", lambda r: r.ClearField("members")),
        ("team", lambda r: setattr(r.members[1].card, "team", "it")),
        ("team", lambda r: setattr(r.members[1].card, "team", "IT")),
        ("state", lambda r: setattr(r.members[0].card, "state", "it")),
        ("state", lambda r: setattr(r.members[0].card, "state", "")),
        ("name", lambda r: setattr(r.members[0].card, "name", "")),
        ("name", lambda r: setattr(r.members[0].card, "name", "Team\x1b[31m")),
        ("member_class", lambda r: setattr(r.members[0].card, "member_class", 0)),
        ("member_class", lambda r: setattr(r.members[0].card, "member_class", 99)),
        ("address", lambda r: setattr(r.members[0].card, "address", "")),
        ("address", lambda r: setattr(r.members[0].card, "address", "host")),
        ("address", lambda r: setattr(r.members[0].card, "address", "host:0")),
        ("address", lambda r: setattr(r.members[0].card, "address", "host:65536")),
        ("address", lambda r: setattr(r.members[0].card, "address", "unix:///run:1")),
        ("root_key", lambda r: setattr(r.members[0].card, "root_key", bytes(31))),
        ("root_key", lambda r: setattr(r.members[0].card, "root_key", bytes(32))),
        ("root_key", lambda r: setattr(r.members[0].card, "root_key", r.members[0].card.signing_key)),
        ("signing_key", lambda r: setattr(r.members[0].card, "signing_key", b"")),
        ("signing_key", lambda r: setattr(r.members[0].card, "signing_key", r.members[1].card.signing_key)),
        ("signing_key", lambda r: setattr(r.members[0].card, "signing_key", r.members[1].card.root_key)),
        ("signing_key", lambda r: setattr(r.brokers[0], "witness_key", r.members[1].card.signing_key)),
        ("sealing_key", lambda r: setattr(r.members[0].card, "sealing_key", bytes(1215))),
        ("sealing_key", lambda r: setattr(r.members[0].card, "sealing_key", r.members[1].card.sealing_key)),
        ("authority_pem", lambda r: setattr(r.members[0].card, "authority_pem", b"")),
        (
            "authority_pem",
            lambda r: setattr(r.members[0].card, "authority_pem", 2 * r.members[0].card.authority_pem),
        ),
        ("share_index", lambda r: setattr(r.members[0], "share_index", 2)),
        ("share_index", lambda r: setattr(r.members[0], "share_index", 256)),
        ("broker", lambda r: r.brokers.append(r.brokers[0])),
        ("witness_key", lambda r: setattr(r.brokers[0], "witness_key", bytes(32))),
        ("root_threshold", lambda r: setattr(r, "root_threshold", 0)),
        ("root_threshold", lambda r: setattr(r, "root_threshold", 4)),
        ("share_threshold", lambda r: setattr(r, "share_threshold", 1)),
        ("share_threshold", lambda r: setattr(r, "share_threshold", 4)),
    ],
)
def test_a_roster_that_contradicts_itself_is_refused_and_the_field_is_named(field: str, change: Any) -> None:
    roster = contradictory(change)
    envelope = sign(
        roster,
        signer=team("it").root,
        co_signers=[team("nl").root],
        federation=FEDERATION,
        sender="it",
        recipients=["*"],
        issued_at=NOW,
        lifetime=timedelta(days=1),
        chance=chance_from("contradiction"),
    )
    with pytest.raises(Malformed) as refused:
        TrustedRoster.pin(envelope, fingerprint_of(envelope), NOW)
    assert refused.value.field == field


def test_a_submit_only_member_with_a_share_is_refused() -> None:
    with pytest.raises(Malformed) as refused:
        build_roster(
            [team("it").card(), team("nl").card(), team("be").card(PRIVATE)],
            [broker_card()],
            federation=FEDERATION,
            root_threshold=1,
            share_threshold=2,
            composer="it",
            issued_at=NOW,
            chance=chance_from("private"),
            shares={"it": 1, "nl": 2, "be": 3},
        )
    assert refused.value.field == "share_index"


def test_a_roster_is_the_same_bytes_in_whatever_order_the_cards_came() -> None:
    one = first_roster(names=("it", "nl", "ro"))
    two = build_roster(
        [team(each).card() for each in ("ro", "it", "nl")],
        [broker_card()],
        federation=FEDERATION,
        root_threshold=2,
        share_threshold=2,
        composer="ro",
        issued_at=NOW - timedelta(days=30),
        chance=chance_from("other"),
    )
    assert one.payload == two.payload


def card_envelope(signer: Signer | None = None) -> Envelope:
    return sign_card(
        team("it").card(),
        root_signer=signer or team("it").root,
        federation=FEDERATION,
        issued_at=NOW,
        chance=chance_from("card"),
    )


def test_a_card_proves_possession_of_the_root_key_it_names() -> None:
    assert open_card(card_envelope(), FEDERATION, NOW) == team("it").card()
    with pytest.raises(Malformed):
        card_envelope(team("nl").root)


def test_a_changed_card_is_refused() -> None:
    envelope = card_envelope()
    card = team("it").card()
    card.signing_key = team("nl").node.public
    envelope.payload = serialise(card)
    with pytest.raises(Unauthenticated):
        open_card(envelope, FEDERATION, NOW)


def test_a_card_signed_by_somebody_else_alone_is_refused() -> None:
    envelope = card_envelope()
    unsigned = Envelope(header=envelope.header, payload=envelope.payload)
    with pytest.raises(Unauthenticated):
        open_card(co_sign(unsigned, team("nl").root), FEDERATION, NOW)


def test_a_card_for_another_federation_or_from_the_future_is_refused() -> None:
    with pytest.raises(Forbidden):
        open_card(card_envelope(), "eu-other", NOW)
    with pytest.raises(Expired):
        open_card(card_envelope(), FEDERATION, NOW - timedelta(hours=1))


def test_a_card_of_a_private_member_needs_no_address_and_no_state() -> None:
    ngo = team("be")
    card = make_card(
        team="be",
        state="",
        name="Shelter",
        member_class=PRIVATE,
        address="",
        root_key=ngo.root.public,
        signing_key=ngo.node.public,
        sealing_key=ngo.sealing.public,
        authority_pem=ngo.card().authority_pem,
    )
    assert card.team == "be"


@settings(deadline=None, max_examples=50)
@given(data=st.binary(max_size=300), number=st.integers(0, 2**63 - 1))
def test_any_bytes_in_place_of_a_roster_raise_only_errors_of_the_protocol(data: bytes, number: int) -> None:
    header = Header.FromString(next_roster(V1).header)
    header.issued_at_ms = min(number, milliseconds(NOW))
    envelope = Envelope(header=serialise(header), payload=data)
    for each in ("it", "nl"):
        envelope = sign_roster(envelope, team(each).root)
    with pytest.raises(ComityError):
        V1.advance(envelope, NOW)
    with pytest.raises(ComityError):
        TrustedRoster.pin(envelope, fingerprint_of(envelope), NOW)
    with pytest.raises(ComityError):
        open_card(parse_envelope(serialise(envelope)), FEDERATION, NOW)


def test_the_fingerprint_in_the_document_is_that_of_the_test_federation() -> None:
    vectors = json.loads((Path(__file__).parents[1] / "vectors" / "envelope.json").read_text())
    assert V1.fingerprint == vectors["roster"]["fingerprint"]
