"""Ray, and nothing else of ours knows it: nodes, tasks, and what may become of them."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psutil

from grader.batch import GRADING_MEMORY_BYTES
from grader.cluster.asking import MISSING
from grader.cluster.carriers import Carrier, Inline
from grader.cluster.crew import Lost
from grader.cluster.node import Unfit, grade_parcel
from grader.cluster.parcels import Outcome, Parcel
from grader.cluster.shared import Shared
from grader.errors import UsageProblem
from grader.worker import one_line_of

PLASMA_BYTES = 512 * 2**20  # of a Ray that is started here: what travels is small
ANSWER_S = 5.0  # for an address to take a connection
ASK_S = 90.0  # for all nodes to start a Python and look at themselves
LARGE_BYTES = 2**20  # what is larger goes through the object store by itself
INSTALL = "run: python -m pip install 'labgrade[cluster]'"
ONE = 1.0
PHASES_S = 0.5  # between two looks at the board


@dataclass(frozen=True)
class Need:
    """What a submission takes of a node: a core, memory, and the graphics cards that TensorFlow would use."""

    memory_bytes: int = GRADING_MEMORY_BYTES
    cards: int = 0

    def fit_into(self, resources: Mapping[str, float]) -> int:
        """How many fit into these resources."""
        rooms = [resources.get("CPU", 0.0) / ONE, resources.get("memory", 0.0) / self.memory_bytes]
        if self.cards:
            rooms.append(resources.get("GPU", 0.0) / self.cards)
        return int(min(rooms))


class Store(Inline):
    """Small things travel within the task, large ones in the object store."""

    def send(self, data: bytes) -> Any:
        """Bytes, or a reference to them in the object store."""
        return data if len(data) <= LARGE_BYTES else _ray().put(data)


@contextlib.contextmanager
def joined(address: str) -> Iterator[RayCluster]:
    """A cluster, and this process a part of it meanwhile.

    Args:
        address: ``auto`` for the one that runs here or that $RAY_ADDRESS names, ``local`` for one of this
            machine alone, which ends with the run, ``HOST:PORT``, or ``ray://HOST:PORT``.

    Raises:
        UsageProblem: Ray is missing, or nothing that we know answers there.
    """
    ray = _ray()
    _require_listener(address)
    before = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.CRITICAL, **_own(address))
    except Exception as error:
        ray.shutdown()
        raise UsageProblem(_why_not(address, error)) from error
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, before)
    cluster = RayCluster(ray)
    try:
        yield cluster
    finally:
        with contextlib.suppress(Exception):
            ray.shutdown()


def _ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray  # noqa: PLC0415 - an extra, and a second to load
    except ImportError as error:
        raise UsageProblem(f"--ray needs Ray, which is missing; {INSTALL}") from error
    return ray


def _own(address: str) -> dict[str, Any]:
    """How a Ray of this machine alone is started."""
    if address != "local":
        return {}
    memory = max(int(psutil.virtual_memory().available) - PLASMA_BYTES, GRADING_MEMORY_BYTES)
    return {"include_dashboard": False, "object_store_memory": PLASMA_BYTES, "_memory": memory}


def _require_listener(address: str) -> None:
    """See that a server of Ray's kind is there, which Ray itself would take minutes to find out.

    Raises:
        UsageProblem: there is none, or the address has another form.
    """
    named = _current() if address == "auto" else address
    if named in ("", "local"):
        return
    host, colon, port = named.removeprefix("ray://").rpartition(":")
    if not (host and colon and port.isdigit()) or "/" in host:
        raise UsageProblem(
            f"{named!r} is no address of a Ray cluster; write auto, local, HOST:PORT or ray://HOST:PORT"
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), ANSWER_S).close()
    except (OSError, OverflowError) as error:
        raise UsageProblem(f"no Ray cluster answers at {named} ({_reason(error)}); {START}") from error
    if not _speaks(f"{host}:{port}"):
        raise UsageProblem(f"what answers at {named} is no Ray cluster; {START}")


def _current() -> str:
    """The address that ``auto`` means here, or "" where Ray itself is to say what is wrong."""
    with contextlib.suppress(Exception):  # no public function says it
        from ray._private import services  # noqa: PLC0415 - an extra

        return str(services.get_ray_address_from_environment("auto", None))
    return ""


def _speaks(place: str) -> bool:
    """Whether a server there speaks gRPC, as Ray's do."""
    if os.environ.get("RAY_USE_TLS", "0") != "0":
        return True
    import grpc  # noqa: PLC0415 - comes with the extra

    with grpc.insecure_channel(place) as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=ANSWER_S)
        except grpc.FutureTimeoutError:
            return False
    return True


