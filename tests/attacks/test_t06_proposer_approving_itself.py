"""T06: one person cannot be two, whatever role, certificate or team the second signature names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from comity.envelope import Signer
from comity.errors import ComityError, Conflict, Forbidden
from comity.officer import certify
from node.service import egress, officers
from tests.attackers import ITEM, PHONE, federation, hold, logged, phones, the_hit
from tests.simulator import FEDERATION, Federation, OfficerSeat, Team

REFUSALS = (Forbidden, Conflict)


class Proposed(NamedTuple):
    """A disclosure that ro's case officer has proposed."""

    made: Federation
    disclosure: str
    digest: str
    roles: list[str]
    request: str


def propose(folder: Path, **facts: str) -> Proposed:
    made = federation(folder)
    hold(made["nl"], *phones(PHONE))
    hold(made["ro"], *phones(PHONE), **facts)
    made.exchange()
    request, _ = made.ask("nl", the_hit(made["nl"]))
    ro, seat = made["ro"], made["ro"].officers["case"]
    sheet = ro.run("decide.sheet", request=request, officer=seat.name)
    row = ro.run("decide.propose", request=request, signature=seat.sign(sheet["digest"]))
    return Proposed(made, row["disclosure"], row["digest"], row["roles"], request)


def certified(made: Federation, team: Team, name: str, secret: bytes, roles: Sequence[str]) -> OfficerSeat:
    """A certificate that the team's root key really signed."""
    certificate = certify(
        team.root,
        federation=FEDERATION,
        team=team.name,
        officer=name,
        public_key=Signer(secret).public,
        roles=roles,
        not_before=made.clock.now() - timedelta(days=1),
        not_after=made.clock.now() + timedelta(days=30),
        now=made.clock.now(),
        chance=made.chance,
    )
    return OfficerSeat(name, roles[0], secret, certificate)


def enrol(team: Team, seat: OfficerSeat) -> Any:
    return officers.enrol(team.node, seat.certificate.SerializeToString(deterministic=True))


def assert_nothing_left(case: Proposed) -> None:
    made = case.made
    made.clock.forward(hours=1)
    egress.release_due(made["ro"].node)
    made.settle()
    shown = made["ro"].run("disclosures.show", disclosure=case.disclosure)
    assert (shown["state"], shown["approvals"], shown["released_at"]) == ("proposed", [], None)
    assert made["nl"].run("received") == []
    assert not [words for words in logged(made["ro"]) if "approved" in words or "released" in words]


def approve(case: Proposed, seat: OfficerSeat, role: str) -> Any:
    return case.made["ro"].run("approve", disclosure=case.disclosure, signature=seat.sign(case.digest, role))


def test_the_proposer_does_not_approve_under_the_same_or_another_role(tmp_path: Path) -> None:
    case = propose(tmp_path)
    seat = case.made["ro"].officers["case"]
    for role in ("R-LO", "R-CO", "R-JUD", ""):
        with pytest.raises(ComityError):
            approve(case, seat, role)
    with pytest.raises(Forbidden) as refused:
        approve(case, seat, case.roles[0])
    assert refused.value.code == "four-eyes"
    assert_nothing_left(case)


def test_the_proposer_does_not_approve_under_a_second_certificate(tmp_path: Path) -> None:
    case = propose(tmp_path)
    ro = case.made["ro"]
    key, roles = ro.officers["case"].seed, ["R-LO", "R-ORIG"]
    twin = certified(case.made, ro, "case-officer-b", key, roles)
    with pytest.raises(Forbidden, match="another name"):
        enrol(ro, twin)
    with pytest.raises(Forbidden, match="not enrolled"):
        approve(case, twin, "R-LO")
    renewed = certified(case.made, ro, "case-officer", bytes([9]) * 32, roles)
    enrol(ro, renewed)  # lawful: a lost key is replaced; the person stays who it was
    with pytest.raises(Forbidden, match="proposed"):
        approve(case, renewed, "R-LO")
    foreign = certified(case.made, case.made["it"], "case-officer-c", bytes([8]) * 32, roles)
    with pytest.raises(ComityError):
        approve(case, foreign, "R-LO")
    assert_nothing_left(case)


def test_neither_the_proposer_nor_the_receiver_speaks_for_the_state_of_origin(tmp_path: Path) -> None:
    case = propose(tmp_path, marks=" [source=europol_analysis origin=IT consent=yes]")
    assert "R-ORIG" in case.roles
    ro, nl = case.made["ro"], case.made["nl"]
    proposer = certified(case.made, ro, "case-officer", ro.officers["case"].seed, ["R-CO", "R-LO", "R-ORIG"])
    enrol(ro, proposer)
    with pytest.raises(Forbidden) as refused:
        approve(case, proposer, "R-ORIG")
    assert refused.value.code == "four-eyes"
    receiver = certified(case.made, nl, "friend", bytes([7]) * 32, ["R-ORIG"])
    with pytest.raises(Forbidden) as refused:
        approve(case, receiver, "R-ORIG")
    assert refused.value.code == "wrong-origin"
    assert_nothing_left(case)
    origin = certified(case.made, case.made["it"], "origin", bytes([6]) * 32, ["R-ORIG"])
    assert [each["role"] for each in approve(case, origin, "R-ORIG")["approvals"]] == ["R-ORIG"]


def test_an_approval_of_other_content_does_not_count(tmp_path: Path) -> None:
    case = propose(tmp_path)
    ro, seat = case.made["ro"], case.made["ro"].officers["liaison"]
    other = ro.run("refuse.sheet", request=case.request)["digest"]
    assert other != case.digest
    with pytest.raises(ComityError):
        ro.run("approve", disclosure=case.disclosure, signature=seat.sign(other, "R-LO"))
    assert_nothing_left(case)
    approve(case, seat, "R-LO")  # what the second officer really signed leaves
    case.made.clock.forward(hours=1)
    (released,) = egress.release_due(ro.node)
    assert released["state"] == "released"
    assert ITEM not in json.dumps(released)
