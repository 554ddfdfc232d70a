"""Which encoding a case file is in.

Promised: a byte order mark decides; else bytes that are valid UTF-8 are UTF-8; else one of the Windows code
pages, the national one of the team's state first, unless another reads clearly better (fewer places where
scripts meet or signs stand inside words). The choice depends on the bytes and the state alone. A workbook,
a PDF, an archive or other binary data is refused by what it is, with the way to save it as text.
"""

from __future__ import annotations

import codecs
import re

from comity.errors import Malformed

from .facts import Format

SAVE_AS = "In the spreadsheet choose Save As, type 'CSV UTF-8 (comma delimited)'."

_SAMPLE = 1 << 16  # bytes that are looked at to compare code pages
_CHUNK = 1 << 20
_MAGIC = {
    b"PK\x03\x04": "an Excel workbook or an archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a compressed file",
    b"{\\rtf": "a rich text document",
}
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_NATIONAL = {
    "cp1250": "CZ HR HU PL RO SI SK AL BA ME RS",
    "cp1251": "BG MK UA",
    "cp1253": "GR CY",
    "cp1257": "EE LT LV",
}
_CODE_PAGE = {state: page for page, states in _NATIONAL.items() for state in states.split()}
_PAGES = ("cp1252", "cp1250", "cp1253", "cp1251", "cp1257")
_LETTERS = {
    "cp1250": "ăâîşţąćęłńóśźżáčďéěíňřšťúůýžäöüßőűđ",
    "cp1251": "абвгдежзийклмнопрстуфхцчшщъьюяќѓѕјљњџіїєґ",
    "cp1252": "àáâäæçèéêëìíîïñòóôöœßùúûüåøãõ",
    "cp1253": "αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋ",
    "cp1257": "āčēģīķļņšūžõäöüąęėįųßéóńśźł",
}
_SIGN_IN_WORD = re.compile(r"(?<=[^\W\d_])[^\w\s'’.,;:/@&()\"+*=!?|#-]+(?=[^\W\d_])")
_MEETING = re.compile(r"[a-zA-Z][Ͱ-ӿ]|[Ͱ-ӿ][a-zA-Z]")


_SPARSE = 200  # a file with more zero bytes than a few, and one in so many, is binary


def detect(data: bytes, *, team_state: str) -> Format:
    """The encoding of `data`. Raises Malformed for an empty, binary or unreadable file."""
    _refuse_what_is_no_text(data)
    for mark, encoding in _BOMS.items():
        if data.startswith(mark):
            if not _decodes(data, encoding) and not (encoding == "utf-8-sig" and _mostly_utf8(data)):
                raise _unreadable()
            return Format(encoding, bom=True)
    if data.count(0) > 4 + len(data) // _SPARSE:
        raise _unreadable()
    if _decodes(data, "utf-8") or _mostly_utf8(data):
        return Format("utf-8")
    return Format(_code_page(data, team_state), guessed=True)


def text_of(data: bytes, form: Format) -> str:
    """The whole text, without the byte order mark. For forms that `detect` returned.

    Bytes that are no text become U+FFFD, which costs the cells that hold one and nothing else.
    """
    return data.decode(form.encoding, "replace").removeprefix("\ufeff")


def _mostly_utf8(data: bytes) -> bool:
    """UTF-8 with a few damaged bytes, and not a code page: well-formed sequences far outnumber the others."""
    text = data.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    return sum(map(_beyond_ascii, text)) - damaged >= 2 * damaged


def _beyond_ascii(character: str) -> bool:
    return character > "\x7f"


def _refuse_what_is_no_text(data: bytes) -> None:
    if not data.strip(b" \t\r\n\xef\xbb\xbf\xff\xfe\0"):
        raise Malformed("The file is empty.", code="empty", field="file", remedy="Check what was exported.")
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise _unreadable()
    for magic, name in _MAGIC.items():
        if data.startswith(magic):
            raise Malformed(f"The file is {name}, not text.", code="binary", field="file", remedy=SAVE_AS)


def _unreadable() -> Malformed:
    return Malformed("The file is not readable text.", code="binary", field="file", remedy=SAVE_AS)


def _decodes(data: bytes, encoding: str) -> bool:
    """Whether all of `data` is valid, in pieces, so that no second copy of a large file is made."""
    decoder = codecs.getincrementaldecoder(encoding)()
    view = memoryview(data)
    try:
        for start in range(0, len(data), _CHUNK):
            decoder.decode(bytes(view[start : start + _CHUNK]))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _code_page(data: bytes, team_state: str) -> str:
    national = _CODE_PAGE.get(team_state.upper(), "cp1252")
    used = bytes(set(data))
    candidates = [page for page in dict.fromkeys((national, *_PAGES)) if _decodes(used, page)]
    if not candidates:
        raise _unreadable()
    sample = b"\n".join(re.findall(rb"[^\r\n]*[\x80-\xff][^\r\n]*", data[:_SAMPLE])) or data[-_SAMPLE:]
    return min(candidates, key=lambda page: _oddity(sample.decode(page, "replace"), page))


def _oddity(text: str, page: str) -> int:
    """How strange a reading looks: scripts that meet in a word, signs in a word, letters of no language."""
    letters = _LETTERS[page]
    rare = sum(char not in letters for char in text.lower() if char > "\x7f" and char.isalpha())
    return 3 * len(_MEETING.findall(text)) + 2 * len(_SIGN_IN_WORD.findall(text)) + rare