START = "start one with: ray start --head, or use --ray local for this machine alone"


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()


def _why_not(address: str, error: Exception) -> str:
    text = " ".join(str(error).split())
    if "ersion mismatch" in text:
        return f"the Ray cluster at {address} has another Ray or Python than this machine: {text[:300]}"
    if isinstance(error, ConnectionError):
        return (
            f"no Ray cluster answers at {address}; {START}; where it wants a token, set RAY_AUTH_MODE=token"
        )
    return f"the Ray cluster at {address} cannot be used: {one_line_of(error)}"


class RayCluster:
    """The nodes of a cluster, as ``grader.cluster.crew`` wants them."""

    def __init__(self, ray: Any) -> None:
        self.ray = ray
        self.need = Need()
        self.carrier: Carrier = Store()
        self._shared: Any = None
        self._board = ray.remote(num_cpus=0, max_restarts=-1)(Board).remote()
        self._asked: Any = None
        self._ask_at = 0.0

    def ask(self, sandbox: str, folder: str, *, look_for_gpu: bool) -> dict[str, str]:
        """What each node that could grade says of itself, by its name; see ``grader.cluster.asking``.

        A node that does not answer is left out: it may just have ended.

        Raises:
            UsageProblem: none could grade.
        """
        fit = [node for node in self.nodes() if self.need.fit_into(node["Resources"])]
        if not fit:
            gib = self.need.memory_bytes / 2**30
            raise UsageProblem(
                f"no node of the Ray cluster has a core and {gib:g} GiB of memory for a submission; "
                "start nodes that have, with: ray start --address=… --num-cpus=… --memory=…"
            )
        asked = {}
        for node in fit:
            cards = look_for_gpu and node["Resources"].get("GPU", 0) > 0
            task = self._on(_asker(), node["NodeID"]).remote(sandbox, folder, cards)
            asked[task] = f"{node['NodeManagerHostname']} ({node['NodeManagerAddress']})"
        answers: dict[str, str] = {}
        ready, _ = self.ray.wait(list(asked), num_returns=len(asked), timeout=ASK_S)
        for task in ready:
            with contextlib.suppress(Exception):
                answers[asked[task]] = self.ray.get(task)
        if not answers:
            raise UsageProblem(f"none of the {len(fit)} nodes of the Ray cluster answers; see: ray status")
        return answers

    def _on(self, function: Any, node: str) -> Any:
        from ray.util.scheduling_strategies import (  # noqa: PLC0415 - an extra
            NodeAffinitySchedulingStrategy,
        )

        where = NodeAffinitySchedulingStrategy(node_id=node, soft=False)
        return self.ray.remote(num_cpus=0, max_retries=0, scheduling_strategy=where)(function)

    def share(self, shared: Shared) -> None:
        """Have nodes find here what all submissions share."""
        self._shared = self.ray.put(shared)

    def places(self) -> int:
        """How many submissions fit onto the nodes that are alive."""
        return sum(self.need.fit_into(node["Resources"]) for node in self.nodes())

    def nodes(self) -> list[dict[str, Any]]:
        """The nodes that are alive, as Ray describes them."""
        return [node for node in self.ray.nodes() if node["Alive"]]

    def submit(self, parcel: Parcel) -> Any:
        """Have a node grade it, as soon as one is free."""
        options = {"num_cpus": ONE, "num_gpus": self.need.cards, "memory": self.need.memory_bytes}
        task = self.ray.remote(max_retries=0, **options)(work)
        carrier = None if isinstance(self.carrier, Store) else self.carrier
        return task.remote(parcel, [self._shared], carrier, self._board)

    def wait(self, tasks: Sequence[Any], timeout_s: float) -> set[Any]:
        """Those that have ended, after waiting at most ``timeout_s`` for the first."""
        if not tasks:
            time.sleep(timeout_s)
            return set()
        ended, _ = self.ray.wait(list(tasks), num_returns=1, timeout=timeout_s)
        if ended:
            ended, _ = self.ray.wait(list(tasks), num_returns=len(tasks), timeout=0)
        return set(ended)

    def take(self, task: Any) -> Outcome:
        """What came of a task that has ended.

        Raises:
            Lost: nothing did.
        """
        try:
            outcome = self.ray.get(task)
        except Unfit as unfit:
            raise Lost(f"its node has {unfit}") from unfit
        except self.ray.exceptions.RayError as error:
            raise Lost(self._reason(error)) from error
        if not isinstance(outcome, Outcome):
            raise Lost("its node answered in a way that this version does not know")
        return outcome

    def _reason(self, error: Exception) -> str:
        """What became of a task, after "because"."""
        known = self.ray.exceptions
        if isinstance(error, known.OutOfMemoryError):
            return "its node ran out of memory"
        if isinstance(error, known.NodeDiedError | known.ObjectLostError | known.LocalRayletDiedError):
            return "its node ended"
        if isinstance(error, known.WorkerCrashedError):
            return "its node, or the process on it, ended"
        if isinstance(error, known.TaskCancelledError):
            return "somebody cancelled it"
        if isinstance(error, known.RayTaskError):
            return f"its node failed ({one_line_of(getattr(error, 'cause', error))})"
        return f"the cluster failed ({type(error).__name__})"

    def phases(self) -> Mapping[str, str]:
        """What the nodes have told since last asked, by the key of the parcel; it never waits."""
        with contextlib.suppress(Exception):  # whatever becomes of the board, it costs no result
            if self._asked is None and time.monotonic() >= self._ask_at:
                self._asked = self._board.take.remote()
                self._ask_at = time.monotonic() + PHASES_S
            if self._asked is not None and self.ray.wait([self._asked], timeout=0)[0]:
                asked, self._asked = self._asked, None
                told: dict[str, str] = self.ray.get(asked)
                return told
        return {}

    def end(self, tasks: Sequence[Any], patience_s: float) -> None:
        """End tasks: politely for so long, then for good."""
        left = list(tasks)
        try:
            if patience_s > 0 and left:
                self._cancel(left, force=False)
                _, left = self.ray.wait(left, num_returns=len(left), timeout=patience_s)
        finally:  # whatever interrupts the waiting
            self._cancel(left, force=True)

    def _cancel(self, tasks: Sequence[Any], *, force: bool) -> None:
        for task in tasks:
            with contextlib.suppress(Exception):  # it has ended by itself, or its node has
                self.ray.cancel(task, force=force, recursive=False)


