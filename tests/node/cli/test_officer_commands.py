"""Officers' keys: made by the officer, certified with the root key, never readable by others."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from comity.envelope import parse_envelope
from comity.officer_key import OfficerKey
from comity.v1.roster_pb2 import OfficerCertificate
from node.cli.client import roles_of
from tests.node.cli.commands import done, new_home, new_officer, told


def test_a_new_key_is_its_officers_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "o.key"
    answer = done("officer", "new", "officer-1", "--team", "nl", "-o", path)
    key = OfficerKey.from_text(path.read_text())
    assert (key.team, key.officer, answer["protected"]) == ("nl", "officer-1", False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_public_half_holds_no_secret(tmp_path: Path) -> None:
    done("officer", "new", "officer-1", "--team", "nl", "-o", tmp_path / "o.key")
    secret = (tmp_path / "o.key").read_text().splitlines()[-2]
    assert secret not in (tmp_path / "o.key.pub").read_text()


def test_a_passphrase_from_the_environment_protects_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORDS", "correct horse")
    path = tmp_path / "o.key"
    words = ("officer", "new", "officer-1", "--team", "nl", "-o", path, "--passphrase-env", "WORDS")
    assert done(*words)["protected"] is True
    assert OfficerKey.from_text(path.read_text(), "correct horse").officer == "officer-1"


def test_an_empty_passphrase_variable_does_not_make_an_unprotected_key(tmp_path: Path) -> None:
    words = ("officer", "new", "officer-1", "--team", "nl", "-o", tmp_path / "o.key")
    code, answer = told(*words, "--passphrase-env", "NOT_SET_ANYWHERE")
    assert (code, answer["error"]["field"]) == (2, "passphrase-env")
    assert not (tmp_path / "o.key").exists()


def test_a_protected_key_is_opened_by_the_passphrase_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORDS", "correct horse")
    home, path = new_home(tmp_path, "nl"), tmp_path / "o.key"
    done("officer", "new", "officer-1", "--home", home, "-o", path, "--passphrase-env", "WORDS")
    root = ("--root-key", home / "offline" / "root.key", "--home", home)
    words = ("officer", "certify", path, "--role", "R-LO", *root, "-o", tmp_path / "o.cert")
    code, answer = told(*words)
    assert (code, answer["error"]["code"]) == (1, "passphrase-needed")
    monkeypatch.setenv("COMITY_OFFICER_PASSPHRASE", "wrong horse")
    assert told(*words)[1]["error"]["code"] == "wrong-passphrase"
    monkeypatch.setenv("COMITY_OFFICER_PASSPHRASE", "correct horse")
    assert done(*words)["officer"] == "officer-1"


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    words = ("officer", "new", "officer-1", "--team", "nl", "-o", tmp_path / "o.key")
    done(*words)
    before = (tmp_path / "o.key").read_bytes()
    assert told(*words)[1]["error"]["code"] == "file-exists"
    assert (tmp_path / "o.key").read_bytes() == before


def test_a_certificate_binds_the_public_key_to_its_roles(tmp_path: Path) -> None:
    home = new_home(tmp_path, "nl")
    key = new_officer(tmp_path, home, "officer-1", "R-LO", "R-CO")
    envelope = parse_envelope(key.with_suffix(".cert").read_bytes())
    certificate = OfficerCertificate.FromString(envelope.payload)
    assert certificate.public_key == OfficerKey.from_text(key.read_text()).public
    assert (certificate.federation, certificate.team, roles_of(envelope)) == (
        "eu-thb",
        "nl",
        ("R-CO", "R-LO"),
    )


def test_a_word_that_is_no_role_is_refused(tmp_path: Path) -> None:
    home = new_home(tmp_path, "nl")
    done("officer", "new", "officer-1", "--home", home, "-o", tmp_path / "o.key")
    words = ("--role", "boss", "--root-key", home / "offline" / "root.key", "--home", home)
    code, answer = told("officer", "certify", tmp_path / "o.key.pub", *words, "-o", tmp_path / "o.cert")
    assert (code, answer["error"]["field"]) == (2, "roles")
