"""Steps on content: messages, tasks, closing. Each returns the payload and the kind of event to write."""

from __future__ import annotations

from typing import NamedTuple

from google.protobuf.message import Message

from comity.envelope import Chance
from comity.errors import Conflict, Forbidden, Malformed, NotFound
from comity.v1 import channel_pb2 as pb
from node.flow.case import SharedCase, TaskEntry, TaskVersion, may_move, may_move_by

TEXT_LIMIT = 64 * 1024  # bytes of UTF-8 in one message
TITLE_LIMIT = 200  # characters


class Step(NamedTuple):
    """What is to be written: see `node.flow.channel.write`."""

    kind: pb.ChannelEventKind.ValueType
    payload: Message


def message(
    case: SharedCase, team: str, *, text: str, officer: str, chance: Chance, handling: str = ""
) -> Step:
    """A message of `officer` to all members."""
    check_may_write(case, team, officer)
    if not text.strip() or len(text.encode()) > TEXT_LIMIT:
        raise Malformed("A message has some text, and at most 64 KiB of it.", field="text")
    body = pb.ChannelMessage(id=chance(16), text=text, officer=officer, handling=handling)
    return Step(pb.CHANNEL_EVENT_KIND_MESSAGE, body)


def task(
    case: SharedCase, team: str, *, title: str, assignee: str, officer: str, chance: Chance, note: str = ""
) -> Step:
    """A task asked of `assignee`, a member (it may be `team` itself). It begins as Requested."""
    check_may_write(case, team, officer)
    _check_assignee(case, assignee)
    return _task(chance(16), (check_title(title), assignee, "Requested"), officer, note)


def move_task(case: SharedCase, team: str, task_id: bytes, to: str, *, officer: str, note: str = "") -> Step:
    """The task, moved `to` its next state. Refused while the task is in conflict, or by the wrong nation."""
    check_may_write(case, team, officer)
    shown = _undisputed(find_task(case, task_id))
    if not may_move(shown.state, to):
        raise Conflict(f"A task cannot go from {shown.state} to {to}.", code="task-move", field="state")
    if not may_move_by(team, shown.assignee, shown.state, to):
        raise Forbidden(
            "Only the nation that was asked approves and does the task.",
            code="not-the-assignee",
            remedy=f"Ask {shown.assignee} to move it.",
        )
    return _task(task_id, (shown.title, shown.assignee, to), officer, note)


def edit_task(
    case: SharedCase,
    team: str,
    task_id: bytes,
    *,
    officer: str,
    title: str | None = None,
    assignee: str | None = None,
    note: str = "",
) -> Step:
    """The task under another title, with another note, or asked of another nation (then Requested again)."""
    check_may_write(case, team, officer)
    shown = _undisputed(find_task(case, task_id))
    to = assignee or shown.assignee
    _check_assignee(case, to)
    state = shown.state if to == shown.assignee else "Requested"
    return _task(task_id, (check_title(title or shown.title), to, state), officer, note)


def settle_task(
    case: SharedCase, team: str, task_id: bytes, version: bytes, *, officer: str, note: str = ""
) -> Step:
    """Settle a task in conflict: `version` (its event's digest) is the one that shall stand."""
    check_may_write(case, team, officer)
    entry = find_task(case, task_id)
    for standing in entry.versions:
        if standing.event == version:
            return _task(task_id, standing.says, officer, note)
    raise NotFound("No version of the task that stands was made by this event.", field="version")


def close(case: SharedCase, team: str, *, reason: str, officer: str, chance: Chance) -> Step:
    """Close the channel: nothing is written after it."""
    check_may_write(case, team, officer)
    body = pb.ChannelMessage(id=chance(16), text=reason, officer=officer)
    return Step(pb.CHANNEL_EVENT_KIND_CLOSE, body)


def check_may_write(case: SharedCase, team: str, officer: str) -> None:
    """The channel is open, `team` is a member, and a person answers for the entry."""
    if case.status == "closed":
        raise Conflict("The channel is closed.", code="channel-closed")
    if team not in case.present_members:
        raise Forbidden("Only members write into a channel.", code="not-a-member")
    if not officer.strip():
        raise Malformed("An entry names the officer who makes it.", field="officer")


def check_title(title: str) -> str:
    """`title`, when it is not empty and not too long."""
    if not title.strip() or len(title) > TITLE_LIMIT:
        raise Malformed("A title has 1 to 200 characters.", field="title")
    return title


def find_task(case: SharedCase, task_id: bytes) -> TaskEntry:
    """The task of that id. Raises `NotFound`."""
    entry = case.task(task_id)
    if entry is None:
        raise NotFound("There is no such task in this channel.", field="task")
    return entry


def _undisputed(entry: TaskEntry) -> TaskVersion:
    if entry.conflict:
        raise Conflict(
            "The task was changed at two places at once.",
            code="task-in-conflict",
            remedy="Look at both versions and settle which one stands.",
        )
    return entry.shown


def _check_assignee(case: SharedCase, assignee: str) -> None:
    if assignee not in case.present_members:
        raise Forbidden("A task is asked of a member of the channel.", code="not-a-member", field="assignee")


def _task(task_id: bytes, says: tuple[str, str, str], officer: str, note: str) -> Step:
    title, assignee, state = says
    body = pb.ChannelTask(id=task_id, title=title, assignee=assignee, state=state, officer=officer, note=note)
    return Step(pb.CHANNEL_EVENT_KIND_TASK, body)
