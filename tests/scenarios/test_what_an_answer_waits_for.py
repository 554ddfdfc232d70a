"""Clarification, judicial authorisation, consent of origin, duties: the clock and who must do what."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from comity.errors import Conflict, Forbidden, NotFound, Unauthenticated
from node.records import DataItemRow
from node.service import clocks
from tests.scenarios.stories import PHONE, alarms, case_file, item_of, met_on, only_hit, phones
from tests.simulator import Federation, Team


@pytest.fixture
def asked(tmp_path: Path) -> tuple[Federation, str]:
    """Italy asks the Netherlands, in the ordinary way."""
    federation = met_on(tmp_path, {"nl": phones(PHONE), "it": phones(PHONE)})
    request, _ = federation.ask("it", only_hit(federation["it"]))
    return federation, request


def words(team: Team, request: str, status: str, text: str, seat: str = "liaison") -> str:
    found = team.run("words.digest", request=request, status=status, text=text)
    return team.officers[seat].sign(found["digest"], found["role"])


def due(federation: Federation, request: str) -> datetime:
    return datetime.fromisoformat(federation["nl"].run("requests.show", request=request)["due_at"])


def test_a_question_stops_the_clock_until_the_clarified_request_arrives(
    asked: tuple[Federation, str],
) -> None:
    federation, request = asked
    nl, it = federation["nl"], federation["it"]
    before = due(federation, request)
    question = "How is the number linked to the case?"
    nl.run("clarify", request=request, text=question, signature=words(nl, request, "clarify", question))
    federation.settle()
    assert it.run("requests.show", request=request)["state"] == "clarify"
    assert it.run("requests.show", request=request)["answer"]["words"] == question
    assert nl.run("requests.show", request=request)["due_at"] is None

    federation.clock.forward(days=3)
    hit = only_hit(it)
    _, sent = federation.ask("it", hit, request=request, link="the driver of the van answers it")
    assert sent["state"] == "open"
    shown = nl.run("requests.show", request=request)
    assert (shown["state"], shown["stated"]["link"]) == ("open", "the driver of the van answers it")
    assert timedelta(days=3) <= due(federation, request) - before < timedelta(days=3, minutes=5)


def test_a_request_that_nobody_asked_about_is_not_replaced(asked: tuple[Federation, str]) -> None:
    federation, request = asked
    federation.ask("it", only_hit(federation["it"]), request=request, link="another link altogether")
    shown = federation["nl"].run("requests.show", request=request)
    assert shown["stated"]["link"] != "another link altogether"


def test_a_question_needs_the_signature_of_a_liaison_officer(asked: tuple[Federation, str]) -> None:
    federation, request = asked
    nl = federation["nl"]
    signature = words(nl, request, "clarify", "something else")
    with pytest.raises(Unauthenticated):
        nl.run("clarify", request=request, text="Why?", signature=signature)
    assert nl.run("requests.show", request=request)["state"] == "open"


def test_a_pending_authorisation_is_told_at_once_and_stops_the_clock(asked: tuple[Federation, str]) -> None:
    federation, request = asked
    nl, it = federation["nl"], federation["it"]
    before = due(federation, request)
    text = "court of Rotterdam, about four days, the subscriber data need it"
    pending = words(nl, request, "delayed", text)
    nl.run("authorisation", request=request, state="pending", words=text, signature=pending)
    federation.settle()
    assert it.run("requests.show", request=request)["answer"]["status"] == "delayed"
    assert it.run("requests.show", request=request)["answer"]["words"] == text

    federation.clock.forward(days=4)
    wrong = nl.officers["liaison"].sign(clocks.words_digest(request, "granted", ""), "R-LO")
    with pytest.raises(Forbidden, match="role"):
        nl.run("authorisation", request=request, state="granted", signature=wrong)
    granted = words(nl, request, "granted", "", "R-JUD")
    nl.run("authorisation", request=request, state="granted", signature=granted)
    assert due(federation, request) - before >= timedelta(days=4)


def test_a_refused_authorisation_leaves_nothing_to_give(asked: tuple[Federation, str]) -> None:
    federation, request = asked
    nl = federation["nl"]
    refused = words(nl, request, "refused", "", "R-JUD")
    nl.run("authorisation", request=request, state="refused", signature=refused)
    sheet = nl.run("decide.sheet", request=request, officer="case-officer")
    assert sheet["leaves"] == []
    assert any("6(1)(c)" in line["article"] for line in sheet["stays"])


def test_the_deputy_is_called_before_a_deadline_lapses_and_a_lapse_raises_an_alarm(
    asked: tuple[Federation, str],
) -> None:
    federation, request = asked
    nl = federation["nl"]
    assert clocks.watch(nl.node) == {"called": 0, "lapsed": 0}
    federation.clock.forward(days=5, hours=12)
    assert clocks.watch(nl.node) == {"called": 1, "lapsed": 0}
    assert clocks.watch(nl.node) == {"called": 0, "lapsed": 0}
    federation.clock.forward(days=2)
    assert clocks.watch(nl.node) == {"called": 0, "lapsed": 1}
    assert alarms(nl)["deadline-soon"] == alarms(nl)["deadline-lapsed"] == 1
    assert nl.run("requests.show", request=request)["state"] == "open"


def test_every_obligation_of_an_answer_is_carried_out_or_waits_for_an_officer(
    asked: tuple[Federation, str],
) -> None:
    federation, request = asked
    nl = federation["nl"]
    answer = federation.answer("nl", request)
    found = [duty for duty in nl.run("duties") if duty["subject"] == f"disclosure:{answer['disclosure']}"]
    kinds = {duty["kind"]: duty for duty in found}
    assert kinds["log"]["state"] == kinds["conditions"]["state"] == "done"
    waiting = [duty for duty in found if duty["state"] == "open"]
    assert waiting
    assert all(duty["cites"] and duty["carrier"] == "officer" for duty in waiting)
    done = nl.act("liaison", "duties.done", number=waiting[0]["number"], how="considered: no copy")
    assert (done["state"], done["done_by"]) == ("done", "liaison-officer")
    with pytest.raises(NotFound):
        nl.act("liaison", "duties.done", number=99_999, how="?")


def consent_asked(federation: Federation, item: str, **said: Any) -> str:
    nl = federation["nl"]
    consent = federation.chance(16).hex()
    told = {"consent": consent, "item": item, "use": "disclose", "recipient": "ro", "reason": "asked", **said}
    draft = nl.run("consent.draft", **told)
    assert draft["to"] == "it"
    nl.run("consent.ask", **told, signature=nl.officers["liaison"].sign(draft["digest"]))
    federation.settle()
    return consent


def answered(federation: Federation, consent: str, *, granted: bool, role: str = "R-ORIG") -> None:
    it = federation["it"]
    found = it.run("consent.digest", consent=consent, granted=granted, conditions="for this case only")
    signature = it.officers["liaison" if role == "R-LO" else role].sign(found["digest"], role)
    it.run(
        "consent.answer",
        consent=consent,
        granted=granted,
        conditions="for this case only",
        signature=signature,
    )
    federation.settle()


@pytest.fixture
def foreign_item(tmp_path: Path) -> tuple[Federation, str, str]:
    """Romania asks the Netherlands for what Italy told them; Italy has not been asked."""
    federation = Federation(tmp_path)
    nl = federation["nl"]
    text = case_file("NL-2026-1", *phones(PHONE), columns={"item:2(a)(ii):keeper": "as Italy told us"})
    nl.import_text("case.csv", text)
    came_from(nl, "it", item_of(nl, category="2(a)(ii)"))
    federation["ro"].import_text("case.csv", case_file("RO-2026-1", *phones(PHONE)))
    federation.exchange()
    request, _ = federation.ask("ro", only_hit(federation["ro"]))
    return federation, request, item_of(nl, category="2(a)(ii)")


def came_from(team: Team, state: str, item: str) -> None:
    """As if the case file had said that the item was first obtained there, without its consent."""
    with team.node.store.write() as session:
        row = session.get(DataItemRow, item)
        assert row is not None
        row.facts = {name: value for name, value in row.facts.items() if name != "origin_consent"} | {
            "origin_state": state
        }
        session.add(row)


def test_what_another_state_told_us_leaves_only_with_its_consent(
    foreign_item: tuple[Federation, str, str],
) -> None:
    federation, request, item = foreign_item
    nl = federation["nl"]
    kept = {line["item"] for line in nl.run("decide.sheet", request=request, officer="x1")["stays"]}
    assert item in kept
    consent = consent_asked(federation, item)
    assert federation["it"].run("consent.show", consent=consent)["reason"] == "asked"
    answered(federation, consent, granted=True)
    (row,) = nl.run("consent.list")
    assert (row["state"], row["officer"], row["conditions"]) == (
        "granted",
        "origin-officer",
        "for this case only",
    )
    leaving = {line["item"] for line in nl.run("decide.sheet", request=request, officer="x1")["leaves"]}
    assert item in leaving


def test_a_consent_that_is_refused_keeps_the_item_where_it_is(
    foreign_item: tuple[Federation, str, str],
) -> None:
    federation, request, item = foreign_item
    answered(federation, consent_asked(federation, item), granted=False)
    nl = federation["nl"]
    assert nl.run("consent.list")[0]["state"] == "refused"
    assert item not in {
        line["item"] for line in nl.run("decide.sheet", request=request, officer="x1")["leaves"]
    }


def test_only_an_officer_of_origin_consents(foreign_item: tuple[Federation, str, str]) -> None:
    federation, _, item = foreign_item
    consent = consent_asked(federation, item)
    with pytest.raises(Forbidden, match="role"):
        answered(federation, consent, granted=True, role="R-LO")
    assert federation["it"].run("consent.list")[0]["state"] == "open"
    assert federation["nl"].run("consent.list")[0]["state"] == "open"


def test_a_received_item_may_be_used_as_evidence_only_once_its_provider_consents(
    asked: tuple[Federation, str],
) -> None:
    federation, request = asked
    del request
    ro_hit = only_hit(federation["it"])
    urgent, _ = federation.ask(
        "it", ro_hit, urgency="U2", urgency_reasons="a victim is to be moved tonight", exception="b"
    )
    federation.answer("nl", urgent)
    it = federation["it"]
    received = it.run("received", request=urgent)
    assert received
    assert all(not item["conditions"]["evidence_use"] for item in received)
    told = {
        "consent": federation.chance(16).hex(),
        "item": received[0]["item"],
        "use": "evidence",
        "recipient": "it",
        "reason": "the trial opens in May",
    }
    draft = it.run("consent.draft", **told)
    assert draft["to"] == "nl"
    it.run("consent.ask", **told, signature=it.officers["liaison"].sign(draft["digest"]))
    federation.settle()
    nl = federation["nl"]
    found = nl.run("consent.digest", consent=told["consent"], granted=True)
    nl.run(
        "consent.answer",
        consent=told["consent"],
        granted=True,
        signature=nl.officers["R-ORIG"].sign(found["digest"]),
    )
    federation.settle()
    marked = {item["item"]: item["conditions"]["evidence_use"] for item in it.run("received", request=urgent)}
    assert marked.pop(received[0]["item"]) is True
    assert not any(marked.values())


def test_a_state_outside_the_federation_cannot_be_asked_here(asked: tuple[Federation, str]) -> None:
    federation, _ = asked
    nl = federation["nl"]
    item = item_of(nl)
    came_from(nl, "ma", item)
    with pytest.raises(Conflict, match="no team in this federation"):
        nl.run("consent.draft", consent="00" * 16, item=item, use="disclose", recipient="it", reason="asked")
