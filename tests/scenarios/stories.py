"""What the scenarios have in common: small case files, the example cases, and a view behind the curtain.

The view (`met`, `holding`, `shown_to`) opens what a node has sealed, to compare it with what the files say
in clear. No node can do that with another's.
"""

from __future__ import annotations

import base64
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from node.flow.intake import read_case_file
from node.records import Hit, HitRecord, PublishedToken, Selector, SelectorRecord
from node.service import gate
from policy import Action
from tests.simulator import Federation, Team

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NATIONS = ("nl", "it", "ro")

PHONE = "+40722123419"
OTHER_PHONE = "+40731555204"
THIRD_PHONE = "+40722123418"
IBAN = "RO49AAAA1B31007593840000"
SUBSCRIBER = "Marius Verzonnen, subscriber since 2024"

Held = tuple[str, str]
Meeting = tuple[str, str, str]

_FACTS: Mapping[str, str] = {
    "legal basis": "national act, article 1",
    "offence": "thb",
    "exploitation": "SEX",
    "max penalty": "12",
    "safe house": "no",
    "child": "no",
    "special": "no",
    "assessment": "no",
    "handling": "H0",
    "crime area": "trafficking-in-human-beings",
    "source": "own",
    "defect": "no",
    "exposes": "no",
    "subject": "suspect",
    "evaluation": "A1",
    "expiry": "2029-12-31",
}


def case_file(
    case: str, *held: Held, item: str = SUBSCRIBER, columns: Mapping[str, str] | None = None, **facts: str
) -> str:
    """A case file in which the law finds nothing to withhold, unless `facts` give it something.

    `columns` are further data items, heading to value; a fact may be written `legal_basis`.
    """
    stated = {**_FACTS, **{name.replace("_", " "): value for name, value in facts.items()}}
    items = {"item:2(a)(i):subscriber": item, **(columns or {})}
    head = [f"#case: {case}"] if case else []
    head += [f"#{name}: {value}" for name, value in stated.items() if value]
    rows = [";".join([kind, value, *items.values()]) for kind, value in held]
    return "\n".join([*head, ";".join(["kind", "value", *items]), *rows]) + "\n"


def phones(*numbers: str) -> list[Held]:
    """Selectors of the kind that most cases begin with."""
    return [("phone", number) for number in numbers]


def hold(team: Team, *held: Held, case: str = "", **facts: Any) -> dict[str, Any]:
    """The team reads a case file with these selectors; returns the report."""
    text = case_file(case or f"{team.name.upper()}-2026-1", *held, **facts)
    report = team.import_text("case.csv", text)
    assert isinstance(report, dict)
    return report


def met_on(folder: Path, held: Mapping[str, Iterable[Held]], **settings: Any) -> Federation:
    """A federation in which every team has read its selectors and everybody has published and pulled."""
    federation = Federation(folder, **settings)
    for name, selectors in held.items():
        hold(federation[name], *selectors)
    federation.exchange()
    return federation


def only_hit(team: Team) -> dict[str, Any]:
    """The one hit that this team has."""
    (hit,) = team.run("hits")
    assert isinstance(hit, dict)
    return hit


def states(team: Team) -> Counter[str]:
    """How many hits are in which state."""
    return Counter(hit["state"] for hit in team.run("hits"))


def hit_ids(team: Team, peer: str | None = None) -> dict[str, str]:
    """The ids of a team's hits and their states."""
    return {hit["hit"]: hit["state"] for hit in team.run("hits") if peer in (None, hit["peer"])}


def alarms(team: Team) -> Counter[str]:
    """Open alarms by code."""
    return Counter(alarm["code"] for alarm in team.run("status")["alarms"])


def record_of(team: Team, value: str = PHONE) -> str:
    """The id of the record in which the team holds this value (as typed), the newest if there are several."""
    found = [row["record"] for row in team.run("records") if row["value"].replace(" ", "") == value]
    return str(found[-1])


