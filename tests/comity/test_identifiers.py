"""Names have one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import ComityError, Malformed
from comity.identifiers import (
    Identity,
    broker_spiffe,
    broker_witness,
    check_federation,
    check_team,
    fingerprint,
    key_id,
    log_origin,
    node_spiffe,
    parse_spiffe,
)


def test_a_node_and_a_broker_are_named_and_found_again() -> None:
    assert parse_spiffe(node_spiffe("eu-thb", "nl")) == Identity("eu-thb", "team", "nl")
    assert parse_spiffe(broker_spiffe("eu-thb", "hub")) == Identity("eu-thb", "broker", "hub")


@pytest.mark.parametrize(
    "uri",
    [
        "spiffe://EU-THB/team/nl/node",
        "spiffe://eu-thb/team/NL/node",
        "spiffe://eu-thb/team/nl/node/",
        "spiffe://eu-thb/team/nl/node\n",
        "spiffe://eu-thb/team/nl",
        "spiffe://eu-thb/team//node",
        "spiffe://eu-thb:443/team/nl/node",
        "spiffe://user@eu-thb/team/nl/node",
        "spiffe://eu-thb/broker/hub/node",
        "https://eu-thb/team/nl/node",
        "",
    ],
)
def test_any_other_spelling_of_a_spiffe_id_is_refused(uri: str) -> None:
    with pytest.raises(Malformed):
        parse_spiffe(uri)


@pytest.mark.parametrize("name", ["", "n", "NL", "1nl", "-nl", "n_l", "nl\n", "n" * 33, "ńl", "nl "])
def test_a_team_id_outside_its_form_is_refused_without_being_repeated(name: str) -> None:
    with pytest.raises(Malformed) as refused:
        check_team(name)
    assert refused.value.field == "team"


@pytest.mark.parametrize("name", ["e", "eu/thb", "EU", "eu thb", "e" * 64])
def test_a_federation_name_outside_its_form_is_refused(name: str) -> None:
    with pytest.raises(Malformed):
        check_federation(name)


def test_a_broker_never_shares_a_witness_name_with_a_team() -> None:
    assert broker_witness("eu-thb", "nl") != log_origin("eu-thb", "nl")


def test_fingerprints_and_key_ids_are_sha_256() -> None:
    assert fingerprint(b"").startswith("sha256:e3b0c44298fc1c14")
    assert key_id(b"").hex() == "e3b0c44298fc1c149afbf4c8996fb924"


@given(st.text())
def test_no_text_makes_the_parser_fail_otherwise(text: str) -> None:
    try:
        parse_spiffe(text)
    except ComityError:
        return
    assert text.startswith("spiffe://")
