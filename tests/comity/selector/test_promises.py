"""What every kind promises, whatever it is given."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.errors import Malformed
from comity.selector import KINDS, normalise, resolve

_EXAMPLES = sorted({text for kind in KINDS.values() for text in kind.example})
_CHARACTERS = st.one_of(st.characters(), st.sampled_from("0123456789:/.-+@ <>|?#%&=[]()*\n\tPVID٠١٢АΒ"))
_MUTATED = st.builds(
    lambda base, place, insert, drop: (
        base[: place % (len(base) + 1)] + insert + base[place % (len(base) + 1) + drop :]
    ),
    st.sampled_from(_EXAMPLES),
    st.integers(0, 100),
    st.text(_CHARACTERS, max_size=3),
    st.integers(0, 2),
)
_NAMES = [*KINDS, "btc", "eth", "mtcn", "msisdn", "passport", "lei"]


def _forms(name: str, value: str, region: str | None) -> tuple[str, ...]:
    try:
        return normalise(name, value, region=region)
    except Malformed:
        return ()


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.one_of(st.text(_CHARACTERS, max_size=60), _MUTATED, _MUTATED),
    st.sampled_from([None, "NL", "US", "DE", "XK"]),
)
def test_any_text_gives_normal_forms_that_are_their_own_or_is_malformed(
    value: str, region: str | None
) -> None:
    for name in _NAMES:
        for form in _forms(name, value, region):
            assert normalise(resolve(name).name, form) == (form,)
            assert normalise(resolve(name).name, form, region=region) == (form,)


@pytest.mark.parametrize("name", KINDS)
def test_the_example_of_a_kind_is_true(name: str) -> None:
    given_text, form = KINDS[name].example
    assert normalise(name, given_text) == (form,)
    assert KINDS[name].normalise(form) == (form,)


@pytest.mark.parametrize("name", KINDS)
def test_invisible_characters_and_line_ends_around_a_value_change_nothing(name: str) -> None:
    given_text, form = KINDS[name].example
    assert normalise(name, f"\u202a\u200b \u00a0{given_text}\ufeff\r\n\u202c") == (form,)


@pytest.mark.parametrize("name", KINDS)
def test_a_refusal_never_repeats_the_value(name: str) -> None:
    secret = "Zq7-Secret~Wert?"
    with pytest.raises(Malformed) as refusal:
        normalise(name, secret + "*" * 30)
    assert refusal.value.code
    assert refusal.value.field == "value"
    assert "Zq7" not in str(refusal.value)
    assert "Zq7" not in str(refusal.value.as_dict())


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(
    "value", ["", " ", "\u200b", "\ud800", "x" * 513, "\x00" * 5, "%" * 200, "9" * 512, "\ufdfa" * 40]
)
def test_no_kind_is_upset_by_extreme_text(name: str, value: str) -> None:
    assert isinstance(_forms(name, value, None), tuple)


def test_what_is_not_text_is_malformed() -> None:
    with pytest.raises(Malformed) as refusal:
        normalise("phone", 31612345678)  # type: ignore[arg-type]
    assert refusal.value.code == "type"