def item_of(team: Team, value: str = PHONE, category: str = "2(a)(i)") -> str:
    """The id of a data item of that record."""
    items = team.run("items", record=record_of(team, value))
    return str(next(item["item"] for item in items if item["category"] == category))


# The example cases


def files_of(team: str) -> list[Path]:
    """The example files of one team."""
    return sorted((EXAMPLES / team).iterdir())


def read_file(team: Team, path: Path) -> dict[str, Any]:
    """Imports one file as it lies on disk."""
    report = team.run("import", name=path.name, data=base64.b64encode(path.read_bytes()).decode())
    assert isinstance(report, dict)
    return report


def read_examples(federation: Federation) -> list[dict[str, Any]]:
    """Every team reads its example files; returns all reports."""
    return [read_file(federation[team], path) for team in NATIONS for path in files_of(team)]


def in_clear(federation: Federation, team: str) -> set[Held]:
    """Kind and normal form of everything that a team's files hold, read without any node."""
    found: set[Held] = set()
    for path in files_of(team):
        intake = read_case_file(
            path.name,
            path.read_bytes(),
            now=federation.clock.now(),
            team_state=team.upper(),
            defaults=None,
        )
        found |= {(line.kind, normal) for line in intake.records for normal in line.normal_forms}
    return found


# Behind the curtain


@contextmanager
def opened(team: Team) -> Iterator[Session]:
    """A session on what the team's node keeps."""
    with team.node.store.read() as session:
        yield session


def holding(team: Team) -> set[Held]:
    """Kind and normal form of all selectors of a node."""
    with opened(team) as session:
        return {_clear(session, team, selector) for selector in session.exec(select(Selector)).all()}


def shown_to(team: Team, audience: str) -> set[Held]:
    """What stands in the feed to one audience, in clear."""
    query = (
        select(Selector)
        .join(PublishedToken, col(PublishedToken.selector_id) == col(Selector.id))
        .where(PublishedToken.audience == audience)
    )
    with opened(team) as session:
        return {_clear(session, team, selector) for selector in session.exec(query).all()}


def notifiable_to(team: Team, peer: str) -> set[Held]:
    """The selectors of which the gate lets the peer be notified."""
    query = select(SelectorRecord, Selector).join(
        Selector, col(Selector.id) == col(SelectorRecord.selector_id)
    )
    with team.node.store.write() as session:
        return {
            _clear(session, team, selector)
            for record, selector in session.exec(query).all()
            if gate.verdict(session, team.node, record, Action.NOTIFY, peer).permitted
        }


def met(team: Team) -> Counter[Meeting]:
    """How often each selector met which peer, in clear: once for each own record and peer."""
    query = (
        select(Hit, Selector)
        .join(HitRecord, col(HitRecord.hit_id) == col(Hit.id))
        .join(SelectorRecord, col(SelectorRecord.id) == col(HitRecord.record_id))
        .join(Selector, col(Selector.id) == col(SelectorRecord.selector_id))
    )
    with opened(team) as session:
        return Counter(
            (hit.peer, *_clear(session, team, selector)) for hit, selector in session.exec(query).all()
        )


def must_meet(federation: Federation) -> dict[str, set[Meeting]]:
    """For each team what it must meet: both hold it, one shows it, and the other may say so."""
    teams = {team.name: team for team in federation.nations}
    clear = {name: in_clear(federation, name) for name in teams}
    found: dict[str, set[Meeting]] = {name: set() for name in teams}
    for one, other in itertools.permutations(teams, 2):
        seen = shown_to(teams[one], other) & notifiable_to(teams[other], one)
        for kind, normal in clear[one] & clear[other] & seen:
            found[one].add((other, kind, normal))
            found[other].add((one, kind, normal))
    return found


def _clear(session: Session, team: Team, selector: Selector) -> Held:
    where = f"selector/{selector.digest.hex()}/normal"
    return selector.kind, team.node.vault.open(session, where, selector.normal_sealed).decode()
