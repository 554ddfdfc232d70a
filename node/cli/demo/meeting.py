"""Step 7: a channel on a hit; a third nation joins; one node is away and catches up."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from node.cli.demo.nation import Nation
from node.cli.demo.stage import Stage, find_hit
from node.cli.demo.story import Meeting, Message, Task
from node.cli.demo.waiting import StepFailed

FILE = "timetable.txt"


def meet(stage: Stage) -> None:
    """The channel of the story, if it has one and its hit exists."""
    stage.tell.step("A channel for the shared case")
    plan = stage.story.channel
    if plan is None:
        stage.tell.say("The story has no channel: this step is left out.")
        return
    opener = stage.federation[plan.opened_by]
    others = [member for member in plan.members if member != plan.opened_by]
    hits = {peer: find_hit(opener, peer, plan.kind, plan.shared_by) for peer in others}
    present = [peer for peer in others if hits[peer]]
    if not present:
        stage.tell.say("The hit on which it would be opened does not exist: this step is left out.")
        return
    first, *later = present
    room = _Room(stage, plan, opener, [first])
    room.open(str(hits[first]))
    room.admit(later)
    room.before()
    room.while_one_is_away(stage.federation[first])
    room.after()
    room.compare()


class _Room:
    """The channel while it is played."""

    def __init__(self, stage: Stage, plan: Meeting, opener: Nation, peers: list[str]) -> None:
        self.stage, self.plan, self.opener = stage, plan, opener
        self.members = [opener.id, *peers]
        self.channel = ""
        self._said: set[int] = set()
        self.events_missed = 0

    @property
    def officer(self) -> str:
        """Who speaks for the opener: the first of its officers in the script of the channel."""
        spoken: list[Message | Task] = [*self.plan.messages, *self.plan.tasks]
        said = [each.officer for each in spoken if each.team == self.opener.id]
        names = said or [name for name, desk in self.opener.desks.items() if desk.roles & {"R-LO", "R-CO"}]
        return names[0]

    def open(self, hit: str) -> None:
        """Opened on the hit between two; both have it."""
        opened = self.opener.act(
            "channel.open", self.officer, hits=[hit], title=self.plan.title, nonce=self.stage.name("channel")
        )
        self.channel = opened["channel"]
        self._wait_for_members()
        self.stage.tell.say(
            f"{self.officer} ({self.opener.id}) opens “{self.plan.title}” on the hit with {self.members[1]}: "
            "pre-JIT, since there is no agreement yet."
        )

    def admit(self, later: list[str]) -> None:
        """The others join, on hits of their own with the opener."""
        if not later:
            self.stage.tell.say("No third nation has this hit, so none joins.")
        for team in later:
            reason = f"{team} has a hit on the same selector"
            self.opener.act("channel.add", self.officer, channel=self.channel, team=team, reason=reason)
            self.members.append(team)
            self._wait_for_members()
            self.stage.tell.say(f"{team} joins: it reads from here on, and not what was said before.")

    def before(self) -> None:
        """The first message, and the tasks: asked, approved, being done."""
        if self.plan.messages:
            self._post(0)
        for number, task in enumerate(self._tasks()):
            name = self.stage.name("task", str(number))
            self._nation(task.team).act(
                "channel.task",
                task.officer,
                channel=self.channel,
                title=task.title,
                assignee=task.assignee,
                task=name,
            )
            self.stage.tell.say(f"{task.officer} asks {task.assignee}: “{task.title}”.")
            self._move(name, task.assignee, "Approved")
            self._move(name, task.assignee, "Doing")

    def while_one_is_away(self, away: Nation) -> None:
        """One node ends; the others write on; it starts again and catches up."""
        supervisor = self.stage.federation.supervisor
        before = next(view["events"] for view in self._wait_equal().values())
        supervisor.stop(away.id)
        self.stage.tell.say(f"The node of {away.id} is stopped. The others go on:")
        for number, message in enumerate(self.plan.messages):
            if message.team != away.id:
                self._post(number)
        self._share_file()
        supervisor.resume(away.id)
        supervisor.wait_ready([away.id])
        self.events_missed = next(view["events"] for view in self._wait_equal().values()) - before
        self.stage.tell.say(f"{away.id} starts again and catches up on {self.events_missed} events.")

    def after(self) -> None:
        """What the node that was away has to say, and the end of the tasks."""
        for number in range(len(self.plan.messages)):
            self._post(number)
        for number, task in enumerate(self._tasks()):
            name = self.stage.name("task", str(number))
            self._move(name, task.assignee, "Review")
            self._move(name, task.team, "Done", officer=task.officer)

    def compare(self) -> None:
        """All members have the same events, and read the same in them."""
        shown = self._wait_equal()
        cases = {team: _readable(view["case"]) for team, view in shown.items()}
        if len({json.dumps(case, sort_keys=True) for case in cases.values()}) != 1:
            raise StepFailed("The members do not read the same case.", field="channel")
        files = {team: self._fetched(team) for team in shown}
        if len(set(files.values())) != 1:
            raise StepFailed("The members do not have the same file.", field="channel")
        case = cases[self.opener.id]
        report: dict[str, Any] = {
            "channel": self.channel,
            "title": self.plan.title,
            "opened_by": self.opener.id,
            "members": sorted(self.members),
            "events": {team: view["events"] for team, view in sorted(shown.items())},
            "case": {team: _digest(each) for team, each in sorted(cases.items())},
            "messages": len(case["messages"]),
            "tasks": [{name: each[name] for name in ("assignee", "state")} for each in case["tasks"]],
            "files": [{"name": FILE, "sha256": files[self.opener.id]}],
            "caught_up": self.events_missed,
        }
        self.stage.report.channels.append(report)
        rows = [
            {
                "member": team,
                "events": view["events"],
                "messages": len(cases[team]["messages"]),
                "tasks": ", ".join(f"{task['assignee']}: {task['state']}" for task in cases[team]["tasks"]),
                "file": f"{FILE}, sha256 {files[team][:16]}…",
                "case": report["case"][team][:16] + "…",
            }
            for team, view in sorted(shown.items())
        ]
        self.stage.tell.table(rows)

    def _tasks(self) -> list[Task]:
        here = set(self.members)
        return [task for task in self.plan.tasks if {task.team, task.assignee} <= here]

    def _nation(self, team: str) -> Nation:
        return self.stage.federation[team]

    def _post(self, number: int) -> None:
        said = self.plan.messages[number]
        name = self.stage.name("message", str(number))
        if said.team not in self.members or number in self._said:
            return
        nation = self._nation(said.team)
        nation.act("channel.post", said.officer, channel=self.channel, text=said.text, message=name)
        self._said.add(number)
        self.stage.tell.say(f"{said.officer} ({said.team}): “{said.text}”")

    def _move(self, task: str, team: str, to: str, *, officer: str = "") -> None:
        nation = self._nation(team)
        self.stage.until(lambda: _has_task(self._show(nation), task, to), "the task arrives", node=team)
        who = officer or next(name for name, desk in nation.desks.items() if "R-LO" in desk.roles)
        nation.act("channel.move", who, channel=self.channel, task=task, to=to)
        self.stage.tell.say(f"{who} ({team}): {to}.")

    def _share_file(self) -> None:
        lines = [self.plan.title, *(f"{task.assignee}: {task.title}" for task in self.plan.tasks)]
        data = "\n".join([*lines, "Invented, as everything here.", ""]).encode()
        self.opener.act(
            "channel.file",
            self.officer,
            channel=self.channel,
            name=FILE,
            data=base64.b64encode(data).decode(),
            file=self.stage.name("file"),
        )
        self.stage.tell.say(f"{self.officer} shares {FILE}, sha256 {hashlib.sha256(data).hexdigest()[:16]}…")

    def _fetched(self, team: str) -> str:
        found = self._nation(team).ask("channel.fetch", channel=self.channel, file=self.stage.name("file"))
        return str(found["sha256"])

    def _show(self, nation: Nation) -> dict[str, Any]:
        shown: dict[str, Any] = nation.ask("channel.show", channel=self.channel)
        return shown

    def _wait_for_members(self) -> None:
        def joined() -> bool:
            lists = [self._nation(team).ask("channel.list") for team in self.members]
            views = [next((one for one in each if one["channel"] == self.channel), None) for each in lists]
            return all(view is not None and view["members"] == sorted(self.members) for view in views)

        self.stage.until(joined, "every member has the channel")

    def _wait_equal(self) -> dict[str, dict[str, Any]]:
        def equal() -> dict[str, dict[str, Any]] | None:
            shown = {team: self._show(self._nation(team)) for team in self.members}
            settled = {(view["events"], view["held"]) for view in shown.values()}
            return shown if len(settled) == 1 and not next(iter(settled))[1] else None

        found: dict[str, dict[str, Any]] = self.stage.until(equal, "all members have the same events")
        return found


def _has_task(shown: dict[str, Any], task: str, to: str) -> bool:
    """Whether the task is here, in the state from which it is moved or already moved."""
    before = {"Approved": "Requested", "Doing": "Approved", "Review": "Doing", "Done": "Review"}[to]
    return any(each["id"] == task and each["state"] in (before, to) for each in shown["case"]["tasks"])


def _readable(case: dict[str, Any]) -> dict[str, Any]:
    """The part of a case that does not depend on since when a team reads: a newcomer lacks the opening."""
    members = sorted(each["team"] for each in case["members"] if each["until"] is None)
    tasks = [{name: each[name] for name in ("id", "title", "assignee", "state")} for each in case["tasks"]]
    files = [{name: each[name] for name in ("id", "name", "size", "sha256")} for each in case["files"]]
    return {"members": members, "messages": case["messages"], "tasks": tasks, "files": files}


def _digest(case: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(case, sort_keys=True).encode()).hexdigest()
