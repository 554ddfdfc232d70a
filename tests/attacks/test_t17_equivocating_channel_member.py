"""T17: who tells one colleague this and the other that is found out by its own two signatures."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from comity.channel import build_event, event_digest
from comity.channel.log import equivocation_evidence
from comity.errors import Forbidden
from comity.v1 import channel_pb2 as pb
from comity.v1.envelope_pb2 import Envelope
from node.records import ChannelEventRow
from node.service.incoming import accept
from node.service.rooms import Room
from tests.attackers import PHONE, alarms, federation, phones, statement
from tests.simulator import Federation


@pytest.fixture
def channel_of_three(tmp_path: Path) -> tuple[Federation, str]:
    held = {name: phones(PHONE) for name in ("nl", "it", "ro")}
    made = federation(tmp_path, held)
    hits = [hit["hit"] for hit in made["nl"].run("hits")]
    opened = made["nl"].act("liaison", "channel.open", hits=hits, title="Lantern", nonce="00" * 16)
    made.settle()
    return made, opened["channel"]


class Liar:
    """ro's node, with a program that keeps two chains."""

    def __init__(self, made: Federation, case: str) -> None:
        self.made, self.case = made, case

    def event(self, text: str, number: int, after: bytes = b"") -> Envelope:
        """A signed message of ro under this sequence number, after that one of its own."""
        ro = self.made["ro"]
        with ro.node.store.read() as session:
            room = Room(session, ro.node, self.case)
        position = room.log.position("ro")
        digest, epoch = room.log.writing()
        event = build_event(
            channel=room.log.channel,
            author="ro",
            sequence=number,
            previous=after,
            seen=position.seen,
            kind=pb.CHANNEL_EVENT_KIND_MESSAGE,
            payload=pb.ChannelMessage(id=self.made.chance(16), text=text, officer="lo-1"),
            key=room.ring[digest],
            now=self.made.clock.now(),
            chance=self.made.chance,
        )
        assert event.epoch == epoch
        return statement(ro, event, ["nl", "it", "ro"])

    def tell(self, team: str, *events: Envelope) -> None:
        for event in events:
            accept(self.made[team].node, event, caller="ro")


def texts(made: Federation, team: str, case: str) -> list[str]:
    return [entry["text"] for entry in made[team].run("channel.show", channel=case)["case"]["messages"]]


def named(made: Federation, team: str) -> list[str]:
    return [text.partition(" ")[0] for code, text in alarms(made[team]) if code == "equivocation"]


def digest_of(event: Envelope) -> bytes:
    return event_digest(event.payload)


def test_two_events_with_one_number_are_found_as_soon_as_the_two_colleagues_talk(
    channel_of_three: tuple[Federation, str],
) -> None:
    made, case = channel_of_three
    liar = Liar(made, case)
    liar.tell("nl", liar.event("the flat is in Rotterdam", 1))
    liar.tell("it", liar.event("the flat is in Foggia", 1))
    assert named(made, "nl") == named(made, "it") == []
    made["nl"].act("liaison", "channel.post", channel=case, text="we go there", message="11" * 16)
    made.settle()
    made["it"].act("liaison", "channel.post", channel=case, text="so do we", message="22" * 16)
    made.settle()
    assert named(made, "nl") == named(made, "it") == ["ro"]
    assert texts(made, "nl", case) == texts(made, "it", case)  # both stand in the case, for both
    assert {"the flat is in Rotterdam", "the flat is in Foggia"} < set(texts(made, "nl", case))


def test_two_long_stories_are_followed_back_to_where_they_part(
    channel_of_three: tuple[Federation, str],
) -> None:
    made, case = channel_of_three
    liar = Liar(made, case)
    for team, place, length in (("nl", "Rotterdam", 3), ("it", "Foggia", 4)):
        after = b""
        for number in range(1, length + 1):
            event = liar.event(f"{place} {number}", number, after)
            liar.tell(team, event)
            after = digest_of(event)
    for _ in range(2):
        for team, name in (("nl", "11" * 16), ("it", "22" * 16)):
            made[team].act("liaison", "channel.post", channel=case, text=f"{team} says", message=name)
            made.settle()
    assert named(made, "nl")
    assert named(made, "it")
    assert set(named(made, "nl") + named(made, "it")) == {"ro"}
    assert texts(made, "nl", case) == texts(made, "it", case)


def test_the_two_signed_events_are_evidence_that_anybody_can_check(
    channel_of_three: tuple[Federation, str],
) -> None:
    made, case = channel_of_three
    liar = Liar(made, case)
    liar.tell("nl", liar.event("yes", 1), liar.event("no", 1))
    with made["nl"].node.store.read() as session:
        query = select(ChannelEventRow).where(ChannelEventRow.author == "ro", ChannelEventRow.sequence == 1)
        first, second = (row.envelope for row in session.exec(query).all())
    found = equivocation_evidence(first, second)
    assert (found.author, found.sequence) == ("ro", 1)
    assert named(made, "nl") == ["ro"]


def test_nobody_can_be_made_to_look_like_an_equivocator(channel_of_three: tuple[Federation, str]) -> None:
    made, case = channel_of_three
    made["it"].act("liaison", "channel.post", channel=case, text="true", message="11" * 16)
    made.settle()
    liar = Liar(made, case)
    forged = pb.ChannelEvent.FromString(liar.event("false", 1).payload)
    forged.author = "it"
    with pytest.raises(Forbidden, match="own name"):
        accept(made["nl"].node, statement(made["ro"], forged, ["nl"]), caller="ro")
    relayed = pb.ChannelRelay(channel=bytes.fromhex(case), events=[statement(made["ro"], forged, ["nl"])])
    with pytest.raises(Forbidden, match="own name"):
        accept(made["nl"].node, statement(made["ro"], relayed, ["nl"]), caller="ro")
    assert named(made, "nl") == []
    assert texts(made, "nl", case) == ["true"]
