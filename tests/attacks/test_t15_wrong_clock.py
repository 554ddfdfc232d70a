"""T15: a clock that is wrong costs its own team time. It makes nobody act on what is not valid now."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from comity.errors import Expired
from comity.v1.delivery_pb2 import FEEDBACK_VERDICT_FALSE, HitFeedback
from node.service.incoming import accept
from tests.attackers import OTHER_PHONE, PHONE, alarms, federation, hold, holdings, phones, statement, the_hit
from tests.simulator import Clock, Federation, Team

HELD = {"nl": phones(PHONE), "ro": phones(PHONE)}


def give_own_clock(team: Team, **ahead: float) -> Clock:
    """The team's machine, and nobody else's, runs ahead."""
    clock = Clock(team.clock.now() + timedelta(**ahead))
    team.node.clock = clock
    team.clock = clock
    return clock


@pytest.fixture
def met(tmp_path: Path) -> Federation:
    return federation(tmp_path, HELD)


def test_a_statement_from_more_than_five_minutes_ahead_is_refused_in_words(met: Federation) -> None:
    nl, ro = met["nl"], met["ro"]
    verdict = HitFeedback(hit=bytes.fromhex(the_hit(nl)["hit"]), verdict=FEEDBACK_VERDICT_FALSE)
    clock = give_own_clock(ro, minutes=6)
    before = holdings(nl)
    with pytest.raises(Expired, match="future") as refused:
        accept(nl.node, statement(ro, verdict, ["nl"]), caller="ro")
    assert "clock" in str(refused.value)
    assert holdings(nl) == before
    assert the_hit(nl)["state"] == "open"
    clock.forward(minutes=-2)  # four minutes are within the allowance
    accept(nl.node, statement(ro, verdict, ["nl"]), caller="ro")
    assert the_hit(nl)["state"] == "false"


def test_expiry_is_judged_by_the_receivers_clock(met: Federation) -> None:
    nl, ro = met["nl"], met["ro"]
    verdict = HitFeedback(hit=bytes.fromhex(the_hit(nl)["hit"]), verdict=FEEDBACK_VERDICT_FALSE)
    said = statement(ro, verdict, ["nl"], lifetime=timedelta(hours=1))
    give_own_clock(ro, hours=-3)
    met.clock.forward(hours=2)
    before = holdings(nl)
    with pytest.raises(Expired):
        accept(nl.node, said, caller="ro")
    assert holdings(nl) == before


def test_what_a_team_ahead_of_time_says_waits_and_arrives_later(met: Federation) -> None:
    nl, ro = met["nl"], met["ro"]
    give_own_clock(ro, minutes=20)
    ro.act("liaison", "feedback", hit=the_hit(ro)["hit"], verdict="false")
    ro.run("drain")
    (waiting,) = ro.run("doctor", peer="nl")["waiting"]
    assert "future" in waiting["last_error"]
    assert ro.run("status")["outbox"] == {"queued": 1, "dropped": 0}
    assert the_hit(nl)["state"] == "open"
    met.clock.forward(minutes=16)
    ro.run("drain")
    assert the_hit(nl)["state"] == "false"


def test_a_feed_head_from_the_future_or_from_before_the_clock_jumped_back_raises_no_hit(
    tmp_path: Path,
) -> None:
    made = federation(tmp_path, {"ro": phones(PHONE, OTHER_PHONE)})
    hold(made["nl"], *phones(PHONE))
    ahead = give_own_clock(made["ro"], hours=2)
    assert "future" in made["nl"].run("pull")["ro"]["error"]["message"]
    ahead.time = made.clock.now()
    slow = give_own_clock(made["nl"], days=-2)  # nl's clock jumped back; the head it holds lies ahead
    made["nl"].run("publish")
    assert made["nl"].run("hits") == []
    slow.time = made.clock.now()
    made["nl"].run("publish")
    made["nl"].run("pull")
    assert [hit["peer"] for hit in made["nl"].run("hits")] == ["ro"]


def test_expired_data_leaves_the_feeds_by_the_publishers_clock(met: Federation) -> None:
    met.clock.forward(days=365 * 4)
    report = met["ro"].run("sweep")
    assert report["expired"] == 1
    clock = give_own_clock(met["ro"], days=-365 * 4)
    clock.forward(days=1)
    assert met["ro"].run("records")[0]["state"] == "expired"  # what is over does not come back
    assert alarms(met["ro"]) == []
