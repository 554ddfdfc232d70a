"""Leads of a private organisation: sealed to one nation, receipted, and never a word on what they met."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.errors import ComityError, Malformed
from comity.seal import seal
from comity.v1 import delivery_pb2
from node.service import feeds, outgoing
from node.service.leads import _info
from tests.scenarios.stories import PHONE, hold, phones
from tests.simulator import Federation


@pytest.fixture
def with_shelter(tmp_path: Path) -> Federation:
    """Three nations and a shelter that may hand in leads."""
    federation = Federation(tmp_path, private=("shelter",))
    for name in ("nl", "ro"):
        hold(federation[name], *phones(PHONE))
    federation.exchange()
    return federation


def submit(federation: Federation, value: str = PHONE, lead: str = "11" * 16) -> dict[str, object]:
    answer = federation["shelter"].run(
        "lead.submit", to="nl", kind="phone", value=value, note="told by a guest", lead=lead
    )
    federation.settle()
    assert isinstance(answer, dict)
    return answer


def test_a_lead_reaches_the_one_nation_it_was_sealed_to(with_shelter: Federation) -> None:
    submit(with_shelter)
    (lead,) = with_shelter["nl"].run("lead.list")
    assert (lead["peer"], lead["value"], lead["note"]) == ("shelter", PHONE, "told by a guest")
    assert with_shelter["ro"].run("lead.list") == with_shelter["it"].run("lead.list") == []


def test_the_receipt_is_the_same_whether_the_lead_met_anything_or_not(with_shelter: Federation) -> None:
    submit(with_shelter, PHONE, "11" * 16)
    submit(with_shelter, "+40799999999", "22" * 16)
    met, not_met = with_shelter["shelter"].run("lead.list")
    assert met["receipt_at"]
    assert not_met["receipt_at"]
    assert set(met) == set(not_met) == {"lead", "direction", "peer", "at", "receipt_at"}


def test_a_lead_sent_twice_is_one_lead(with_shelter: Federation) -> None:
    assert submit(with_shelter)["lead"] == submit(with_shelter)["lead"]
    assert len(with_shelter["nl"].run("lead.list")) == 1


def test_a_lead_that_could_match_nothing_is_refused_where_it_is_typed(with_shelter: Federation) -> None:
    with pytest.raises(Malformed):
        submit(with_shelter, value="12")
    assert with_shelter["nl"].run("lead.list") == []


def test_the_shelter_gets_no_feed_and_no_hit_and_can_ask_for_nothing(with_shelter: Federation) -> None:
    shelter = with_shelter["shelter"]
    assert "error" in feeds.pull(shelter.node, "nl")
    assert shelter.run("hits") == []
    for message in (delivery_pb2.HitFeedback(hit=bytes(16)), delivery_pb2.InformationRequest()):
        with shelter.node.store.write() as session:
            outgoing.send(session, shelter.node, message, "nl")
    with_shelter.settle()
    assert shelter.run("status")["outbox"]["dropped"] == 2


def test_nobody_overwrites_another_teams_lead_by_its_id(with_shelter: Federation) -> None:
    submit(with_shelter)
    it = with_shelter["it"]
    it.run("lead.submit", to="nl", kind="phone", value="+40799999999", note="", lead="11" * 16)
    with_shelter.settle()
    (lead,) = with_shelter["nl"].run("lead.list")
    assert (lead["peer"], lead["value"]) == ("shelter", PHONE)


def test_a_lead_for_another_nation_does_not_open(with_shelter: Federation) -> None:
    shelter = with_shelter["shelter"]
    with shelter.node.store.write() as session:
        roster = shelter.node.roster(session)
        content = delivery_pb2.LeadContent(kind="phone", value=PHONE).SerializeToString()
        box = seal(
            roster.team("ro").sealing_key,
            content,
            info=_info("shelter", "ro", b"\x11" * 16),
            chance=shelter.node.chance,
        )
        outgoing.send(session, shelter.node, delivery_pb2.Lead(lead=b"\x11" * 16, sealed=box), "nl")
    with_shelter.settle()
    assert with_shelter["nl"].run("lead.list") == []
    with pytest.raises(ComityError):
        shelter.run("lead.submit", to="mars", kind="phone", value=PHONE, lead="22" * 16)
