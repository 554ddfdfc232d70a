"""The shared case: what the events of a channel say, folded.

Promised: the same set of events gives the same case on every node, in whatever order and however often
they are given; nothing that a member wrote is lost: edits made without knowing of each other are both
kept and shown as a conflict, moves that no rule allows are kept and change nothing.
Left to others: which events count and who was a member (`comity.channel`), decryption, what may be
written (`node.flow.channel`).
"""

from __future__ import annotations

from node.flow.case.events import OpenedEvent
from node.flow.case.fold import fold
from node.flow.case.model import FileEntry, Member, SharedCase, TaskEntry, TaskVersion
from node.flow.case.tasks import TASK_MOVES, TASK_STATES, may_move, may_move_by

__all__ = [
    "TASK_MOVES",
    "TASK_STATES",
    "FileEntry",
    "Member",
    "OpenedEvent",
    "SharedCase",
    "TaskEntry",
    "TaskVersion",
    "fold",
    "may_move",
    "may_move_by",
]
