"""The nodes of a cluster are asked before they grade: whether they would come to the same verdicts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from grader.cluster.grounds import differences
from grader.cluster.parcels import Ground
from grader.errors import UsageProblem

NAMED = 3  # nodes in one message
MISSING = "missing: "  # what the answer of a node without labgrade begins with


@dataclass(frozen=True)
class Told:
    """What a node says of itself: its ground, and whether TensorFlow sees a graphics card there.

    ``no_sandbox`` says why it has none where one is needed, ``no_folder`` names a shared folder that it
    does not see; "" where all is well.
    """

    ground: Ground
    no_sandbox: str = ""
    no_folder: str = ""
    gpu: bool = False


def read_told(answer: str) -> Told:
    """The answer of ``grader.cluster.node.describe``.

    Raises:
        ValueError: it is none.
    """
    try:
        found = json.loads(answer)
        judging = tuple((str(name), str(version)) for name, version in found["ground"].pop("judging"))
        return Told(
            Ground(judging=judging, **found["ground"]),
            found["no_sandbox"],
            found["no_folder"],
            bool(found["gpu"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError("a node answers in a way that this version does not know") from error


def wrong_with(answer: str, ours: Ground) -> str:
    """What keeps a node from grading for this machine, or ``""``."""
    if answer.startswith(MISSING):
        return answer.removeprefix(MISSING)
    try:
        told = read_told(answer)
    except ValueError:
        return "another version of labgrade"
    found = [*differences(ours, told.ground), told.no_sandbox]
    found += [f"no folder {told.no_folder}"] if told.no_folder else []
    return ", ".join(filter(None, found))


def require_equal(answers: Mapping[str, str], ours: Ground, warn: Callable[[str], None]) -> None:
    """See that every node that has answered, by its name, may grade.

    Args:
        answers: what the nodes say, by their names.
        ours: what the asking machine has.
        warn: is told of packages that differ and judge nothing.

    Raises:
        UsageProblem: one may not; the message names it and what differs.
    """
    wrong = {node: why for node, answer in answers.items() if (why := wrong_with(answer, ours))}
    if wrong:
        told = "; ".join(f"{node}: {why}" for node, why in list(wrong.items())[:NAMED])
        more = f"; and {len(wrong) - NAMED} nodes more" if len(wrong) > NAMED else ""
        raise UsageProblem(
            f"the nodes of the cluster would not grade as this machine does: {told}{more}. "
            "Give every node the same, and start Ray on it anew."
        )
    other = [node for node, answer in answers.items() if read_told(answer).ground.packages != ours.packages]
    if other:
        warn(
            f"{len(other)} of {len(answers)} nodes have other packages than this machine, though none that "
            "judges: what they grade is graded again by the next run"
        )
