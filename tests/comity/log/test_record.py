"""What the log remembers, in one spelling, and without personal data."""

import json
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import ComityError, Corrupt, Malformed
from comity.log.merkle import leaf_hash
from comity.log.record import (
    OPERATIONS,
    LogRecord,
    Opening,
    Rule,
    canonical,
    check_opening,
    commit,
    commit_fresh,
    parse_canonical,
    read_time,
    write_time,
)
from tests.comity.trust import NOW, chance_from

VECTOR = json.loads((Path(__file__).parents[2] / "vectors" / "log.json").read_text())["record"]


def record(**changes: Any) -> LogRecord:
    terms: dict[str, Any] = {"operation": "consultation", "at": NOW, "user": "officer-1", "member": "it"}
    return LogRecord(**(terms | changes))


FULL = record(
    operation="disclosure",
    recipients=("ro", "nl"),
    asked=("ro",),
    answered=("ro",),
    replied_at=NOW + timedelta(seconds=2),
    justification="Zeugenschutz geprüft",
    rules=(Rule("eu-2023-977-art-05", "3f2a"), Rule("it-1", "77")),
    approvers=("officer-2 (R-LO)",),
    content_digest="ab" * 32,
    log_use=("lawfulness",),
    commitments={"subject": "cd" * 32},
)


def test_the_example_is_reproduced() -> None:
    found = LogRecord.from_bytes(VECTOR["json"].encode())
    assert found.to_bytes().decode() == VECTOR["json"]
    assert found.leaf.hex() == VECTOR["leaf"] == leaf_hash(VECTOR["json"].encode()).hex()
    check_opening(
        found.commitments["subject"], Opening(VECTOR["subject"].encode(), bytes.fromhex(VECTOR["salt"]))
    )


@pytest.mark.parametrize("each", [record(), FULL], ids=["least", "most"])
def test_a_record_is_read_as_it_was_written(each: LogRecord) -> None:
    assert LogRecord.from_bytes(each.to_bytes()) == each


def test_fields_that_do_not_apply_are_left_out() -> None:
    assert set(json.loads(record().to_bytes())) == {"schema", "operation", "at", "user", "member"}


def test_the_order_of_commitments_makes_no_other_leaf() -> None:
    one = record(commitments={"a": "00" * 32, "b": "11" * 32})
    other = record(commitments={"b": "11" * 32, "a": "00" * 32})
    assert one.leaf == other.leaf


def test_the_zone_is_written_out_and_only_utc_is_read() -> None:
    assert write_time(NOW) == "2026-11-21T12:00:00.000+00:00"
    assert write_time(NOW.astimezone(timezone(timedelta(hours=2)))) == write_time(NOW)
    for text in (
        "2026-11-21T12:00:00.000",
        "2026-11-21T12:00:00.000Z",
        "2026-11-21T14:00:00.000+02:00",
        "2026-11-21T12:00:00+00:00",
        "2026-11-21",
        "now",
    ):
        with pytest.raises(Malformed):
            read_time(text)
    with pytest.raises(ValueError, match="zone"):
        write_time(NOW.replace(tzinfo=None))


def test_the_operations_are_those_of_article_25() -> None:
    assert set(OPERATIONS) == {
        "collection",
        "alteration",
        "consultation",
        "disclosure",
        "combination",
        "erasure",
    }
    with pytest.raises(Malformed):
        record(operation="peek")


@pytest.mark.parametrize(
    "changes",
    [
        {"user": ""},
        {"member": ""},
        {"content_digest": "ab"},
        {"statement": "AB" * 32},
        {"commitments": {"subject": "Mario Rossi"}},
    ],
)
def test_a_record_that_lacks_what_a_supervisor_needs_is_not_made(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        record(**changes)


def test_a_field_of_a_newer_version_is_ignored_by_an_older_reader() -> None:
    data = json.loads(FULL.to_bytes())
    data["weather"] = {"rain": True}
    assert LogRecord.from_bytes(canonical(data)) == FULL


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(",", ", "),
        lambda text: " " + text,
        lambda text: text + "\n",
        lambda text: text.replace("ü", "\\u00fc"),
        lambda text: text.replace("comity-log-1", "comity-log-2"),
        lambda text: text.replace('"member":"it",', ""),
        lambda text: text.replace('"user":"officer-1"', '"user":1'),
        lambda text: text.replace('["ro","nl"]', '"ro"'),
        lambda text: text.replace('"id":', '"name":'),
        lambda text: text.replace('{"subject"', '[{"subject"').replace("},", "}],", 1),
        lambda text: text[:-1] + ',"user":"officer-9"}',
        lambda text: "[" + text + "]",
        lambda _: "null",
        lambda _: "[" * 100_000,
        lambda _: '{"a":NaN}',
        lambda text: text.replace("officer-1", "x" * 70_000),
    ],
)
def test_another_spelling_or_a_broken_record_is_refused(change: Any) -> None:
    with pytest.raises(Malformed):
        LogRecord.from_bytes(change(FULL.to_bytes().decode()).encode())


def test_a_commitment_opens_to_its_value_only() -> None:
    commitment, opening = commit_fresh(b"Mario Rossi", chance_from("salt"))
    check_opening(commitment, opening)
    for other in (Opening(b"Maria Rossi", opening.salt), Opening(opening.value, bytes(32))):
        with pytest.raises(Corrupt):
            check_opening(commitment, other)


def test_equal_values_have_unequal_commitments() -> None:
    chance = chance_from("salts")
    assert commit_fresh(b"+39 333 1234567", chance)[0] != commit_fresh(b"+39 333 1234567", chance)[0]


def test_a_salt_has_one_length_so_that_it_cannot_run_into_the_value() -> None:
    with pytest.raises(Malformed):
        commit(b"value", bytes(31))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.binary(max_size=100), st.dictionaries(st.sampled_from(list(json.loads(FULL.to_bytes()))), json_values)
)
def test_any_bytes_and_any_json_raise_only_errors_of_the_protocol(
    data: bytes, fields: dict[str, Any]
) -> None:
    for candidate in (data, canonical(fields), canonical(json.loads(FULL.to_bytes()) | fields)):
        try:
            found = LogRecord.from_bytes(candidate)
        except ComityError:
            continue
        assert isinstance(found, LogRecord)
    with pytest.raises(ComityError):
        parse_canonical(data + b"\xff")
