"""T08: a copied token equals nothing, and a notice about it proves nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from comity.pseudonym import hit_id, notice_proof
from comity.v1.delivery_pb2 import HitNotice
from node.flow.publish import Change, class_of, entries
from node.records import PeerToken
from node.service import publish
from node.service.incoming import accept
from tests.attackers import (
    OTHER_PHONE,
    PHONE,
    alarms,
    federation,
    holdings,
    phones,
    published,
    statement,
    true_output,
)
from tests.simulator import Federation


@pytest.fixture
def robbed(tmp_path: Path) -> Federation:
    """nl holds two numbers; ro publishes one of them; it reads ro's feed and knows no number."""
    return federation(tmp_path, {"nl": phones(PHONE, OTHER_PHONE), "ro": phones(PHONE)})


def republish(made: Federation, thief: str, tokens: set[bytes]) -> None:
    """The thief puts tokens into its own feeds, signed with its own key."""
    team, kind = made[thief], class_of({"kind": "phone", "retention_until": "2029-12-31"})
    for audience in ("nl", "ro"):
        with team.node.store.write() as session:
            for entry in entries(Change(dict.fromkeys(tokens, kind), set()), made.chance):
                publish._append(session, team.node, audience, 1, entry)


def test_copied_tokens_raise_no_hit_anywhere(robbed: Federation) -> None:
    stolen = published(robbed["ro"], "it") | published(robbed["nl"], "it")
    assert len(stolen) == 3
    republish(robbed, "it", stolen)
    before = {name: robbed[name].run("hits") for name in ("nl", "it", "ro")}
    robbed.exchange()
    after = {name: robbed[name].run("hits") for name in ("nl", "it", "ro")}
    assert after == before
    assert {hit["peer"] for hit in after["nl"]} == {"ro"}
    assert after["it"] == []
    with robbed["nl"].node.store.read() as session:
        assert session.get(PeerToken, ("it", min(stolen))) is not None  # it was read, and met nothing


def test_a_notice_without_the_output_proves_nothing(robbed: Federation) -> None:
    (token,) = published(robbed["ro"], "it")
    known = bytes.fromhex(robbed["nl"].run("hits")[0]["hit"])
    invented = hashlib.sha256(token).digest()
    before = holdings(robbed["nl"], "alarm", "inbox")
    for name in (known, token, invented[:16]):
        for proof in (bytes(32), invented, hashlib.sha256(name).digest()):
            notice = HitNotice(hit=name, epoch=1, kind="phone", proof=proof)
            accept(robbed["nl"].node, statement(robbed["it"], notice, ["nl"]), caller="it")
    robbed.settle()
    assert holdings(robbed["nl"], "alarm", "inbox") == before
    assert [code for code, _ in alarms(robbed["nl"])] == ["unproven-notice"]


def test_a_notice_that_was_meant_for_somebody_else_proves_nothing(robbed: Federation) -> None:
    """ro and nl's own notice, repeated by it: the proof names sender, recipient and hit."""
    output = true_output([robbed["ro"], robbed["nl"]], PHONE)
    between = hit_id(output, "nl", "ro")
    stolen = notice_proof(output, "ro", "nl", between)
    before = holdings(robbed["nl"], "alarm", "inbox")
    for name in (between, hit_id(output, "nl", "it")):
        notice = HitNotice(hit=name, epoch=1, kind="phone", proof=stolen)
        accept(robbed["nl"].node, statement(robbed["it"], notice, ["nl"]), caller="it")
    assert holdings(robbed["nl"], "alarm", "inbox") == before
    assert robbed["it"].run("hits") == []
