"""The log's Merkle tree in memory, grown from the stored leaf hashes as they appear."""

from __future__ import annotations

import threading

from sqlmodel import Session, col, select

from comity.log.merkle import Tree
from node.records import LogLeaf


class LogTree:
    """A cache of the tree. The rows are the truth: it only ever appends what they hold."""

    def __init__(self) -> None:
        self._tree = Tree()
        self._lock = threading.Lock()

    def at(self, session: Session) -> Tree:
        """The tree over all committed leaves. Give it a session of `read`, never one that may roll back."""
        with self._lock:
            size = self._tree.size
            query = select(LogLeaf.leaf_hash).where(LogLeaf.index >= size).order_by(col(LogLeaf.index))
            fresh = session.exec(query).all()
            if fresh:
                for leaf in fresh:
                    self._tree.append(leaf)
            return self._tree

    def reset(self) -> None:
        """Reads everything again: after a rollback, or to verify."""
        with self._lock:
            self._tree = Tree()
