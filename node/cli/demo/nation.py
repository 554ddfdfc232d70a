"""A nation of the demonstration: its node's client, and its officers with their keys, who sit elsewhere.

Calls are tried again while the node is away; that is safe, because operations are repeatable. An officer's
key never goes to the node: what an officer does arrives there as a signature.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comity.errors import ComityError
from comity.officer_key import OfficerKey
from node.cli.client import NodeClient, act_digest
from node.cli.demo.story import Team
from node.cli.demo.waiting import PATIENCE, StepFailed

ACTING = ("R-CO", "R-LO")


@dataclass(frozen=True)
class Desk:
    """Where an officer sits: key, certificate and roles."""

    key: OfficerKey
    certificate: bytes
    roles: frozenset[str]

    @property
    def role(self) -> str:
        """The role in which this officer acts on the team's own node."""
        return next((role for role in ACTING if role in self.roles), min(self.roles))


class Nation:
    """One nation: its team, its home, its officers."""

    def __init__(self, team: Team, home: Path) -> None:
        self.team = team
        self.id = team.id
        self.home = home
        self.desks: dict[str, Desk] = {}
        self._client = NodeClient(home)

    def ask(self, operation: str, **arguments: Any) -> Any:
        """An operation's result; its error says which node."""
        return self.once(operation, retry_seconds=PATIENCE, **arguments)

    def once(self, operation: str, *, retry_seconds: float = 0.0, **arguments: Any) -> Any:
        """The same, tried for no longer than `retry_seconds`."""
        try:
            return self._client.call(operation, retry_seconds=retry_seconds, **arguments)
        except ComityError as error:
            error.field = f"{self.id}: {operation}" + (f", {error.field}" if error.field else "")
            raise

    def act(self, operation: str, officer: str, **arguments: Any) -> Any:
        """An operation that an officer signs."""
        desk = self.desk(officer)
        stated = json.loads(json.dumps(arguments))
        digest = act_digest(operation, stated).hex()
        return self.ask(operation, **stated, signature=self.sign(officer, digest, desk.role))

    def sign(self, officer: str, digest: str, role: str) -> str:
        """An officer's signature over a digest, in hexadecimal."""
        desk = self.desk(officer)
        return self._client.sign(desk.key, bytes.fromhex(digest), role, certificate=desk.certificate)

    def desk(self, officer: str) -> Desk:
        """Where that officer sits."""
        if officer not in self.desks:
            raise StepFailed(f"The team {self.id} has no officer {officer}.", field=self.id)
        return self.desks[officer]

    def officer_with(self, role: str, *, besides: frozenset[str], first: str = "") -> str | None:
        """An officer who holds a role and is none of `besides`; `first` when it can be."""
        names = [first, *self.desks] if first else list(self.desks)
        return next((name for name in names if name not in besides and role in self.desk(name).roles), None)
