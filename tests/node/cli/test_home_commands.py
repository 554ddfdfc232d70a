"""init, join and the first refusals, as an operator meets them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from comity.card import fingerprint_of, open_card
from comity.envelope import parse_envelope
from comity.roster import TrustedRoster
from node.adapters.home import Home
from node.adapters.world import SystemClock
from tests.node.cli.commands import done, free_port, new_home, process, run, signed_roster, told

INIT = ["--team", "nl", "--state", "NL", "--federation", "eu-thb", "--address", "nl.example:7443"]


def test_init_writes_a_card_with_the_fingerprint_that_it_shows(tmp_path: Path) -> None:
    shown = done("init", "--home", tmp_path / "nl", *INIT, "--name", "Team NL")
    envelope = parse_envelope((tmp_path / "nl" / "TEAM.card").read_bytes())
    card = open_card(envelope, "eu-thb", SystemClock().now())
    assert (card.team, card.state, card.name, card.address) == ("nl", "NL", "Team NL", "nl.example:7443")
    assert shown["fingerprint"] == fingerprint_of(envelope)
    assert shown["root_key"].endswith("offline/root.key")


def test_init_listens_on_the_port_of_the_address_unless_told_otherwise(tmp_path: Path) -> None:
    done("init", "--home", tmp_path / "nl", *INIT)
    assert Home(tmp_path / "nl").settings({}).listen == "0.0.0.0:7443"


def test_what_init_writes_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    done("init", "--home", tmp_path / "nl", *INIT)
    for path in (tmp_path / "nl").glob("*/*.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "nl").stat().st_mode) == 0o700


def test_init_never_overwrites_keys(tmp_path: Path) -> None:
    home = new_home(tmp_path, "nl")
    before = (home / "keys" / "signing.key").read_bytes()
    code, answer = told("init", "--home", home, *INIT)
    assert (code, answer["error"]["code"]) == (1, "home-exists")
    assert (home / "keys" / "signing.key").read_bytes() == before


@pytest.mark.parametrize(
    ("option", "value", "field"),
    [
        ("--team", "NL", "team"),
        ("--state", "nl", "state"),
        ("--state", "", "state"),
        ("--federation", "e u", "federation"),
        ("--address", "nowhere", "address"),
        ("--listen", "nowhere", "address"),
    ],
)
def test_init_refuses_bad_input_and_leaves_nothing_behind(
    tmp_path: Path, option: str, value: str, field: str
) -> None:
    given = dict(zip(INIT[::2], INIT[1::2], strict=True)) | {option: value}
    words = [word for pair in given.items() for word in pair]
    code, answer = told("init", "--home", tmp_path / "nl", *words)
    assert (code, answer["error"]["field"]) == (2, field)
    assert not (tmp_path / "nl").exists()


def test_a_private_member_has_no_state(tmp_path: Path) -> None:
    words = ["--team", "ngo", "--federation", "eu-thb", "--address", "ngo.example:7443", "--class", "private"]
    assert done("init", "--home", tmp_path / "ngo", *words)["team"] == "ngo"


def test_join_pins_the_roster_of_a_node_that_does_not_run(tmp_path: Path) -> None:
    homes = [new_home(tmp_path, team) for team in ("it", "nl")]
    roster, fingerprint = signed_roster(tmp_path, homes)
    joined = done("join", roster, "--home", homes[0], "--fingerprint", fingerprint)
    assert (joined["version"], joined["members"], joined["fingerprint"]) == (1, ["it", "nl"], fingerprint)


def test_join_without_a_fingerprint_says_whom_to_ask(tmp_path: Path) -> None:
    homes = [new_home(tmp_path, team) for team in ("it", "nl")]
    roster, _ = signed_roster(tmp_path, homes)
    code, answer = told("join", roster, "--home", homes[0])
    assert (code, answer["error"]["field"]) == (1, "fingerprint")
    assert "a member you know" in answer["error"]["remedy"]


def test_a_node_follows_to_the_second_version_while_it_is_stopped(tmp_path: Path) -> None:
    homes = [new_home(tmp_path, team) for team in ("it", "nl")]
    first, fingerprint = signed_roster(tmp_path, homes)
    done("join", first, "--home", homes[0], "--fingerprint", fingerprint)
    ro, second = new_home(tmp_path, "ro"), tmp_path / "second.roster"
    words = ("--federation", "eu-thb", "--threshold", "2", "--previous", first, "--card", ro / "TEAM.card")
    done("roster", "draft", *words, "-o", second)
    for home in homes:
        done("roster", "sign", second, "--root-key", home / "offline" / "root.key")
    followed = done("roster", "follow", second, "--home", homes[0])
    assert (followed["version"], followed["members"]) == (2, ["it", "nl", "ro"])


def test_a_node_that_has_not_joined_does_not_serve(tmp_path: Path) -> None:
    code, answer = told("serve", "--home", new_home(tmp_path, "nl", port=free_port()))
    assert (code, "join" in answer["error"]["remedy"]) == (1, True)


def test_a_command_without_its_node_says_how_to_start_it_and_exits_with_3(tmp_path: Path) -> None:
    home = new_home(tmp_path, "nl")
    code, answer = told("hits", "--home", home)
    assert (code, answer["error"]["code"]) == (3, "not-running")
    assert answer["error"]["remedy"] == f"start it with `comity-node serve --home {home}`"


def test_a_folder_without_a_node_is_named_as_such(tmp_path: Path) -> None:
    for words in (["status"], ["serve"], ["backup", str(tmp_path / "x")]):
        code, answer = told(*words, "--home", tmp_path / "empty")
        assert (code, answer["error"]["code"]) == (1, "no-node")


def test_the_home_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_HOME", str(new_home(tmp_path, "nl")))
    assert told("hits")[1]["error"]["code"] == "not-running"


def test_errors_for_a_person_have_words_a_way_out_and_no_traceback(tmp_path: Path) -> None:
    with process("node.cli.node", "join", tmp_path / "none", "--home", new_home(tmp_path, "nl")) as found:
        output, errors = found.communicate(timeout=20)
    assert (found.returncode, output) == (2, "")
    assert errors.splitlines()[0] == "The roster file cannot be read."
    assert "way out: " in errors
    assert "Traceback" not in errors


def test_every_command_shows_an_example() -> None:
    for words in _leaves():
        code, output = run(*words, "--help")
        assert code == 0
        assert "Example: " in output, words


def _leaves() -> list[list[str]]:
    import typer.main

    from node.cli.node import app

    found: list[list[str]] = []

    def walk(command: object, path: list[str]) -> None:
        inner = getattr(command, "commands", None)
        if inner is None:
            found.append(path)
            return
        for name, each in inner.items():
            walk(each, [*path, name])

    walk(typer.main.get_command(app), [])
    assert len(found) > 50
    return found


def test_the_roster_that_the_commands_make_is_one_that_a_member_trusts(tmp_path: Path) -> None:
    homes = [new_home(tmp_path, team) for team in ("it", "nl")]
    roster, fingerprint = signed_roster(tmp_path, homes)
    trusted = TrustedRoster.pin(parse_envelope(roster.read_bytes()), fingerprint, SystemClock().now())
    assert dict(trusted.holders) == {1: "it", 2: "nl"}
