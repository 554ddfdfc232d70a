"""The command line as a supervisor and an operator use it."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from broker.cli.app import app
from broker.home import Home
from comity.roster import fingerprint_of
from comity.transport import broker_card
from comity.v1 import broker_pb2, broker_pb2_grpc
from comity.v1.roster_pb2 import BrokerCard
from tests.broker.federation import channel, put, roster_of

ROOT = Path(__file__).resolve().parents[2]
INIT = ["--broker", "hub", "--federation", "eu-thb", "--address", "127.0.0.1:7443"]


def _run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def _json(*arguments: str) -> tuple[int, dict[str, Any]]:
    code, output = _run(*arguments, "--json")
    return code, json.loads(output)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    code, _ = _json("init", "--home", str(tmp_path / "hub"), *INIT)
    assert code == 0
    return tmp_path / "hub"


def _card(home: Path) -> BrokerCard:
    return broker_card.from_text((home / "hub.broker").read_text())


def _join(home: Path) -> dict[str, Any]:
    envelope = roster_of(_card(home))
    path = home / "first.roster"
    path.write_bytes(envelope.SerializeToString())
    code, result = _json("join", str(path), "--home", str(home), "--fingerprint", fingerprint_of(envelope))
    assert code == 0
    return result


def test_init_writes_a_card_with_the_fingerprint_that_it_shows(tmp_path: Path) -> None:
    code, result = _json("init", "--home", str(tmp_path / "hub"), *INIT, "--name", "The hub")
    assert code == 0
    card = broker_card.from_text(Path(result["card"]).read_text())
    assert (card.broker, card.name, card.address) == ("hub", "The hub", "127.0.0.1:7443")
    assert result["fingerprint"] == broker_card.card_fingerprint(card)


def test_init_never_overwrites_keys(home: Path) -> None:
    before = (home / "authority.key").read_bytes()
    code, result = _json("init", "--home", str(home), *INIT)
    assert (code, result["error"]["code"]) == (1, "home-exists")
    assert (home / "authority.key").read_bytes() == before


@pytest.mark.parametrize(
    ("option", "value"), [("--broker", "HUB"), ("--federation", "e u"), ("--address", "nowhere")]
)
def test_init_refuses_bad_input_and_leaves_nothing_behind(tmp_path: Path, option: str, value: str) -> None:
    arguments = [value if INIT[at - 1] == option else each for at, each in enumerate(INIT)]
    code, result = _json("init", "--home", str(tmp_path / "hub"), *arguments)
    assert code == 2
    assert result["error"]["field"] == option.removeprefix("--")
    assert not (tmp_path / "hub").exists()


def test_join_pins_and_status_shows_it(home: Path) -> None:
    joined = _join(home)
    assert joined["teams"] == ["it", "nl", "ro"]
    code, state = _json("status", "--home", str(home))
    assert code == 0
    assert (state["health"], state["roster_version"], state["mails"]) == ("stopped", 1, 0)
    assert state["roster_fingerprint"] == joined["fingerprint"]


def test_join_takes_a_roster_in_text_form(home: Path) -> None:
    envelope = roster_of(_card(home))
    body = base64.encodebytes(envelope.SerializeToString()).decode()
    path = home / "mailed.roster"
    path.write_text(f"-----BEGIN COMITY ROSTER-----\r\n{body}-----END COMITY ROSTER-----\n")
    code, result = _json("join", str(path), "--home", str(home), "--fingerprint", fingerprint_of(envelope))
    assert (code, result["version"]) == (0, 1)


@pytest.mark.parametrize("content", [None, b"", b"nonsense", b"-----BEGIN X-----\n!!\n-----END X-----\n"])
def test_join_refuses_what_is_no_roster(home: Path, content: bytes | None) -> None:
    path = home / "bad.roster"
    if content is not None:
        path.write_bytes(content)
    code, result = _json("join", str(path), "--home", str(home), "--fingerprint", "sha256:" + "0" * 64)
    assert code in {1, 2}
    assert result["error"]["message"]


def test_join_without_a_fingerprint_says_where_to_get_it(home: Path) -> None:
    path = home / "first.roster"
    path.write_bytes(roster_of(_card(home)).SerializeToString())
    code, result = _json("join", str(path), "--home", str(home))
    assert (code, result["error"]["code"]) == (1, "fingerprint-needed")


def test_words_for_a_person_have_no_traceback_and_name_the_way_out(tmp_path: Path) -> None:
    code, output = _run("status", "--home", str(tmp_path))
    assert code == 2
    assert "way out" in output
    assert "Traceback" not in output


def test_status_for_a_person_is_a_table(home: Path) -> None:
    code, output = _run("status", "--home", str(home))
    assert code == 0
    assert "Broker hub" in output
    assert "stopped" in output


def test_a_missing_option_is_bad_usage() -> None:
    assert _run("serve")[0] == 2


def test_a_database_that_is_away_is_unavailable(home: Path) -> None:
    url = "postgresql+psycopg://nobody@127.0.0.1:9/none?connect_timeout=2"
    code, result = _json("status", "--home", str(home), "--database", url)
    assert (code, result["error"]["code"]) == (3, "database")


def test_serving_before_joining_is_refused_with_the_way_out(home: Path) -> None:
    code, result = _json("serve", "--home", str(home))
    assert (code, result["error"]["code"]) == (1, "no-roster")


def test_every_command_shows_an_example() -> None:
    for command in ("init", "join", "serve", "status"):
        assert "Example: comity-broker" in " ".join(_run(command, "--help")[1].split())


MAIN = textwrap.dedent("""
    from broker.cli import main
    main()
""")


def _serve(home: Path) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": f"{ROOT}/proto{os.pathsep}{ROOT}"}
    arguments = ["serve", "--home", str(home), "--listen", "127.0.0.1:0", "--json"]
    return subprocess.Popen(
        [sys.executable, "-c", MAIN, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=ROOT,
    )


def _ready(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    line = json.loads(process.stdout.readline())
    assert line["ready"] is True
    return int(line["port"])


@pytest.mark.system
def test_a_killed_broker_comes_back_with_its_mail_and_ends_quietly_on_a_signal(home: Path) -> None:
    _join(home)
    sent = put("it")
    with _serve(home) as first:
        port = _ready(first)
        assert _json("status", "--home", str(home))[1]["health"] == "serving"
        with channel(Home(home), port, "nl") as wire:
            broker_pb2_grpc.MailboxServiceStub(wire).Put(sent)
        first.send_signal(signal.SIGKILL)
        assert first.wait(10) == -signal.SIGKILL
    assert _json("status", "--home", str(home))[1]["health"] == "stopped"
    with _serve(home) as second:
        port = _ready(second)
        with channel(Home(home), port, "nl") as wire:
            assert broker_pb2_grpc.MailboxServiceStub(wire).Put(sent).duplicate
        with channel(Home(home), port, "it") as wire:
            box = broker_pb2_grpc.MailboxServiceStub(wire)
            assert [mail.mail for mail in box.Fetch(broker_pb2.FetchRequest())] == [sent.mail]
        second.send_signal(signal.SIGTERM)
        output, errors = second.communicate(timeout=20)
    assert second.returncode == 0
    assert (output, errors) == ("", "")
