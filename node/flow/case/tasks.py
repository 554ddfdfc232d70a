"""Tasks: the states, who may move them, and what happens when two members move one at once.

Rules:

1. A task begins as Requested and moves along `TASK_MOVES`. The nation that is asked approves, does and
   submits its own work; any member may review it.
2. Given to another nation, a task is Requested again: no nation's approval binds another.
3. A version replaces those that its author knew. Versions that did not know of each other stand side by
   side; the next version that knows all of them settles it.
4. A version that breaks rule 1 or 2 is kept in the history and reported, and replaces nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from comity.v1 import channel_pb2 as pb
from node.flow.case.events import Ancestry, OpenedEvent
from node.flow.case.model import TaskEntry, TaskVersion

TASK_STATES = ("Requested", "Approved", "Doing", "Review", "Done")

# (from, to): who moves it, the assignee or anyone in the channel.
TASK_MOVES: dict[tuple[str, str], str] = {
    ("Requested", "Approved"): "assignee",
    ("Approved", "Doing"): "assignee",
    ("Doing", "Review"): "assignee",
    ("Review", "Doing"): "anyone",
    ("Review", "Done"): "anyone",
}


def may_move(state: str, to: str) -> bool:
    """Whether a task in `state` can go `to` at all."""
    return (state, to) in TASK_MOVES


def may_move_by(team: str, assignee: str, state: str, to: str) -> bool:
    """Whether `team` may move a task of `assignee` from `state` `to`."""
    return TASK_MOVES.get((state, to)) == "anyone" or (may_move(state, to) and team == assignee)


def follows(version: TaskVersion, earlier: TaskVersion) -> bool:
    """Whether `version` is an admissible successor of `earlier`: an edit, a move or a new assignment."""
    if version.assignee != earlier.assignee:
        return version.state == "Requested"
    if version.state == earlier.state:
        return True
    return may_move_by(version.team, earlier.assignee, earlier.state, version.state)


@dataclass
class TaskFold:
    """One task while its versions are folded, causes first."""

    id: bytes
    standing: list[tuple[OpenedEvent, TaskVersion]] = field(default_factory=list)
    history: list[TaskVersion] = field(default_factory=list)

    def take(
        self, event: OpenedEvent, task: pb.ChannelTask, ancestry: Ancestry, *, partial: bool = False
    ) -> TaskVersion | None:
        """Take in one version. Returns it when it is not admissible, otherwise None.

        `partial`: some of the past cannot be read here, so the first version read may have any state.
        """
        version = _version(event, task)
        self.history.append(version)
        known = [pair for pair in self.standing if ancestry.knew(event, pair[0])]
        if not _admissible(version, [earlier for _, earlier in known], partial):
            return version
        self.standing = [pair for pair in self.standing if pair not in known]
        self.standing.append((event, version))
        return None

    def entry(self) -> TaskEntry | None:
        """The task, or None when no admissible version exists."""
        if not self.standing:
            return None
        versions = tuple(version for _, version in self.standing)
        return TaskEntry(self.id, versions[-1], versions, tuple(self.history))


def _admissible(version: TaskVersion, known: Sequence[TaskVersion], partial: bool) -> bool:
    if not known:
        return version.state == "Requested" or (partial and version.state in TASK_STATES)
    return any(follows(version, earlier) for earlier in known)


def _version(event: OpenedEvent, task: pb.ChannelTask) -> TaskVersion:
    return TaskVersion(
        event=event.digest,
        team=event.author,
        at=event.created_at,
        officer=task.officer,
        title=task.title,
        assignee=task.assignee,
        state=task.state,
        note=task.note,
    )
