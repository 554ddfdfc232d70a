"""T02: what was said once is not said twice, to nobody else, nowhere else, and not later."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from comity.envelope import read_header
from comity.errors import Expired, Forbidden
from comity.v1.delivery_pb2 import FEEDBACK_VERDICT_FALSE, HitFeedback, HitNotice
from comity.v1.envelope_pb2 import Envelope
from node.service.answering import evaluate
from node.service.incoming import accept
from tests.attackers import (
    PHONE,
    federation,
    guess,
    hold,
    holder_of,
    holdings,
    logged,
    phones,
    question,
    quota_used,
    statement,
    the_hit,
    wiretap,
)
from tests.simulator import Federation

HELD = {"nl": phones(PHONE), "ro": phones(PHONE)}


def test_a_recorded_day_sent_again_changes_nothing(tmp_path: Path) -> None:
    made = federation(tmp_path)
    heard = wiretap(made)
    for team, selectors in HELD.items():
        hold(made[team], *selectors)
    made.exchange()
    made.ask("nl", the_hit(made["nl"]))
    assert {type_of(each.envelope) for each in heard} == {"HitNotice", "InformationRequest"}
    before = {name: holdings(team) for name, team in made.teams.items()}
    for each in list(heard):
        digest, duplicate = accept(made[each.target].node, each.envelope, caller=each.source)
        assert duplicate
        assert digest
    made.settle()
    assert {name: holdings(team) for name, team in made.teams.items()} == before


def type_of(envelope: Envelope) -> str:
    return read_header(envelope).payload_type.rpartition(".")[2]


def test_a_statement_to_one_team_is_refused_by_another(tmp_path: Path) -> None:
    made = federation(tmp_path, HELD)
    said = statement(made["ro"], HitNotice(hit=bytes(16), epoch=1, kind="phone", proof=bytes(32)), ["nl"])
    before = holdings(made["it"])
    for caller in ("ro", None):
        with pytest.raises(Forbidden):
            accept(made["it"].node, said, caller=caller)
    with pytest.raises(Forbidden):
        accept(made["nl"].node, said, caller="it")  # nl is named, but another one carries it
    assert holdings(made["it"]) == before


def test_a_statement_of_one_federation_is_refused_in_another_with_the_same_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = federation(tmp_path / "one", HELD)
    name = bytes.fromhex(the_hit(made["nl"])["hit"])
    said = statement(made["ro"], HitFeedback(hit=name, verdict=FEEDBACK_VERDICT_FALSE), ["nl"])
    monkeypatch.setattr("tests.simulator.FEDERATION", "elsewhere")
    other = Federation(tmp_path / "two")
    assert other["ro"].node.keys.signer.public == made["ro"].node.keys.signer.public
    before = holdings(other["nl"])
    with pytest.raises(Forbidden, match="federation"):
        accept(other["nl"].node, said, caller="ro")
    assert holdings(other["nl"]) == before


def test_a_statement_kept_until_its_digest_is_forgotten_is_too_old(tmp_path: Path) -> None:
    made = federation(tmp_path, HELD)
    notice = HitNotice(hit=bytes(16), epoch=1, kind="phone", proof=bytes(32))
    said = statement(made["ro"], notice, ["nl"], lifetime=timedelta(days=28))
    accept(made["nl"].node, said, caller="ro")
    made.clock.forward(days=27, hours=23)
    made["nl"].run("sweep")
    assert accept(made["nl"].node, said, caller="ro")[1]  # still known
    made.clock.forward(days=3)
    made["nl"].run("sweep")
    with pytest.raises(Expired):
        accept(made["nl"].node, said, caller="ro")


def test_a_repeated_question_is_answered_with_the_same_bytes_and_costs_nothing(tmp_path: Path) -> None:
    made = federation(tmp_path)
    asker, holder = made["it"], made["nl"]
    batch = guess(asker, [PHONE], [holder_of(made, "nl")])
    asked = question(asker, batch, "nl")
    first = evaluate(holder.node, asked, caller="it")
    records = logged(holder)
    for _ in range(3):
        assert evaluate(holder.node, asked, caller="it") == first
    assert quota_used(holder, "it") == 1
    assert logged(holder) == records
