"""What commands that an officer signs send to the node, and what they never send."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from comity.envelope import signature_is_good
from comity.officer import approval_message
from comity.officer_key import OfficerKey
from comity.v1.delivery_pb2 import OfficerSignature
from tests.node.cli.commands import done, new_home, new_officer, run, told
from tests.node.cli.scripted import Script, serve

DIGEST = "5a" * 32
JUDGED = {"to": "it", "digest": DIGEST, "role": "R-LO", "permitted": True}
JUDGED |= {"reasons": [], "missing": [], "way_out": "", "request": "00" * 16}


class Desk:
    """An officer's key, and a scripted node where that officer is enrolled."""

    def __init__(self, folder: Path) -> None:
        self.home = new_home(folder, "nl")
        self.key = new_officer(folder, self.home, "officer-1", "R-LO", "R-JUD", "R-ORIG")
        self.script = Script()
        certificate = base64.b64encode(self.key.with_suffix(".cert").read_bytes()).decode()
        self.script.answers["officer.certificate"] = [{"result": {"certificate": certificate}}]

    def says(self, operation: str, answer: Any) -> None:
        """What the node answers to one operation."""
        self.script.answers[operation] = [{"result": answer}]

    def sent(self, operation: str) -> list[dict[str, Any]]:
        """The arguments with which an operation was called."""
        return [arguments for name, arguments in self.script.asked if name == operation]

    @property
    def signing(self) -> tuple[str | Path, ...]:
        """The options of a command that signs."""
        return ("--key", self.key, "--home", self.home)

    def signed(self, signature: str, digest: str) -> str:
        """The role in which the officer signed the digest; fails when it is not its signature."""
        found = OfficerSignature.FromString(bytes.fromhex(signature))
        public = OfficerKey.from_text(self.key.read_text()).public
        assert signature_is_good(public, approval_message(bytes.fromhex(digest)), found.signature)
        return found.role


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    server = serve(desk.script, desk.home)
    yield desk
    server.stop(0).wait()


def test_a_request_is_judged_then_signed_then_sent(desk: Desk) -> None:
    desk.says("requests.draft", JUDGED)
    desk.says("requests.send", {"state": "open"})
    done("requests", "new", "11" * 16, "--items", "2(a)", "--case", "NL-1", "--id", "22" * 16, *desk.signing)
    (sent,) = desk.sent("requests.send")
    assert desk.sent("requests.draft") == [{"ask": sent["ask"]}]
    assert (sent["ask"]["request"], sent["ask"]["case_reference"]) == ("22" * 16, "NL-1")
    assert desk.signed(sent["signature"], DIGEST) == "R-LO"


def test_a_request_that_would_not_stand_is_not_signed_and_names_what_is_missing(desk: Desk) -> None:
    missing = ["request.facts", "request.link"]
    desk.says("requests.draft", {**JUDGED, "permitted": False, "missing": missing, "way_out": "State them."})
    code, answer = told("requests", "new", "11" * 16, "--items", "*", *desk.signing)
    assert (code, answer["error"]["field"]) == (1, "request.facts")
    assert answer["error"]["remedy"] == "State them."
    assert desk.sent("requests.send") == []


def test_each_new_request_has_an_id_of_its_own(desk: Desk) -> None:
    desk.says("requests.draft", JUDGED)
    for _ in range(2):
        done("requests", "new", "11" * 16, "--items", "*", "--draft", *desk.signing)
    one, other = (each["ask"]["request"] for each in desk.sent("requests.draft"))
    assert one != other
    assert len(bytes.fromhex(one)) == 16


def _disclosure(**more: Any) -> dict[str, Any]:
    shown = {
        "disclosure": "33" * 16,
        "request": "22" * 16,
        "peer": "it",
        "state": "proposed",
        "route": "comity",
    }
    return {**shown, "proposer": "officer-2", "digest": DIGEST, "refused": [], "approvals": [], **more}


def test_approving_signs_in_the_role_that_is_still_missing(desk: Desk) -> None:
    approvals = [{"officer": "officer-3", "role": "R-LO", "at": ""}]
    desk.says("disclosures.show", _disclosure(roles=["R-JUD", "R-LO"], approvals=approvals))
    desk.says("approve", {"state": "scheduled"})
    done("approve", "33" * 16, *desk.signing)
    (sent,) = desk.sent("approve")
    assert desk.signed(sent["signature"], DIGEST) == "R-JUD"


def test_an_officer_without_a_needed_role_signs_nothing(desk: Desk) -> None:
    desk.says("disclosures.show", _disclosure(roles=["R-VIC"]))
    code, answer = told("approve", "33" * 16, *desk.signing)
    assert (code, answer["error"]["code"]) == (1, "wrong-role")
    assert desk.sent("approve") == []


