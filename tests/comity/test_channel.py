"""The channel's log: encryption, chains, membership, catching up, and members who do not play fair."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.channel import (
    Accepted,
    ChannelLog,
    Duplicate,
    EpochKey,
    Equivocated,
    Held,
    build_event,
    channel_id,
    encode_event,
    equivocation_evidence,
    event_digest,
    husk,
    member_list_hash,
    new_channel,
    new_epoch_key,
    open_event,
    read_event,
    unwrap,
    wrap_for,
)
from comity.channel.event import associated_data
from comity.envelope import Signer, serialise, sign
from comity.errors import Conflict, Corrupt, Exhausted, Forbidden, Malformed, Unauthenticated
from comity.v1 import channel_pb2 as pb
from node.flow.channel import Step, add_member, remove_member, renew_key
from tests.channels import HIT, KEYS, START, Mail, Peer, SeededChance, open_channel, publics

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "channel.json").read_text())


def said(text: str) -> Step:
    body = pb.ChannelMessage(id=bytes(16), text=text, officer="an officer")
    return Step(pb.CHANNEL_EVENT_KIND_MESSAGE, body)


def texts(peer: Peer) -> list[str]:
    return [entry["text"] for entry in peer.case.messages]


def two_nations() -> tuple[Peer, Peer, list[Mail]]:
    """nl and it in a channel, each having said one thing that the other has read."""
    peers, opened = open_channel()
    nl, it = peers["nl"], peers["it"]
    it.take(opened)
    first = nl.write(said("good morning"), 1)
    it.take(first)
    second = it.write(said("buongiorno"), 2)
    nl.take(second)
    return nl, it, [opened, first, second]


def three_nations() -> tuple[dict[str, Peer], list[Mail]]:
    """nl, it and ro in a channel from its opening, nothing said yet."""
    peers, opened = open_channel("nl", "it", "ro")
    for team in ("it", "ro"):
        peers[team].take(opened)
    return peers, [opened]


def changed(mail: Mail, **fields: object) -> Mail:
    event = read_event(mail.event)
    for name, value in fields.items():
        setattr(event, name, value)
    return Mail(encode_event(event), mail.author, mail.cosigners)


def event_under(key: EpochKey, channel: bytes, **fields: object) -> pb.ChannelEvent:
    """An event built beside the rules of the log, as a dishonest member could."""
    given_fields: dict[str, object] = {
        "author": "it",
        "sequence": 1,
        "previous": b"",
        "seen": [],
        "kind": pb.CHANNEL_EVENT_KIND_MESSAGE,
        "payload": said("psst").payload,
        "now": START,
        "chance": SeededChance("forger"),
        **fields,
    }
    return build_event(channel=channel, key=key, **given_fields)  # type: ignore[arg-type]


# One event


def test_members_read_what_members_write() -> None:
    nl, it, _ = two_nations()
    assert texts(nl) == texts(it) == ["good morning", "buongiorno"]


def test_the_ciphertext_does_not_show_the_text() -> None:
    _, _, mails = two_nations()
    assert all(b"good morning" not in mail.event and b"Lantern" not in mail.event for mail in mails)


@given(place=st.integers(0, 400), flip=st.integers(1, 255))
def test_an_edited_ciphertext_does_not_open(place: int, flip: int) -> None:
    nl, _, mails = TWO
    event = read_event(mails[1].event)
    edited = bytearray(event.ciphertext)
    edited[place % len(edited)] ^= flip
    event.ciphertext = bytes(edited)
    with pytest.raises(Corrupt):
        open_event(event, next(iter(nl.ring.values())))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("channel", bytes(16)),
        ("author", "it"),
        ("sequence", 3),
        ("previous", bytes(32)),
        ("created_at_ms", 1),
        ("kind", pb.CHANNEL_EVENT_KIND_TASK),
    ],
)
def test_a_routing_field_moved_elsewhere_shuts_the_event(field: str, value: object) -> None:
    nl, _, mails = TWO
    event = read_event(mails[1].event)
    setattr(event, field, value)
    with pytest.raises(Corrupt):
        open_event(event, next(iter(nl.ring.values())))


def test_an_event_cannot_claim_to_have_seen_something_else() -> None:
    nl, _, mails = TWO
    event = read_event(mails[2].event)
    event.seen[0] = bytes(32)
    with pytest.raises(Corrupt):
        open_event(event, next(iter(nl.ring.values())))


def test_the_wrapped_keys_are_bound_to_the_opening() -> None:
    nl, _, mails = TWO
    event = read_event(mails[0].event)
    event.keys[0].sealed.ciphertext = event.keys[1].sealed.ciphertext
    with pytest.raises(Corrupt):
        open_event(event, next(iter(nl.ring.values())))


def test_a_ciphertext_that_does_not_commit_to_its_key_is_refused() -> None:
    import nacl.bindings

    key = EpochKey(1, bytes(32))
    event = event_under(key, bytes(16))
    event.ciphertext = nacl.bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        said("two faces").payload.SerializeToString(), associated_data(event), event.nonce, key.key
    )
    with pytest.raises(Corrupt, match="commit"):
        open_event(event, key)


def test_a_key_of_another_epoch_is_refused_before_anything_is_decrypted() -> None:
    with pytest.raises(Forbidden, match="epoch"):
        open_event(event_under(EpochKey(1, bytes(32)), bytes(16)), EpochKey(2, bytes(32)))


def test_a_payload_of_another_kind_is_not_built() -> None:
    with pytest.raises(Malformed, match="kind"):
        event_under(EpochKey(1, bytes(32)), bytes(16), kind=pb.CHANNEL_EVENT_KIND_TASK)


def test_a_time_without_its_zone_is_refused() -> None:
    with pytest.raises((Malformed, ValueError)):
        event_under(EpochKey(1, bytes(32)), bytes(16), now=START.replace(tzinfo=None))


def test_an_epoch_key_does_not_show_itself() -> None:
    assert "61" * 4 not in repr(EpochKey(1, b"a" * 32))
    assert "aaaa" not in repr(EpochKey(1, b"a" * 32))


@given(st.binary(max_size=300))
def test_junk_is_refused_as_malformed(junk: bytes) -> None:
    with pytest.raises(Malformed):
        read_event(junk)


# Keys


def wrapped_event(members: tuple[str, ...] = ("it", "nl")) -> tuple[pb.ChannelEvent, EpochKey]:
    chance = SeededChance("wrap")
    channel, nonce = new_channel("nl", chance)
    key = new_epoch_key(1, chance)
    keys = wrap_for(publics(*members), key, channel, "nl", member_list_hash(members), chance)
    body = pb.ChannelOpening(title="t", status="pre-jit", hits=[HIT], members=members)
    event = event_under(
        key,
        channel,
        author="nl",
        kind=pb.CHANNEL_EVENT_KIND_OPEN,
        payload=body,
        keys=keys,
        nonce=nonce,
    )
    return event, key


def test_each_member_unwraps_the_epoch_key() -> None:
    event, key = wrapped_event()
    assert unwrap(event, "it", [KEYS["it"]]) == unwrap(event, "nl", KEYS["nl"]) == key


def test_a_stranger_has_no_box() -> None:
    event, _ = wrapped_event()
    with pytest.raises(Forbidden, match="not given"):
        unwrap(event, "ro", [KEYS["ro"]])


def test_an_earlier_sealing_key_still_opens_its_mail_and_an_erased_one_does_not() -> None:
    event, key = wrapped_event()
    assert unwrap(event, "it", [KEYS["de"], KEYS["it"]]) == key
    with pytest.raises(Corrupt, match="no longer"):
        unwrap(event, "it", [KEYS["de"]])


@pytest.mark.parametrize(("field", "value"), [("author", "it"), ("epoch", 2), ("channel", bytes(16))])
def test_a_box_moved_to_another_place_stays_shut(field: str, value: object) -> None:
    event, _ = wrapped_event()
    setattr(event, field, value)
    with pytest.raises(Corrupt):
        unwrap(event, "it", [KEYS["it"]])


def test_a_box_for_one_member_list_does_not_open_under_another() -> None:
    event, _ = wrapped_event(("it", "nl", "ro"))
    del event.keys[2]
    with pytest.raises(Corrupt):
        unwrap(event, "it", [KEYS["it"]])


def test_keys_are_not_wrapped_for_other_members_than_agreed() -> None:
    with pytest.raises(Malformed, match="agreed"):
        wrap_for(
            publics("nl"),
            EpochKey(1, bytes(32)),
            bytes(16),
            "nl",
            member_list_hash(["nl", "it"]),
            SeededChance("x"),
        )


def test_an_opening_that_lists_other_members_than_received_the_key_is_refused() -> None:
    event, key = wrapped_event()
    lying = pb.ChannelOpening(title="t", status="pre-jit", members=["nl"])
    rebuilt = event_under(
        key,
        event.channel,
        author="nl",
        kind=event.kind,
        payload=lying,
        keys=event.keys,
        nonce=event.nonce,
    )
    with pytest.raises(Malformed, match="members listed"):
        open_event(rebuilt, key)


# Chains


def test_a_missing_predecessor_holds_an_event_until_it_arrives() -> None:
    nl, _, mails = TWO
    late = Peer("it", nl.log.channel)
    held = late.take(mails[2])
    assert held == Held(mails[2].digest, frozenset({mails[1].digest}))
    assert late.log.missing() == {mails[1].digest}
    late.take(mails[1])
    assert late.log.missing() == {mails[0].digest}
    outcome = late.take(mails[0])
    assert isinstance(outcome, Accepted)
    assert set(outcome.released) == {mails[1].digest, mails[2].digest}
    assert late.case.to_dict() == nl.case.to_dict()


def test_a_replayed_event_changes_nothing() -> None:
    nl, _, mails = two_nations()
    before = nl.case.to_dict()
    assert [type(nl.take(mail)) for mail in mails] == [Duplicate] * 3
    assert nl.case.to_dict() == before


def test_an_event_replayed_into_another_channel_is_refused() -> None:
    _, _, mails = TWO
    other, _ = open_channel(seed="another case")
    with pytest.raises(Malformed, match="another channel"):
        other["nl"].take(mails[1])


def test_an_author_who_did_not_sign_is_refused() -> None:
    nl, _, mails = TWO
    with pytest.raises(Unauthenticated):
        ChannelLog(nl.log.channel).accept(mails[0].event, "it")


def test_a_stranger_cannot_write() -> None:
    nl, _, mails = two_nations()
    (key,) = nl.ring.values()
    event = event_under(key, nl.log.channel, author="ro", seen=[mails[2].digest])
    with pytest.raises(Forbidden, match="no member"):
        nl.log.accept(encode_event(event), "ro")


def test_a_stranger_cannot_open_a_channel_under_an_id_in_use() -> None:
    nl, _, _ = TWO
    event, _ = wrapped_event()
    event.channel = nl.log.channel
    with pytest.raises(Malformed, match="founder"):
        ChannelLog(nl.log.channel).accept(encode_event(event), "nl")


def test_an_event_must_continue_its_own_authors_chain() -> None:
    nl, _, mails = two_nations()
    (key,) = nl.ring.values()
    event = event_under(key, nl.log.channel, author="it", sequence=3, previous=mails[1].digest)
    with pytest.raises(Malformed, match="chain"):
        nl.log.accept(encode_event(event), "it")


def test_a_first_event_that_saw_nothing_is_no_members() -> None:
    nl, _, _ = two_nations()
    (key,) = nl.ring.values()
    with pytest.raises(Forbidden, match="no member"):
        nl.log.accept(encode_event(event_under(key, nl.log.channel)), "it")


def test_a_held_event_that_proves_inadmissible_is_reported_and_blocks_nothing() -> None:
    nl, it, mails = two_nations()
    (key,) = nl.ring.values()
    forged = event_under(key, nl.log.channel, author="ro", seen=[mails[2].digest])
    late = Peer("it", nl.log.channel)
    late.take_all(mails[:2])
    assert isinstance(late.log.accept(encode_event(forged), "ro"), Held)
    outcome = late.take(mails[2])
    assert isinstance(outcome, Accepted)
    assert [(each.author, each.error.code) for each in outcome.refused] == [("ro", "not-a-member")]
    assert late.digests() == it.digests()


def test_the_number_of_held_events_of_one_team_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.channel.log.HELD_LIMIT", 2)
    log = ChannelLog(bytes(16))
    key = EpochKey(1, bytes(32))
    for number in (2, 3):
        log.accept(encode_event(event_under(key, bytes(16), sequence=number, previous=b"p" * 32)), "it")
    with pytest.raises(Exhausted):
        log.accept(encode_event(event_under(key, bytes(16), sequence=4, previous=b"p" * 32)), "it")


def test_a_kind_of_event_from_a_later_version_is_carried_and_shown_as_unreadable() -> None:
    nl, _it, mails = two_nations()
    (key,) = nl.ring.values()
    event = event_under(
        key, nl.log.channel, sequence=2, previous=mails[2].digest, now=START + timedelta(hours=1)
    )
    event.kind = 99  # type: ignore[assignment]
    mail = Mail(encode_event(event), "it")
    assert isinstance(nl.take(mail), Accepted)
    assert [entry["sequence"] for entry in nl.case.unreadable] == [2]


def test_unknown_fields_survive_since_the_digest_is_over_the_bytes_as_carried() -> None:
    nl, _it, mails = two_nations()
    (key,) = nl.ring.values()
    event = event_under(key, nl.log.channel, sequence=2, previous=mails[2].digest)
    greased = encode_event(event) + bytes.fromhex("fa0703666f6f")  # field 127, "foo"
    assert isinstance(nl.log.accept(greased, "it"), Accepted)
    assert event_digest(greased) in nl.log
    assert event_digest(event) not in nl.log


# Equivocation


def forked() -> tuple[Peer, Peer, list[Mail], Mail, Mail]:
    """it signs two different events as its number 2, one for each reader."""
    nl, it, mails = two_nations()
    twin = Peer("it", nl.log.channel)
    twin.take_all(mails)
    twin.chance = SeededChance("twin")
    return nl, it, mails, it.write(said("yes"), 3), twin.write(said("no"), 3)


def test_two_events_under_one_number_are_detected_and_their_author_is_named() -> None:
    nl, _, _, yes, no = forked()
    nl.take(yes)
    outcome = nl.take(no)
    assert isinstance(outcome, Equivocated)
    evidence = outcome.evidence
    assert (evidence.author, evidence.sequence) == ("it", 2)
    assert {evidence.first, evidence.second} == {yes.digest, no.digest}
    assert nl.log.equivocations() == (evidence,)


def test_an_equivocation_loses_nothing_and_is_folded_alike_by_all() -> None:
    nl, it, _mails, yes, no = forked()
    nl.take_all([yes, no])
    it.take(no)
    assert nl.case.to_dict() == it.case.to_dict()
    assert sorted(texts(nl)[2:]) == ["no", "yes"]
    assert [(c["kind"], c["team"]) for c in nl.case.conflicts] == [("equivocation", "it")]


def test_a_node_that_asks_by_vector_receives_both_halves() -> None:
    nl, _it, mails, yes, no = forked()
    nl.take_all([yes, no])
    third = Peer("it", nl.log.channel)
    third.take_all([*mails, no])
    third.catch_up_from(nl)
    assert third.digests() == nl.digests()


def test_the_signed_envelopes_prove_an_equivocation() -> None:
    _, _, mails, yes, no = forked()

    def enclosed(mail: Mail, seed: str) -> bytes:
        event = read_event(mail.event)
        return serialise(
            sign(
                event,
                signer=Signer(b"i" * 32),
                federation="exercise",
                sender="it",
                recipients=["nl"],
                issued_at=START,
                lifetime=timedelta(days=1),
                chance=SeededChance(seed),
            )
        )

    evidence = equivocation_evidence(enclosed(yes, "a"), enclosed(no, "b"))
    assert (evidence.author, evidence.sequence) == ("it", 2)
    with pytest.raises(Malformed, match="not two events"):
        equivocation_evidence(enclosed(yes, "a"), enclosed(yes, "b"))
    with pytest.raises(Malformed, match="not two events"):
        equivocation_evidence(enclosed(yes, "a"), enclosed(mails[2], "b"))


# Membership


def test_a_third_nation_joins_and_reads_from_then_on() -> None:
    nl, it, mails = two_nations()
    ro = Peer("ro", nl.log.channel)
    joined = nl.write(
        add_member(nl.log, "nl", publics("nl", "it", "ro"), "ro", reason="hit", chance=nl.chance), 3
    )
    it.take(joined)
    ro.take_all([*mails, joined])
    ro.take(it.write(said("welcome"), 4))
    assert texts(ro) == ["welcome"]
    assert ro.log.members == {"nl", "it", "ro"}
    assert ro.case.title == ""
    assert len(ro.case.unreadable) == 3


def test_a_joiner_reads_exactly_the_epochs_that_were_granted() -> None:
    peers, mails = three_nations()
    nl, de = peers["nl"], peers["de"]
    first_key = dict(nl.ring)
    mails.append(nl.write(said("in epoch 1"), 1))
    mails.append(
        nl.write(renew_key(nl.log, "nl", publics("nl", "it", "ro"), reason="daily", chance=nl.chance), 2)
    )
    mails.append(nl.write(said("in epoch 2"), 3))
    members = publics("nl", "it", "ro", "de")
    join = add_member(nl.log, "nl", members, "de", reason="hit", chance=nl.chance, granted=first_key)
    mails.append(nl.write(join, 4))
    mails.append(nl.write(said("in epoch 3"), 5))
    de.take_all(mails)
    assert texts(de) == ["in epoch 1", "in epoch 3"]


def test_a_grant_to_one_newcomer_is_no_grant_to_the_next() -> None:
    nl, _it, mails = two_nations()
    ro, de = Peer("ro", nl.log.channel), Peer("de", nl.log.channel)
    members = publics("nl", "it", "ro")
    join = add_member(
        nl.log, "nl", members, "ro", reason="hit", chance=nl.chance, granted=dict(nl.ring), agreed=["it"]
    )
    mails.append(nl.write(join, 3))
    second_key = {mails[-1].digest: nl.ring[mails[-1].digest]}
    members = publics("nl", "it", "ro", "de")
    join = add_member(nl.log, "nl", members, "de", reason="hit", chance=nl.chance, granted=second_key)
    mails.append(nl.write(join, 4))
    for peer in (ro, de):
        peer.take_all(mails)
    assert texts(ro) == ["good morning", "buongiorno"]
    assert texts(de) == []


def test_a_removed_member_cannot_read_on() -> None:
    peers, _ = three_nations()
    nl, it, ro = peers["nl"], peers["it"], peers["ro"]
    removal = nl.write(
        remove_member(nl.log, "nl", publics("nl", "it"), "ro", reason="left", chance=nl.chance), 1
    )
    after = nl.write(said("without ro"), 2)
    for peer in (it, ro):
        peer.take_all([removal, after])
    assert texts(it) == ["without ro"]
    assert texts(ro) == []
    with pytest.raises(Forbidden):
        ro.write(said("still here"), 3)


def test_a_removal_needs_the_signatures_of_all_who_stay() -> None:
    peers, _mails = three_nations()
    nl, it = peers["nl"], peers["it"]
    step = remove_member(nl.log, "nl", publics("nl", "it"), "ro", reason="left", chance=nl.chance)
    assert step.cosigners == {"it"}
    with pytest.raises(Forbidden, match="signed by all"):
        nl.write(step, 1, cosigners=[])
    mail = nl.write(step, 1)
    with pytest.raises(Forbidden, match="signed by all"):
        it.take(mail._replace(cosigners=frozenset({"ro"})))
    assert it.log.members == {"nl", "it", "ro"}
    assert isinstance(it.take(mail), Accepted)


def test_a_removed_members_last_valid_event_is_the_last_that_the_others_had_seen() -> None:
    peers, _ = three_nations()
    nl, it, ro = peers["nl"], peers["it"], peers["ro"]
    seen = ro.write(said("seen"), 1)
    nl.take(seen)
    removal = nl.write(
        remove_member(nl.log, "nl", publics("nl", "it"), "ro", reason="left", chance=nl.chance), 5
    )
    beside = ro.write(said("beside the removal"), 2)
    nl.take(beside)
    it.take_all([seen, beside, removal])
    assert texts(nl) == texts(it) == ["seen"]
    assert nl.log.last_sequence("ro") == it.log.last_sequence("ro") == 1
    assert [c["kind"] for c in it.case.conflicts] == ["after-removal"]
    assert nl.case.to_dict() == it.case.to_dict()


def test_what_a_member_saw_beside_a_removal_does_not_block_that_member() -> None:
    peers, _ = three_nations()
    nl, it, ro = peers["nl"], peers["it"], peers["ro"]
    removal = nl.write(
        remove_member(nl.log, "nl", publics("nl", "it"), "ro", reason="left", chance=nl.chance), 5
    )
    beside = ro.write(said("beside"), 2)
    it.take(beside)
    answer = it.write(said("I read you"), 3)
    held = nl.take(answer)
    assert isinstance(held, Held)
    nl.take(beside)
    it.take(removal)
    assert texts(nl) == texts(it) == ["I read you"]


def test_a_member_removed_and_added_again_writes_on_and_its_void_event_stays_void() -> None:
    peers, _ = three_nations()
    nl, it, ro = peers["nl"], peers["it"], peers["ro"]
    removal = nl.write(
        remove_member(nl.log, "nl", publics("nl", "it"), "ro", reason="left", chance=nl.chance), 5
    )
    beside = ro.write(said("void"), 2)
    nl.take(beside)
    back = nl.write(
        add_member(nl.log, "nl", publics("nl", "it", "ro"), "ro", reason="back", chance=nl.chance), 6
    )
    ro.take_all([removal, back])
    again = ro.write(said("counts"), 7)
    nl.take(again)
    it.take_all([removal, back, beside, again])
    assert texts(nl) == texts(it) == texts(ro) == ["counts"]
    assert nl.log.members == {"nl", "it", "ro"}


def test_an_event_in_the_old_epoch_by_one_who_knows_the_new_is_refused() -> None:
    peers, mails = three_nations()
    nl, it = peers["nl"], peers["it"]
    removal = nl.write(
        remove_member(nl.log, "nl", publics("nl", "it"), "ro", reason="left", chance=nl.chance), 1
    )
    it.take(removal)
    old = it.ring[mails[0].digest]
    leak = event_under(old, nl.log.channel, author="it", seen=[removal.digest])
    with pytest.raises(Forbidden, match="epoch"):
        nl.log.accept(encode_event(leak), "it")


def test_two_who_remove_each_other_leave_one_channel() -> None:
    nl, it, _ = two_nations()
    out_it = nl.write(remove_member(nl.log, "nl", publics("nl"), "it", reason="x", chance=nl.chance), 3)
    out_nl = it.write(remove_member(it.log, "it", publics("it"), "nl", reason="x", chance=it.chance), 4)
    nl.take(out_nl)
    it.take(out_it)
    assert nl.log.members == it.log.members == {"nl"}
    assert nl.digests() == it.digests()


def test_newcomers_added_at_two_places_at_once_are_both_members_after_the_key_is_renewed() -> None:
    nl, it, mails = two_nations()
    ro, de = Peer("ro", nl.log.channel), Peer("de", nl.log.channel)
    add_ro = nl.write(
        add_member(nl.log, "nl", publics("nl", "it", "ro"), "ro", reason="r", chance=nl.chance), 3
    )
    add_de = it.write(
        add_member(it.log, "it", publics("nl", "it", "de"), "de", reason="d", chance=it.chance), 3
    )
    nl.take(add_de)
    it.take(add_ro)
    assert nl.log.members == {"nl", "it", "ro", "de"}
    with pytest.raises(Conflict, match="two places"):
        nl.write(said("to whom?"), 4)
    everyone = publics("nl", "it", "ro", "de")
    merged = nl.write(renew_key(nl.log, "nl", everyone, reason="merge", chance=nl.chance), 5)
    hello = nl.write(said("hello all"), 6)
    for peer in (it, ro, de):
        peer.take_all([*mails, add_ro, add_de, merged, hello])
    assert texts(ro) == texts(de) == ["hello all"]
    assert it.log.writing() == (merged.digest, 3)


def test_a_key_renewed_at_two_places_at_once_needs_no_third_renewal() -> None:
    nl, it, _ = two_nations()
    members = publics("nl", "it")
    one = nl.write(renew_key(nl.log, "nl", members, reason="daily", chance=nl.chance), 3)
    two = it.write(renew_key(it.log, "it", members, reason="daily", chance=it.chance), 3)
    nl.take(two)
    it.take(one)
    it.take(nl.write(said("under one of them"), 4))
    assert texts(it)[-1] == "under one of them"


# Catching up


def test_a_node_that_was_offline_catches_up_by_vector() -> None:
    nl, it, _mails = two_nations()
    for minute in range(3, 8):
        nl.write(said(f"minute {minute}"), minute)
    assert it.log.vector() == {"it": 1, "nl": 2}
    it.catch_up_from(nl)
    assert it.log.vector() == {"it": 1, "nl": 7}
    assert it.log.heads() == nl.log.heads()
    assert it.case.to_dict() == nl.case.to_dict()


def test_a_draft_of_the_log_can_be_thrown_away() -> None:
    nl, it, _ = two_nations()
    mail = it.write(said("perhaps"), 3)
    draft = nl.log.copy()
    draft.accept(mail.event, "it")
    assert (mail.digest in draft, mail.digest in nl.log) == (True, False)


def test_an_erased_event_keeps_its_place() -> None:
    nl, _it, mails = two_nations()
    again = ChannelLog(nl.log.channel)
    again.restore(husk(mails[0].event), mails[0].digest)
    again.restore(husk(mails[1].event), mails[1].digest)
    again.accept(mails[2].event, "it")
    assert again.entries() == nl.log.entries()
    assert len(husk(mails[1].event)) < len(mails[1].event)


def history() -> tuple[Peer, list[Mail]]:
    """A channel's whole life: joining, removal, a void event, rival changes, an equivocation."""
    peers, mails = three_nations()
    nl, it, ro = peers["nl"], peers["it"], peers["ro"]
    mails += [nl.write(said("one"), 1), it.write(said("two"), 1), ro.write(said("three"), 1)]
    nl.take_all(mails)
    members = publics("nl", "it")
    mails.append(nl.write(remove_member(nl.log, "nl", members, "ro", reason="left", chance=nl.chance), 4))
    mails.append(ro.write(said("void"), 2))
    it.take(mails[-1])
    mails.append(it.write(said("read void"), 3))
    nl.take_all(mails)
    it.take_all(mails)
    members = publics("nl", "it", "de")
    mails.append(it.write(add_member(it.log, "it", members, "de", reason="hit", chance=it.chance), 5))
    mails.append(nl.write(renew_key(nl.log, "nl", publics("nl", "it"), reason="daily", chance=nl.chance), 5))
    nl.take_all(mails)
    mails.append(nl.write(renew_key(nl.log, "nl", members, reason="merge", chance=nl.chance), 6))
    twin = Peer("nl", nl.log.channel)
    twin.take_all(mails)
    twin.chance = SeededChance("twin")
    mails += [nl.write(said("yes"), 7), twin.write(said("no"), 7)]
    nl.take_all(mails)
    return nl, mails


