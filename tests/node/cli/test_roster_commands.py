"""Rosters: composed, signed, combined and shown without any node."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.node.cli.commands import done, new_home, run, signed_roster, told


@pytest.fixture
def homes(tmp_path: Path) -> list[Path]:
    return [new_home(tmp_path, team) for team in ("it", "nl", "ro")]


def _draft(folder: Path, homes: list[Path], *more: str | Path) -> Path:
    cards = [word for home in homes for word in ("--card", home / "TEAM.card")]
    path = folder / "roster.draft"
    done("roster", "draft", "--federation", "eu-thb", "--threshold", "2", *cards, *more, "-o", path)
    return path


def test_a_draft_names_every_card_by_the_fingerprint_its_team_reads_out(tmp_path: Path) -> None:
    home = tmp_path / "nl"
    words = ("--team", "nl", "--state", "NL", "--federation", "eu-thb", "--address", "127.0.0.1:7443")
    fingerprint = done("init", "--home", home, *words)["fingerprint"]
    cards = ("--card", home / "TEAM.card", "--card", new_home(tmp_path, "it") / "TEAM.card")
    answer = done(
        "roster", "draft", "--federation", "eu-thb", "--threshold", "2", *cards, "-o", tmp_path / "draft"
    )
    assert answer["cards"]["nl"] == fingerprint
    assert (answer["root_threshold"], answer["signed_by"]) == (2, [])


def test_signing_in_place_twice_adds_one_signature(tmp_path: Path, homes: list[Path]) -> None:
    draft = _draft(tmp_path, homes)
    for _ in range(2):
        answer = done("roster", "sign", draft, "--root-key", homes[0] / "offline" / "root.key")
        assert answer["signed_by"] == ["it"]


def test_signing_into_a_new_file_leaves_the_draft_alone(tmp_path: Path, homes: list[Path]) -> None:
    draft = _draft(tmp_path, homes)
    before = draft.read_bytes()
    root = homes[0] / "offline" / "root.key"
    done("roster", "sign", draft, "--root-key", root, "-o", tmp_path / "signed")
    assert draft.read_bytes() == before
    code, answer = told("roster", "sign", draft, "--root-key", root, "-o", tmp_path / "signed")
    assert (code, answer["error"]["code"]) == (1, "file-exists")


def test_a_key_of_nobody_in_the_roster_does_not_sign(tmp_path: Path, homes: list[Path]) -> None:
    stranger = new_home(tmp_path, "be") / "offline" / "root.key"
    draft = _draft(tmp_path, homes)
    code, answer = told("roster", "sign", draft, "--root-key", stranger)
    assert (code, answer["error"]["code"]) == (2, "foreign-key")
    signed = done("roster", "sign", draft, "--root-key", stranger, "--leaving")
    assert (signed["signed_by"], signed["other_signatures"]) == ([], 1)


def test_combining_gathers_the_signatures_of_all_copies(tmp_path: Path, homes: list[Path]) -> None:
    roster, fingerprint = signed_roster(tmp_path, homes)
    shown = done("roster", "show", roster)
    assert (shown["signed_by"], shown["fingerprint"]) == (["it", "nl", "ro"], fingerprint)


def test_copies_of_different_rosters_are_not_combined(tmp_path: Path, homes: list[Path]) -> None:
    one = _draft(tmp_path, homes).rename(tmp_path / "one")
    two = _draft(tmp_path, homes, "--mode", "exercise")
    code, answer = told("roster", "combine", one, two, "-o", tmp_path / "both")
    assert (code, answer["error"]["field"]) == (2, "rosters")
    assert not (tmp_path / "both").exists()


def test_a_roster_that_came_by_mail_is_read_between_its_lines(tmp_path: Path, homes: list[Path]) -> None:
    draft = _draft(tmp_path, homes)
    body = base64.encodebytes(draft.read_bytes()).decode()
    mailed = tmp_path / "mailed"
    mailed.write_text(f"-----BEGIN COMITY ROSTER-----\r\n{body}-----END COMITY ROSTER-----\n")
    assert done("roster", "show", mailed) == done("roster", "show", draft)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"-----BEGIN X-----\n!!\n-----END X-----\n"])
def test_what_is_no_roster_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad").write_bytes(content)
    code, answer = told("roster", "show", tmp_path / "bad")
    assert (code, answer["error"]["code"]) == (2, "malformed")


def test_a_threshold_that_nobody_can_reach_is_refused_and_nothing_is_written(
    tmp_path: Path, homes: list[Path]
) -> None:
    cards = [word for home in homes for word in ("--card", home / "TEAM.card")]
    words = ("--federation", "eu-thb", "--threshold", "4", *cards, "-o", tmp_path / "draft")
    code, answer = told("roster", "draft", *words)
    assert (code, answer["error"]["field"]) == (2, "share_threshold")
    assert not (tmp_path / "draft").exists()


def test_the_next_version_carries_its_members_over_and_lets_one_leave(
    tmp_path: Path, homes: list[Path]
) -> None:
    first, _ = signed_roster(tmp_path, homes)
    be, second = new_home(tmp_path, "be"), tmp_path / "second"
    words = ("--federation", "eu-thb", "--threshold", "2", "--previous", first, "--without", "ro")
    answer = done("roster", "draft", *words, "--card", be / "TEAM.card", "-o", second)
    shares = {each["team"]: each["share"] for each in answer["members"]}
    assert (answer["version"], shares) == (2, {"it": 1, "nl": 2, "be": 4})


def test_a_roster_for_a_person_lists_its_members(tmp_path: Path, homes: list[Path]) -> None:
    code, output = run("roster", "show", _draft(tmp_path, homes))
    assert code == 0
    assert "Roster of eu-thb, version 1" in output
    assert [line.split()[:3] for line in output.splitlines() if "member_state" in line] == [
        ["it", "IT", "member_state"],
        ["nl", "NL", "member_state"],
        ["ro", "RO", "member_state"],
    ]
