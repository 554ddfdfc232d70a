"""T14: the main job and every error on its way, then everything written or said is searched in clear.

Searched for: each selector of the example cases, as typed and in normal form, each item value, and
marks planted in the free text of officers. What is said to the officer who typed it is not searched.
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from comity.errors import ComityError
from comity.selector import normalise
from node.flow.intake import read_case_file
from node.records import Selector
from node.service import egress
from tests.attackers import federation
from tests.simulator import Federation, Team

EXAMPLES = Path(__file__).parents[2] / "examples"
TEAMS = ("nl", "it", "ro")
MARK = "Zwartvogel"
MARKED = f"{MARK} on +31655509999 moves them tonight"


def read_examples(team: str) -> Iterator[tuple[str, bytes]]:
    for path in sorted((EXAMPLES / team).iterdir()):
        yield path.name, path.read_bytes()


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story(tmp_path_factory.mktemp("story"))


class Story:
    """A hit, a request, an answer, a channel, a recall, and a failure at every step."""

    def __init__(self, folder: Path) -> None:
        self.said: list[str] = []
        handler = logging.Handler()
        handler.emit = lambda record: self.said.append(handler.format(record))  # type: ignore[method-assign]
        logging.getLogger().addHandler(handler)
        level = logging.getLogger().level
        logging.getLogger().setLevel(logging.DEBUG)
        try:
            self.made = federation(folder)
            self.secrets = {MARK, MARKED}
            self._day()
            self._request_and_answer()
            self._channel()
            self._corrections()
            self._failures()
        finally:
            logging.getLogger().removeHandler(handler)
            logging.getLogger().setLevel(level)

    def fails(self, work: Callable[[], Any]) -> None:
        """Runs what must fail, and keeps what it says."""
        try:
            work()
        except ComityError as error:
            self.said += [str(error), repr(error), json.dumps(error.as_dict())]
        else:
            raise AssertionError("this was expected to fail")

    def _day(self) -> None:
        made = self.made
        for team in TEAMS:
            for name, data in read_examples(team):
                read = read_case_file(
                    name, data, now=made.clock.now(), team_state=team.upper(), defaults=None
                )
                for line in read.records:
                    self.secrets |= {line.display, *line.normal_forms, *(item.value for item in line.items)}
                report = made[team].run("import", name=name, data=base64.b64encode(data).decode())
                self.said.append(json.dumps(report["problems"], ensure_ascii=False))
        made.network.lose = 0.2  # errors on the way, and repetitions
        for _ in range(3):
            made.exchange()
            made.clock.forward(minutes=6)
        made.network.lose = 0.0
        made.exchange()

    def _request_and_answer(self) -> None:
        made = self.made
        self.hit = next(
            hit for hit in made["nl"].run("hits") if (hit["kind"], hit["peer"]) == ("phone", "ro")
        )
        made.network.down.add("ro")
        self.request, _ = made.ask("nl", self.hit, facts=MARKED, link=MARKED)
        self.copies = {name: on_disk(made, name) for name in TEAMS}  # while it waits in the outbox
        made.network.down.clear()
        made.clock.forward(minutes=30)
        made.settle()
        sheet = made["ro"].run("decide.sheet", request=self.request, officer="case-officer")
        assert sheet["leaves"]
        assert made.answer("ro", self.request)["state"] == "released"

    def _channel(self) -> None:
        nl = self.made["nl"]
        case = nl.act("liaison", "channel.open", hits=[self.hit["hit"]], title=MARKED, nonce="00" * 16)
        self.case = case["channel"]
        nl.act("liaison", "channel.post", channel=self.case, text=MARKED, message="11" * 16)
        data = base64.b64encode(MARKED.encode()).decode()
        nl.act("liaison", "channel.file", channel=self.case, name=f"{MARK}.txt", data=data, file="22" * 16)
        self.made.settle()
        assert len(self.made["ro"].run("channel.show", channel=self.case)["case"]["messages"]) == 1

    def _corrections(self) -> None:
        ro = self.made["ro"]
        record = next(row for row in ro.run("records") if row["kind"] == "phone" and row["pseudonym"])
        item = ro.run("items", record=record["record"])[0]["item"]
        ro.act("liaison", "correct", item=item, value=MARKED, reason="typing error")
        ro.act("liaison", "withdraw", record=record["record"], reason="number reassigned")
        self.made.settle()

    def _failures(self) -> None:
        nl, ro = self.made["nl"], self.made["ro"]
        number = next(row["value"] for row in ro.run("records") if row["kind"] == "phone")
        for operation, arguments in (
            ("hits", {"about": number}),
            ("feedback", {"hit": number, "verdict": "false"}),
            ("requests.show", {"request": number}),
            ("items", {"record": number}),
            ("lead.submit", {"to": "ro", "kind": "phone", "value": "+4072", "lead": "33" * 16}),
            ("lead.submit", {"to": "ro", "kind": MARK, "value": number, "lead": "33" * 16}),
            ("officer.enrol", {"certificate": number}),
            ("import", {"name": f"{MARK}.csv", "data": number}),
            ("log.export", {"subject": number}),
            ("channel.show", {"channel": number}),
        ):
            self.fails(partial(nl.run, operation, **arguments))
        for kind in ("iban", "email", "vin", "imei", "document", "person", "card", "ip"):
            self.fails(partial(normalise, kind, f"{MARK}!{number}"))
        nl.act("case", "feedback", hit=self.hit["hit"], verdict="false")
        self.made.settle()
        self.fails(lambda: self.made.ask("nl", self.hit, facts=MARKED))
        for team in (nl, ro):
            for read in ("status", "log.list", "disclosures", "requests.list", "hits", "recalls", "canary"):
                self.said.append(json.dumps(team.run(read), ensure_ascii=False, default=str))
            self.said.append(json.dumps(team.run("doctor", peer="it")))
            self.said.append(json.dumps(list(team.node.__dict__["settings"].model_dump().items())))
        egress.release_due(nl.node)


def on_disk(made: Federation, team: str) -> bytes:
    """Every byte that a node keeps: the database, its log and its index."""
    return b"".join(path.read_bytes() for path in sorted((made.folder / team).rglob("*")) if path.is_file())


def found(secrets: set[str], data: bytes) -> list[str]:
    """Secrets in clear, in any of the forms in which a program writes text."""
    looked_for = {secret for secret in secrets if len(secret) > 6}
    assert len(looked_for) > 150
    flat = data.lower()
    forms = {secret: {secret.lower(), json.dumps(secret)[1:-1].lower()} for secret in looked_for}
    return sorted(secret for secret in looked_for if any(form.encode() in flat for form in forms[secret]))


def test_no_selector_and_no_item_stands_in_clear_in_a_database(story: Story) -> None:
    for name in TEAMS:
        assert found(story.secrets, story.copies[name]) == []
        now = on_disk(story.made, name)
        assert len(now) > 500_000
        assert found(story.secrets, now) == []


def test_the_search_would_find_what_it_looks_for(story: Story) -> None:
    """The very values are there, sealed: a node opens them for its own officers."""
    shown = [row["value"] for row in story.made["ro"].run("records")]
    assert set(shown) <= story.secrets | {""}
    assert len(found(story.secrets, json.dumps(shown, ensure_ascii=False).encode())) > 15
    assert normal_forms(story.made["ro"]) <= story.secrets


def normal_forms(team: Team) -> set[str]:
    with team.node.store.read() as session:
        rows = session.exec(select(Selector)).all()
        return {
            team.node.vault.open(session, f"selector/{row.digest.hex()}/normal", row.normal_sealed).decode()
            for row in rows
        }


def test_no_error_alarm_log_record_or_status_says_a_selector_or_an_item(story: Story) -> None:
    assert len(story.said) > 60
    assert found(story.secrets, "\n".join(story.said).encode()) == []


def test_a_bundle_for_a_supervisor_and_the_brokers_mail_say_none_either(story: Story) -> None:
    made = story.made
    for name in TEAMS:
        bundle = base64.b64decode(made[name].run("log.export", subject="all")["bundle"])
        assert found(story.secrets, bundle) == []
    mail = b"".join(each.SerializeToString() for box in made.broker.mails.values() for each in box)
    assert len(mail) > 1_000
    assert found(story.secrets, mail) == []
