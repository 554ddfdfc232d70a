"""The script of a demonstration, read from files: teams with officers and case files, requests, a channel.

The rules: `story.toml` names teams, officers, requests and the channel; a folder of case files that it does
not name is a team with officers of its own. A selector is named by kind and teams only, never by value.
A script that contradicts itself is refused, naming the field.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from comity.errors import Malformed

SCRIPT = "story.toml"
LEAST, MOST = 2, 9
_CASE_FILES = (".csv", ".tsv", ".txt", ".json")
_TEAM = r"^[a-z][a-z0-9-]{1,31}$"
_STATE = re.compile(r"[a-z]{2}")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Officer(_Part):
    """A person of a team, with roles as R-CO and R-LO."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{1,31}$")
    name: str = ""
    roles: list[str] = Field(min_length=1)


class Team(_Part):
    """A nation's team and its case files, named below the examples' folder."""

    id: str = Field(pattern=_TEAM)
    state: str = Field(pattern=r"^[A-Z]{2}$")
    name: str
    files: list[str] = Field(min_length=1)
    officers: list[Officer] = Field(alias="officer", min_length=1)

    def officer(self, name: str) -> Officer | None:
        """The officer of that id."""
        return next((each for each in self.officers if each.id == name), None)


class Inquiry(_Part):
    """One request after a hit: who asks whom, on which kind of hit, stating what."""

    id: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    source: str = Field(alias="from", pattern=_TEAM)
    to: str = Field(pattern=_TEAM)
    kind: str
    pair: list[str] = []
    shared_by: int = Field(default=2, ge=2)
    officer: str
    reviewed_by: str
    provider_officer: str
    provider_approver: str
    instrument: str = Field(default="2023/977", pattern=r"^2023/977$")
    purpose: str = "thb"
    offence: str = "thb"
    legal_basis: str = ""
    case_reference: str = ""
    facts: str = ""
    link: str = ""
    available_because: str = ""
    items: list[str] = Field(min_length=1)
    urgency_ground: str = ""
    urgency_reasons: str = ""
    access: str = "direct"
    use: str = "intel"
    language: str = "en"
    via_spoc: bool = True
    exception_channel: str = ""
    subject_category: str = ""

    def stated(self, request: str, hit: str) -> dict[str, Any]:
        """What the operations `requests.draft` and `requests.send` take."""
        same = ("items", "purpose", "offence", "legal_basis", "case_reference", "facts", "link")
        more = ("urgency_reasons", "access", "use", "language", "via_spoc", "subject_category")
        stated = {name: getattr(self, name) for name in (*same, *more)}
        renamed = {"urgency": self.urgency_ground, "exception": self.exception_channel}
        return {"request": request, "hit": hit, **stated, **renamed}


class Message(_Part):
    """A message into the channel."""

    team: str
    officer: str
    text: str


class Task(_Part):
    """A task that one team asks of another."""

    team: str
    officer: str
    assignee: str
    title: str


class Meeting(_Part):
    """The channel: who opens it on which hit, who joins, what is said."""

    title: str
    opened_by: str
    members: list[str] = Field(min_length=2)
    kind: str
    shared_by: int = Field(default=2, ge=2)
    messages: list[Message] = []
    tasks: list[Task] = []


class Story(_Part):
    """All of it."""

    title: str = "A demonstration"
    teams: list[Team] = Field(alias="team", default=[])
    inquiries: list[Inquiry] = Field(alias="request", default=[])
    channel: Meeting | None = None


def read_story(folder: Path) -> Story:
    """The story in a folder.

    Raises:
        Malformed: no folder, no TOML, a name that nobody bears, or not 2 to 9 teams.
    """
    if not folder.is_dir():
        raise Malformed(
            "There is no such folder of examples.",
            field="--examples",
            remedy="give a folder with one folder of case files for each nation, and a story.toml",
        )
    story = _parsed(folder / SCRIPT)
    named = {team.id for team in story.teams}
    others = [_team(each) for each in sorted(folder.iterdir()) if each.name not in named and _is_team(each)]
    story = story.model_copy(update={"teams": [*story.teams, *others]})
    _check(story, folder)
    return story


