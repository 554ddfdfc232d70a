"""T04: an answer under another key is noticed before anything of it is used, and its author is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from comity import group
from comity.v1 import pseudonym_pb2 as pb
from comity.v1.envelope_pb2 import Envelope
from node.service.outgoing import sign
from tests.attackers import PHONE, alarms, federation, hold, phones, published
from tests.simulator import Federation

PAIRS = [phones(f"+4072212340{pair}", f"+4072212341{pair}") for pair in range(5)]
HELD = [each for pair in PAIRS for each in pair]


def under_another_key(evaluated: bytes) -> bytes:
    return group.multiply_each(7, evaluated)


def swapped(evaluated: bytes) -> bytes:
    return evaluated[32:] + evaluated[:32]


def at_random(evaluated: bytes) -> bytes:
    return b"\xff" * len(evaluated)


HOUR = timedelta(hours=1)
LIES = [under_another_key, swapped, at_random]


def let_lie(made: Federation, liar: str, lie: Callable[[bytes], bytes]) -> list[str]:
    """The liar's node answers with `lie` of the truth, signed with the liar's own key."""
    told: list[str] = []

    def answer_falsely(asker: str, answer: Envelope) -> Envelope:
        message = pb.EvaluationAnswer.FromString(answer.payload)
        message.evaluated = lie(message.evaluated)
        told.append(asker)
        return sign(made[liar].node, message, [asker], HOUR)

    made.network.tamper[f"{liar}.evaluate"] = answer_falsely
    return told


@pytest.mark.parametrize("mode", ["dleq", "audit"])
@pytest.mark.parametrize("lie", LIES)
def test_a_liar_is_named_and_an_honest_subset_finishes(
    tmp_path: Path, mode: str, lie: Callable[[bytes], bytes]
) -> None:
    made = federation(tmp_path, settings={"proof_mode": mode})
    hold(made["ro"], *HELD)
    made["ro"].run("publish")
    true = published(made["ro"], "nl")
    told = let_lie(made, "it", lie)
    for pair in PAIRS:  # whom a node asks changes from batch to batch
        hold(made["nl"], *pair)
        made["nl"].run("publish")
    made.exchange()
    assert told
    assert {(code, text.partition(" ")[0]) for code, text in alarms(made["nl"])} == {("wrong-share", "it")}
    assert made["nl"].run("status")["pseudonyms"] == {"done": len(HELD), "waiting": 0}
    assert len(made["nl"].run("hits")) == len(HELD)  # every pseudonym is the one that ro found
    assert published(made["ro"], "nl") == true


@pytest.mark.parametrize("mode", ["dleq", "audit"])
def test_nothing_of_a_lie_is_kept_when_nobody_else_can_be_asked(tmp_path: Path, mode: str) -> None:
    made = federation(tmp_path, settings={"proof_mode": mode})
    let_lie(made, "it", under_another_key)
    made.network.down.add("ro")
    hold(made["nl"], *phones(PHONE))
    report: dict[str, Any] = made["nl"].run("publish")
    assert list(report["stopped"]) == ["phone"]
    assert made["nl"].run("status")["pseudonyms"] == {"done": 0, "waiting": 1}
    assert published(made["nl"], "it") == set()
    made.network.down.clear()
    made.network.tamper.clear()
    assert "stopped" not in made["nl"].run("publish")
    assert len(published(made["nl"], "it")) == 1


def test_an_answer_signed_by_another_than_the_one_asked_is_not_used(tmp_path: Path) -> None:
    made = federation(tmp_path, threshold=3)
    made.network.tamper["it.evaluate"] = lambda asker, answer: sign(
        made["ro"].node, pb.EvaluationAnswer.FromString(answer.payload), [asker], HOUR
    )
    hold(made["nl"], *phones(PHONE))
    report = made["nl"].run("publish")
    assert report["pseudonymised"] == 0
    assert published(made["nl"], "it") == set()
