"""The closed lists of a case file, and the words that officers write for them in their own languages.

Promised: every reader here takes a cleaned, non-empty cell and returns the one code it stands for, or
raises `Unreadable`, whose text names the rule and never the cell. Nothing is guessed: a date with a
two-digit year, or a word that is not in the list, is refused. Sources: Directive (EU) 2016/680, Articles 6,
7 and 10; Directive 2011/36/EU, Article 2(3), as amended in 2024; Regulation (EU) 2016/794, Article 29.
"""

from __future__ import annotations

import re
from datetime import date

from comity.errors import Malformed
from comity.selector.countries import country

from .facts import Evaluation, Scheme


class Unreadable(Malformed):
    """A cell that is none of what its column allows. Message and remedy name the rule, never the cell."""

    remedy: str

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(message, code=code, remedy=remedy)


def _words(table: dict[str, str]) -> dict[str, str]:
    """'code: word, word' turned round: every word, and the code itself, to the code."""
    turned = {}
    for code, words in table.items():
        for word in (code, *words.split(",")):
            if word.strip():
                turned[word.strip().casefold()] = code
    return turned


SUBJECTS = _words(
    {
        "suspect": "verdachte, sospettato, indagato, suspectat, verdächtiger, verdächtig, suspecte, bănuit, "
        "sospechoso, podejrzany",
        "about_to": "about to offend, likely offender, zal plegen, potenziale autore, potențial autor, "
        "gefährder, potentiel auteur",
        "convicted": "veroordeelde, veroordeeld, condannato, condamnat, verurteilter, verurteilt, condamné, "
        "condamnée, condenado, skazany",
        "victim": "possible victim, slachtoffer, vittima, victimă, victima, opfer, victime, víctima, ofiara",
        "witness": "getuige, testimone, martor, zeuge, zeugin, témoin, testigo, świadek",
        "contact": "contactpersoon, contatto, kontakt, kontaktperson, contacto",
        "associate": "medeplichtige, associato, complice, asociat, begleitperson, associé",
        "informant": "informatore, informator, informateur, hinweisgeber, confidente",
        "missing": "missing person, vermist, vermiste, scomparso, dispărut, vermisst, disparu, desaparecido",
        "unknown": "onbekend, ignoto, sconosciuto, necunoscut, unbekannt, inconnu, desconocido, nieznany",
    }
)
"""Article 6 of Directive (EU) 2016/680, with the roles of Annex II.B of Regulation (EU) 2016/794."""

YES_NO = _words(
    {
        "yes": "y, true, 1, ja, j, wahr, sì, si, s, vero, da, d, adevărat, oui, o, vrai, sí, tak, waar",
        "no": "n, false, 0, nee, nein, falsch, falso, nu, fals, non, faux, nie, onwaar",
    }
)
CHILD = YES_NO | _words(
    {"presumed": "vermoed, vermoedelijk, presunto, presumat, vermutet, présumé, presumido, domniemany"}
)
SPECIAL = _words(
    {
        "racial_ethnic": "race, ethnic, ethnicity, ras, etniciteit, etnia, etnie, ethnie, ethnisch",
        "political": "politics, politiek, politica, politic, politique, politisch",
        "religion": "belief, religie, godsdienst, religione, religion, glaube",
        "union": "trade union, vakbond, sindacato, sindicat, gewerkschaft, syndicat",
        "genetic": "dna, genetisch, genetico, génétique",
        "biometric": "biometrisch, biometrico, biométrique, biometrie",
        "health": "gezondheid, salute, sănătate, sanatate, gesundheit, santé, medical",
        "sex_life": "sexual life, sexual orientation, seksleven, vita sessuale, viață sexuală, sexualleben, "
        "vie sexuelle",
        "unspecified": "yes, ja, sì, si, da, oui, true, 1",
    }
)
"""Article 10 of Directive (EU) 2016/680; "unspecified" when the file only says that there is some."""

