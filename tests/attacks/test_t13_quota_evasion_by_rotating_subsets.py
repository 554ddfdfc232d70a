"""T13: however an asker spreads its questions, Q answers a day is what it gets from all together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import combinations, count
from pathlib import Path

import pytest

from comity.errors import ComityError, Exhausted
from comity.v1 import pseudonym_pb2 as pb
from node.service.answering import audit, evaluate
from tests.attackers import (
    Guess,
    alarms,
    federation,
    guess,
    holder_of,
    logged,
    question,
    quota_used,
    statement,
)
from tests.simulator import Federation

NUMBERS = (f"+4072{number:07d}" for number in count(1000000))


def ask(made: Federation, asker: str, holder: str, batch: Guess, mode: pb.ProofMode.ValueType) -> None:
    evaluate(made[holder].node, question(made[asker], batch, holder, mode=mode), caller=asker)


def ask_audit(made: Federation, asker: str, holder: str, batch: Guess, element: bytes) -> bytes:
    """Another guess, dressed up as the audit element of a batch that was answered."""
    said = statement(made[asker], pb.AuditElement(batch=batch.name, element=element), [holder])
    answer = audit(made[holder].node, said, caller=asker)
    return pb.AuditAnswer.FromString(answer.payload).evaluated


def completed(made: Federation, asker: str, subsets: Sequence[tuple[str, ...]], tries: int) -> int:
    """Guesses that all of a subset answered, one a batch, over all subsets in turn."""
    done = 0
    for at in range(tries):
        others = subsets[at % len(subsets)]
        batch = guess(made[asker], [next(NUMBERS)], [holder_of(made, name) for name in others])
        try:
            for name in others:
                ask(made, asker, name, batch, pb.PROOF_MODE_DLEQ)
        except Exhausted:
            continue
        done += 1
    return done


@pytest.mark.parametrize(
    ("teams", "t", "daily"), [(("nl", "it", "ro"), 2, 12), (("nl", "it", "ro", "de"), 3, 6)]
)
def test_rotating_over_all_subsets_yields_no_more_than_the_quota(
    tmp_path: Path, teams: tuple[str, ...], t: int, daily: int
) -> None:
    made = federation(tmp_path, teams=teams, threshold=t, settings={"daily_quota": daily})
    subsets = list(combinations(teams[1:], t - 1))
    assert completed(made, "nl", subsets, 3 * daily) == daily
    granted = daily * (t - 1) // (len(teams) - 1)
    assert [quota_used(made[name], "nl") for name in teams[1:]] == [granted] * (len(teams) - 1)
    for name in teams[1:]:
        assert ("quota-burn", "nl has used 80 % of today's quota for phone") in alarms(made[name])


def test_the_next_day_grants_the_same_again_until_the_epoch_is_used_up(tmp_path: Path) -> None:
    made = federation(tmp_path, settings={"daily_quota": 8, "epoch_quota": 20})
    days = []
    for _ in range(4):
        days.append(completed(made, "nl", [("it",)], 10))
        made.clock.forward(days=1)
    assert days == [4, 4, 2, 0]
    assert quota_used(made["it"], "nl") == 10


def succeeds(work: Callable[[], object]) -> bool:
    try:
        work()
    except ComityError:
        return False
    return True


@pytest.mark.parametrize("mode", [pb.PROOF_MODE_DLEQ, pb.PROOF_MODE_AUDIT])
def test_guesses_dressed_up_as_audit_elements_cost_the_same(
    tmp_path: Path, mode: pb.ProofMode.ValueType
) -> None:
    made = federation(tmp_path, settings={"daily_quota": 20})
    answered, granted = 0, 10
    for _ in range(2 * granted):
        batch = guess(made["nl"], [next(NUMBERS)], [holder_of(made, "it")])
        asked = partial(ask, made, "nl", "it", batch, mode)
        disguised = partial(ask_audit, made, "nl", "it", batch, batch.batch.elements)
        answered += sum(succeeds(each) for each in (asked, disguised, disguised, disguised))
    assert answered == granted
    assert quota_used(made["it"], "nl") == granted


def test_an_honest_batch_that_uses_up_the_quota_can_still_be_audited(tmp_path: Path) -> None:
    made = federation(tmp_path, settings={"daily_quota": 8})
    batch = guess(made["nl"], [next(NUMBERS) for _ in range(3)], [holder_of(made, "it")])
    ask(made, "nl", "it", batch, pb.PROOF_MODE_AUDIT)
    assert len(ask_audit(made, "nl", "it", batch, batch.batch.elements[:32])) == 32
    with pytest.raises(ComityError):  # many guesses in the place of one
        ask_audit(made, "nl", "it", batch, batch.batch.elements)
    with pytest.raises(Exhausted):
        ask_audit(made, "nl", "it", batch, batch.batch.elements[:32])
    assert quota_used(made["it"], "nl") == 4


def test_every_question_is_signed_with_its_subset_and_stands_in_the_answerers_log(tmp_path: Path) -> None:
    made = federation(tmp_path)
    batch = guess(made["nl"], [next(NUMBERS)], [holder_of(made, "it")])
    with pytest.raises(ComityError):  # one of another subset, or of one that does not hold it
        evaluate(made["ro"].node, question(made["nl"], batch, "ro"), caller="nl")
    with pytest.raises(ComityError):  # in another's name
        evaluate(made["it"].node, question(made["nl"], batch, "it"), caller="ro")
    assert quota_used(made["ro"], "nl") == quota_used(made["it"], "nl") == 0
    before = len(logged(made["it"]))
    ask(made, "nl", "it", batch, pb.PROOF_MODE_DLEQ)
    assert logged(made["it"])[before:] == ["pseudonym evaluation of 1 blinded selectors"]
