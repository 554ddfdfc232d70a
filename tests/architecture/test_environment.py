"""The ground under everything else: the Python that is picked, the servers that tests find or start."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import psycopg
import pytest

from tests import servers
from tests.architecture.sources import ROOT


def find_python(names: str) -> subprocess.CompletedProcess[str]:
    program = ["sh", str(ROOT / "scripts" / "find_python.sh")]
    return subprocess.run(
        program, env={"PYTHON": names, "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False
    )


def program(folder: Path, name: str, *lines: str) -> str:
    path = folder / name
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return str(path)


def test_the_first_python_that_works_is_picked(tmp_path: Path) -> None:
    broken = program(tmp_path, "broken", "exit 1")
    answer = find_python(f"no-such-python {broken} {sys.executable}")
    assert answer.stdout.strip() == sys.executable


def test_a_python_that_will_not_do_is_named_with_the_reason_and_the_way_out(tmp_path: Path) -> None:
    old = program(tmp_path, "old", "echo is Python 3.9 >&2", "exit 1")
    answer = find_python(f"no-such-python {old}")
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert f"{old}: is Python 3.9" in answer.stderr
    assert "no-such-python: is not there" in answer.stderr
    assert "make env PYTHON=" in answer.stderr


def test_every_locked_requirement_has_a_hash() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        entries = (ROOT / lock).read_text().replace("\\\n", " ").splitlines()
        pinned = [entry for entry in entries if entry and not entry.lstrip().startswith("#")]
        assert pinned
        assert [entry for entry in pinned if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_both_locks_agree_and_hold_every_dependency_of_the_project() -> None:
    run, dev = (pins(ROOT / name) for name in ("requirements.lock", "requirements-dev.lock"))
    assert {name: version for name, version in run.items() if dev.get(name) != version} == {}
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {requirement.partition(">=")[0].partition("[")[0] for requirement in wanted}
    assert names <= set(run)


def pins(lock: Path) -> dict[str, str]:
    """Name and version of every entry."""
    entries = [line.split(" ")[0] for line in lock.read_text().splitlines() if line[:1].isalnum()]
    parts = [entry.partition("==") for entry in entries]
    return {name.partition("[")[0]: version for name, _, version in parts}


def test_a_database_for_a_test_is_empty_and_gone_afterwards(postgres_server: str) -> None:
    count = "select count(*) from pg_tables where schemaname = 'public'"
    with (
        servers.fresh_database(postgres_server) as url,
        psycopg.connect(servers.plain(url)) as connection,
    ):
        assert connection.execute(count).fetchone() == (0,)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(servers.plain(url))


@pytest.mark.system
def test_a_database_server_of_our_own_starts_where_none_is() -> None:
    with servers.fresh_database(servers.start_postgres()) as url:
        assert "127.0.0.1" in url


def test_the_environment_names_the_servers_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(servers.POSTGRES_VARIABLE, "postgresql+psycopg://there/db")
    monkeypatch.setenv(servers.NATS_VARIABLE, "nats://there:4222")
    servers.postgres_url.cache_clear()
    servers.nats_url.cache_clear()
    try:
        assert (servers.postgres_url(), servers.nats_url()) == (
            "postgresql+psycopg://there/db",
            "nats://there:4222",
        )
    finally:
        servers.postgres_url.cache_clear()
        servers.nats_url.cache_clear()
