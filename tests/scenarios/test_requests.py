"""From a hit to a lawful answer: the clock, the sheet, four eyes, the release, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from comity.errors import ComityError, Conflict, Forbidden, NotFound, Unavailable
from comity.v1 import delivery_pb2
from node.service import egress, outgoing, requests
from tests.scenarios.stories import PHONE, SUBSCRIBER, alarms, hold, met_on, only_hit, phones, record_of
from tests.simulator import Federation

URGENT = {"urgency": "U2", "urgency_reasons": "a victim is to be moved tonight", "exception": "b"}
HEALTH = {"item:4(c):health [special=health]": "needs medicine"}


@pytest.fixture
def met(tmp_path: Path) -> Federation:
    """The Netherlands and Romania hold one number; Romania also knows somebody's illness."""
    federation = Federation(tmp_path)
    hold(federation["nl"], *phones(PHONE))
    hold(federation["ro"], *phones(PHONE), columns=HEALTH)
    federation.exchange()
    return federation


def asked(federation: Federation, **stated: Any) -> str:
    request, _ = federation.ask("nl", only_hit(federation["nl"]), **stated)
    return request


def request_at(federation: Federation, team: str, request: str) -> dict[str, Any]:
    (row,) = [row for row in federation[team].run("requests.list") if row["request"] == request]
    assert isinstance(row, dict)
    return row


def proposed(federation: Federation, request: str, seat: str = "case", **more: Any) -> dict[str, Any]:
    """Romania's proposal of everything that the law lets go."""
    ro = federation["ro"]
    sheet = ro.run("decide.sheet", request=request, officer=ro.officers[seat].name, **more)
    signature = ro.officers[seat].sign(sheet["digest"])
    proposal = ro.run("decide.propose", request=request, signature=signature, **more)
    assert isinstance(proposal, dict)
    return proposal


def approved(federation: Federation, proposal: dict[str, Any], seat: str = "liaison") -> dict[str, Any]:
    ro = federation["ro"]
    signature = ro.officers[seat].sign(proposal["digest"], "R-LO")
    answer = ro.run("approve", disclosure=proposal["disclosure"], signature=signature)
    assert isinstance(answer, dict)
    return answer


def values(federation: Federation, request: str) -> list[str]:
    return [item["value"] for item in federation["nl"].run("received", request=request)]


# The clock


@pytest.mark.parametrize(
    ("held", "stated", "time", "article"),
    [
        ("direct", URGENT, timedelta(hours=8), "5(1)(a)"),
        ("indirect", URGENT, timedelta(days=3), "5(1)(b)"),
        ("direct", {}, timedelta(days=7), "5(1)(c)"),
    ],
)
def test_the_answer_is_due_when_the_directive_says(
    tmp_path: Path, held: str, stated: dict[str, str], time: timedelta, article: str
) -> None:
    federation = Federation(tmp_path)
    hold(federation["nl"], *phones(PHONE))
    hold(federation["ro"], *phones(PHONE), held=held)
    federation.exchange()
    row = request_at(federation, "ro", asked(federation, **stated))
    due = datetime.fromisoformat(row["due_at"])
    received = datetime.fromisoformat(row["at"])
    assert due - received == time
    assert article in row["deadline"]
    assert federation["ro"].run("status")["oldest_request_due"] == row["due_at"]


# The request


@pytest.mark.parametrize(
    ("stated", "field"),
    [
        ({"facts": ""}, "request.facts"),
        ({"case_reference": ""}, "case_reference"),
        ({"legal_basis": ""}, "request.legal_basis"),
        ({"urgency": "U2"}, "request.urgency_reasons"),
        ({"purpose": "migration"}, "request"),
    ],
)
def test_a_defective_request_is_stopped_by_the_askers_own_law(
    met: Federation, stated: dict[str, str], field: str
) -> None:
    with pytest.raises(Forbidden) as refused:
        asked(met, **stated)
    assert (refused.value.code, refused.value.field) == ("request-defective", field)
    assert refused.value.remedy
    assert met["nl"].run("requests.list") == met["ro"].run("requests.list") == []


def test_a_request_without_a_hit_is_not_sent(met: Federation) -> None:
    with pytest.raises(NotFound, match="no such hit"):
        met.ask("nl", {"hit": "00" * 16})


def test_a_request_about_somebody_elses_hit_is_refused_by_the_provider(tmp_path: Path) -> None:
    federation = met_on(tmp_path, {"nl": phones(PHONE), "ro": phones(PHONE)})
    it, ro = federation["it"], federation["ro"]
    ask = requests.Ask(request="11" * 16, hit=only_hit(ro)["hit"], items=["*"], facts="x", link="x")
    message = requests.message_of(ask)
    signed = it.officers["liaison"].sign(requests.digest_of(message))
    message.officer.CopyFrom(delivery_pb2.OfficerSignature.FromString(bytes.fromhex(signed)))
    with it.node.store.write() as session:
        outgoing.send(session, it.node, message, "ro")
    federation.settle()
    assert ro.run("requests.list") == []
    assert it.run("status")["outbox"]["dropped"] == 1
    assert alarms(it)["statement-dropped"] == 1


