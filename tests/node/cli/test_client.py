"""The client: what a node says arrives as it was said, what an officer signs is what the node checks."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from comity import errors
from comity.envelope import parse_envelope, signature_is_good
from comity.errors import ComityError, Conflict, Forbidden, NotFound, Unavailable
from comity.officer import approval_message
from comity.officer_key import OfficerKey
from comity.v1.delivery_pb2 import OfficerSignature
from node.adapters.home import Home
from node.cli.client import NodeClient, act_digest, chosen_role, error_of
from node.service import operations
from tests.node.cli.commands import ROOT, new_home, new_officer
from tests.node.cli.scripted import Pieces, Script, serve


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return new_home(tmp_path, "nl")


@pytest.fixture
def script(home: Path) -> Iterator[Script]:
    script = Script()
    server = serve(script, home)
    yield script
    server.stop(0).wait()


def test_a_result_and_the_progress_before_it_arrive(home: Path, script: Script) -> None:
    script.answers["publish"] = [{"progress": {"done": 1, "total": 2}}, {"result": {"feeds": {}}}]
    seen: Pieces = []
    assert NodeClient(home).call("publish", progress=seen.append, pseudonymise_first=False) == {"feeds": {}}
    assert seen == [{"done": 1, "total": 2}]
    assert script.asked == [("publish", {"pseudonymise_first": False})]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ({"code": "malformed"}, errors.Malformed),
        ({"code": "not-found"}, NotFound),
        ({"code": "unreachable"}, Unavailable),
        ({"code": "four-eyes", "kind": "Forbidden"}, Forbidden),
        ({"code": "four-eyes"}, ComityError),
        ({"code": "internal"}, ComityError),
    ],
)
def test_an_error_comes_back_as_what_it_was(words: dict[str, Any], kind: type[ComityError]) -> None:
    error = error_of({**words, "message": "No.", "field": "hit", "remedy": "ask"})
    assert type(error) is kind
    assert error.as_dict() == {"code": words["code"], "message": "No.", "field": "hit", "remedy": "ask"}


def test_what_the_node_refuses_is_raised(home: Path, script: Script) -> None:
    words = {"code": "conflict", "message": "not now", "field": None, "remedy": "wait"}
    script.answers["approve"] = [{"error": words}]
    with pytest.raises(Conflict, match="not now"):
        NodeClient(home).call("approve")


def test_a_call_that_ends_without_an_answer_is_unavailable(home: Path, script: Script) -> None:
    script.answers["pull"] = []
    with pytest.raises(Unavailable) as caught:
        NodeClient(home).call("pull")
    assert caught.value.code == "no-answer"


def test_a_socket_that_nobody_serves_means_that_the_node_does_not_run(home: Path) -> None:
    with pytest.raises(Unavailable) as without:
        NodeClient(home).call("status")
    server = serve(Script(), home)
    kept = Home(home).socket
    kept.rename(kept.with_suffix(".kept"))
    server.stop(0).wait()
    kept.with_suffix(".kept").rename(kept)
    with pytest.raises(Unavailable) as dead:
        NodeClient(home).call("status")
    assert without.value.code == dead.value.code == "not-running"


def test_a_call_is_tried_again_until_the_node_is_there(home: Path) -> None:
    script = Script()
    script.answers["status"] = [{"result": "here"}]
    started: list[grpc.Server] = []
    timer = threading.Timer(0.5, lambda: started.append(serve(script, home)))
    timer.start()
    try:
        assert NodeClient(home).call("status", retry_seconds=10) == "here"
    finally:
        timer.join()
        started[0].stop(0).wait()


@pytest.mark.parametrize(
    "arguments",
    [{}, {"hit": "00" * 16, "verdict": "false"}, {"text": "Straße “x” 😀", "n": [1, {"b": None, "a": True}]}],
)
def test_client_and_node_digest_an_act_alike(arguments: dict[str, Any]) -> None:
    travelled = json.loads(json.dumps(arguments))
    assert act_digest("channel.post", arguments) == operations.act_digest("channel.post", travelled)


def test_an_act_travels_with_a_signature_over_what_travels(
    tmp_path: Path, home: Path, script: Script
) -> None:
    path = new_officer(tmp_path, home, "officer-1", "R-CO")
    key = OfficerKey.from_text(path.read_text())
    certificate = path.with_suffix(".cert").read_bytes()
    NodeClient(home).act("withdraw", key, certificate, record="r-1", reason="Straße")
    ((name, sent),) = script.asked
    signed = OfficerSignature.FromString(bytes.fromhex(sent.pop("signature")))
    assert (name, sent) == ("withdraw", {"record": "r-1", "reason": "Straße"})
    assert (signed.officer, signed.role) == ("officer-1", "R-CO")
    assert signed.certificate == parse_envelope(certificate)
    message = approval_message(operations.act_digest(name, sent))
    assert signature_is_good(key.public, message, signed.signature)


def test_the_role_signed_in_is_one_that_is_asked_for_and_held() -> None:
    assert chosen_role(["R-CO", "R-JUD"], ["R-LO", "R-JUD"]) == "R-JUD"
    with pytest.raises(Forbidden, match="R-LO"):
        chosen_role(["R-CO"], ["R-LO"])


def test_every_operation_of_a_node_has_a_command() -> None:
    texts = [path.read_text() for path in (ROOT / "node" / "cli").rglob("*.py")]
    inside_others = {"pseudonymise"}  # a part of "publish"
    missing = [name for name in operations.names() if not any(f'"{name}"' in text for text in texts)]
    assert set(missing) == inside_others
