"""Each node's log: verified, witnessed, exported for a supervisor, and what a rolled-back database shows."""

from __future__ import annotations

import base64
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from comity.log.bundle import Report, check_bundle
from node.records import LogCheckpoint, LogLeaf
from node.service import witnessing
from tests.scenarios.stories import (
    NATIONS,
    OTHER_PHONE,
    PHONE,
    SUBSCRIBER,
    alarms,
    hold,
    met_on,
    only_hit,
    phones,
)
from tests.simulator import Federation

URGENT = {"urgency": "U2", "urgency_reasons": "a victim is to be moved tonight", "exception": "b"}


@pytest.fixture
def met(tmp_path: Path) -> Federation:
    """The Netherlands and Romania hold one number."""
    return met_on(tmp_path, {"nl": phones(PHONE), "ro": phones(PHONE)})


def exported(federation: Federation, team: str, subject: str, **more: Any) -> bytes:
    return base64.b64decode(federation[team].run("log.export", subject=subject, **more)["bundle"])


def checked(federation: Federation, bundle: bytes) -> Report:
    return check_bundle(bundle, fingerprint=federation.fingerprint, now=federation.clock.now())


def outcomes(report: Report) -> dict[int, str]:
    return {check.number: str(check.outcome) for check in report.checks}


def test_every_nodes_log_verifies_and_is_witnessed_by_all_others(met: Federation) -> None:
    for name in NATIONS:
        assert set(met[name].run("log.witness")["witnesses"].values()) == {"cosigned"}
        verified = met[name].run("log.verify")
        assert verified["ok"]
        assert verified["faults"] == []
        assert len(verified["witnesses"]) == 3
        assert verified["not_yet_cosigned"] == 0


def test_an_act_of_each_sort_is_in_the_log(met: Federation) -> None:
    request, _ = met.ask("nl", only_hit(met["nl"]), **URGENT)
    met.answer("ro", request)
    done = {row["operation"] for row in met["ro"].run("log.list", last=1_000)}
    assert done >= {"collection", "consultation", "disclosure", "combination", "alteration"}


def test_the_log_holds_no_selector_no_value_and_no_case_in_clear(met: Federation) -> None:
    request, _ = met.ask("nl", only_hit(met["nl"]), **URGENT)
    met.answer("ro", request)
    for name in ("nl", "ro"):
        log = str(met[name].run("log.list", last=1_000))
        for word in (PHONE, SUBSCRIBER, "Verzonnen", "NL-CASE-1", "NL-2026-1"):
            assert word not in log


def test_a_disclosure_is_proven_to_a_supervisor_with_its_content_and_its_approvals(met: Federation) -> None:
    request, _ = met.ask("nl", only_hit(met["nl"]), **URGENT)
    done = met.answer("ro", request)
    met["ro"].run("log.witness")
    hold(met["ro"], *phones(OTHER_PHONE))
    bundle = exported(met, "ro", f"disclosure:{done['disclosure']}", content=True)
    report = checked(met, bundle)
    assert report.ok
    found = outcomes(report)
    assert {found[number] for number in (1, 2, 3, 4, 5, 6, 8, 9)} == {"pass"}
    words = " ".join(check.words for check in report.checks)
    assert "liaison-officer" in words


def test_a_bundle_with_one_changed_byte_of_the_content_fails(met: Federation) -> None:
    request, _ = met.ask("nl", only_hit(met["nl"]), **URGENT)
    done = met.answer("ro", request)
    bundle = exported(met, "ro", f"disclosure:{done['disclosure']}", content=True)
    at = (
        bundle.index(SUBSCRIBER.encode())
        if SUBSCRIBER.encode() in bundle
        else bundle.index(b'"content"') + 16
    )
    forged = bundle[:at] + bytes([bundle[at] ^ 1]) + bundle[at + 1 :]
    with suppress(ValueError):  # not even a bundle any more
        assert not checked(met, forged).ok


def test_without_content_a_bundle_shows_that_it_happened_and_nothing_of_what(met: Federation) -> None:
    request, _ = met.ask("nl", only_hit(met["nl"]), **URGENT)
    done = met.answer("ro", request)
    bundle = exported(met, "ro", f"disclosure:{done['disclosure']}")
    assert checked(met, bundle).ok
    assert b"Verzonnen" not in bundle
    assert base64.b64encode(b"Verzonnen")[:8] not in bundle


def test_a_bundle_checked_against_another_federation_fails(met: Federation) -> None:
    bundle = exported(met, "nl", "all")
    report = check_bundle(bundle, fingerprint="sha256:" + "00" * 32, now=met.clock.now())
    assert not report.ok


