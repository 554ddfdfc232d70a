"""T10: a broker sees who writes to whom, and nothing else; what it changes, it can only break."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from broker.bootstrap import BrokerApp
from comity.errors import ComityError
from comity.seal import SealingKey, open_box, seal
from comity.v1 import broker_pb2, broker_pb2_grpc
from comity.v1.envelope_pb2 import SealedBox
from node.service import outgoing
from node.service.outgoing import MAIL_INFO
from tests.attackers import ITEM, OTHER_PHONE, PHONE, alarms, federation, holdings, phones, the_hit
from tests.broker.federation import channel, joined_home, serving
from tests.simulator import Federation

TEXT = f"{PHONE} answers tonight; {ITEM}"


@pytest.fixture
def talking(tmp_path: Path) -> tuple[Federation, str]:
    """nl and ro share a channel that the broker carries."""
    made = federation(tmp_path, {"nl": phones(PHONE), "ro": phones(PHONE)})
    opened = made["nl"].act(
        "liaison", "channel.open", hits=[the_hit(made["nl"])["hit"]], title="Lantern", nonce="00" * 16
    )
    made.settle()
    return made, opened["channel"]


def say(made: Federation, team: str, case: str, text: str, number: int) -> None:
    made[team].act("liaison", "channel.post", channel=case, text=text, message=f"{number:032x}")


def texts(made: Federation, team: str, case: str) -> list[str]:
    return [message["text"] for message in made[team].run("channel.show", channel=case)["case"]["messages"]]


def seen_by_the_broker(made: Federation) -> bytes:
    return b"".join(mail.SerializeToString() for box in made.broker.mails.values() for mail in box)


def test_nothing_that_the_broker_ever_sees_says_what_it_is_about(talking: tuple[Federation, str]) -> None:
    made, case = talking
    say(made, "nl", case, TEXT, 1)
    data = base64.b64encode(TEXT.encode() * 10).decode()
    made["ro"].act("liaison", "channel.file", channel=case, name="plan.txt", data=data, file="22" * 16)
    made.settle()
    assert texts(made, "ro", case) == [TEXT]
    seen = seen_by_the_broker(made)
    assert len(seen) > 5_000
    hit = the_hit(made["nl"])["hit"]
    for secret in (TEXT, PHONE, PHONE[1:], ITEM, "Verzonnen", "Lantern", "plan.txt", "comity.v1", case, hit):
        assert secret.encode() not in seen
    assert bytes.fromhex(hit) not in seen
    assert bytes.fromhex(case) not in seen


def edited(mail: broker_pb2.FetchResponse) -> None:
    mail.sealed.ciphertext = mail.sealed.ciphertext[:-1] + bytes([mail.sealed.ciphertext[-1] ^ 1])


def cut_short(mail: broker_pb2.FetchResponse) -> None:
    mail.sealed.ciphertext = mail.sealed.ciphertext[:-20]


def emptied(mail: broker_pb2.FetchResponse) -> None:
    mail.sealed.Clear()


def test_mail_that_was_edited_invented_or_misdirected_is_refused_and_holds_nothing_up(
    talking: tuple[Federation, str],
) -> None:
    made, case = talking
    for number, change in enumerate((edited, cut_short, emptied)):
        say(made, "nl", case, f"message {number}", number)
        carry_out_then_change(made, change)
    invented = seal(made["ro"].node.keys.sealing.public, b"\xffrubbish", info=MAIL_INFO, chance=made.chance)
    made.broker.put("nl", "ro", bytes(16), invented)
    for mail in made.broker.mails["ro"]:
        made.broker.put("nl", "it", mail.mail, mail.sealed)  # somebody else's mail
    before = holdings(made["it"], "alarm", "meta")
    made.settle()
    assert texts(made, "ro", case) == []
    assert {code for code, _ in alarms(made["ro"])} == {"mail-refused"}
    assert holdings(made["it"], "alarm", "meta") == before
    say(made, "nl", case, "and on it goes", 9)
    made.settle()
    assert texts(made, "ro", case) == ["message 0", "message 1", "message 2", "and on it goes"]


def carry_out_then_change(made: Federation, change: Callable[[broker_pb2.FetchResponse], None]) -> None:
    """The mail reaches the broker; the broker changes it before ro fetches."""
    outgoing.drain(made["nl"].node)
    change(made.broker.mails["ro"][-1])


def test_mail_that_was_dropped_reordered_and_repeated_leads_to_the_same_case(
    talking: tuple[Federation, str],
) -> None:
    made, case = talking
    for number in range(6):
        say(made, "nl", case, f"message {number}", number)
        outgoing.drain(made["nl"].node)
    box = made.broker.mails["ro"]
    old, new = box[:-6], box[-6:]
    mixed = [new[4], new[1], new[1], new[5], new[0], new[4], new[0]]  # 2 and 3 are lost
    first = len(old) + 1
    made.broker.mails["ro"] = old + [renumbered(mail, first + at) for at, mail in enumerate(mixed)]
    made.settle()
    assert texts(made, "ro", case) == [f"message {number}" for number in range(6)]
    assert texts(made, "ro", case) == texts(made, "nl", case)
    assert alarms(made["ro"]) == []


def renumbered(mail: broker_pb2.FetchResponse, sequence: int) -> broker_pb2.FetchResponse:
    copy = broker_pb2.FetchResponse()
    copy.CopyFrom(mail)
    copy.sequence = sequence
    return copy


def test_a_real_brokers_disk_holds_no_selector_and_no_word(tmp_path: Path) -> None:
    home = joined_home(tmp_path / "hub")
    app: BrokerApp = serving(home)
    addressee = SealingKey(bytes(32))
    try:
        box = seal(addressee.public, TEXT.encode() * 50, info=MAIL_INFO, chance=secrets.token_bytes)
        with channel(home, app.port, "nl") as wire:
            stub = broker_pb2_grpc.MailboxServiceStub(wire)
            stub.Put(broker_pb2.PutRequest(recipient="ro", mail=secrets.token_bytes(16), sealed=box))
        with channel(home, app.port, "it") as wire:  # another member cannot fetch it
            stub = broker_pb2_grpc.MailboxServiceStub(wire)
            assert list(stub.Fetch(broker_pb2.FetchRequest(after=0, wait_seconds=0))) == []
        with channel(home, app.port, "ro") as wire:
            stub = broker_pb2_grpc.MailboxServiceStub(wire)
            (mail,) = list(stub.Fetch(broker_pb2.FetchRequest(after=0, wait_seconds=0)))
    finally:
        app.stop()
    assert mail.sender == "nl"  # the broker names the caller it authenticated
    assert open_box(addressee, mail.sealed, MAIL_INFO) == TEXT.encode() * 50
    with pytest.raises(ComityError):
        open_box(addressee, mail.sealed, b"comity lead v1")  # a seal says what it was made for
    written = b"".join(path.read_bytes() for path in home.folder.rglob("*") if path.is_file())
    assert mail.sealed.ciphertext in written  # it is kept there,
    for secret in (TEXT, PHONE, OTHER_PHONE, ITEM, "Verzonnen", "tonight"):
        assert secret.encode() not in written  # and says nothing
    assert SealedBox.FromString(mail.sealed.SerializeToString()) == mail.sealed