class Board:
    """An actor on which nodes write what they are at; the last word of each counts."""

    def __init__(self) -> None:
        self.phases: dict[str, str] = {}

    def tell(self, key: str, phase: str) -> None:
        """Write."""
        self.phases[key] = phase

    def take(self) -> dict[str, str]:
        """Read, and wipe."""
        phases, self.phases = self.phases, {}
        return phases


def work(parcel: Parcel, shared: list[Any], carrier: Carrier | None, board: Any) -> Outcome:
    """A task: grade a parcel. What all share comes as a reference, which few need to follow."""
    ray = _ray()
    return grade_parcel(
        parcel,
        lambda: ray.get(shared[0]),
        carrier or Inline(ray.get),
        lambda phase: board.tell.remote(parcel.key, phase),
    )


def _asker() -> Any:
    """A function that a node can run which lacks labgrade: Ray sends one like this with its code."""
    missing = MISSING

    def ask(sandbox: str, folder: str, look_for_gpu: bool) -> str:
        try:
            from grader.cluster.node import describe  # noqa: PLC0415 - it may be missing, or an older one

            return describe(sandbox, folder, look_for_gpu=look_for_gpu)
        except (ImportError, TypeError) as error:
            return f"{missing}no labgrade like this one ({error})"

    return ask
