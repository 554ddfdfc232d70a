"""Two nations and a broker, each a process: from the first key to an answer, by real commands."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.node.cli.commands import done, free_port, new_home, new_officer, process, run, signed_roster, told

CASE = """\
#case: {case}
#legal basis: an act of ours
#offence: thb
#max penalty: 12
kind;value;subject;child;special;defect;assessment;evaluation;handling;exposes;safe house;expiry;\
item:2(a)(i):subscriber;item:4(c):health [special=health]
phone;+40722123419;suspect;no;no;no;no;B2;H0;no;no;2029-12-31;{subscriber};{health}
phone;{own};suspect;no;no;no;no;B2;H0;no;no;2029-12-31;;
"""
ASK = (
    "--items", "*", "--legal-basis", "an act of ours", "--case", "NL-1", "--facts", "adverts of one group",
    "--link", "the number is in three adverts", "--urgency", "U2", "--urgency-reasons", "they move on Monday",
    "--exception", "b", "--subject", "suspect",
)  # fmt: skip


class Federation(NamedTuple):
    """Homes that are served, and the officers' keys."""

    nl: Path
    it: Path
    nl_officer: Path
    it_proposer: Path
    it_approver: Path


def _broker(folder: Path, port: int) -> Path:
    words = ("--broker", "hub", "--federation", "eu-thb", "--address", f"127.0.0.1:{port}", "--name", "Hub")
    with process("broker.cli", "init", "--home", folder / "hub", *words, "--json") as made:
        assert made.wait(20) == 0
    return folder / "hub"


def _ready(served: subprocess.Popen[str]) -> None:
    assert served.stdout is not None
    line = served.stdout.readline()
    assert line, served.communicate(timeout=10)
    assert json.loads(line)["ready"] is True


@pytest.fixture
def federation(tmp_path: Path) -> Iterator[Federation]:
    hub = _broker(tmp_path, free_port())
    nl, it = (new_home(tmp_path, team, port=free_port()) for team in ("nl", "it"))
    roster, fingerprint = signed_roster(tmp_path, [nl, it], hub / "hub.broker")
    with process("broker.cli", "join", roster, "--home", hub, "--fingerprint", fingerprint) as joined:
        assert joined.wait(20) == 0
    for home in (nl, it):
        done("join", roster, "--home", home, "--fingerprint", fingerprint)
    with ExitStack() as stack:
        served = [stack.enter_context(process("broker.cli", "serve", "--home", hub, "--json"))]
        for home in (nl, it):
            started = process(
                "node.cli.node", "serve", "--home", home, "--json",
                COMITY_NODE_RELEASE_SECONDS="0.2", COMITY_NODE_WITNESS_SECONDS="1",
            )  # fmt: skip
            served.append(stack.enter_context(started))
        for each in served:
            stack.callback(each.kill)
        for each in served:
            _ready(each)
        keys = [_enrolled(tmp_path, *each) for each in ((nl, "nl-1"), (it, "it-1"), (it, "it-2"))]
        yield Federation(nl, it, *keys)
        for each in reversed(served):
            each.send_signal(signal.SIGTERM)
        for each in served:
            assert each.communicate(timeout=20) == ("", "")
            assert each.returncode == 0


def _enrolled(folder: Path, home: Path, name: str) -> Path:
    key = new_officer(folder, home, name, "R-LO", "R-CO")
    done("officer", "enrol", key.with_suffix(".cert"), "--home", home)
    return key


def _imported(federation: Federation, folder: Path) -> None:
    files = {
        federation.nl: CASE.format(case="NL-1", own="+31612345678", subscriber="B. Example", health=""),
        federation.it: CASE.format(case="IT-1", own="+393475550127", subscriber="A. Example", health="ill"),
    }
    for home, text in files.items():
        path = folder / f"{home.name}.csv"
        path.write_text(text)
        (report,) = done("import", path, "--home", home)
        assert (report["selectors"]["new"], report["problems"]) == (2, [])
        (again,) = done("import", path, "--home", home)
        assert again["selectors"] == {"new": 0, "changed": 0, "unchanged": 2}


def _until(look: Callable[[], Any], seconds: float = 15.0) -> Any:
    """What `look` finds once it finds something."""
    until = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < until, "nothing came in time"
        time.sleep(0.1)
    return found


