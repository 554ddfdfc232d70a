"""The shared case as data: what a console shows and what a report is made from."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Member:
    """One stay of a team in the channel; `until` is None while it lasts."""

    team: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TaskVersion:
    """One member's statement about a task."""

    event: bytes
    team: str
    at: datetime
    officer: str
    title: str
    assignee: str
    state: str
    note: str

    @property
    def says(self) -> tuple[str, str, str]:
        """What two versions must agree in, lest they conflict."""
        return (self.title, self.assignee, self.state)


@dataclass(frozen=True, slots=True)
class TaskEntry:
    """A task: the version shown, all versions that stand (more than one: see `conflict`), and its past."""

    id: bytes
    shown: TaskVersion
    versions: tuple[TaskVersion, ...]
    history: tuple[TaskVersion, ...]

    @property
    def conflict(self) -> bool:
        """Whether members who did not know of each other's edit say different things."""
        return len({version.says for version in self.versions}) > 1


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file that was announced, and where its chunks are: event digests by index."""

    id: bytes
    event: bytes
    team: str
    at: datetime
    officer: str
    name: str
    size: int
    sha256: bytes
    chunks: int
    handling: str
    note: str
    present: dict[int, bytes] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[int, ...]:
        """Indices of the chunks that have not arrived."""
        return tuple(index for index in range(self.chunks) if index not in self.present)

    @property
    def complete(self) -> bool:
        """Whether all chunks are here; the hash is checked on assembly."""
        return len(self.present) == self.chunks


@dataclass(frozen=True, slots=True)
class SharedCase:
    """What the events say. Lists are in the channel's one order."""

    channel: bytes = b""
    title: str = ""
    status: str = ""
    legal_basis: str = ""
    hits: tuple[bytes, ...] = ()
    members: tuple[Member, ...] = ()
    messages: tuple[dict[str, Any], ...] = ()
    tasks: tuple[TaskEntry, ...] = ()
    files: tuple[FileEntry, ...] = ()
    timeline: tuple[dict[str, Any], ...] = ()
    conflicts: tuple[dict[str, Any], ...] = ()
    unreadable: tuple[dict[str, Any], ...] = ()

    @property
    def present_members(self) -> frozenset[str]:
        """The teams that are members now."""
        return frozenset(member.team for member in self.members if member.until is None)

    def task(self, task_id: bytes) -> TaskEntry | None:
        """The task of that id."""
        return next((task for task in self.tasks if task.id == task_id), None)

    def file(self, file_id: bytes) -> FileEntry | None:
        """The file of that id."""
        return next((file for file in self.files if file.id == file_id), None)

    def to_dict(self) -> dict[str, Any]:
        """The case as JSON-able data: bytes in hexadecimal, times in RFC 3339 UTC."""
        plain = {
            name: getattr(self, name) for name in self.__slots__ if name not in {"tasks", "files", "members"}
        }
        plain["members"] = [asdict(member) for member in self.members]
        plain["tasks"] = [_task(task) for task in self.tasks]
        plain["files"] = [_file(file) for file in self.files]
        result: dict[str, Any] = as_json(plain)
        return result


def _task(task: TaskEntry) -> dict[str, Any]:
    return {
        "id": task.id,
        **asdict(task.shown),
        "conflict": task.conflict,
        "versions": [asdict(version) for version in task.versions],
        "history": [asdict(version) for version in task.history],
    }


def _file(file: FileEntry) -> dict[str, Any]:
    fields = asdict(file)
    fields["present"] = len(file.present)
    return {**fields, "complete": file.complete, "missing": file.missing}


def as_json(value: Any) -> Any:
    """`value` with bytes as hexadecimal and times as RFC 3339."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    return value


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