EXPLOITATION = _words(
    {
        "SEX": "sexual, sexual exploitation, seksueel, sessuale, sfruttamento sessuale, sexuală, sexuell, "
        "sexuelle, prostitution",
        "LABOUR": "labor, forced labour, arbeid, arbeidsuitbuiting, lavoro, sfruttamento lavorativo, muncă, "
        "munca, arbeit, travail, caporalato",
        "BEGGING": "bedelarij, accattonaggio, cerșetorie, cersetorie, bettelei, mendicité",
        "SLAVERY": "slavernij, schiavitù, sclavie, sklaverei, esclavage",
        "SERVITUDE": "dienstbaarheid, servitù, servitute, leibeigenschaft",
        "CRIMINAL_ACTIVITY": "criminal activity, criminele uitbuiting, attività criminali, "
        "activități criminale, strafbare handlungen, activités criminelles",
        "ORGAN": "organ removal, organen, organi, organe, organes",
        "SURROGACY": "draagmoederschap, maternità surrogata, leihmutterschaft, gestation pour autrui",
        "FORCED_MARRIAGE": "forced marriage, gedwongen huwelijk, matrimonio forzato, căsătorie forțată, "
        "zwangsheirat, mariage forcé",
        "ILLEGAL_ADOPTION": "illegal adoption, illegale adoptie, adozione illegale, adopție ilegală, "
        "illegale adoption, adoption illégale",
    }
)
"""Forms of exploitation: Directive 2011/36/EU, Article 2(3), with Directive (EU) 2024/1712."""

HANDLING = {"h0": "H0", "h1": "H1", "h2": "H2", "h3": "H3"}
PAP = _words({"RED": "", "AMBER": "", "GREEN": "", "CLEAR": "white"})
SOURCES_3X5X2 = {"1": "B", "2": "X", "3": "C"}
INFORMATION_3X5X2 = {"A": "2", "B": "3", "C": "4", "D": "4", "E": "4"}
SOURCES_5X5X5 = {"A": "A", "B": "B", "C": "C", "D": "C", "E": "X"}
INFORMATION_5X5X5 = {"1": "1", "2": "2", "3": "3", "4": "4", "5": "4"}

SOURCE = _words({"own": "", "fiu": "", "europol": "", "europol_analysis": "", "jit": ""})
DEFECT = _words({"none": "no", "inaccurate": "", "incomplete": "", "outdated": "", "contested": ""})
HELD = _words({"direct": "", "indirect": "", "coercive": "", "nowhere": ""})
JUDICIAL = _words({"not_needed": "", "pending": "", "granted": "", "refused": ""})
SPECIAL_BASIS = _words(
    {"law": "", "vital_interests": "", "made_public_by_subject": "", "made_public_by_other": ""}
)

_CATEGORY = re.compile(r"^([2-6])\(?([a-m])\)?(?:\(?(x{0,1}(?:ix|iv|v?i{0,3}))\)?)?$", re.IGNORECASE)
_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$")
_DAY_FIRST = re.compile(r"^(\d{1,2})([-/.])\s?(\d{1,2})\2\s?(\d{4})$")
_MIDNIGHT = re.compile(r"[ T]00:00(?::00(?:\.0+)?)?Z?$")
_EARLIEST = date(1990, 1, 1)
_LATEST_YEARS = 30


def one_of(table: dict[str, str], text: str, *, allowed: str) -> str:
    """The code that `text` stands for in `table`."""
    code = table.get(text.casefold()) or table.get(" ".join(re.split(r"[\s_-]+", text.casefold())))
    if code is None:
        raise Unreadable("unknown-word", "The cell holds a word that this column does not know.", allowed)
    return code


def subject(text: str) -> str:
    """A category of data subject."""
    return one_of(SUBJECTS, text, allowed="Use one of: " + ", ".join(dict.fromkeys(SUBJECTS.values())) + ".")


def child(text: str) -> str:
    """Whether the person is a child: "presumed" where age is uncertain (Directive 2011/36/EU, 13(2))."""
    return one_of(CHILD, text, allowed="Use yes, no or presumed.")


def yes_no(text: str) -> bool:
    """A yes or a no."""
    return one_of(YES_NO, text, allowed="Use yes or no.") == "yes"


def several(table: dict[str, str], text: str, *, allowed: str) -> tuple[str, ...]:
    """All codes in a cell that lists several, parted by comma, semicolon, slash or bar; sorted."""
    parts = [part for part in re.split(r"[,;|/]", text) if part.strip()]
    return tuple(sorted({one_of(table, part.strip(), allowed=allowed) for part in parts}))


def special(text: str) -> tuple[str, ...]:
    """Special categories of data; a plain "no" is none."""
    if YES_NO.get(text.casefold()) == "no":
        return ()
    return several(SPECIAL, text, allowed="Use no, or: " + ", ".join(dict.fromkeys(SPECIAL.values())) + ".")


def exploitation(text: str) -> tuple[str, ...]:
    """Forms of exploitation."""
    known = ", ".join(dict.fromkeys(EXPLOITATION.values()))
    return several(EXPLOITATION, text, allowed=f"Use: {known}.")


