"""The node's folder and settings: what is wrong is said in words, and keys are never overwritten."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from comity.errors import ComityError, Conflict, Malformed
from node.adapters.home import FileKeys, Home, checked_settings
from node.ports.settings import Settings

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NEEDED: dict[str, Any] = {"federation": "lantern", "team": "nl", "listen": "127.0.0.1:7443"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "nl")
    made.create("nl", NOW)
    return made


def write(home: Home, text: str) -> None:
    (home.folder / "settings.toml").write_text(text)


def test_what_was_written_is_read_again(home: Home) -> None:
    home.write_settings({**NEEDED, "daily_quota": 500, "state": ""})
    assert home.settings({}) == checked_settings({**NEEDED, "daily_quota": 500})


def test_a_variable_overrides_the_file(home: Home) -> None:
    home.write_settings(NEEDED)
    assert home.settings({"COMITY_NODE_DAILY_QUOTA": "7", "COMITY_NODE_UNKNOWN": "x"}).daily_quota == 7


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("federation = ", "settings.toml"),
        ("this is not TOML", "settings.toml"),
        ('federation = "lantern"\nteam = "nl"\n', "listen"),
        ('federation = "lantern"\nteam = "nl"\nlisten = "x"\nquota = 3\n', "quota"),
        ('federation = "lantern"\nteam = "nl"\nlisten = "x"\ndaily_quota = 0\n', "daily_quota"),
        ('federation = "lantern"\nteam = "nl"\nlisten = "x"\nmail_days = 29\n', "mail_days"),
        ('federation = "lantern"\nteam = "nl"\nlisten = "x"\nproof_mode = "none"\n', "proof_mode"),
    ],
)
def test_a_wrong_setting_is_named_in_words(home: Home, text: str, field: str) -> None:
    write(home, text)
    with pytest.raises(Malformed) as wrong:
        home.settings({})
    assert wrong.value.field == field
    assert wrong.value.remedy
    assert "Traceback" not in str(wrong.value)
    assert "pydantic" not in str(wrong.value)


def test_every_fault_is_named_at_once(home: Home) -> None:
    write(home, 'federation = "lantern"\ndaily_quota = 0\nnonsense = 1\n')
    with pytest.raises(Malformed) as wrong:
        home.settings({})
    for field in ("team", "listen", "daily_quota", "nonsense"):
        assert field in wrong.value.message


def test_a_file_that_is_not_text_is_named(home: Home) -> None:
    (home.folder / "settings.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Malformed, match="not TOML"):
        home.settings({})


def test_a_missing_file_is_named_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(ComityError) as missing:
        Home(tmp_path).settings({})
    assert "settings.toml" in str(missing.value)


def test_keys_are_never_overwritten(home: Home) -> None:
    before = {path: path.read_bytes() for path in (home.folder / "keys").iterdir()}
    with pytest.raises(Conflict) as refused:
        home.create("nl", NOW)
    assert refused.value.code == "home-exists"
    assert {path: path.read_bytes() for path in (home.folder / "keys").iterdir()} == before


def test_secrets_are_readable_by_their_owner_alone(home: Home) -> None:
    secrets = [*(home.folder / "keys").glob("*.key"), home.folder / "offline" / "root.key"]
    assert len(secrets) == 5
    for path in secrets:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.folder.stat().st_mode) == 0o700


def test_no_two_nodes_have_the_same_keys(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "other")
    other.create("nl", NOW)
    for name in ("keys/kek.key", "keys/signing.key", "keys/sealing.key", "offline/root.key"):
        assert home.secret(name) != other.secret(name)
    assert FileKeys(home).signer.public != FileKeys(other).signer.public


@pytest.mark.parametrize("content", [b"", b"00", b"zz" * 32, b"\xff" * 64, b"00" * 33])
def test_a_damaged_key_is_named_and_none_of_its_content(home: Home, content: bytes) -> None:
    (home.folder / "keys" / "kek.key").write_bytes(content)
    with pytest.raises(Malformed) as damaged:
        home.secret("keys/kek.key")
    assert damaged.value.field == "keys/kek.key"
    assert "zz" not in str(damaged.value)


def test_the_database_lies_in_the_home_unless_it_is_said_otherwise(home: Home) -> None:
    assert home.database_url(checked_settings(NEEDED)) == f"sqlite:///{home.folder / 'node.db'}"
    elsewhere = checked_settings({**NEEDED, "database": "postgresql://db/comity"})
    assert home.database_url(elsewhere) == "postgresql://db/comity"


def test_the_socket_of_a_deep_folder_is_in_a_place_that_every_system_takes(tmp_path: Path) -> None:
    shallow, deep = Home(Path("/srv/nl")), Home(tmp_path / ("d" * 60) / ("e" * 60))
    assert shallow.socket == Path("/srv/nl/node.sock")
    assert len(str(deep.socket)) < 100
    assert deep.socket == Home(tmp_path / ("d" * 60) / ("e" * 60)).socket
    assert deep.socket != Home(tmp_path / ("d" * 60) / ("f" * 60)).socket


def test_every_setting_says_what_it_is() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
