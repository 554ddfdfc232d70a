"""Telephone numbers of every region of the world, in every notation that region uses."""

from __future__ import annotations

import phonenumbers
import pytest
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from comity.errors import Malformed
from comity.selector import normalise

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


def _examples(region: str) -> list[PhoneNumber]:
    kinds = [kind for kind in PhoneNumberType.values() if kind != PhoneNumberType.UNKNOWN]
    found = [phonenumbers.example_number_for_type(region, kind) for kind in kinds]
    return [number for number in found if number is not None and phonenumbers.is_valid_number(number)]


@pytest.mark.parametrize("region", REGIONS)
def test_the_numbers_of_a_region_have_one_form_in_every_notation(region: str) -> None:
    for number in _examples(region):
        form = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        international = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
        national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
        assert normalise("phone", form) == (form,)
        assert normalise("phone", international) == (form,)
        assert normalise("phone", international, region="NL") == (form,)
        assert normalise("phone", "00" + form[1:]) == (form,)
        assert normalise("phone", national, region=region) == (form,)
        assert normalise("phone", phonenumbers.format_number(number, PhoneNumberFormat.RFC3966)) == (form,)
        assert normalise("msisdn", form[1:]) == (form,)


def test_numbers_that_belong_to_no_country_are_understood() -> None:
    for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS):
        number = phonenumbers.example_number_for_non_geo_entity(code)
        assert number is not None
        form = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        assert normalise("phone", form) == (form,)


def test_a_national_number_is_not_guessed() -> None:
    with pytest.raises(Malformed) as refusal:
        normalise("phone", "06 12345678")
    assert refusal.value.code == "needs-region"
    assert refusal.value.remedy is not None


def test_a_number_of_another_country_is_not_taken_for_a_national_one() -> None:
    with pytest.raises(Malformed):
        normalise("phone", "4915112345678", region="NL")
