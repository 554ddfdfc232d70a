"""Mail in, mail out, mail gone: one suite for SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from broker.service.mailbox import Mailboxes, Quotas
from broker.store.database import Database
from comity.errors import Conflict, Exhausted, NotFound
from tests.broker.federation import Clock

QUOTAS = Quotas(sender_mails=4, sender_bytes=400, recipient_mails=6, recipient_bytes=600)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/broker.sqlite"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres")
    database = Database(url)
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def boxes(database: Database, clock: Clock) -> Mailboxes:
    return Mailboxes(database, quotas=QUOTAS, is_member=lambda team: team in {"it", "nl", "ro"}, clock=clock)


def _put(boxes: Mailboxes, number: int, *, sender: str = "nl", recipient: str = "it", size: int = 10) -> bool:
    return boxes.put(
        sender=sender, recipient=recipient, mail=bytes([number] * 16), sealed=bytes([number]) * size
    )


def _fetch(boxes: Mailboxes, recipient: str = "it", after: int = 0) -> list[int]:
    return [mail.sequence for mail in boxes.follow(recipient, after=after, seconds=0)]


def test_mail_is_handed_out_in_order_after_the_cursor(boxes: Mailboxes) -> None:
    for number in range(3):
        assert not _put(boxes, number)
    assert _fetch(boxes) == [1, 2, 3]
    assert _fetch(boxes, after=2) == [3]
    assert _fetch(boxes, after=3) == []


def test_mail_arrives_byte_for_byte(boxes: Mailboxes) -> None:
    boxes.put(sender="nl", recipient="it", mail=b"m" * 16, sealed=bytes(range(256)))
    (mail,) = boxes.follow("it", after=0, seconds=0)
    assert (mail.sender, mail.mail, mail.sealed, mail.size) == ("nl", b"m" * 16, bytes(range(256)), 256)


def test_nobody_reads_anothers_mail(boxes: Mailboxes) -> None:
    _put(boxes, 1, recipient="it")
    assert _fetch(boxes, "ro") == []
    assert _fetch(boxes, "nl") == []


def test_mail_put_twice_is_accepted_once(boxes: Mailboxes) -> None:
    assert not _put(boxes, 1)
    assert _put(boxes, 1)
    assert _fetch(boxes) == [1]


def test_mail_put_again_after_its_erasure_stays_erased(boxes: Mailboxes) -> None:
    _put(boxes, 1)
    boxes.acknowledge("it", 1)
    assert _put(boxes, 1)
    assert _fetch(boxes) == []


def test_two_senders_may_draw_the_same_id(boxes: Mailboxes) -> None:
    assert not _put(boxes, 1, sender="nl")
    assert not _put(boxes, 1, sender="ro")
    assert _fetch(boxes) == [1, 2]


@pytest.mark.parametrize(("recipient", "size"), [("ro", 10), ("it", 11)])
def test_an_id_reused_for_another_mail_is_refused(boxes: Mailboxes, recipient: str, size: int) -> None:
    _put(boxes, 1)
    with pytest.raises(Conflict) as refused:
        _put(boxes, 1, recipient=recipient, size=size)
    assert refused.value.code == "mail-id-reused"
    assert _fetch(boxes) == [1]
    assert _fetch(boxes, "ro") == []


def test_mail_to_a_stranger_is_refused(boxes: Mailboxes) -> None:
    with pytest.raises(NotFound):
        _put(boxes, 1, recipient="xx")
    assert boxes.state() == []


def test_acknowledged_mail_is_erased_and_its_sequences_never_come_again(boxes: Mailboxes) -> None:
    for number in range(3):
        _put(boxes, number)
    assert boxes.acknowledge("it", 2) == 2
    assert boxes.acknowledge("it", 2) == 0
    assert boxes.acknowledge("it", 99) == 1
    _put(boxes, 9)
    assert _fetch(boxes) == [4]


def test_acknowledging_erases_ones_own_mail_alone(boxes: Mailboxes) -> None:
    _put(boxes, 1, recipient="it")
    _put(boxes, 2, recipient="ro")
    boxes.acknowledge("it", 99)
    assert _fetch(boxes, "ro") == [1]


def test_one_sender_cannot_fill_a_mailbox(boxes: Mailboxes) -> None:
    for number in range(4):
        _put(boxes, number)
    with pytest.raises(Exhausted) as refused:
        _put(boxes, 5)
    assert refused.value.code == "sender-quota"
    assert not _put(boxes, 5, sender="ro")


def test_a_sender_has_a_quota_of_bytes(boxes: Mailboxes) -> None:
    _put(boxes, 1, size=400)
    with pytest.raises(Exhausted):
        _put(boxes, 2, size=1)


def test_a_full_mailbox_refuses_all_senders_until_it_is_read(boxes: Mailboxes) -> None:
    for number in range(3):
        _put(boxes, number, sender="nl")
        _put(boxes, number, sender="ro")
    with pytest.raises(Exhausted) as refused:
        _put(boxes, 9, sender="nl")
    assert refused.value.code == "recipient-quota"
    boxes.acknowledge("it", 1)
    assert not _put(boxes, 9, sender="nl")


def test_a_refused_mail_can_be_put_later(boxes: Mailboxes) -> None:
    for number in range(4):
        _put(boxes, number)
    with pytest.raises(Exhausted):
        _put(boxes, 5)
    boxes.acknowledge("it", 4)
    assert not _put(boxes, 5)
    assert _fetch(boxes) == [5]


def test_mail_is_erased_after_28_days_and_not_shown_from_then_on(boxes: Mailboxes, clock: Clock) -> None:
    _put(boxes, 1)
    clock.advance(days=27)
    _put(boxes, 2)
    assert boxes.sweep() == 0
    clock.advance(days=1, seconds=1)
    assert _fetch(boxes) == [2]
    assert boxes.sweep() == 1
    assert [(box.mails, box.recipient) for box in boxes.state()] == [(1, "it")]


def test_a_cursor_ahead_of_a_restored_mailbox_is_told(boxes: Mailboxes) -> None:
    _put(boxes, 1)
    with pytest.raises(Conflict) as refused:
        _fetch(boxes, after=7)
    assert refused.value.code == "cursor-ahead"


def test_a_waiting_reader_gets_mail_as_it_comes(boxes: Mailboxes) -> None:
    stream = boxes.follow("it", after=0, seconds=10)
    timer = threading.Timer(0.05, _put, (boxes, 1))
    timer.start()
    assert next(stream).sequence == 1
    timer.join()
    stream.close()  # type: ignore[attr-defined]


def test_a_later_reader_takes_the_place_of_an_earlier_one(boxes: Mailboxes) -> None:
    ended = threading.Event()

    def read() -> None:
        list(boxes.follow("it", after=0, seconds=30))
        ended.set()

    thread = threading.Thread(target=read)
    thread.start()
    while boxes.bell._reader["it"] == 0:
        pass
    later = boxes.follow("it", after=0, seconds=0)
    assert list(later) == []
    assert ended.wait(5)
    thread.join()


def test_closing_the_broker_ends_waiting_readers(boxes: Mailboxes) -> None:
    threading.Timer(0.05, boxes.bell.close).start()
    assert list(boxes.follow("it", after=0, seconds=30)) == []


def test_a_reader_that_has_gone_is_noticed_at_the_next_ring(boxes: Mailboxes) -> None:
    gone = threading.Event()

    def leave() -> None:
        gone.set()
        boxes.bell.ring("it")

    threading.Timer(0.05, leave).start()
    assert list(boxes.follow("it", after=0, seconds=30, gone=gone.is_set)) == []


def test_writers_at_once_leave_no_gap_that_a_cursor_could_jump(database: Database, clock: Clock) -> None:
    generous = Quotas()
    boxes = Mailboxes(database, quotas=generous, is_member=lambda _: True, clock=clock)
    seen: list[int] = []
    threads = [
        threading.Thread(target=lambda s=sender: [_put(boxes, n, sender=s) for n in range(10)])
        for sender in ("nl", "ro", "es", "fr")
    ]
    for thread in threads:
        thread.start()
    for mail in boxes.follow("it", after=0, seconds=10):
        seen.append(mail.sequence)
        if len(seen) == 40:
            break
    for thread in threads:
        thread.join()
    assert seen == list(range(1, 41))


def test_keep_is_a_setting_below_28_days(database: Database, clock: Clock) -> None:
    boxes = Mailboxes(database, quotas=QUOTAS, is_member=lambda _: True, clock=clock, keep=timedelta(days=3))
    _put(boxes, 1)
    clock.advance(days=4)
    assert boxes.sweep() == 1
