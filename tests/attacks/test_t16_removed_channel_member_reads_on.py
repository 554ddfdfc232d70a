"""T16: after a removal the old keys open nothing new, and the old name writes nothing that counts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from comity.channel import EpochKey, build_event, encode_event
from comity.errors import ComityError, Forbidden
from comity.v1 import channel_pb2 as pb
from node.flow.channel import message, remove_member
from node.service.incoming import accept
from tests.attackers import PHONE, federation, phones, statement, the_hit
from tests.channels import START, Mail, Peer, open_channel, publics
from tests.simulator import Federation

SECRET = "we meet on Thursday at ten"


def said(peer: Peer, text: str, number: int) -> Mail:
    step = message(
        peer.case, peer.team, text=text, officer="lo-1", chance=lambda size: bytes([number]) * size
    )
    return peer.write(step, number)


def texts(peer: Peer) -> list[str]:
    return [entry["text"] for entry in peer.case.to_dict()["messages"]]


def removed_ro() -> tuple[dict[str, Peer], list[Mail]]:
    """nl, it and ro talk; then nl removes ro, and it co-signs."""
    peers, opening = open_channel("nl", "it", "ro")
    for name in ("it", "ro"):
        peers[name].take(opening)
    first = said(peers["nl"], "before", 1)
    peers["it"].take(first)
    peers["ro"].take(first)
    nl = peers["nl"]
    leaving = remove_member(nl.log, "nl", publics("nl", "it"), "ro", reason="left", chance=nl.chance)
    removal = nl.write(leaving, 2)
    peers["it"].take(removal)
    return peers, [opening, first, removal]


def test_with_all_its_keys_and_all_the_mail_it_reads_nothing_new() -> None:
    peers, mails = removed_ro()
    after = [said(peers["nl"], SECRET, 3)]
    peers["it"].take_all(after)
    after.append(said(peers["it"], SECRET, 4))
    peers["nl"].take(after[-1])
    ro = peers["ro"]
    ro.take_all([*mails, *after])  # somebody, or the broker, lets it have everything
    assert texts(ro) == ["before"]
    assert texts(peers["nl"]) == texts(peers["it"]) == ["before", SECRET, SECRET]
    assert SECRET.encode() not in b"".join(mail.event for mail in after)
    newest = max(key.epoch for key in ro.ring.values())
    assert newest < max(key.epoch for key in peers["nl"].ring.values())


def test_what_it_writes_afterwards_counts_for_nobody() -> None:
    peers, mails = removed_ro()
    beside = said(peers["ro"], "I did not know", 3)  # with the old key, beside the removal
    for name in ("nl", "it"):
        peers[name].take(beside)
        assert texts(peers[name]) == ["before"]
    peers["ro"].take_all(mails)
    with pytest.raises(ComityError):
        said(peers["ro"], "I know, and go on", 4)
    after = forged_event(peers["ro"], mails)
    for name in ("nl", "it"):
        before = peers[name].digests()
        with pytest.raises(Forbidden):
            peers[name].take(after)
        assert peers[name].digests() == before
        assert texts(peers[name]) == ["before"]


def forged_event(ro: Peer, mails: list[Mail]) -> Mail:
    """An event that names the removal as its past, written by a program that checks nothing."""
    (key,) = [key for key in ro.ring.values() if key.epoch == 1]
    event = build_event(
        channel=ro.log.channel,
        author="ro",
        sequence=1,
        previous=b"",
        seen=(mails[-1].digest,),
        kind=pb.CHANNEL_EVENT_KIND_MESSAGE,
        payload=pb.ChannelMessage(id=bytes(16), text="still here", officer="lo-1"),
        key=EpochKey(2, key.key),
        now=START + timedelta(hours=3),
        chance=ro.chance,
    )
    return Mail(encode_event(event), "ro")


def test_a_removal_that_one_of_those_who_stay_did_not_sign_removes_nobody() -> None:
    peers, opening = open_channel("nl", "it", "ro")
    for name in ("it", "ro"):
        peers[name].take(opening)
    nl = peers["nl"]
    leaving = remove_member(nl.log, "nl", publics("nl", "it"), "ro", reason="a coup", chance=nl.chance)
    with pytest.raises(Forbidden) as refused:
        nl.write(leaving, 2, cosigners=())
    assert refused.value.code == "signatures-missing"
    assert peers["it"].log.members == {"nl", "it", "ro"}


def test_a_node_gives_whoever_is_no_member_nothing_on_request(tmp_path: Path) -> None:
    made: Federation = federation(tmp_path, {"nl": phones(PHONE), "ro": phones(PHONE)})
    hit = the_hit(made["nl"])["hit"]
    case = made["nl"].act("liaison", "channel.open", hits=[hit], title="Lantern", nonce="00" * 16)["channel"]
    made["nl"].act("liaison", "channel.post", channel=case, text=SECRET, message="11" * 16)
    made.settle()
    mails = len(made.broker.mails.get("it", []))
    asked = statement(made["it"], pb.ChannelCatchUp(channel=bytes.fromhex(case)), ["nl"])
    accept(made["nl"].node, asked, caller="it")
    made.settle()
    assert len(made.broker.mails.get("it", [])) == mails
    with pytest.raises(ComityError, match="no such channel"):
        made["it"].run("channel.show", channel=case)
    assert len(made["ro"].run("channel.show", channel=case)["case"]["messages"]) == 1
