"""The main story once on PostgreSQL, each node with a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.scenarios.stories import (
    NATIONS,
    SUBSCRIBER,
    hit_ids,
    hold,
    met,
    must_meet,
    phones,
    read_examples,
    record_of,
)
from tests.servers import fresh_database
from tests.simulator import Federation

OWN_PHONE = "+40799999999"


@pytest.fixture
def federation(postgres_server: str, tmp_path: Path) -> Iterator[Federation]:
    """Three nations on one database server."""
    with ExitStack() as databases:
        urls = {name: databases.enter_context(fresh_database(postgres_server)) for name in NATIONS}
        federation = Federation(tmp_path, database=lambda team: urls[team])
        yield federation
        for team in federation.teams.values():
            team.node.store.close()  # type: ignore[attr-defined]


def test_the_story_is_the_same_on_postgresql(federation: Federation) -> None:
    read_examples(federation)
    federation.exchange()
    expected = must_meet(federation)
    for team in federation.nations:
        assert set(met(team)) == expected[team.name]
    for name in ("nl", "ro"):
        hold(federation[name], *phones(OWN_PHONE), case=f"{name.upper()}-2026-99")
    federation.exchange()
    nl, ro = federation["nl"], federation["ro"]
    (hit,) = [hit for hit in nl.run("hits") if record_of(nl, OWN_PHONE) in hit["records"]]
    request, _ = federation.ask(
        "nl", hit, urgency="U2", urgency_reasons="a victim is to be moved tonight", exception="b"
    )
    assert federation.answer("ro", request)["receipt_at"]
    assert [item["value"] for item in nl.run("received", request=request)] == [SUBSCRIBER]
    federation.stop("ro")
    federation.restart("ro")
    ro.act("liaison", "withdraw", record=record_of(ro, OWN_PHONE), reason="wrong person")
    federation.exchange()
    assert [item["state"] for item in nl.run("received", request=request)] == ["recalled"]
    assert hit_ids(nl)[hit["hit"]] == hit_ids(ro)[hit["hit"]] == "withdrawn"
    for name in NATIONS:
        assert set(federation[name].run("log.witness")["witnesses"].values()) == {"cosigned"}
        assert federation[name].run("log.verify")["ok"]
