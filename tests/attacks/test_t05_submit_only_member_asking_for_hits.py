"""T05: a private member sends sealed leads. It gets nothing that depends on what anybody holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.errors import ComityError, Forbidden
from comity.seal import seal
from comity.v1 import delivery_pb2, log_pb2
from comity.v1 import pseudonym_pb2 as pb
from comity.v1.envelope_pb2 import Envelope
from node.service import answering, publish, witnessing
from node.service.incoming import _HANDLERS, accept
from tests.attackers import (
    OTHER_PHONE,
    PHONE,
    federation,
    holdings,
    phones,
    published,
    quota_used,
    statement,
    wiretap,
)
from tests.simulator import Federation

HELD = {"nl": phones(PHONE), "ro": phones(PHONE)}
MAY_SEND = {delivery_pb2.Lead, delivery_pb2.LeadReceipt}


@pytest.fixture
def with_a_charity(tmp_path: Path) -> Federation:
    return federation(tmp_path, HELD, private=["ngo"])


def test_a_private_member_is_evaluated_nothing_and_served_no_feed(with_a_charity: Federation) -> None:
    made = with_a_charity
    ngo, nl = made["ngo"], made["nl"]
    before = holdings(nl)
    batch = pb.EvaluationBatch(batch=bytes(16), epoch=1, purpose="thb", kind="phone", subset=[1, 2])
    element = pb.AuditElement(batch=bytes(16), element=bytes(32))
    with pytest.raises(Forbidden, match="submit-only"):
        answering.evaluate(nl.node, statement(ngo, batch, ["nl"]), caller="ngo")
    with pytest.raises(Forbidden, match="submit-only"):
        answering.audit(nl.node, statement(ngo, element, ["nl"]), caller="ngo")
    with pytest.raises(ComityError, match="submit-only") as refused:
        publish.serve(nl.node, "ngo", 0, b"")
    assert refused.value.code == "forbidden"
    with pytest.raises(ComityError):
        witnessing.add_checkpoint(nl.node, log_pb2.AddCheckpointRequest(), caller="ngo")
    assert quota_used(nl, "ngo") == 0
    assert holdings(nl) == before
    assert published(nl, "ngo") == set()


def test_a_private_member_may_say_nothing_but_leads(with_a_charity: Federation) -> None:
    made = with_a_charity
    before = holdings(made["nl"])
    refused = {kind for kind in _HANDLERS if kind not in MAY_SEND}
    assert delivery_pb2.HitNotice in refused
    assert delivery_pb2.InformationRequest in refused
    for kind in refused:
        said = statement(made["ngo"], kind(), ["nl"])
        for caller in ("ngo", None):
            with pytest.raises(Forbidden, match="leads and nothing else"):
                accept(made["nl"].node, said, caller=caller)
    assert holdings(made["nl"]) == before


def test_a_lead_is_answered_alike_whether_it_matched_or_not(with_a_charity: Federation) -> None:
    made = with_a_charity
    heard = wiretap(made)
    answers: list[list[tuple[str, int, int]]] = []
    hits = len(made["nl"].run("hits"))
    for number, lead in ((PHONE, "aa" * 16), (OTHER_PHONE, "bb" * 16)):
        heard.clear()
        made["ngo"].run("lead.submit", to="nl", kind="phone", value=number, lead=lead)
        made.settle()
        made.exchange()
        back = [each.envelope for each in heard if each.target == "ngo"]
        answers.append([(type_of(each), len(each.payload), len(each.header)) for each in back])
    assert answers[0] == answers[1]
    assert [kind for kind, _, _ in answers[0]] == ["LeadReceipt"]
    assert [call for call in made.network.calls if call[1] == "ngo" and call[2] != "deliver"] == []
    assert len(made["nl"].run("hits")) == hits
    assert [lead["value"] for lead in made["nl"].run("lead.list")] == [PHONE, OTHER_PHONE]


def type_of(envelope: Envelope) -> str:
    names = (b"LeadReceipt", b"HitNotice", b"Answer", b"Lead")
    return next(name.decode() for name in names if name in envelope.header)


def test_a_lead_that_is_rubbish_is_refused_in_words_and_keeps_nothing(with_a_charity: Federation) -> None:
    made = with_a_charity
    before = holdings(made["nl"])
    info = b"comity lead v1\0ngo\0nl\0" + bytes(16)
    public = made["nl"].node.keys.sealing.public
    box = seal(public, b"\xff\xff rubbish", info=info, chance=made.chance)
    said = statement(made["ngo"], delivery_pb2.Lead(lead=bytes(16), sealed=box), ["nl"])
    with pytest.raises(ComityError):
        accept(made["nl"].node, said, caller="ngo")
    assert holdings(made["nl"]) == before