def test_a_request_sent_twice_is_one_request(met: Federation) -> None:
    nl = met["nl"]
    ask = {
        "request": "22" * 16,
        "hit": only_hit(nl)["hit"],
        "items": ["*"],
        "legal_basis": "national act",
        "case_reference": "NL-1",
        "facts": "recruitment of victims",
        "link": "used by a suspect",
    }
    signature = nl.officers["liaison"].sign(nl.run("requests.draft", ask=ask)["digest"])
    first = nl.run("requests.send", ask=ask, signature=signature)
    met.network.lose_answers = 1.0
    met.settle()
    assert nl.run("requests.send", ask=ask, signature=signature) == first
    met.network.lose_answers = 0.0
    met.clock.forward(hours=1)
    met.settle()
    assert len(met["ro"].run("requests.list")) == 1
    assert nl.run("status")["outbox"] == {"queued": 0, "dropped": 0}


def test_a_request_overtakes_the_notice_of_its_hit_on_no_road(tmp_path: Path) -> None:
    """The notice finds the peer down; the request, queued later, must not arrive before it."""
    federation = Federation(tmp_path)
    hold(federation["ro"], *phones(PHONE))
    federation["ro"].run("publish")
    hold(federation["nl"], *phones(PHONE))
    federation["nl"].run("pseudonymise")
    federation["nl"].run("pull")
    federation.network.cut.add(("nl", "ro"))
    for _ in range(6):
        outgoing.drain(federation["nl"].node)
        federation.clock.forward(seconds=20)
    federation.network.cut.clear()
    request = asked(federation)
    federation.clock.forward(hours=1)
    federation.settle()
    assert request_at(federation, "ro", request)["state"] == "open"


# The answer


def test_an_answer_carries_only_what_may_leave_and_says_why_the_rest_stays(met: Federation) -> None:
    request = asked(met, **URGENT)
    sheet = met["ro"].run("decide.sheet", request=request, officer="case-officer")
    assert [item["category"] for item in sheet["leaves"]] == ["2(a)(i)"]
    assert [(item["category"], bool(item["article"])) for item in sheet["stays"]] == [("4(c)", True)]
    done = met.answer("ro", request)
    assert done["state"] == "released"
    assert done["receipt_at"]
    assert values(met, request) == [SUBSCRIBER]
    answer = request_at(met, "nl", request)["answer"]
    (refused,) = answer["refused"]
    assert refused["category"] == "*", "the asker's own words, not what is held"
    assert refused["ground"]
    assert refused["way_out"]
    assert "medicine" not in str(met["nl"].run("requests.show", request=request))


def test_each_item_keeps_the_conditions_under_which_it_was_given(met: Federation) -> None:
    request = asked(met, **URGENT)
    met.answer("ro", request)
    (item,) = met["nl"].run("received", request=request)
    assert item["conditions"] == {
        "purpose": "thb",
        "origin": "RO",
        "handling": "H0",
        "handling_note": "",
        "evaluation": "A1",
        "assessment": False,
        "evidence_use": False,
        "onward": False,
        "retention_until": "2029-12-31",
    }


def test_nothing_is_answered_by_the_mere_arrival_of_a_request(met: Federation) -> None:
    request = asked(met, **URGENT)
    met.clock.forward(days=2)
    egress.release_due(met["ro"].node)
    met.settle()
    assert met["ro"].run("disclosures") == []
    assert values(met, request) == []


def test_the_proposer_does_not_approve(met: Federation) -> None:
    proposal = proposed(met, asked(met, **URGENT))
    with pytest.raises(Forbidden) as refused:
        approved(met, proposal, seat="case")
    assert refused.value.code == "four-eyes"
    met.clock.forward(minutes=1)
    egress.release_due(met["ro"].node)
    assert met["ro"].run("disclosures.show", disclosure=proposal["disclosure"])["state"] == "proposed"


def test_an_officer_of_another_team_does_not_approve(met: Federation) -> None:
    proposal = proposed(met, asked(met, **URGENT))
    foreign = met["nl"].officers["liaison"].sign(proposal["digest"], "R-LO")
    with pytest.raises(ComityError):
        met["ro"].run("approve", disclosure=proposal["disclosure"], signature=foreign)


def test_an_approval_of_something_else_is_none(met: Federation) -> None:
    proposal = proposed(met, asked(met, **URGENT))
    other = {**proposal, "digest": "00" * 32}
    with pytest.raises(ComityError):
        approved(met, other)


