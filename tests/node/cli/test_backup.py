"""backup and restore: one consistent file, and never over something."""

from __future__ import annotations

import io
import json
import sqlite3
import stat
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from tests.node.cli.commands import done, new_home, signed_roster, told


@pytest.fixture
def home(tmp_path: Path) -> Path:
    homes = [new_home(tmp_path, team) for team in ("nl", "it")]
    roster, fingerprint = signed_roster(tmp_path, homes)
    done("join", roster, "--home", homes[0], "--fingerprint", fingerprint)
    return homes[0]


def _rows(home: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(home / "node.db")) as found:
        return [tuple(row) for row in found.execute("SELECT version, envelope FROM roster")]


def test_a_restored_node_is_the_node_that_was_backed_up(tmp_path: Path, home: Path) -> None:
    done("backup", tmp_path / "nl.backup", "--home", home)
    done("restore", tmp_path / "nl.backup", "--home", tmp_path / "again")
    for name in ("keys/kek.key", "keys/signing.key", "keys/authority.pem", "TEAM.card", "settings.toml"):
        assert (tmp_path / "again" / name).read_bytes() == (home / name).read_bytes()
    assert _rows(tmp_path / "again") == _rows(home)


def test_a_backup_is_private_and_holds_no_root_key(tmp_path: Path, home: Path) -> None:
    answer = done("backup", tmp_path / "nl.backup", "--home", home)
    assert stat.S_IMODE((tmp_path / "nl.backup").stat().st_mode) == 0o600
    assert not any("root.key" in name or "leaf" in name for name in answer["parts"])
    root = (home / "offline" / "root.key").read_bytes().strip()
    assert root not in (tmp_path / "nl.backup").read_bytes()


def test_a_backup_sees_what_another_connection_has_committed_to_its_write_ahead_log(
    tmp_path: Path, home: Path
) -> None:
    with closing(sqlite3.connect(home / "node.db")) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE late (word TEXT)")
        writer.execute("INSERT INTO late VALUES ('here')")
        writer.commit()
        done("backup", tmp_path / "nl.backup", "--home", home)
    done("restore", tmp_path / "nl.backup", "--home", tmp_path / "again")
    with closing(sqlite3.connect(tmp_path / "again" / "node.db")) as found:
        assert found.execute("SELECT word FROM late").fetchall() == [("here",)]


def test_nothing_is_overwritten(tmp_path: Path, home: Path) -> None:
    done("backup", tmp_path / "nl.backup", "--home", home)
    before = (tmp_path / "nl.backup").read_bytes()
    assert told("backup", tmp_path / "nl.backup", "--home", home)[1]["error"]["code"] == "file-exists"
    assert told("restore", tmp_path / "nl.backup", "--home", home)[1]["error"]["code"] == "not-empty"
    assert (tmp_path / "nl.backup").read_bytes() == before


def test_a_damaged_backup_restores_nothing(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "nl.backup"
    done("backup", path, "--home", home)
    data = bytearray(path.read_bytes())
    data[-20_000] ^= 1  # inside the database
    path.write_bytes(data)
    code, answer = told("restore", path, "--home", tmp_path / "again")
    assert (code, answer["error"]["code"]) == (1, "corrupt")
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "offline/root.key"])  # noqa: S108 - never written
def test_a_backup_that_names_other_files_is_refused(tmp_path: Path, name: str) -> None:
    manifest = {"format": "comity-backup-1", "taken_at": "2026-11-21", "parts": {name: "00" * 32}}
    with tarfile.open(tmp_path / "bad", "w") as archive:
        for each, data in (("manifest.json", json.dumps(manifest).encode()), (name, b"x")):
            head = tarfile.TarInfo(each)
            head.size = len(data)
            archive.addfile(head, io.BytesIO(data))
    code, answer = told("restore", tmp_path / "bad", "--home", tmp_path / "again")
    assert (code, answer["error"]["code"]) == (2, "malformed")
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("content", [b"", b"nonsense" * 200, b"\x00" * 10240])
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad").write_bytes(content)
    code, answer = told("restore", tmp_path / "bad", "--home", tmp_path / "again")
    assert (code, answer["error"]["code"]) == (2, "malformed")


def test_the_restored_node_uses_the_database_in_its_own_folder(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    words = ("--team", "nl", "--state", "NL", "--federation", "eu-thb", "--address", "127.0.0.1:7443")
    done("init", "--home", tmp_path / "nl", *words, "--database", database)
    done("backup", tmp_path / "nl.backup", "--home", tmp_path / "nl")
    done("restore", tmp_path / "nl.backup", "--home", tmp_path / "again")
    assert "elsewhere" not in (tmp_path / "again" / "settings.toml").read_text()
    assert (tmp_path / "again" / "node.db").exists()
