"""T18: whatever breaks in the law or around it, the answer is no, and somebody is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from comity.errors import ComityError
from node.service import egress
from policy import Action, Item, Proposal
from policy.engine import Law
from policy.findings import Finding, permit
from policy.parameters import Parameters
from policy.rules import Body, Rule, rules
from tests.attackers import ITEM, PHONE, alarms, federation, hold, logged, phones, published, the_hit
from tests.simulator import Federation

HELD = {"nl": phones(PHONE), "ro": phones(PHONE)}


def a_rule(body: Body) -> Rule:
    everything = frozenset(Action)
    return Rule(
        "test-rule", "Act, Article 1", date(2020, 1, 1), None, True, everything, body, "S.", "f", "v1"
    )


def raises(_facts: Proposal, _item: Item, _law: Parameters) -> Finding | None:
    raise ZeroDivisionError(ITEM)


def nonsense(_facts: Proposal, _item: Item, _law: Parameters) -> Any:
    return True


def permits_everything(_facts: Proposal, _item: Item, _law: Parameters) -> Finding:
    return permit("Everything may leave.")


def enact(monkeypatch: pytest.MonkeyPatch, *some: Rule) -> None:
    """From now on this is the law."""
    book = Law(some)
    monkeypatch.setattr("policy.engine.law", lambda: book)


@pytest.fixture
def asked(tmp_path: Path) -> tuple[Federation, str]:
    """nl has asked ro, and nobody has answered yet."""
    made = federation(tmp_path, HELD)
    request, _ = made.ask("nl", the_hit(made["nl"]))
    return made, request


def approved(made: Federation, request: str) -> str:
    """A disclosure that two officers signed and that waits for its release."""
    ro = made["ro"]
    sheet = ro.run("decide.sheet", request=request, officer="case-officer")
    row = ro.run("decide.propose", request=request, signature=ro.officers["case"].sign(sheet["digest"]))
    signature = ro.officers["liaison"].sign(row["digest"])
    row = ro.run("approve", disclosure=row["disclosure"], signature=signature)
    assert row["state"] == "scheduled"
    return str(row["disclosure"])


def assert_stopped(made: Federation, disclosure: str, because: str) -> None:
    """It did not leave, it is not tried again, and a person was told why, without content."""
    for _ in range(2):
        made.clock.forward(minutes=5)
        egress.release_due(made["ro"].node)
        made.settle()
    shown = made["ro"].run("disclosures.show", disclosure=disclosure)
    assert (shown["state"], shown["released_at"]) == ("stopped", None)
    (text,) = [text for code, text in alarms(made["ro"]) if code == "release-stopped"]
    assert because in text
    assert ITEM not in text
    assert made["nl"].run("received") == []
    assert "release stopped by the gate: an error or a change denies" in logged(made["ro"])
    assert not any(words.startswith("answer released") for words in logged(made["ro"]))


@pytest.mark.parametrize("body", [raises, nonsense])
def test_a_rule_that_fails_publishes_nothing_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: Body
) -> None:
    made = federation(tmp_path)
    hold(made["ro"], *phones(PHONE))
    enact(monkeypatch, *rules(), a_rule(body))
    made["ro"].run("publish")
    assert published(made["ro"], "nl") == set()
    assert made["ro"].run("status")["pseudonyms"] == {"done": 0, "waiting": 1}
    assert ("rule-failed", "rules failed and denied: test-rule") in alarms(made["ro"])
    assert made.network.calls == []  # nobody was asked anything


def test_a_law_that_cannot_be_read_publishes_nothing_until_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = federation(tmp_path)
    hold(made["ro"], *phones(PHONE))
    with monkeypatch.context() as broken:
        broken.setattr("policy.engine.parameters", fails_with(KeyError(ITEM)))
        made["ro"].run("publish")
        assert published(made["ro"], "nl") == set()
        assert [code for code, _ in alarms(made["ro"])] == ["gate-failed"]
        assert ITEM not in str(alarms(made["ro"]))
    made["ro"].run("publish")
    assert len(published(made["ro"], "nl")) == 1


def fails_with(error: Exception) -> Callable[..., Any]:
    def fail(*_given: Any, **_named: Any) -> Any:
        raise error

    return fail


@pytest.mark.parametrize("body", [raises, nonsense])
def test_a_rule_that_fails_between_approval_and_release_stops_it(
    asked: tuple[Federation, str], monkeypatch: pytest.MonkeyPatch, body: Body
) -> None:
    made, request = asked
    disclosure = approved(made, request)
    enact(monkeypatch, *rules(), a_rule(body))
    assert_stopped(made, disclosure, "the law no longer permits")


def test_an_error_nobody_foresaw_at_the_door_stops_it(
    asked: tuple[Federation, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, request = asked
    disclosure = approved(made, request)
    monkeypatch.setattr("node.service.egress.send", fails_with(RuntimeError(ITEM)))
    assert_stopped(made, disclosure, "RuntimeError")


def test_facts_that_changed_after_the_approval_are_judged_again(asked: tuple[Federation, str]) -> None:
    made, request = asked
    disclosure = approved(made, request)
    ro = made["ro"]
    item = ro.run("items", record=ro.run("records")[0]["record"])[0]["item"]
    ro.act("liaison", "correct", item=item, value="somebody else", reason="typing error")
    assert_stopped(made, disclosure, "not what was approved")


def test_a_record_withdrawn_after_the_approval_does_not_leave(asked: tuple[Federation, str]) -> None:
    made, request = asked
    disclosure = approved(made, request)
    ro = made["ro"]
    ro.act("liaison", "withdraw", record=ro.run("records")[0]["record"], reason="number reassigned")
    assert_stopped(made, disclosure, "no longer permits")


def test_a_canary_that_passes_locks_the_door_until_it_is_refused_again(
    asked: tuple[Federation, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, request = asked
    disclosure = approved(made, request)
    assert made["ro"].run("canary") == {"refused": True, "reason": "refused", "locked": False}
    with monkeypatch.context() as broken:
        enact(broken, a_rule(permits_everything))
        made["ro"].run("canary")
        assert [code for code, _ in alarms(made["ro"])] == ["canary-passed"]
        assert made["ro"].act("liaison", "unlock")["locked"]  # opening it does not help
    assert made["ro"].run("canary")["locked"]  # nor does a law that was mended: a person opens it
    assert_stopped(made, disclosure, "locked")
    assert not made["ro"].act("liaison", "unlock")["locked"]


def test_a_law_of_no_rules_permits_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = federation(tmp_path, HELD)
    enact(monkeypatch)
    made.clock.forward(days=1)
    made["ro"].run("publish")
    assert published(made["ro"], "nl") == set()
    with pytest.raises(ComityError):
        made.ask("nl", the_hit(made["nl"]))
    assert made["ro"].run("requests.list") == []
