"""The steps of a channel: what a team may write now, and how events are made and read.

Promised: each step is a pure function of the shared case or the log, and refuses with the rule that
stands against it; a step that the fold would report as inadmissible is refused here first.
Before a signed agreement there is no joint investigation team and no JIT space (Regulation (EU) 2023/969
Art. 2(2), 13(1)): a hit opens a *pre-JIT* channel, in which each nation gives what its own law lets it give.
Left to others: the disclosure gate that judges content before it is written, signing, sending, storing.
"""

from __future__ import annotations

from node.flow.channel.files import assemble, chunks, file_announcement
from node.flow.channel.members import add_member, opening, remove_member, renew_key
from node.flow.channel.reading import learn_keys, read_case, read_events, read_file
from node.flow.channel.steps import Step, close, edit_task, message, move_task, settle_task, task
from node.flow.channel.writing import Rekeying, write

__all__ = [
    "Rekeying",
    "Step",
    "add_member",
    "assemble",
    "chunks",
    "close",
    "edit_task",
    "file_announcement",
    "learn_keys",
    "message",
    "move_task",
    "opening",
    "read_case",
    "read_events",
    "read_file",
    "remove_member",
    "renew_key",
    "settle_task",
    "task",
    "write",
]
