"""The command `comity demo`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from node.cli.options import JsonOption
from node.cli.output import reported

if TYPE_CHECKING:
    from node.cli.demo.stage import Stage
    from node.cli.demo.story import Story
    from node.cli.demo.telling import Teller

EXAMPLES = Path(__file__).parents[3] / "examples"


def demo(
    examples: Annotated[
        Path, typer.Option("--examples", help="One folder of case files a nation, and story.toml.")
    ] = EXAMPLES,
    keep: Annotated[
        Path | None, typer.Option("--keep", help="Leave the federation in this new or empty folder.")
    ] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Keep it running until Ctrl-C.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Play the main job on this machine: real processes, real TLS, real files, real law.

    Change a number in a case file, and the hits change. Example: comity demo --keep /tmp/federation
    """
    with reported(as_json):
        from node.cli.demo.leaving import check_empty
        from node.cli.demo.story import read_story
        from node.cli.demo.telling import Silent, Spoken

        story = read_story(examples)
        if keep is not None:
            check_empty(keep)
        tell = Silent() if as_json else Spoken()
        _perform(story, examples, keep, tell, serve=serve, as_json=as_json)


def _perform(
    story: Story, examples: Path, keep: Path | None, tell: Teller, *, serve: bool, as_json: bool
) -> None:
    import json
    import signal
    import tempfile
    from contextlib import ExitStack

    from node.cli.demo.play import perform
    from node.cli.demo.processes import Supervisor

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: everything is cleaned up
    with ExitStack() as stack:
        if keep is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="comity-demo-")))
        else:
            keep.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder = keep.resolve()
        supervisor = stack.enter_context(Supervisor(folder / "run"))
        try:
            stage = perform(story, examples, folder, supervisor, tell)
            _conclude(stage, tell, keep)
            if as_json:
                typer.echo(json.dumps(stage.report.as_dict(), ensure_ascii=False, sort_keys=True))
            if serve:
                _wait(folder, tell)
        except KeyboardInterrupt:
            tell.say("Ended; all processes are stopped.")
            if not serve:
                raise typer.Exit(1) from None


def _conclude(stage: Stage, tell: Teller, keep: Path | None) -> None:
    from node.cli.demo.leaving import summary, write_readme

    tell.step("Summary")
    for line in summary(stage):
        tell.say(line)
    if keep is None:
        tell.say("Nothing is left behind; --keep DIR leaves the federation with the commands to go on.")
        return
    write_readme(stage.federation)
    tell.say(f"The federation is in {stage.federation.folder}; its README.md says how to go on.")


def _wait(folder: Path, tell: Teller) -> None:
    import threading

    tell.say(f"Everything runs on from {folder}. End it with Ctrl-C.")
    threading.Event().wait()
