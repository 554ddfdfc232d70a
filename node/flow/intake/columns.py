"""The names of columns: what each heading of a case file means, in English and in officers' languages.

Promised: case, accents, spaces, hyphens and underscores in a heading do not matter; two headings that
mean the same field are refused, because nobody can tell which one counts. A heading that starts with
`item:` makes a data item (see `items`). A heading that is not known is reported and not read.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from comity.errors import Malformed

from .items import ItemColumn, item_column

_ALIASES = {
    "kind": "type, selector kind, selector type, soort, tipo, tip, art, typ, sorte, tipo selettore, "
    "tip selector",
    "value": "selector, waarde, valore, valoare, wert, valeur, valor, wartość, gegeven, dato",
    "region": "country, land, paese, țară, pays, país, kraj",
    "case_reference": "case, case ref, case number, reference, zaak, zaaknummer, dossier, dossiernummer, "
    "procedimento, fascicolo, caso, numero caso, dosar, număr dosar, nr dosar, fall, "
    "aktenzeichen, affaire, numéro de dossier",
    "title": "case title, titel, titolo, titlu, titre, título",
    "legal_basis": "basis, rechtsgrond, grondslag, base giuridica, temei legal, temei juridic, "
    "rechtsgrundlage, base légale, base juridique, base legal",
    "offence": "offense, crime, strafbaar feit, delict, reato, infracțiune, straftat, delikt, "
    "infraction, delito",
    "subject_category": "subject, category, role, person category, betrokkene, rol, hoedanigheid, ruolo, "
    "categoria, categoria soggetto, calitate, rolle, catégorie, qualité",
    "child": "minor, minderjarig, minderjarige, minore, minorenne, minderjährig, mineur",
    "special": "special category, special categories, bijzonder, bijzondere gegevens, dati particolari, "
    "date speciale, besondere kategorie, catégorie particulière",
    "origin_state": "origin, herkomst, herkomstland, origine, stato di origine, stat de origine, herkunft, "
    "herkunftsstaat, état d'origine",
    "origin_consent": "consent, toestemming, consenso, consimțământ, consimțământul, zustimmung, "
    "consentement",
    "handling": "handling code, verwerkingscode, code, codice, codice di trattamento, cod, cod de "
    "manipulare, handhabungscode, code de traitement",
    "handling_note": "note, opmerking, nota, observații, observatii, bemerkung, remarque",
    "evaluation": "eval, evaluatie, valutazione, evaluare, bewertung, évaluation, grading",
    "assessment": "opinion, personal assessment, beoordeling, oordeel, giudizio, apreciere, einschätzung, "
    "appréciation",
    "expiry": "expires, expiry date, valid until, vervaldatum, geldig tot, scadenza, valido fino al, "
    "expiră, data expirării, valabil până la, ablauf, gültig bis, expiration, valable "
    "jusqu'au",
    "crime_area": "area, criminaliteitsgebied, area criminale, area di reato, domeniu, "
    "kriminalitätsbereich, domaine",
    "exploitation": "form of exploitation, exploitation form, uitbuiting, vorm van uitbuiting, sfruttamento, "
    "exploatare, forma de exploatare, ausbeutung, ausbeutungsform, explotación",
    "safe_house": "safehouse, shelter, opvang, opvanglocatie, casa protetta, rifugio, adăpost, "
    "schutzwohnung, refuge, foyer",
    "pap": "permissible actions",
    "special_basis": "basis of special category",
    "strictly_necessary": "strict necessity, strikt noodzakelijk, strettamente necessario, strict necesar, "
    "unbedingt erforderlich, strictement nécessaire",
    "defect": "known defect",
    "held": "obtainable",
    "judicial": "judicial authorisation",
    "exposes": "would expose",
    "source": "bron, fonte, sursă, quelle",
    "max_penalty_years": "max penalty, maximum penalty, maximumstraf, pena massima, pedeapsa maximă, "
    "höchststrafe, "
    "peine maximale",
    "officer": "case officer, behandelaar, rechercheur, responsabile, ufficiale, ofițer, sachbearbeiter, "
    "enquêteur",
}
FIELDS = frozenset(_ALIASES)


def _key(heading: str) -> str:
    """A heading without case, accents and punctuation, so that "Număr-dosar" is "numardosar"."""
    flat = unicodedata.normalize("NFKD", heading.casefold())
    return "".join(char for char in flat if char.isalnum())


_FIELD_OF = {
    _key(alias): field for field, words in _ALIASES.items() for alias in (field, *reversed(words.split(",")))
}


def field_name(heading: str) -> str | None:
    """The field that a heading names, or None."""
    return _FIELD_OF.get(_key(heading))


@dataclass(frozen=True, slots=True)
class Columns:
    """A header row, understood: per cell its field, its item column, or None for one that is not read."""

    fields: tuple[str | None, ...]
    items: tuple[tuple[int, ItemColumn], ...]
    unknown: tuple[int, ...]


def recognised(headings: Sequence[str]) -> int:
    """How many of the headings mean something: the measure by which the delimiter is found."""
    return sum(_is_item(heading) or field_name(heading) is not None for heading in headings)


def read_header(headings: Sequence[str], *, given: frozenset[str], today: date) -> Columns:
    """The columns of a file. `given` are the fields that the header block or the defaults already fill.

    Raises Malformed when there is no value column, no kind at all, a heading twice, or a bad item heading.
    """
    fields = tuple(None if _is_item(heading) else field_name(heading) for heading in headings)
    named = [field for field in fields if field is not None]
    _refuse_repeats(named)
    if "value" not in named or "kind" not in {*named, *given}:
        raise Malformed(
            "The first row does not name the columns kind and value.",
            code="no-header",
            field="header",
            remedy="Put a header row above the data: kind;value;case;legal basis;subject;expiry.",
        )
    items = tuple((at, item_column(text, today=today)) for at, text in enumerate(headings) if _is_item(text))
    known = {at for at, _ in items} | {at for at, field in enumerate(fields) if field}
    unknown = tuple(at for at, text in enumerate(headings) if text.strip() and at not in known)
    return Columns(fields, items, unknown)


def _is_item(heading: str) -> bool:
    return heading.strip().casefold().startswith("item:")


def _refuse_repeats(named: list[str]) -> None:
    for field in named:
        if named.count(field) > 1:
            raise Malformed(
                "Two columns mean the same field.",
                code="column-twice",
                field=field,
                remedy="Keep one of them, or rename the other to item:<label>.",
            )