def handling(text: str) -> str:
    """A Europol handling code."""
    return one_of(HANDLING, text, allowed="Use H0, H1, H2 or H3.")


def pap(text: str) -> str:
    """A colour of the Permissible Actions Protocol, with or without "PAP:"."""
    return one_of(PAP, text.upper().removeprefix("PAP:").strip(), allowed="Use RED, AMBER, GREEN or CLEAR.")


def word(table: dict[str, str], text: str) -> str:
    """One word of a short list that has no synonyms."""
    return one_of(table, text, allowed=f"Use one of: {', '.join(sorted(set(table.values())))}.")


def defect(text: str) -> str:
    """What is known to be wrong with a statement (Directive (EU) 2016/680, Article 7(2)); "" for nothing."""
    found = word(DEFECT, text)
    return "" if found == "none" else found


def exposes(text: str) -> tuple[str, ...]:
    """Whom a release would expose, in the words of the exposure list; a plain "no" is nobody."""
    if YES_NO.get(text.casefold()) == "no":
        return ()
    return tuple(sorted({part.strip().casefold() for part in re.split(r"[,;|/]", text) if part.strip()}))


def state(text: str) -> str:
    """An ISO 3166-1 alpha-2 code; codes of travel documents and vehicle signs are understood."""
    code = country(text)
    if code is None:
        raise Unreadable(
            "unknown-state", "A state is written as two letters.", "Use ISO 3166 codes: NL, IT, RO."
        )
    return code


def category(text: str) -> str:
    """A point of Annex II, Section B, in one spelling: "2(h)", "2(a)(xiv)"."""
    found = _CATEGORY.match(text.replace(" ", ""))
    if found is None:
        raise Unreadable(
            "unknown-category",
            "The category is not a point of Annex II.B of Regulation (EU) 2016/794.",
            "Write it as in 2(h) or 2(a)(xiv).",
        )
    point, letter, roman = found.groups()
    return f"{point}({letter.lower()})" + (f"({roman.lower()})" if roman else "")


def evaluation(text: str) -> Evaluation:
    """A 4x4 code, or a 3x5x2 or 5x5x5 code mapped to 4x4 with a loss; the original is kept."""
    code = re.sub(r"[\s,/.-]", "", text).upper()
    if re.fullmatch(r"[ABCX][1-4]", code):
        return Evaluation(code, text, "4x4")
    if re.fullmatch(r"[123][A-E][PC]?", code):
        return _mapped(code, text, "3x5x2", SOURCES_3X5X2, INFORMATION_3X5X2, false="E")
    if re.fullmatch(r"[A-E][1-5][1-5]", code):
        return _mapped(code, text, "5x5x5", SOURCES_5X5X5, INFORMATION_5X5X5, false="5")
    raise Unreadable(
        "unknown-evaluation",
        "The evaluation is neither a 4x4, a 3x5x2 nor a 5x5x5 code.",
        "Write it as in B2, 2C or B24.",
    )


def _mapped(
    code: str, text: str, scheme: Scheme, sources: dict[str, str], information: dict[str, str], *, false: str
) -> Evaluation:
    return Evaluation(sources[code[0]] + information[code[1]], text, scheme, suspected_false=code[1] == false)


def day(text: str, *, today: date) -> date:
    """A calendar date: 2027-03-31, 31.03.2027, 31/03/2027 or 31-03-2027; day before month, four-digit year.

    Dates before 1990 or more than 30 years after `today` are taken for slips of the keyboard.
    """
    text = _MIDNIGHT.sub("", text)
    if found := _ISO.match(text):
        year, month, number = (int(part) for part in found.groups())
    elif found := _DAY_FIRST.match(text):
        number, month, year = int(found[1]), int(found[3]), int(found[4])
    else:
        raise Unreadable("bad-date", "The date cannot be read.", "Write it as 2027-03-31 or 31.03.2027.")
    try:
        result = date(year, month, number)
    except ValueError:
        remedy = "Write the day before the month, or use 2027-03-31."
        raise Unreadable("bad-date", "There is no such day in the calendar.", remedy) from None
    if result < _EARLIEST or result.year > today.year + _LATEST_YEARS:
        raise Unreadable("bad-date", "The year is too far away to be meant.", "Check the year.")
    return result


def years(text: str) -> int:
    """A whole number of years, 0 to 99."""
    if not re.fullmatch(r"[0-9]{1,2}", text):
        raise Unreadable(
            "bad-number", "The maximum penalty is a whole number of years.", "Write it as in 10."
        )
    return int(text)