def test_an_approved_answer_can_be_taken_back_before_its_time(tmp_path: Path) -> None:
    federation = met_on(
        tmp_path, {"nl": phones(PHONE), "ro": phones(PHONE)}, settings={"release_seconds": 30}
    )
    request = asked(federation, **URGENT)
    proposal = approved(federation, proposed(federation, request))
    assert proposal["state"] == "scheduled"
    federation.clock.forward(seconds=29)
    egress.release_due(federation["ro"].node)
    taken = federation["ro"].act("liaison", "take-back", disclosure=proposal["disclosure"])
    assert taken["state"] == "taken-back"
    federation.clock.forward(minutes=5)
    egress.release_due(federation["ro"].node)
    federation.settle()
    assert values(federation, request) == []
    again = proposed(federation, request)
    assert again["disclosure"] != proposal["disclosure"], "a new proposal is another disclosure"
    approved(federation, again)
    federation.clock.forward(minutes=1)
    egress.release_due(federation["ro"].node)
    federation.settle()
    assert values(federation, request) == [SUBSCRIBER]
    with pytest.raises(Conflict, match="released"):
        federation["ro"].act("liaison", "take-back", disclosure=again["disclosure"])


def test_what_the_officer_leaves_out_stays_and_what_changed_since_stops_the_release(
    met: Federation,
) -> None:
    request = asked(met, **URGENT)
    proposal = approved(met, proposed(met, request))
    hold(met["ro"], *phones(PHONE), columns=HEALTH, item="Somebody else")
    met.clock.forward(minutes=1)
    (stopped,) = egress.release_due(met["ro"].node)
    assert stopped["state"] == "stopped"
    assert stopped["disclosure"] == proposal["disclosure"]
    assert alarms(met["ro"])["release-stopped"] == 1
    met.settle()
    assert values(met, request) == []


def test_a_record_withdrawn_between_approval_and_release_stops_it(met: Federation) -> None:
    request = asked(met, **URGENT)
    approved(met, proposed(met, request))
    ro = met["ro"]
    ro.act("liaison", "withdraw", record=record_of(ro), reason="wrong person")
    met.clock.forward(minutes=1)
    (stopped,) = egress.release_due(ro.node)
    assert stopped["state"] == "stopped"
    met.settle()
    assert values(met, request) == []


def test_an_officer_revoked_between_approval_and_release_stops_it(met: Federation) -> None:
    request = asked(met, **URGENT)
    approved(met, proposed(met, request))
    met["ro"].run("officer.revoke", name="liaison-officer")
    met.clock.forward(minutes=1)
    (stopped,) = egress.release_due(met["ro"].node)
    assert stopped["state"] == "stopped"
    met.settle()
    assert values(met, request) == []


def test_without_an_exception_the_content_goes_by_siena_and_only_its_reference_here(
    met: Federation,
) -> None:
    request = asked(met)
    done = met.answer("ro", request)
    assert done["route"] == "siena"
    assert done["siena_reference"].startswith("RO-2026-")
    assert values(met, request) == []
    answer = request_at(met, "nl", request)["answer"]
    assert (answer["route"], answer["siena_reference"]) == ("siena", done["siena_reference"])
    message = met["ro"].act("liaison", "siena.show", disclosure=done["disclosure"])
    assert [entity["value"] for entity in message["entities"]] == [SUBSCRIBER]
    sent = met["ro"].act("liaison", "siena.sent", disclosure=done["disclosure"], receipt="SIENA-1-2-3")
    assert sent["siena_receipt"] == "SIENA-1-2-3"
    carried = [call for call in met.network.calls if call[:2] == ("ro", "nl")]
    assert carried
    about = [row for row in met["ro"].run("log.list", last=100) if row["subject"].startswith("siena:")]
    assert len(about) == 2


def test_a_siena_receipt_is_recorded_once(met: Federation) -> None:
    done = met.answer("ro", asked(met))
    for _ in range(3):
        met["ro"].act("liaison", "siena.sent", disclosure=done["disclosure"], receipt="SIENA-1-2-3")
    about = [row for row in met["ro"].run("log.list", last=100) if row["subject"].startswith("siena:")]
    assert len(about) == 1


def test_a_request_for_what_must_stay_is_refused_with_ground_and_way_out(met: Federation) -> None:
    request = asked(met, items=["4(c)"], **URGENT)
    ro = met["ro"]
    sheet = ro.run("refuse.sheet", request=request)
    assert sheet["permitted_by_law"] == []
    done = ro.run("refuse", request=request, signature=ro.officers["liaison"].sign(sheet["digest"]))
    assert done["state"] == "refused"
    met.settle()
    row = request_at(met, "nl", request)
    assert row["state"] == "refused"
    (refused,) = row["answer"]["refused"]
    assert refused["ground"]
    assert refused["way_out"]