TWO = two_nations()
LIFE, MAILS = history()


@settings(max_examples=60, deadline=None)
@given(st.permutations(MAILS), st.lists(st.sampled_from(MAILS), max_size=6))
def test_any_order_and_repetition_of_the_same_events_gives_the_same_log(
    order: list[Mail], again: list[Mail]
) -> None:
    log = ChannelLog(LIFE.log.channel)
    for mail in [*order, *again]:
        log.accept(mail.event, mail.author, cosigners=mail.cosigners)
    assert log.entries() == LIFE.log.entries()
    assert log.view == LIFE.log.view
    assert log.equivocations() == LIFE.log.equivocations()
    assert not log.missing()


@settings(max_examples=40, deadline=None)
@given(st.sets(st.sampled_from(range(len(MAILS)))), st.sets(st.sampled_from(range(len(MAILS)))))
def test_after_a_partition_two_halves_agree_by_vector_and_missing(left: set[int], right: set[int]) -> None:
    logs = []
    for half in (left, right | (set(range(len(MAILS))) - left)):
        log = ChannelLog(LIFE.log.channel)
        for place in sorted(half, reverse=True):
            log.accept(MAILS[place].event, MAILS[place].author, cosigners=MAILS[place].cosigners)
        logs.append(log)
    for mail in MAILS:
        for log in logs:
            log.accept(mail.event, mail.author, cosigners=mail.cosigners)
    assert logs[0].entries() == logs[1].entries() == LIFE.log.entries()


