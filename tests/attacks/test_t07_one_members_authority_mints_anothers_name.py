"""T07: over real TLS a name counts under its own authority only; and statements stand apart from it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from comity.envelope import sign
from comity.errors import ComityError, Forbidden, Unauthenticated
from comity.v1.delivery_pb2 import HitNotice
from node.service.incoming import accept
from tests.attackers import federation, holdings
from tests.comity.transport.peers import Team, Wire, leaf_of, serve

NOTICE = HitNotice(hit=bytes(16), epoch=1, kind="phone", proof=bytes(32))


@pytest.fixture(scope="module")
def teams() -> dict[str, Team]:
    return {name: Team.make(name) for name in ("it", "nl", "ro")}


@pytest.fixture
def wire(teams: dict[str, Team]) -> Iterator[Wire]:
    served = serve(teams["it"], {team.spiffe: team.authority.cert_pem for team in teams.values()})
    yield served
    served.server.stop(None)


def test_a_certificate_that_names_another_team_opens_nothing(wire: Wire, teams: dict[str, Team]) -> None:
    minted = leaf_of(teams["ro"].authority, "nl")
    for _ in range(2):
        refused = wire.refusal(minted)
        assert isinstance(refused, Unauthenticated)
        assert refused.code == "wrong-authority"
        assert wire.call(teams["nl"].leaf) == 7  # the one whose name it is goes on working
    assert wire.box.callers == [teams["nl"].identity] * 2


def test_a_server_under_a_minted_name_is_not_spoken_to(teams: dict[str, Team]) -> None:
    trap = Team("nl", teams["nl"].authority, leaf_of(teams["ro"].authority, "nl"))
    trapped = serve(trap, {team.spiffe: team.authority.cert_pem for team in teams.values()})
    try:
        with pytest.raises(ComityError):
            trapped.call(teams["it"].leaf)
        assert trapped.box.callers == []
    finally:
        trapped.server.stop(None)


def test_a_broken_connection_breaks_no_statement(tmp_path: Path) -> None:
    made = federation(tmp_path)
    nl, ro = made["nl"], made["ro"]
    before = holdings(nl)
    forged = sign(
        NOTICE,
        signer=ro.node.keys.signer,  # what ro has; what it lacks is it's key
        federation="simulated",
        sender="it",
        recipients=["nl"],
        issued_at=made.clock.now(),
        lifetime=timedelta(days=1),
        chance=made.chance,
    )
    for caller in ("it", "ro", None):
        with pytest.raises((Unauthenticated, Forbidden)):
            accept(nl.node, forged, caller=caller)
    assert holdings(nl) == before
