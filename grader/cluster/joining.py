"""From an address to a crew: a cluster is joined, its nodes are asked, and given what all share."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from grader import scratch
from grader.cluster.asking import read_told, require_equal
from grader.cluster.carriers import Carrier, SharedFolder
from grader.cluster.crew import ClusterCrew
from grader.cluster.grounds import own_ground
from grader.cluster.rays import Need, RayCluster, Store, joined
from grader.cluster.shared import send_shared
from grader.errors import UsageProblem
from grader.records import Settings

PREFIX = "labgrade-"


@contextmanager
def crew_of(
    address: str,
    settings: Settings,
    *,
    folder: Path | None = None,
    announce: Callable[[str], None] = lambda _: None,
    warn: Callable[[str], None] = lambda _: None,
) -> Iterator[ClusterCrew]:
    """The cluster at an address, for one run.

    Args:
        address: as ``grader.cluster.rays.joined`` wants it.
        settings: those of the run.
        folder: one that every node sees under the same path; by default files travel through Ray.
        announce: is told what takes a while.
        warn: is told of packages that differ between the machines.

    Raises:
        UsageProblem: there is no such cluster, or its nodes would not grade as this machine does.
        OSError: the data cannot be read or sent.
    """
    announce(f"joining the Ray cluster {address!r} and looking at its nodes")
    with _carrier(folder) as carrier, joined(address) as cluster:
        _look_at_nodes(cluster, settings, carrier, warn)
        shared = send_shared(settings, carrier)
        cluster.carrier = carrier
        cluster.share(shared)
        announce(f"{_count(len(cluster.nodes()), 'node')}, {_count(cluster.places(), 'submission')} at once")
        try:
            yield ClusterCrew(cluster, carrier, shared.digest, own_ground())
        finally:
            shared.drop(carrier)


def _look_at_nodes(
    cluster: RayCluster, settings: Settings, carrier: Carrier, warn: Callable[[str], None]
) -> None:
    """See that all may grade, and whether they have graphics cards that a full training would use."""
    folder = str(carrier.folder) if isinstance(carrier, SharedFolder) else ""
    answers = cluster.ask(settings.sandbox, folder, look_for_gpu=settings.training == "full")
    require_equal(answers, own_ground(), warn)
    if any(read_told(answer).gpu for answer in answers.values()):
        cluster.need = Need(cards=1)


@contextmanager
def _carrier(folder: Path | None) -> Iterator[Carrier]:
    """How files travel; what lies in a shared folder is gone at the end.

    Raises:
        UsageProblem: the folder cannot be written.
    """
    if folder is None:
        yield Store()
        return
    try:
        own = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder.absolute()))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageProblem(
            f"the shared folder {folder} cannot be written ({reason}); name one that every node sees, "
            "or leave --shared out, and files travel through Ray."
        ) from error
    try:
        yield SharedFolder(own)
    finally:
        scratch.remove(own)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
