"""docs/protocol/feeds.md and disclosure.md show the bytes that the code makes, and its numbers."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from comity.envelope import MAX_SKEW
from comity.pseudonym import hit_id, token
from comity.transport.limits import check
from comity.v1 import delivery_pb2, feed_pb2
from node.flow import publish
from node.flow.answer import not_available
from node.ports.settings import Settings
from node.service import consents, corrections, egress, feeds, incoming, leads
from tests.docs import figures
from tests.docs.pages import ROOT, block, blocks, page

FEEDS, DISCLOSURE = page("protocol/feeds.md"), page("protocol/disclosure.md")
SETTINGS = Settings(federation="eu-thb", team="it", listen="127.0.0.1:1")


@pytest.mark.parametrize("name", figures.feed())
def test_feeds_shows_the_bytes_of_its(name: str) -> None:
    assert block(figures.feed()[name]) in FEEDS


@pytest.mark.parametrize("name", figures.disclosure())
def test_disclosure_shows_the_bytes_of_its(name: str) -> None:
    assert block(figures.disclosure()[name]) in DISCLOSURE


def test_no_page_shows_bytes_that_nothing_makes() -> None:
    assert blocks(FEEDS) == [block(octets) for octets in figures.feed().values()]
    assert sorted(blocks(DISCLOSURE)) == sorted(block(octets) for octets in figures.disclosure().values())


def test_the_examples_are_messages_that_a_peer_would_accept() -> None:
    made = {**figures.feed(), **figures.disclosure()}
    for name, kind in (
        ("body", feed_pb2.FeedBody),
        ("entry", feed_pb2.FeedEntry),
        ("head", feed_pb2.FeedHead),
        ("pull", feed_pb2.PullRequest),
        ("notice", delivery_pb2.HitNotice),
        ("request", delivery_pb2.InformationRequest),
        ("content", delivery_pb2.DisclosureContent),
        ("receipt", delivery_pb2.DisclosureReceipt),
    ):
        check(kind.FromString(made[name]))


def test_token_and_hit_of_the_table_are_those_of_the_output() -> None:
    assert f"`{token(figures.OUTPUT, 'it').hex()}`" in FEEDS
    assert f"`{hit_id(figures.OUTPUT, 'nl', 'it').hex()}`" in FEEDS
    assert token(figures.OUTPUT, "it") in publish.split(
        feed_pb2.FeedBody.FromString(figures.feed()["body"]).added
    )


def test_the_numbers_of_feeds_are_those_of_the_code() -> None:
    assert f"a multiple of {publish.PAD_TO} with random tokens, and holds at most {publish.LIMIT}" in FEEDS
    assert f"valid for {feeds._LIFETIME.days} days" in FEEDS
    assert f"less than {SETTINGS.feed_max_age_hours} hours old" in FEEDS
    assert timedelta(minutes=5) == MAX_SKEW
    assert "not more than 5 minutes ahead" in FEEDS


def test_the_numbers_of_disclosure_are_those_of_the_code() -> None:
    assert f"valid {SETTINGS.mail_days} days by default" in DISCLOSURE
    assert f"({SETTINGS.release_seconds:.0f} seconds by default)" in DISCLOSURE
    assert {"Lead", "LeadReceipt"} == incoming._SUBMIT_ONLY_MAY_SEND


def test_a_box_is_bound_to_what_the_page_says() -> None:
    for info, label in (
        (egress.content_info("it", "nl", b"R" * 16, b"D" * 16), "comity disclosure v1"),
        (corrections._recall_info("it", "nl", b"X" * 16), "comity recall v1"),
        (leads._info("it", "nl", b"X" * 16), "comity lead v1"),
    ):
        assert info.startswith(label.encode() + b"\0it\0nl\0")
        assert f'"{label}" ‖ 0x00' in DISCLOSURE


def test_what_is_absent_is_said_in_the_words_of_the_law() -> None:
    ground = not_available("4(c)")
    assert ground == delivery_pb2.RefusedItem.FromString(figures.disclosure()["refused"])
    assert f"| `6.1.a` | Directive (EU) 2023/977, Article 6(1)(a) | {ground.ground} |" in page("law.md")


def test_every_error_code_of_a_page_is_one_that_the_code_raises() -> None:
    places = [*ROOT.glob("node/service/*.py"), *ROOT.glob("proto/comity/*.py")]
    raised = set(re.findall(r'"([a-z-]+)"', "\n".join(path.read_text(encoding="utf-8") for path in places)))
    named = set(re.findall(r"\(`([a-z-]+)`\)", FEEDS + DISCLOSURE))
    assert named
    assert named <= raised


def test_the_roles_of_consent_are_those_of_the_code() -> None:
    assert consents.ROLE == "R-ORIG"