@pytest.mark.system
def test_two_nations_find_a_hit_and_one_answers_the_other_by_real_commands(
    federation: Federation, tmp_path: Path
) -> None:
    nl, it = federation.nl, federation.it
    assert done("keys", "generate", "--wait", "--timeout", "30", "--home", nl)["state"] == "done"
    _until(lambda: done("keys", "show", "--home", it)["epochs"])
    _imported(federation, tmp_path)
    for home in (nl, it):
        feeds = done("publish", "--home", home)["feeds"]
        assert [feed["withheld"] for feed in feeds.values()] == [[]]
    for home in (nl, it):
        assert all("error" not in each for each in done("pull", "--home", home).values())
    (hit,) = _until(lambda: done("hits", "--peer", "it", "--home", nl))
    assert hit["kind"] == "phone"
    assert [each["hit"] for each in _until(lambda: done("hits", "--home", it))] == [hit["hit"]]
    assert done("doctor", "it", "--home", nl)["ok"] is True

    request = _asked(federation, hit["hit"])
    disclosure = _answered(federation, request)
    items = _until(lambda: done("received", request, "--home", nl))
    assert [(each["category"], each["value"]) for each in items] == [("2(a)(i)", "A. Example")]
    _until(lambda: done("disclosures", "--home", it)[0]["receipt_at"])
    _proven(federation, disclosure, tmp_path)
    _shared(federation, hit["hit"], tmp_path)


def _asked(federation: Federation, hit: str) -> str:
    key = ("--key", federation.nl_officer, "--home", federation.nl)
    code, refused = told("requests", "new", hit, "--items", "*", *key)
    assert (code, refused["error"]["code"]) == (1, "request-defective")
    name = "1f" * 16
    for _ in range(2):  # the same id twice is one request
        sent = done("requests", "new", hit, *ASK, "--id", name, *key)
        assert (sent["request"], sent["state"]) == (name, "open")
    (listed,) = _until(lambda: done("requests", "list", "--home", federation.it))
    assert (listed["request"], listed["direction"], listed["officer"]) == (name, "in", "nl-1")
    return name


def _answered(federation: Federation, request: str) -> str:
    home = ("--home", federation.it)
    proposer = ("--key", federation.it_proposer)
    sheet = done("decide", request, *proposer, *home)
    assert [each["value"] for each in sheet["leaves"]] == ["A. Example"]
    assert [each["category"] for each in sheet["stays"]] == ["4(c)"]
    proposed = done("decide", request, *proposer, "--propose", *home)
    assert (proposed["state"], proposed["digest"]) == ("proposed", sheet["digest"])
    name: str = proposed["disclosure"]
    code, refused = told("approve", name, *proposer, *home)
    assert (code, refused["error"]["code"]) == (1, "four-eyes")
    assert done("approve", name, "--key", federation.it_approver, *home)["state"] == "scheduled"
    return name


def _proven(federation: Federation, disclosure: str, folder: Path) -> None:
    for home in (federation.nl, federation.it):
        done("log", "witness", "--home", home)
        verified = done("log", "verify", "--home", home)
        assert (verified["ok"], verified["faults"]) == (True, [])
        assert verified["cosigned"] > 0
    bundle = folder / "court.bundle"
    done("log", "export", f"disclosure:{disclosure}", "--content", "-o", bundle, "--home", federation.it)
    roster = done("roster", "show", "--home", federation.nl)
    with process("comity.verify", bundle, "--roster-fingerprint", roster["fingerprint"]) as checked:
        output, _ = checked.communicate(timeout=20)
    assert "no check failed" in output
    code, text = run("decision", _decision(federation), "--home", federation.it)
    assert (code, json.loads(text)["facts"]["action"]) == (0, "disclose")


def _decision(federation: Federation) -> str:
    request = done("requests", "list", "--home", federation.it)[0]["request"]
    sheet = done("decide", request, "--key", federation.it_proposer, "--home", federation.it)
    return str(sheet["decision"])


def _shared(federation: Federation, hit: str, folder: Path) -> None:
    nl = ("--key", federation.nl_officer, "--home", federation.nl)
    it = ("--key", federation.it_proposer, "--home", federation.it)
    channel = done("channel", "open", hit, "--title", "Adverts", *nl)["channel"]
    task = done("channel", "task", channel, "Check the lease", "--assignee", "it", *nl)["task"]
    _until(lambda: _case(federation.it, channel)["tasks"])
    done("channel", "move", channel, task, "Approved", *it)
    (folder / "photo").write_bytes(bytes(range(256)) * 400)
    file = done("channel", "file", channel, folder / "photo", "--handling", "H1", *it)["file"]
    _until(lambda: any(each["complete"] for each in _case(federation.nl, channel)["files"]))
    done("channel", "fetch", channel, file, "-o", folder / "fetched", "--home", federation.nl)
    assert (folder / "fetched").read_bytes() == (folder / "photo").read_bytes()
    assert _case(federation.nl, channel)["tasks"][0]["state"] == "Approved"


def _case(home: Path, channel: str) -> dict[str, Any]:
    code, answer = told("channel", "show", channel, "--home", home)
    if code:
        return {"tasks": [], "files": []}
    case: dict[str, Any] = answer["case"]
    return case
