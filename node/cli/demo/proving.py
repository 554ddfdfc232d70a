"""Step 8: the log is cosigned and verified, a bundle is checked without a node, a changed byte is found."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from node.cli.demo.nation import Nation
from node.cli.demo.processes import clean_environment, program
from node.cli.demo.stage import Stage
from node.cli.demo.waiting import StepFailed

VERIFY_SECONDS = 60


def prove(stage: Stage) -> None:
    """All that the log can show."""
    stage.tell.step("The log: witnessed, verified, exported, and what happens to a changed byte")
    logs = {nation.id: _witnessed(stage, nation) for nation in stage.nations}
    stage.report.log["nodes"] = logs
    stage.tell.table(
        [
            {
                "node": team,
                "holds": found["ok"],
                "records": found["records"],
                "cosigned by": found["witnesses"],
            }
            for team, found in logs.items()
        ]
    )
    stage.report.log["bundles"] = [_bundle(stage, each) for each in stage.report.disclosures]
    if not stage.report.log["bundles"]:
        stage.tell.say("Nothing was disclosed, so there is no bundle to export.")
    stage.report.log["tampered"] = _tamper(stage, stage.nations[0])


def _witnessed(stage: Stage, nation: Nation) -> dict[str, Any]:
    """The verdict on a node's log, once every other node and the broker have cosigned all of it."""
    witnesses = len(stage.nations)  # the others, and the broker

    def cosigned() -> dict[str, Any] | None:
        nation.ask("log.witness")
        found: dict[str, Any] = nation.ask("log.verify")
        if not found["ok"]:
            raise StepFailed(f"The log does not hold: {'; '.join(found['faults'])}", field=nation.id)
        return found if not found["not_yet_cosigned"] and len(found["witnesses"]) == witnesses else None

    found: dict[str, Any] = stage.until(cosigned, "the log is cosigned by all", node=nation.id)
    return {name: found[name] for name in ("ok", "records", "witnesses", "root")}


def _bundle(stage: Stage, disclosure: dict[str, Any]) -> dict[str, Any]:
    """Exports what a court would get, and checks it with the stand-alone verifier."""
    provider = stage.federation[disclosure["from"]]
    found = provider.ask("log.export", subject=f"disclosure:{disclosure['disclosure']}", content=True)
    folder = stage.federation.folder / "bundles"
    folder.mkdir(exist_ok=True, mode=0o700)
    path = folder / f"{disclosure['request']}.bundle"
    path.write_bytes(base64.b64decode(found["bundle"]))
    path.chmod(0o600)
    ended = subprocess.run(
        [
            *program("comity-verify"),
            str(path),
            "--roster-fingerprint",
            stage.federation.fingerprint,
            "--json",
        ],
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=VERIFY_SECONDS,
        check=False,
    )
    if ended.returncode:
        raise StepFailed(
            f"comity-verify refuses the bundle about {disclosure['request']}: {_faults(ended.stdout)}",
            field=provider.id,
        )
    checks = json.loads(ended.stdout)["checks"]
    stage.tell.say(
        f"comity-verify {path.name} --roster-fingerprint {stage.federation.fingerprint[:23]}…: "
        f"no check failed of {len(checks)}."
    )
    return {"request": disclosure["request"], "ok": True, "checks": len(checks)}


def _faults(said: str) -> str:
    try:
        return "; ".join(each["words"] for each in json.loads(said)["checks"] if each["outcome"] == "fail")
    except (ValueError, KeyError, TypeError):
        return "it said nothing"


def _tamper(stage: Stage, nation: Nation) -> dict[str, Any]:
    """Flips one byte of one record in a copy of the database, and has the copy verified offline."""
    with tempfile.TemporaryDirectory(prefix="comity-copy-") as folder:
        copy = Path(folder) / nation.id
        _copy_home(nation.home, copy)
        sound = _verify_offline(copy)
        record = _flip(copy / "node.db")
        found = _verify_offline(copy)
    if not sound["ok"]:
        raise StepFailed(f"A copy of the log does not hold: {'; '.join(sound['faults'])}", field=nation.id)
    if found["ok"]:
        raise StepFailed("A changed byte in a copy of the log was not found.", field=nation.id)
    stage.tell.say(f"In a copy of {nation.id}'s database, one byte of record {record} is changed:")
    first, *others = found["faults"]
    stage.tell.say(f"  {first}; and {len(others)} checkpoints that the witnesses cosigned no longer fit.")
    return {"node": nation.id, "found": True}


def _copy_home(home: Path, copy: Path) -> None:
    """Settings, keys and a consistent copy of a database that is in use."""
    copy.mkdir(mode=0o700)
    shutil.copytree(home / "keys", copy / "keys")
    shutil.copy(home / "settings.toml", copy)
    with (
        closing(sqlite3.connect(home / "node.db")) as source,
        closing(sqlite3.connect(copy / "node.db")) as to,
    ):
        source.backup(to)


def _verify_offline(home: Path) -> dict[str, Any]:
    from node.bootstrap import Parts
    from node.service import witnessing

    parts = Parts(home, {})
    try:
        return witnessing.verify(parts.node)
    finally:
        parts.close()


def _flip(database: Path) -> int:
    """Changes the last byte before the closing brace of the record in the middle; returns its index."""
    with closing(sqlite3.connect(database)) as connection:
        (count,) = connection.execute("select count(*) from log_leaf").fetchone()
        index = count // 2
        (record,) = connection.execute('select record from log_leaf where "index" = ?', (index,)).fetchone()
        changed = record[:-3] + bytes([record[-3] ^ 1]) + record[-2:]
        connection.execute('update log_leaf set record = ? where "index" = ?', (changed, index))
        connection.commit()
    return int(index)