def _parsed(path: Path) -> Story:
    if not path.is_file():
        return Story()
    try:
        return Story.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Malformed(f"{SCRIPT} is not TOML: {error}.", field=SCRIPT) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Malformed(f"{SCRIPT}: {where}: {first['msg']}.", field=where) from None


def _is_team(folder: Path) -> bool:
    return folder.is_dir() and re.fullmatch(_TEAM, folder.name) is not None and bool(_case_files(folder))


def _case_files(folder: Path) -> list[str]:
    return sorted(f"{folder.name}/{each.name}" for each in folder.iterdir() if each.suffix in _CASE_FILES)


def _team(folder: Path) -> Team:
    """A team that has files and no word in the script."""
    name = folder.name
    if not _STATE.fullmatch(name):
        raise Malformed(
            f"The folder {name} is not called after a state, and {SCRIPT} does not say which state it is.",
            field="--examples",
            remedy="call it by two letters, as nl, or add a [[team]]",
        )
    officers = [
        Officer(id=f"{name}-{word}-1", name=f"Officer {name}-{word}-1", roles=[role])
        for word, role in (("co", "R-CO"), ("lo", "R-LO"))
    ]
    return Team(
        id=name, state=name.upper(), name=f"Example team {name}", files=_case_files(folder), officers=officers
    )


def _check(story: Story, folder: Path) -> None:
    if not LEAST <= len(story.teams) <= MOST:
        raise Malformed(
            f"A demonstration has {LEAST} to {MOST} nations; this folder makes {len(story.teams)}.",
            field="--examples",
            remedy="one folder of case files for each nation",
        )
    _check_unique(story)
    for team in story.teams:
        for name in team.files:
            if not (folder / name).is_file():
                raise Malformed(f"There is no case file {name}.", field=f"team {team.id}")
    for inquiry in story.inquiries:
        _check_officer(story, inquiry.source, inquiry.officer, f"request {inquiry.id}")
        _check_officer(story, inquiry.source, inquiry.reviewed_by, f"request {inquiry.id}")
        _check_officer(story, inquiry.to, inquiry.provider_officer, f"request {inquiry.id}")
        _check_officer(story, inquiry.to, inquiry.provider_approver, f"request {inquiry.id}")
    if story.channel is not None:
        _check_channel(story, story.channel)


def _check_unique(story: Story) -> None:
    for what, names in (
        ("team", [team.id for team in story.teams]),
        ("officer", [officer.id for team in story.teams for officer in team.officers]),
        ("request", [inquiry.id for inquiry in story.inquiries]),
    ):
        if len(set(names)) != len(names):
            raise Malformed(f"Two of kind {what} have one id.", field=what, remedy="give each its own")


def _check_officer(story: Story, team: str, officer: str, field: str) -> None:
    found = next((each for each in story.teams if each.id == team), None)
    if found is None or found.officer(officer) is None:
        raise Malformed(f"The team {team} has no officer {officer}.", field=field)


def _check_channel(story: Story, channel: Meeting) -> None:
    teams = {team.id for team in story.teams}
    if channel.opened_by not in channel.members or not set(channel.members) <= teams:
        raise Malformed("The channel's members are teams, and who opens it is one of them.", field="channel")
    said: list[Message | Task] = [*channel.messages, *channel.tasks]
    for each in said:
        if each.team not in channel.members:
            raise Malformed("Only members write into the channel.", field="channel")
        _check_officer(story, each.team, each.officer, "channel")
    if not all(task.assignee in channel.members for task in channel.tasks):
        raise Malformed("A task is asked of a member of the channel.", field="channel")
