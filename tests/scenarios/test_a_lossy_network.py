"""Whatever is lost, cut, stopped and started again: in the end both sides hold the same hits, once.

A state machine plays three nodes on a network that loses calls and answers, with nodes that stop and
start. A model says in clear who holds what. When the storm is over, every pair of nodes agrees with the
model and with each other, nothing was raised twice, and every log verifies.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from node.service import outgoing
from tests.scenarios.stories import hit_ids, hold, met, phones
from tests.simulator import Federation

TEAMS = ("nl", "it", "ro")
NUMBERS = ("+40722123419", "+40731555204", "+31655501012")

teams = st.sampled_from(TEAMS)
numbers = st.sampled_from(NUMBERS)


class LossyFederation(RuleBasedStateMachine):
    """What may happen to three nodes in bad weather."""

    @initialize(seed=st.integers(0, 1_000))
    def found(self, seed: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="comity-lossy-"))
        self.federation = Federation(self.folder, TEAMS, seed=f"storm {seed}")
        self.held: dict[str, dict[str, int]] = {team: {} for team in TEAMS}
        self.withdrawn: set[str] = set()
        self.cases = 0

    def up(self, team: str) -> bool:
        return self.federation[team].running

    @rule(team=teams, number=numbers)
    def read_a_file(self, team: str, number: str) -> None:
        if self.up(team):
            self.cases += 1
            hold(self.federation[team], *phones(number), case=f"{team.upper()}-{self.cases}")
            self.held[team][number] = self.held[team].get(number, 0) + 1

    @rule(team=teams)
    def publish(self, team: str) -> None:
        if self.up(team):
            self.federation[team].run("publish")

    @rule(team=teams)
    def pull(self, team: str) -> None:
        if self.up(team):
            self.federation[team].run("pull")

    @rule(team=teams)
    def carry(self, team: str) -> None:
        if self.up(team):
            outgoing.drain(self.federation[team].node)

    @rule(team=teams, number=numbers)
    def withdraw(self, team: str, number: str) -> None:
        if self.up(team) and self.held[team].pop(number, 0):
            for row in self.federation[team].run("records"):
                if row["value"] == number and row["state"] == "live":
                    self.federation[team].act("liaison", "withdraw", record=row["record"], reason="moved")

    @rule(lose=st.sampled_from([0.0, 0.3, 0.7]), answers=st.sampled_from([0.0, 0.3, 0.7]))
    def weather(self, lose: float, answers: float) -> None:
        self.federation.network.lose, self.federation.network.lose_answers = lose, answers

    @rule(one=teams, other=teams)
    def cut(self, one: str, other: str) -> None:
        self.federation.network.cut ^= {(one, other)}

    @rule(team=teams)
    def stop_or_start(self, team: str) -> None:
        if self.up(team):
            self.federation.stop(team)
        else:
            self.federation.restart(team)

    @rule(hours=st.sampled_from([1, 13, 26]))
    def wait(self, hours: int) -> None:
        self.federation.clock.forward(hours=hours)

    @invariant()
    def nothing_is_raised_twice(self) -> None:
        if hasattr(self, "federation"):
            for team in self.federation.nations:
                for (_, _, number), times in met(team).items():
                    assert times <= self.cases
                    assert number in NUMBERS

    def teardown(self) -> None:
        if not hasattr(self, "federation"):
            return
        try:
            self.calm()
            self.check()
        finally:
            for team in self.federation.nations:
                team.node.store.close()  # type: ignore[attr-defined]
            shutil.rmtree(self.folder)

    def calm(self) -> None:
        network = self.federation.network
        network.lose = network.lose_answers = 0.0
        network.cut.clear()
        for team in TEAMS:
            if not self.up(team):
                self.federation.restart(team)
        for _ in range(3):
            self.federation.clock.forward(hours=1)
            self.federation.exchange()

    def check(self) -> None:
        for team in self.federation.nations:
            live = {
                (peer, number)
                for peer in TEAMS
                if peer != team.name
                for number in self.held[team.name]
                if number in self.held[peer]
            }
            states = hit_ids(team)
            open_now = sum(state == "open" for state in states.values())
            assert open_now == len(live), (team.name, live, states)
            for peer in self.federation.nations:
                if peer is not team:
                    ours = {hit for hit, state in hit_ids(team, peer.name).items() if state == "open"}
                    theirs = {hit for hit, state in hit_ids(peer, team.name).items() if state == "open"}
                    assert ours == theirs
            for peer_name, number in live:
                assert met(team)[(peer_name, "phone", number)] >= self.held[team.name][number]
            assert team.run("log.verify")["ok"]
            assert team.run("status")["outbox"] == {"queued": 0, "dropped": 0}


def test_after_any_storm_both_sides_hold_the_same_hits() -> None:
    run_state_machine_as_test(
        LossyFederation,
        settings=settings(
            max_examples=9,
            stateful_step_count=18,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_number_that_both_withdrew_and_took_up_again_meets_again() -> None:
    """The machine's shortest story of a withdrawal, kept as a sentence."""
    machine = LossyFederation()
    machine.found(seed=1)
    for team in ("nl", "ro"):
        machine.read_a_file(team, NUMBERS[0])
    machine.calm()
    machine.check()
    machine.withdraw("nl", NUMBERS[0])
    machine.weather(0.7, 0.7)
    machine.withdraw("ro", NUMBERS[0])
    machine.read_a_file("nl", NUMBERS[0])
    machine.publish("nl")
    machine.read_a_file("ro", NUMBERS[0])
    machine.teardown()
