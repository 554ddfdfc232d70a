"""A bundle convinces somebody who trusts nobody in it; and each lie in it is found by its check."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.envelope import Signer
from comity.errors import ComityError, Malformed
from comity.log import note as notes
from comity.log.bundle import Bundle, Disclosure, OpenedCommitment, ProvenRecord, Report, check_bundle
from comity.log.checkpoint import Checkpoint, cosign, sign_checkpoint
from comity.log.merkle import Tree, leaf_hash
from comity.log.note import Note
from comity.log.record import LogRecord, Opening, commit_fresh
from comity.officer import approve, certify
from comity.verify import main
from tests.comity.trust import (
    BROKER,
    FEDERATION,
    NOW,
    chance_from,
    first_roster,
    next_roster,
    pinned,
    seed,
    team,
)

V1 = pinned()
FINGERPRINT = V1.fingerprint
CONTENT = b"serialised DisclosureContent"
OFFICER = seed("it", "officer-1")
COMMITMENT, OPENING = commit_fresh(b"Mario Rossi", chance_from("salt"))
ORIGIN = "comity/eu-thb/it"


def record(number: int) -> LogRecord:
    return LogRecord(
        operation="consultation", at=NOW, user="officer-1", member="it", case_reference=f"c{number}"
    )


DISCLOSED = LogRecord(
    operation="disclosure",
    at=NOW,
    user="officer-3",
    member="ro",
    recipients=("ro",),
    content_digest=hashlib.sha256(CONTENT).hexdigest(),
    commitments={"subject": COMMITMENT},
)
ENTRIES = [*(record(each).to_bytes() for each in range(5)), DISCLOSED.to_bytes(), record(6).to_bytes()]
TREE = Tree(map(leaf_hash, ENTRIES))


LOG = team("it").node


def checkpoint(size: int, tree: Tree = TREE, signer: Signer = LOG) -> Note:
    note = sign_checkpoint(Checkpoint(ORIGIN, size, tree.root(size)), signer)
    return note.with_signatures(
        [
            cosign(note, team("ro").node, "comity/eu-thb/ro", NOW),
            cosign(note, BROKER, "comity/eu-thb/broker.hub", NOW),
        ]
    )


def approval(signing: bytes = OFFICER, digest: bytes = hashlib.sha256(CONTENT).digest()) -> Any:
    certificate = certify(
        team("it").root,
        federation=FEDERATION,
        team="it",
        officer="officer-1",
        public_key=Signer(OFFICER).public,
        roles=["R-LO"],
        not_before=NOW - timedelta(days=1),
        not_after=NOW + timedelta(days=1),
        now=NOW - timedelta(days=1),
        chance=chance_from("certificate"),
    )
    return approve(signing, digest, officer="officer-1", certificate=certificate, role="R-LO")


def proven(index: int) -> ProvenRecord:
    return ProvenRecord(index, ENTRIES[index], tuple(TREE.inclusion_proof(index)))


GOOD = Bundle(
    team="it",
    rosters=(first_roster(), next_roster(V1)),
    checkpoint=checkpoint(7),
    records=(proven(2), proven(5)),
    earlier=checkpoint(3),
    consistency=tuple(TREE.consistency_proof(3)),
    opened=(OpenedCommitment(5, "subject", OPENING),),
    disclosures=(Disclosure(5, CONTENT, (approval(),)),),
)


def report(bundle: Bundle, fingerprint: str | None = FINGERPRINT) -> Report:
    return check_bundle(bundle.to_bytes(), fingerprint=fingerprint, now=NOW + timedelta(days=1000))


def outcomes(found: Report) -> dict[int, str]:
    return {each.number: each.outcome for each in found.checks}


def test_a_true_bundle_passes_every_check_years_later() -> None:
    found = report(GOOD)
    assert outcomes(found) == dict.fromkeys(range(1, 10), "pass")
    assert found.ok
    assert found.pinned
    assert found.records == (LogRecord.from_bytes(ENTRIES[2]), DISCLOSED)
    assert "officer-1 of it as R-LO" in found.checks[8].words


def test_a_bundle_is_read_as_it_was_written() -> None:
    assert Bundle.from_bytes(GOOD.to_bytes()) == GOOD


def test_without_a_fingerprint_the_report_says_that_nothing_ties_it_down() -> None:
    found = report(GOOD, None)
    assert outcomes(found)[1] == "not checked"
    assert FINGERPRINT in found.checks[0].words
    assert found.ok
    assert not found.pinned


def test_what_is_not_in_the_bundle_is_not_checked_rather_than_passed() -> None:
    found = report(replace(GOOD, earlier=None, consistency=(), opened=(), disclosures=()))
    assert outcomes(found) == dict.fromkeys(range(1, 6), "pass") | dict.fromkeys(range(6, 10), "not checked")


def test_growth_from_an_empty_log_proves_nothing_and_is_not_called_a_proof() -> None:
    found = report(replace(GOOD, earlier=checkpoint(0), consistency=()))
    assert outcomes(found)[6] == "not checked"


def forged_record(bundle: Bundle) -> Bundle:
    lie = replace(DISCLOSED, recipients=("nl",)).to_bytes()
    return replace(bundle, records=(proven(2), replace(proven(5), record=lie)))


def forked(size: int) -> Note:
    return checkpoint(size, Tree(leaf_hash(str(each).encode()) for each in range(7)))


def unsigned_cosignatures(bundle: Bundle) -> Bundle:
    return replace(bundle, checkpoint=Note(bundle.checkpoint.text, bundle.checkpoint.signatures[:1]))


def self_witnessed(bundle: Bundle) -> Bundle:
    alone = unsigned_cosignatures(bundle).checkpoint
    line = cosign(alone, team("it").node, ORIGIN, NOW)
    return replace(bundle, checkpoint=alone.with_signatures([line]))


def misread_cosignature(bundle: Bundle) -> Bundle:
    line = cosign(checkpoint(6), team("nl").node, "comity/eu-thb/nl", NOW)
    return replace(bundle, checkpoint=bundle.checkpoint.with_signatures([line]))


LIES: list[tuple[str, int, Callable[[Bundle], Bundle]]] = [
    (
        "another federation's roster",
        1,
        lambda b: replace(b, rosters=(first_roster(names=("it", "nl", "be")),)),
    ),
    ("a roster signed by too few", 1, lambda b: replace(b, rosters=(first_roster(signers=("it",)),))),
    ("no roster", 1, lambda b: replace(b, rosters=())),
    (
        "a next roster signed by too few",
        2,
        lambda b: replace(b, rosters=(first_roster(), next_roster(V1, signers=[team("it").root]))),
    ),
    ("the same roster twice", 2, lambda b: replace(b, rosters=(first_roster(), first_roster()))),
    (
        "a checkpoint by another team",
        3,
        lambda b: replace(b, checkpoint=checkpoint(7, signer=team("nl").node)),
    ),
    ("a team that is not in the roster", 3, lambda b: replace(b, team="de")),
    ("a checkpoint that nobody witnessed", 4, unsigned_cosignatures),
    ("a checkpoint that the log witnessed itself", 4, self_witnessed),
    ("a cosignature moved from another checkpoint", 4, misread_cosignature),
    ("a changed record", 5, forged_record),
    ("a record at another place", 5, lambda b: replace(b, records=(replace(proven(2), index=3), proven(5)))),
    ("a truncated proof", 5, lambda b: replace(b, records=(replace(proven(5), proof=proven(5).proof[:-1]),))),
    ("a forked log", 6, lambda b: replace(b, earlier=forked(3))),
    ("a truncated consistency proof", 6, lambda b: replace(b, consistency=b.consistency[:-1])),
    ("an earlier checkpoint of another log", 6, lambda b: replace(b, earlier=checkpoint(3, signer=BROKER))),
    (
        "another value opened",
        7,
        lambda b: replace(b, opened=(OpenedCommitment(5, "subject", Opening(b"x", OPENING.salt)),)),
    ),
    (
        "a commitment that is not there",
        7,
        lambda b: replace(b, opened=(OpenedCommitment(5, "name", OPENING),)),
    ),
    (
        "an opening of a record not shown",
        7,
        lambda b: replace(b, opened=(OpenedCommitment(4, "subject", OPENING),)),
    ),
    ("other content", 8, lambda b: replace(b, disclosures=(Disclosure(5, b"more", (approval(),)),))),
    ("no approval", 9, lambda b: replace(b, disclosures=(Disclosure(5, CONTENT, ()),))),
    (
        "an approval of something else",
        9,
        lambda b: replace(b, disclosures=(Disclosure(5, CONTENT, (approval(digest=bytes(32)),)),)),
    ),
    (
        "an approval by a stranger",
        9,
        lambda b: replace(b, disclosures=(Disclosure(5, CONTENT, (approval(signing=bytes(32)),)),)),
    ),
]


@pytest.mark.parametrize(("number", "lie"), [each[1:] for each in LIES], ids=[each[0] for each in LIES])
def test_each_lie_is_found_by_its_check(number: int, lie: Callable[[Bundle], Bundle]) -> None:
    found = report(lie(GOOD))
    assert outcomes(found)[number] == "fail"
    assert all(outcome != "fail" for earlier, outcome in outcomes(found).items() if earlier < number)
    assert not found.ok


def test_an_approval_digest_beside_the_content_is_what_officers_signed() -> None:
    more = seed("content, addressee and decision")
    logged = replace(DISCLOSED, approval_digest=more.hex())
    tree = Tree([leaf_hash(logged.to_bytes())])
    bundle = Bundle(
        team="it",
        rosters=(first_roster(),),
        checkpoint=checkpoint(1, tree),
        records=(ProvenRecord(0, logged.to_bytes(), ()),),
        disclosures=(Disclosure(0, CONTENT, (approval(digest=more),)),),
    )
    assert outcomes(report(bundle))[9] == "pass"


def test_a_checkpoint_signed_before_the_teams_key_changed_still_counts() -> None:
    cards = [team("it", "new").card(), team("nl").card(), team("ro").card()]
    bundle = replace(GOOD, rosters=(first_roster(), next_roster(V1, cards=cards)))
    assert outcomes(report(bundle))[3] == "pass"


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other"},
        {"team": "IT"},
        {"rosters": "x"},
        {"rosters": ["%%%"]},
        {"checkpoint": "no note"},
        {"records": [{"index": -1, "record": "{}", "proof": []}]},
        {"records": [{"index": True, "record": "{}", "proof": []}]},
        {"records": [{"index": 0, "record": 5, "proof": []}]},
        {"records": [{"index": 0, "record": "\ud800", "proof": []}]},
        {"records": [{"index": 0, "record": "{}", "proof": "AAAA"}]},
        {"disclosures": [{"index": 0, "content": "", "approvals": ["//8="]}]},
        {"opened": [5]},
    ],
)
def test_a_file_that_is_no_bundle_is_malformed(change: dict[str, Any]) -> None:
    data = json.dumps(json.loads(GOOD.to_bytes()) | change).encode()
    with pytest.raises(Malformed):
        check_bundle(data, fingerprint=FINGERPRINT, now=NOW)


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=100), st.integers(0, len(GOOD.to_bytes()) - 1), st.integers(32, 126))
def test_any_bytes_and_any_changed_letter_raise_only_errors_of_the_protocol(
    data: bytes, position: int, letter: int
) -> None:
    good = GOOD.to_bytes()
    for candidate in (data, good[:position] + bytes([letter]) + good[position + 1 :]):
        try:
            found = check_bundle(candidate, fingerprint=FINGERPRINT, now=NOW)
        except ComityError:
            continue
        assert len(found.checks) == 9


def test_the_command_explains_each_check_and_exits_0(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "case.bundle.json"
    file.write_bytes(GOOD.to_bytes())
    assert main([str(file), "--roster-fingerprint", FINGERPRINT]) == 0
    shown = capsys.readouterr().out
    assert "9. passed" in shown
    assert "no check failed; 0 could not be made." in shown
    assert main([str(file)]) == 0
    assert "Nothing ties this bundle to the federation" in capsys.readouterr().out


def test_the_command_exits_1_when_a_check_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "case.bundle.json"
    file.write_bytes(forged_record(GOOD).to_bytes())
    assert main([str(file), "--roster-fingerprint", FINGERPRINT, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is False
    assert [each["number"] for each in found["checks"] if each["outcome"] == "fail"] == [5, 7, 8, 9]


def test_the_command_exits_2_when_the_input_is_unusable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "case.bundle.json"
    assert main([str(file)]) == 2
    assert "cannot be read" in capsys.readouterr().err
    file.write_bytes(b"{}")
    assert main([str(file), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "malformed"
    file.write_bytes(GOOD.to_bytes())
    assert main([str(file), "--roster-fingerprint", "sha256:1"]) == 2


def test_the_help_shows_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "--roster-fingerprint \\" in capsys.readouterr().out


def test_the_notes_in_a_bundle_are_the_text_that_people_can_read() -> None:
    data = json.loads(GOOD.to_bytes())
    assert data["checkpoint"].startswith("comity/eu-thb/it\n7\n")
    assert notes.parse(data["checkpoint"].encode()) == GOOD.checkpoint


def test_the_document_shows_the_figures_of_the_vectors_and_asks_the_same_questions() -> None:
    root = Path(__file__).parents[3]
    shown = (root / "docs" / "protocol" / "log.md").read_text()
    vectors = json.loads((root / "tests" / "vectors" / "log.json").read_text())
    plain = "\n".join(each.strip() for each in shown.split("\n"))
    checkpoint_vector, record_vector = vectors["checkpoint"], vectors["record"]
    for figure in (
        checkpoint_vector["note"],
        checkpoint_vector["log_vkey"],
        *checkpoint_vector["witness_vkeys"],
        *(record_vector[name] for name in ("json", "leaf", "salt")),
    ):
        assert figure in plain
    for each in report(GOOD).checks:
        assert f"{each.number}. {each.question}" in plain
