"""Kinds by name, regions by code, and the profile that normal forms belong to."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from comity.errors import Malformed
from comity.selector import KINDS, PROFILE, normalise, profile_versions, resolve
from comity.selector.countries import ALPHA3, country, icao, vehicle_country

EXPECTED = (
    "phone imei imsi iban card wallet transaction email url advert handle ip plate vin document travel hotel "
    "company person voucher transfer"
)


def test_the_kinds_are_those_of_the_profile() -> None:
    assert list(KINDS) == EXPECTED.split(" ")


@pytest.mark.parametrize(
    ("alias", "kind"),
    [
        ("MSISDN", "phone"), ("Payment_Card", "card"), ("payment card", "card"), ("pan", "card"),
        ("btc", "wallet"), ("Ethereum", "wallet"), ("cryptocurrency", "wallet"), ("e-mail", "email"),
        ("licence-plate", "plate"), ("license_plate", "plate"), ("MRZ", "document"), ("passport", "document"),
        ("pnr", "travel"), ("lei", "company"), ("mtcn", "transfer"), ("social", "handle"),
        ("advert-id", "advert"), ("short-let", "hotel"), ("name", "person"),
    ],
)  # fmt: skip
def test_an_alias_in_any_writing_names_its_kind(alias: str, kind: str) -> None:
    assert resolve(alias).name == kind


def test_no_two_kinds_share_a_name() -> None:
    names = [name for kind in KINDS.values() for name in (kind.name, *kind.aliases)]
    assert len(names) == len(set(names))


def test_an_unknown_kind_is_refused_with_the_list_of_kinds() -> None:
    with pytest.raises(Malformed) as refusal:
        resolve("shoe-size")
    assert refusal.value.code == "unknown-kind"
    assert refusal.value.remedy is not None
    assert all(name in refusal.value.remedy for name in KINDS)


def test_every_kind_says_where_the_law_puts_it_and_what_to_mind() -> None:
    for kind in KINDS.values():
        assert kind.annex.startswith("2(")
        assert kind.guess_space
        assert kind.care.endswith(".")
        assert kind.title


def test_only_the_card_is_masked() -> None:
    assert [kind.name for kind in KINDS.values() if kind.mask] == ["card"]


def test_the_profile_lists_the_installed_version_of_each_library_that_can_move_a_form() -> None:
    versions = profile_versions()
    assert versions["profile"] == PROFILE == "comity-selectors-1"
    assert versions["phonenumbers"] == version("phonenumbers")
    assert {"idna", "anyascii", "python-stdnum", "publicsuffixlist", "email-validator"} <= set(versions)


@pytest.mark.parametrize("region", ["nl", "NLD", " NL "])
def test_a_region_may_be_written_in_two_or_three_letters(region: str) -> None:
    assert normalise("phone", "06 12345678", region=region) == ("+31612345678",)


def test_customary_codes_of_countries_are_understood() -> None:
    assert (country("UK"), country("EL"), country("deu"), country("QQ")) == ("GB", "GR", "DE", None)
    assert (icao("DE"), icao("D"), icao("NL"), icao("uto"), icao("QQ")) == ("D", "D", "NLD", "UTO", None)
    assert (vehicle_country("SRB"), vehicle_country("E"), vehicle_country("??")) == ("RS", "ES", None)


def test_the_table_of_countries_is_one_to_one() -> None:
    assert len(ALPHA3) == 252
    assert len(set(ALPHA3.values())) == len(ALPHA3)


def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(Malformed) as refusal:
        normalise("iban", "NL91ABNA0417164300", region="QQ")
    assert (refusal.value.code, refusal.value.field) == ("unknown-region", "region")