def test_showing_a_decision_proposes_nothing(desk: Desk) -> None:
    desk.says("decide.sheet", {"digest": DIGEST})
    done("decide", "22" * 16, *desk.signing)
    assert desk.sent("decide.sheet") == [{"request": "22" * 16, "drop": [], "officer": "officer-1"}]
    assert desk.sent("decide.propose") == []


def test_proposing_without_a_key_is_bad_usage(desk: Desk) -> None:
    code, answer = told("decide", "22" * 16, "--propose", "--home", desk.home)
    assert (code, answer["error"]["field"]) == (2, "key")


def test_a_corrected_value_is_read_from_standard_input_and_stays_out_of_the_command_line(desk: Desk) -> None:
    desk.says("correct", {"item": "i-1"})
    words = ("correct", "i-1", "--value", "-", "--reason", "typing error", *desk.signing)
    code, _ = told(*words, stdin="A. Exämple\n")
    assert code == 0
    assert desk.sent("correct")[0]["value"] == "A. Exämple"


def test_a_verdict_that_is_none_is_refused_before_the_node_is_asked(desk: Desk) -> None:
    code, answer = told("feedback", "11" * 16, "perhaps", *desk.signing)
    assert (code, answer["error"]["field"]) == (2, "verdict")
    assert desk.script.asked == []


def test_consent_is_signed_by_an_officer_of_origin_for_exactly_what_is_granted(desk: Desk) -> None:
    desk.says("consent.digest", {"digest": DIGEST, "role": "R-ORIG"})
    desk.says("consent.answer", {"state": "granted"})
    done("consent", "answer", "44" * 16, "granted", "--until", "2027-06-30", *desk.signing)
    (sent,) = desk.sent("consent.answer")
    assert desk.signed(sent.pop("signature"), DIGEST) == "R-ORIG"
    assert desk.sent("consent.digest") == [sent]
    assert sent["until"] == "2027-06-30T23:59:59+00:00"


def test_the_question_for_consent_does_not_hold_the_value(desk: Desk) -> None:
    desk.says("consent.draft", {"to": "it", "digest": DIGEST, "role": "R-LO"})
    desk.says("consent.ask", {"state": "open"})
    words = ("--use", "onward", "--recipient", "ro", "--reason", "joint case", "--id", "44" * 16)
    done("consent", "ask", "i-1", *words, *desk.signing)
    (sent,) = desk.sent("consent.ask")
    assert set(sent) == {"consent", "item", "use", "recipient", "reason", "signature"}


def test_hits_are_filtered_by_peer(desk: Desk) -> None:
    desk.says("hits", [{"hit": "a", "peer": "it"}, {"hit": "b", "peer": "ro"}])
    assert done("hits", "--peer", "ro", "--home", desk.home) == [{"hit": "b", "peer": "ro"}]


@pytest.mark.parametrize(
    ("words", "operation", "answer"),
    [
        (["log", "verify"], "log.verify", {"ok": False}),
        (["canary"], "canary", {"refused": False}),
        (["doctor", "it"], "doctor", {"ok": False, "checks": [{"check": "roster"}], "waiting": []}),
    ],
)
def test_a_check_that_fails_has_exit_code_1_for_persons_and_programs(
    desk: Desk, words: list[str], operation: str, answer: dict[str, Any]
) -> None:
    desk.says(operation, answer)
    assert told(*words, "--home", desk.home) == (1, answer)
    assert run(*words, "--home", desk.home)[0] == 1


def test_waiting_for_keys_ends_with_the_reason_when_the_ceremony_fails(desk: Desk) -> None:
    desk.says("keys.generate", {"ceremony": "55" * 16, "state": "commit", "epoch": 1})
    failed = {"ceremony": "55" * 16, "state": "failed", "epoch": 1, "reason": "it complained"}
    desk.says("keys.show", {"ceremony": failed, "epochs": []})
    code, answer = told("keys", "generate", "--wait", "--home", desk.home)
    assert (code, answer["error"]["code"]) == (1, "ceremony-failed")
    assert "it complained" in answer["error"]["message"]


def test_waiting_for_keys_ends_when_time_is_up_and_says_where_to_look(desk: Desk) -> None:
    desk.says("keys.generate", {"ceremony": "55" * 16, "state": "commit", "epoch": 1})
    code, answer = told("keys", "generate", "--wait", "--timeout", "0", "--home", desk.home)
    assert (code, answer["error"]["code"]) == (3, "ceremony-waits")
