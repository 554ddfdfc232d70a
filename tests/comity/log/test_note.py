"""Signed notes: foreign ones verify here, ours are theirs."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import ComityError, Malformed, Unauthenticated
from comity.log import note as notes
from comity.log.note import Note, NoteKey, NoteSignature
from tests.comity.trust import team

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "log.json").read_text())
SIGNER = team("it").node
KEY = NoteKey("comity/eu-thb/it", SIGNER.public)
TEXT = "comity/eu-thb/it\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"


def signed(text: str = TEXT) -> Note:
    return notes.sign_note(text, name="comity/eu-thb/it", signer=SIGNER)


def test_a_note_from_gos_documentation_verifies() -> None:
    vector = VECTORS["signed_note"]
    key = NoteKey.from_text(vector["vkey"])
    note = notes.parse(vector["note"].encode())
    notes.verify(note, key)
    assert note.to_bytes().decode() == vector["note"]
    assert key.to_text() == vector["vkey"]


def test_a_note_is_read_as_it_was_written() -> None:
    note = notes.parse(signed().to_bytes())
    assert note == signed()
    notes.verify(note, KEY)


def test_a_text_with_empty_lines_is_divided_at_the_last_one() -> None:
    note = signed("poem\n\nsecond verse\n\n")
    assert notes.parse(note.to_bytes()).text == "poem\n\nsecond verse\n\n"


@pytest.mark.parametrize(
    "other", [TEXT.replace("0", "1", 1), TEXT + "more\n", "\n" + TEXT, TEXT.replace("it", "nl")]
)
def test_a_changed_text_is_refused(other: str) -> None:
    with pytest.raises(Unauthenticated):
        notes.verify(Note(other, signed().signatures), KEY)


def test_a_key_of_the_same_name_and_another_one_of_the_same_bytes_are_unknown() -> None:
    for stranger in (
        NoteKey("comity/eu-thb/it", team("nl").node.public),
        NoteKey("comity/eu-thb/nl", SIGNER.public),
    ):
        with pytest.raises(Unauthenticated) as refused:
            notes.verify(signed(), stranger)
        assert refused.value.code == "unknown-key"


def test_lines_of_unknown_keys_are_ignored() -> None:
    grease = NoteSignature("grease.example/x", b"\0\1\2\3", bytes(100))
    notes.verify(signed().with_signatures([grease]), KEY)


def test_a_second_wrong_line_of_the_same_key_refuses_the_note() -> None:
    wrong = NoteSignature(KEY.name, KEY.key_id, bytes(64))
    with pytest.raises(Unauthenticated) as refused:
        notes.verify(signed().with_signatures([wrong]), KEY)
    assert refused.value.code == "bad-signature"


def test_a_cosignature_key_does_not_verify_plain_signatures() -> None:
    with pytest.raises(Malformed):
        notes.verify(signed(), NoteKey(KEY.name, KEY.public, notes.COSIGNATURE))


LINE = signed().signatures[0].to_line()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        TEXT.encode(),
        (TEXT + "\n").encode(),
        (TEXT + LINE).encode(),
        (TEXT + "\n" + LINE.rstrip("\n")).encode(),
        (TEXT + "\n" + LINE.replace("\u2014", "-")).encode(),
        (TEXT + "\n" + LINE.replace("it ", "it  ")).encode(),
        (TEXT + "\n\u2014 name AAAA\n").encode(),
        (TEXT + "\n\u2014 name !!!!\n").encode(),
        (TEXT + "\n\u2014 na+me AAAAAAAA\n").encode(),
        (TEXT + "\n\u2014 name AAAAAAA=\n").encode() + b"\r\n",
        (TEXT.replace("\n", "\r\n") + "\n" + LINE).encode(),
        ("a\tb\n\n" + LINE).encode(),
        (TEXT + "\n" + LINE * 300).encode(),
        ("x" * 300_000 + "\n\n" + LINE).encode(),
    ],
)
def test_what_has_not_the_form_of_a_note_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        notes.parse(data)


def test_base64_with_stray_bits_is_another_spelling_and_refused() -> None:
    with pytest.raises(Malformed):
        notes.decode_base64("AB==", "note")
    assert notes.decode_base64("AA==", "note") == b"\0"


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb", "x" * 256])
def test_a_name_that_cannot_stand_on_a_line_is_refused(name: str) -> None:
    with pytest.raises(Malformed):
        notes.sign_note(TEXT, name=name, signer=SIGNER)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000+" + base64.b64encode(b"\x01" + bytes(32)).decode(),
        KEY.to_text()[:-4],
        KEY.to_text().replace("comity/", "other/"),
    ],
)
def test_a_vkey_that_does_not_fit_itself_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        NoteKey.from_text(text)


@given(st.binary(max_size=200), st.text(max_size=80))
def test_any_bytes_in_place_of_a_note_raise_only_errors_of_the_protocol(data: bytes, text: str) -> None:
    for make in (
        lambda: notes.parse(data),
        lambda: notes.parse((text + "\n\n\u2014 " + text + "\n").encode()),
        lambda: NoteKey.from_text(text),
        lambda: NoteSignature.from_line(text),
    ):
        try:
            made = make()
        except ComityError:
            continue
        assert isinstance(made, Note | NoteSignature)
