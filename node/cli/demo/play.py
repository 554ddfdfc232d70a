"""The order of the performance, from an empty folder to the summary."""

from __future__ import annotations

import secrets
import time
from pathlib import Path

from node.cli.demo import asking, learning, meeting, proving
from node.cli.demo.founding import Federation, appoint, found, serve
from node.cli.demo.processes import Supervisor
from node.cli.demo.report import Report
from node.cli.demo.stage import Stage
from node.cli.demo.story import Story
from node.cli.demo.telling import Teller


def perform(story: Story, examples: Path, folder: Path, supervisor: Supervisor, tell: Teller) -> Stage:
    """Plays the whole story; returns the stage with its report."""
    began = time.monotonic()
    tell.say(story.title)
    tell.step(
        f"{len(story.teams)} nations and a broker, each a process of its own, with mutual TLS between them"
    )
    federation = found(story, folder, supervisor)
    serve(federation)
    appoint(federation)
    _introduce(story, federation, tell)
    stage = Stage(story, federation, tell, Report(), secrets.token_bytes(16))
    learning.make_keys(stage)
    learning.import_files(stage, examples)
    learning.publish(stage)
    learning.match(stage)
    asking.ask_and_answer(stage)
    meeting.meet(stage)
    proving.prove(stage)
    stage.report.seconds = round(time.monotonic() - began, 1)
    return stage


def _introduce(story: Story, federation: Federation, tell: Teller) -> None:
    tell.table(
        [
            {
                "nation": team.id,
                "name": team.name,
                "files": len(team.files),
                "officers": ", ".join(officer.id for officer in team.officers),
                "folder": federation[team.id].home,
            }
            for team in story.teams
        ]
    )
    tell.say(f"The roster is signed by all and pinned by each: {federation.fingerprint}")