def test_what_is_not_held_and_what_must_not_be_known_read_alike(met: Federation) -> None:
    request = asked(met, items=["2(d)(i)"], **URGENT)
    sheet = met["ro"].run("refuse.sheet", request=request)
    assert sheet["requester_reads"][0]["ground"] == "The information is not available."


def test_what_the_law_permits_cannot_be_refused_as_a_whole(met: Federation) -> None:
    request = asked(met, **URGENT)
    ro = met["ro"]
    sheet = ro.run("refuse.sheet", request=request)
    with pytest.raises(Forbidden) as refused:
        ro.run("refuse", request=request, signature=ro.officers["liaison"].sign(sheet["digest"]))
    assert refused.value.code == "closed-list"
    assert request_at(met, "ro", request)["state"] == "open"


# What the receiver refuses


def other_content(answer: delivery_pb2.Answer) -> None:
    answer.content_digest = bytes(32)


def other_box(answer: delivery_pb2.Answer) -> None:
    answer.sealed.ciphertext = answer.sealed.ciphertext[:-1] + bytes([answer.sealed.ciphertext[-1] ^ 1])


def no_approval(answer: delivery_pb2.Answer) -> None:
    del answer.approvals[:]


def other_refusal(answer: delivery_pb2.Answer) -> None:
    answer.refused[0].ground = "We never give anything."


def other_route(answer: delivery_pb2.Answer) -> None:
    answer.route = delivery_pb2.ANSWER_ROUTE_SIENA


def other_signature(answer: delivery_pb2.Answer) -> None:
    answer.approvals[0].signature = bytes(64)


def other_request(answer: delivery_pb2.Answer) -> None:
    answer.request = bytes(16)


@pytest.mark.parametrize(
    "change",
    [other_content, other_box, no_approval, other_refusal, other_route, other_signature, other_request],
)
def test_an_answer_that_is_not_what_officers_signed_is_refused_by_the_receiver(
    met: Federation, monkeypatch: pytest.MonkeyPatch, change: Callable[[delivery_pb2.Answer], None]
) -> None:
    """The provider's own node lies: it changes the answer before it signs the envelope."""
    request = asked(met, **URGENT)
    approved(met, proposed(met, request))
    send = outgoing.send

    def lying(session: Any, node: Any, message: Any, recipient: str, **more: Any) -> str:
        if isinstance(message, delivery_pb2.Answer):
            change(message)
        return send(session, node, message, recipient, **more)

    monkeypatch.setattr(egress, "send", lying)
    met.clock.forward(minutes=1)
    egress.release_due(met["ro"].node)
    met.settle()
    assert values(met, request) == []
    assert request_at(met, "nl", request)["state"] == "open"
    outbox = met["ro"].run("status")["outbox"]
    assert outbox["queued"] + outbox["dropped"] == 1, "refused for good, or until the rosters agree"
    (disclosure,) = met["ro"].run("disclosures")
    assert disclosure["receipt_at"] is None


def test_an_answer_by_another_team_than_was_asked_is_refused(tmp_path: Path) -> None:
    federation = met_on(tmp_path, {name: phones(PHONE) for name in ("nl", "it", "ro")})
    (hit,) = [hit for hit in federation["nl"].run("hits") if hit["peer"] == "ro"]
    request, _ = federation.ask("nl", hit, **URGENT)
    it = federation["it"]
    with it.node.store.write() as session:
        answer = delivery_pb2.Answer(request=bytes.fromhex(request), disclosure=bytes(16), status="answered")
        outgoing.send(session, it.node, answer, "nl")
    federation.settle()
    assert request_at(federation, "nl", request)["state"] == "open"
    assert it.run("status")["outbox"]["dropped"] == 1


def test_a_full_disk_at_the_moment_of_release_delays_it_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    federation = met_on(tmp_path, {"nl": phones(PHONE), "it": phones(PHONE)})
    request, _ = federation.ask("it", only_hit(federation["it"]))
    nl = federation["nl"]
    leave = egress._leave

    def full(*_: object) -> None:
        raise Unavailable("the disk of the database is full")

    monkeypatch.setattr(egress, "_leave", full)
    with pytest.raises(Unavailable):
        federation.answer("nl", request)
    (waiting,) = nl.run("disclosures")
    assert (waiting["state"], waiting["released_at"]) == ("scheduled", None)
    monkeypatch.setattr(egress, "_leave", leave)
    assert [each["state"] for each in egress.release_due(nl.node)] == ["released"]
    federation.settle()
    assert federation["it"].run("requests.show", request=request)["state"] == "answered"
