"""What a node does: it takes a parcel, grades it in a process of its own, and packs what came of it."""

from __future__ import annotations

import dataclasses
import functools
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from grader import batch
from grader.cache.pages import StoredPages
from grader.cluster.carriers import Carrier
from grader.cluster.grounds import differences, own_ground
from grader.cluster.parcels import Outcome, Parcel, outcome_of, unpack
from grader.cluster.shared import Shared, is_here, keep, place_of, settings_at
from grader.fault_log import log_path
from grader.housekeeping import scratch_folder
from grader.records import Report
from grader.worker import Grade, Write, write_one

TELL_S = 1.0  # between two phases of a submission that are told: a thousand nodes tell one listener
BEGUN = "begun"
LOOK = (
    "import tensorflow as tf; cards = tf.config.list_physical_devices('GPU'); "
    "open('cards', 'w').write(str(len(cards)))"
)
LOOK_S = 120.0


class Unfit(Exception):  # noqa: N818 - the node is sound, but another
    """This node would not come to the verdicts of the machine that asks; the text says what differs."""


def grade_parcel(
    parcel: Parcel, fetch_shared: Callable[[], Shared], carrier: Carrier, tell: Callable[[str], None]
) -> Outcome:
    """Grade one submission.

    Args:
        parcel: the submission.
        fetch_shared: what all share, where this node does not have it yet.
        carrier: brings files here and back.
        tell: is told of the phases, but not of each.

    Raises:
        Unfit: code, Python or a package that decides is another here.
        OSError: this node's disk or the way to it fails.
        KeyboardInterrupt: it was cancelled; the process that graded has been ended.
    """
    _forget_start_up()
    if other := differences(parcel.ground, own_ground()):
        raise Unfit(", ".join(other))
    place = place_of(parcel.given)
    if not is_here(place):
        keep(fetch_shared(), place, carrier)
    with scratch_folder() as folder:
        submission = unpack(parcel, folder / "hand_in", carrier)
        settings = settings_at(parcel.settings, place, folder / "out")
        same = own_ground().packages == parcel.ground.packages
        grade, write = (parcel.grade, parcel.write) if same else _without_cache(parcel)
        listener = _Listener(tell)
        try:
            batch.grade_all([submission], settings, 1, listener, grade=grade, write=write)
        except batch.Interrupted as stopped:
            raise KeyboardInterrupt from stopped
        out = settings.out / submission.slug
        return outcome_of(
            listener.reports[0], out, log_path(settings.out), carrier=carrier, same_packages=same
        )


def _without_cache(parcel: Parcel) -> tuple[Grade, Write]:
    """How to grade and write where what comes of it may not be kept under the asking machine's packages."""
    grade = parcel.grade.func if isinstance(parcel.grade, functools.partial) else parcel.grade
    return grade, write_one if isinstance(parcel.write, StoredPages) else parcel.write


@dataclasses.dataclass
class _Listener:
    """Passes on the first phase, and others when the last is a while ago; keeps the whole report."""

    tell: Callable[[str], None]
    last: float = 0.0
    reports: list[Report] = dataclasses.field(default_factory=list)

    def __call__(self, event: batch.Event) -> None:
        if isinstance(event, batch.Started):
            self.tell(BEGUN)
        elif isinstance(event, batch.Finished):
            self.reports.append(event.report)
        elif isinstance(event, batch.PhaseChanged) and time.monotonic() - self.last > TELL_S:
            self.last = time.monotonic()
            self.tell(event.phase)


@functools.cache
def _forget_start_up() -> None:
    """Keep the children of this process from running Ray's own start-up script first, for a second."""
    vars(sys.modules["__main__"]).pop("__file__", None)


def describe(sandbox: str, folder: str, *, look_for_gpu: bool) -> str:
    """What the asking machine must know of this node, as JSON: see ``grader.cluster.asking.Told``."""
    from grader import sandbox as sandboxes  # noqa: PLC0415 - only a node that is asked needs it

    return json.dumps(
        {
            "ground": dataclasses.asdict(own_ground()),
            "no_sandbox": sandboxes.why_not() if sandbox == "bubblewrap" else "",
            "no_folder": folder if folder and not Path(folder).is_dir() else "",
            "gpu": look_for_gpu and sees_gpu(sandbox),
        }
    )


def sees_gpu(wanted: str) -> bool:
    """Whether TensorFlow sees a graphics card where submissions run; it takes seconds to ask."""
    from grader import kernels, limits, sandbox, scratch  # noqa: PLC0415 - as above

    base, room = kernels.make_room(Path(kernels.__file__).parent / "kernel")
    try:
        name: sandbox.SandboxName = "none" if wanted == "none" else "bubblewrap"
        command = sandbox.wrap([sys.executable, "-P", "-c", LOOK], room, name, limits.Limits())
        subprocess.run(
            command, cwd=room.lab, env=sandbox.environment(room), capture_output=True, timeout=LOOK_S,
            check=False,
        )  # fmt: skip
        return (room.lab / "cards").read_text() != "0"
    except (OSError, subprocess.TimeoutExpired):
        return False
    finally:
        scratch.remove(base)