# Fixed figures


@pytest.mark.parametrize("name", ["channel_id", "member_list_hash", "associated_data", "digest"])
def test_the_fixed_figures_hold(name: str) -> None:
    event = read_event(bytes.fromhex(VECTORS["message"]["event"]))
    opened = read_event(bytes.fromhex(VECTORS["opening"]["event"]))
    found = {
        "channel_id": channel_id(opened.author, opened.nonce),
        "member_list_hash": member_list_hash(VECTORS["members"]),
        "associated_data": associated_data(event),
        "digest": event_digest(bytes.fromhex(VECTORS["message"]["event"])),
    }
    assert found[name].hex() == VECTORS[name]


def test_the_vectors_boxes_open_to_their_key_and_the_events_to_their_plaintext() -> None:
    opened = read_event(bytes.fromhex(VECTORS["opening"]["event"]))
    key = unwrap(opened, "it", KEYS["it"].from_bytes(bytes.fromhex(VECTORS["sealing_seed_it"])))
    assert key.key.hex() == VECTORS["epoch_key"]
    for name in ("opening", "message"):
        event = read_event(bytes.fromhex(VECTORS[name]["event"]))
        assert (
            open_event(event, key).SerializeToString(deterministic=True).hex() == VECTORS[name]["plaintext"]
        )


def test_the_vectors_message_is_built_byte_for_byte() -> None:
    given_event = read_event(bytes.fromhex(VECTORS["message"]["event"]))
    body = pb.ChannelMessage.FromString(bytes.fromhex(VECTORS["message"]["plaintext"]))
    built = build_event(
        channel=given_event.channel,
        author="it",
        sequence=1,
        previous=b"",
        seen=list(given_event.seen),
        kind=pb.CHANNEL_EVENT_KIND_MESSAGE,
        payload=body,
        key=EpochKey(1, bytes.fromhex(VECTORS["epoch_key"])),
        now=START,
        chance=lambda size: given_event.nonce[:size],
    )
    assert encode_event(built).hex() == VECTORS["message"]["event"]