def test_a_changed_record_is_found(met: Federation) -> None:
    met["nl"].run("log.witness")
    with met["nl"].node.store.write() as session:
        leaf = session.get(LogLeaf, 3)
        assert leaf is not None
        leaf.record = leaf.record.replace(b"2026", b"2027")
        session.add(leaf)
    verified = met["nl"].run("log.verify")
    assert not verified["ok"]
    assert any("record 3" in fault for fault in verified["faults"])


def test_a_record_changed_together_with_its_hash_is_found_by_the_signed_root(met: Federation) -> None:
    from comity.log.merkle import leaf_hash

    met["nl"].run("log.witness")
    with met["nl"].node.store.write() as session:
        leaf = session.get(LogLeaf, 3)
        assert leaf is not None
        leaf.record = leaf.record.replace(b"2026", b"2027")
        leaf.leaf_hash = leaf_hash(leaf.record)
        session.add(leaf)
    assert not met["nl"].run("log.verify")["ok"]


@pytest.mark.parametrize("which", ["first", "last"])
def test_a_removed_record_is_found(met: Federation, which: str) -> None:
    met["nl"].run("log.witness")
    with met["nl"].node.store.write() as session:
        rows = session.exec(select(LogLeaf)).all()
        indices = sorted(row.index for row in rows)
        session.delete(next(row for row in rows if row.index == indices[0 if which == "first" else -1]))
    assert not met["nl"].run("log.verify")["ok"]


def test_a_forged_cosignature_is_found(met: Federation) -> None:
    met["nl"].run("log.witness")
    with met["nl"].node.store.write() as session:
        (point,) = session.exec(select(LogCheckpoint)).all()
        lines = point.note.splitlines()
        lines[-1] = lines[-1][:-4] + ("AAA=" if not lines[-1].endswith("AAA=") else "BBB=")
        point.note = "\n".join(lines) + "\n"
        session.add(point)
    assert not met["nl"].run("log.verify")["ok"]


def test_a_database_put_back_to_yesterday_is_noticed_by_the_witnesses(met: Federation) -> None:
    nl = met["nl"]
    met.stop("nl")
    saved = met.folder / "yesterday.db"
    shutil.copy(met.folder / "nl" / "node.db", saved)
    met.restart("nl")
    hold(nl, *phones(OTHER_PHONE))
    nl.run("publish")
    assert set(nl.run("log.witness")["witnesses"].values()) == {"cosigned"}
    met.stop("nl")
    for file in (met.folder / "nl").glob("node.db*"):
        file.unlink()
    shutil.copy(saved, met.folder / "nl" / "node.db")
    met.restart("nl")
    said = nl.run("log.witness")["witnesses"]
    assert set(said) == {"it", "ro", "hub"}
    assert all("rolled back" in words for words in said.values())
    assert alarms(nl)["log-contradiction"] == 3


def test_a_log_that_goes_on_differently_after_a_rollback_is_a_fork_that_witnesses_keep(
    met: Federation,
) -> None:
    nl = met["nl"]
    met.stop("nl")
    saved = met.folder / "yesterday.db"
    shutil.copy(met.folder / "nl" / "node.db", saved)
    met.restart("nl")
    hold(nl, *phones(OTHER_PHONE))
    nl.run("log.witness")
    met.stop("nl")
    for file in (met.folder / "nl").glob("node.db*"):
        file.unlink()
    shutil.copy(saved, met.folder / "nl" / "node.db")
    met.restart("nl")
    for number in range(3):
        hold(nl, *phones(f"+4073155520{number}"), case=f"NL-2026-{number + 7}")
    said = nl.run("log.witness")["witnesses"]
    assert "cosigned" not in said.values()
    assert alarms(met["ro"])["log-fork"] == 1, "the witness keeps both notes"
    assert alarms(nl)["log-contradiction"] == 3


def test_a_witness_that_is_down_is_asked_again_later(met: Federation) -> None:
    met.network.down = {"ro"}
    met.broker.running = False
    said = met["nl"].run("log.witness")["witnesses"]
    assert said["it"] == "cosigned"
    assert "cosigned" not in (said["ro"], said["hub"])
    met.network.down, met.broker.running = set(), True
    assert set(met["nl"].run("log.witness")["witnesses"].values()) == {"cosigned"}
    assert met["nl"].run("log.verify")["ok"]
    assert len(met["nl"].run("log.verify")["witnesses"]) == 3


def test_the_bundle_of_a_log_that_grew_proves_that_it_only_grew(met: Federation) -> None:
    met["nl"].run("log.witness")
    hold(met["nl"], *phones(OTHER_PHONE))
    report = checked(met, exported(met, "nl", "all"))
    assert report.ok
    assert outcomes(report)[6] == "pass"
    assert witnessing.newest_note(met["nl"].node)
