"""Channels on a hit: two nations, a third that joins, members that were away, tasks, files, the end."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest

from comity.errors import ComityError, Forbidden, NotFound
from tests.scenarios.stories import PHONE, met_on, phones
from tests.simulator import Federation

MESSAGES = [f"{number:032x}" for number in range(1, 40)]


@pytest.fixture
def met(tmp_path: Path) -> Federation:
    """All three hold one number."""
    return met_on(tmp_path, {name: phones(PHONE) for name in ("nl", "it", "ro")})


def opened(federation: Federation) -> str:
    """A Dutch channel with Romania."""
    (hit,) = [hit for hit in federation["nl"].run("hits") if hit["peer"] == "ro"]
    made = federation["nl"].act(
        "liaison", "channel.open", hits=[hit["hit"]], title="Lantern", nonce="00" * 16
    )
    federation.settle()
    return str(made["channel"])


def say(federation: Federation, team: str, channel: str, number: int, text: str) -> None:
    federation[team].act("liaison", "channel.post", channel=channel, text=text, message=MESSAGES[number])


def case(federation: Federation, team: str, channel: str) -> dict[str, Any]:
    shown = federation[team].run("channel.show", channel=channel)["case"]
    assert isinstance(shown, dict)
    return shown


def heard(federation: Federation, team: str, channel: str) -> list[str]:
    return [message["text"] for message in case(federation, team, channel)["messages"]]


def add(federation: Federation, channel: str, team: str) -> None:
    federation["nl"].act("liaison", "channel.add", channel=channel, team=team, reason="holds it too")


def test_both_members_read_the_same_case(met: Federation) -> None:
    channel = opened(met)
    say(met, "nl", channel, 0, "who is the driver?")
    say(met, "ro", channel, 1, "we have him")
    met.settle()
    assert heard(met, "nl", channel) == heard(met, "ro", channel) == ["who is the driver?", "we have him"]
    assert case(met, "nl", channel) == case(met, "ro", channel)


def test_nobody_else_reads_anything(met: Federation) -> None:
    channel = opened(met)
    say(met, "nl", channel, 0, "who is the driver?")
    met.settle()
    with pytest.raises(NotFound):
        met["it"].run("channel.show", channel=channel)
    mails = [mail for box in met.broker.mails.values() for mail in box]
    assert mails
    assert not [mail for mail in mails if b"driver" in mail.sealed.SerializeToString()]
    assert "it" not in {team for team, box in met.broker.mails.items() if box}


def test_a_third_nation_joins_and_reads_from_then_on(met: Federation) -> None:
    channel = opened(met)
    say(met, "nl", channel, 0, "before")
    met.settle()
    add(met, channel, "it")
    met.settle()
    say(met, "ro", channel, 1, "after")
    say(met, "it", channel, 2, "hello")
    met.settle()
    assert sorted(heard(met, "it", channel)) == ["after", "hello"]
    for team in ("nl", "ro"):
        assert sorted(heard(met, team, channel)) == ["after", "before", "hello"]
    assert met["it"].run("channel.list")[0]["members"] == ["it", "nl", "ro"]


def test_a_member_that_was_away_catches_up_through_another(met: Federation) -> None:
    """Its mail has expired at the broker, and the author is gone: the third member passes the events on."""
    channel = opened(met)
    add(met, channel, "it")
    met.settle()
    met.stop("ro")
    for number in range(5):
        say(met, "nl", channel, number, f"message {number}")
    met.settle()
    met.broker.mails["ro"].clear()
    met.stop("nl")
    met.restart("ro")
    met.settle()
    assert heard(met, "ro", channel) == []
    say(met, "it", channel, 6, "hello")
    met.settle()
    assert sorted(heard(met, "ro", channel)) == sorted(heard(met, "it", channel))
    assert len(heard(met, "ro", channel)) == 6
    assert met["ro"].run("channel.show", channel=channel)["held"] == 0


def test_a_member_that_was_away_for_a_while_gets_its_mail(met: Federation) -> None:
    channel = opened(met)
    met.stop("ro")
    for number in range(3):
        say(met, "nl", channel, number, f"message {number}")
    met.settle()
    add(met, channel, "it")
    met.settle()
    say(met, "it", channel, 10, "hello")
    met.settle()
    met.restart("ro")
    met.settle()
    assert sorted(heard(met, "ro", channel)) == ["hello", "message 0", "message 1", "message 2"]


def test_everything_sent_while_the_broker_was_down_arrives_later(met: Federation) -> None:
    channel = opened(met)
    met.broker.running = False
    say(met, "nl", channel, 0, "first")
    say(met, "nl", channel, 1, "second")
    met.settle()
    assert heard(met, "ro", channel) == []
    met.broker.running = True
    met.clock.forward(hours=1)
    met.settle()
    assert heard(met, "ro", channel) == ["first", "second"]


def test_the_same_message_typed_twice_is_one(met: Federation) -> None:
    channel = opened(met)
    for _ in range(3):
        say(met, "nl", channel, 0, "who is the driver?")
    met.settle()
    assert heard(met, "ro", channel) == ["who is the driver?"]


def test_opening_twice_with_one_nonce_opens_one_channel(met: Federation) -> None:
    assert opened(met) == opened(met)
    assert len(met["ro"].run("channel.list")) == 1


def test_a_task_goes_its_way_and_both_see_where_it_is(met: Federation) -> None:
    channel = opened(met)
    task = "22" * 16
    met["nl"].act("liaison", "channel.task", channel=channel, title="find the flat", assignee="ro", task=task)
    met.settle()
    for team, to in (("ro", "Approved"), ("ro", "Doing"), ("ro", "Review"), ("nl", "Done")):
        met[team].act("liaison", "channel.move", channel=channel, task=task, to=to)
        met.settle()
    for team in ("nl", "ro"):
        (entry,) = case(met, team, channel)["tasks"]
        assert entry["versions"][-1]["state"] == "Done"
    assert case(met, "nl", channel)["tasks"] == case(met, "ro", channel)["tasks"]


def test_what_is_written_at_once_is_read_in_the_same_order_everywhere(met: Federation) -> None:
    channel = opened(met)
    add(met, channel, "it")
    met.settle()
    for number, team in enumerate(("nl", "it", "ro", "nl", "ro", "it")):
        say(met, team, channel, number, f"{number} by {team}")
    met.settle()
    assert len(heard(met, "nl", channel)) == 6
    for team in ("it", "ro"):
        assert case(met, team, channel)["messages"] == case(met, "nl", channel)["messages"]


def test_a_file_arrives_whole_and_is_checked(met: Federation) -> None:
    channel = opened(met)
    data = bytes(range(256)) * 3_000
    met["nl"].act(
        "liaison",
        "channel.file",
        channel=channel,
        name="plan.pdf",
        data=base64.b64encode(data).decode(),
        file="33" * 16,
    )
    met.settle()
    got = met["ro"].run("channel.fetch", channel=channel, file="33" * 16)
    assert base64.b64decode(got["data"]) == data
    assert (got["name"], got["sha256"]) == ("plan.pdf", hashlib.sha256(data).hexdigest())


def test_nothing_is_written_into_a_closed_channel(met: Federation) -> None:
    channel = opened(met)
    met["nl"].act("liaison", "channel.close", channel=channel, reason="agreement signed")
    met.settle()
    assert met["ro"].run("channel.list")[0]["state"] == "closed"
    with pytest.raises(ComityError):
        say(met, "ro", channel, 0, "too late")
    with pytest.raises(ComityError):
        say(met, "nl", channel, 1, "too late")


def test_personal_data_of_a_person_waits_for_the_law(tmp_path: Path) -> None:
    federation = met_on(tmp_path, {"nl": phones(PHONE), "ro": phones(PHONE)})
    channel = opened(federation)
    with pytest.raises(Forbidden) as refused:
        federation["nl"].act(
            "liaison",
            "channel.post",
            channel=channel,
            text="Marius lives at …",
            message=MESSAGES[0],
            personal=True,
        )
    assert refused.value.message
    assert refused.value.remedy
    assert heard(federation, "nl", channel) == []


def test_a_channel_needs_a_hit(met: Federation) -> None:
    with pytest.raises(NotFound):
        met["nl"].act("liaison", "channel.open", hits=["00" * 16], title="x", nonce="11" * 16)
    assert met["nl"].run("channel.list") == []


def test_restarts_between_all_steps_change_nothing(met: Federation) -> None:
    def restart() -> None:
        for name in ("nl", "it", "ro"):
            met.stop(name)
            met.restart(name)

    channel = opened(met)
    restart()
    say(met, "nl", channel, 0, "one")
    restart()
    met.settle()
    add(met, channel, "it")
    restart()
    met.settle()
    say(met, "it", channel, 1, "two")
    restart()
    met.settle()
    assert heard(met, "ro", channel) == ["one", "two"]
    assert heard(met, "it", channel) == ["two"]
