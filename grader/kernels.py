"""One student's kernel: started in its sandbox, asked for evidence, and ended with all its children."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import platform
import re
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

import numpy as np
import psutil
import zmq
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from checks.kit import Gone, Raised, Reply
from grader import endings, scratch, stand_in_photos
from grader.endings import Loss
from grader.limits import Limits
from grader.sandbox import Room, SandboxName, environment, wrap
from grader.watchdog import Ending

START_TIMEOUT_S = 120.0
REQUEST_TIMEOUT_S = 90.0
MAX_FRAME_BYTES = 330 * 2**20  # no single message part may be larger; the kernel sends smaller ones
END_S = 15.0  # for the watchdog to kill a sandbox and bury its processes
MAX_JSON_BYTES = 16 * 2**20  # of an answer beside its arrays; in memory it takes twenty times that
JSON_PARTS = 5  # signature, header, parent, metadata, content; arrays follow
MAX_SHOWN_BYTES = 16 * 2**20  # a larger message for the page is not even read
WAITING_MESSAGES = 32  # of each channel, before the sender has to wait
BOOTSTRAP = "import sys; sys.path.insert(0, {code!r}); from labgrade_kernel.server import main; main()"
FEW_PROCESSES = "import resource; resource.setrlimit(resource.RLIMIT_NPROC, ({most}, {most})); "
LONGEST_SOCKET = 95  # characters of a path, to which a number is added; macOS allows 103
PROCESSES_ABOVE = 50  # where the system stops a burst, above where the watchdog ends it with a reason
PLAIN_KINDS = "biufc"
MAX_CHANGED = 20  # names that an answer may hold
ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


class Unusable(Gone):
    """The process answered with something unusable: tampering, or a fault of our module in the kernel.

    The two cannot be told apart from outside, since our module lives in the student's process. So it
    ends like a process that is gone, and a finding tells the instructor.
    """


class OneSpec(KernelSpecManager):
    """Answers every kernel name (``732a83_env``, ``tf_gpu`` …) with our own kernel."""

    spec: KernelSpec

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Our kernel, whatever the notebook calls it."""
        return self.spec


class PageChannel(AsyncZMQSocketChannel):
    """The channel of outputs, held against a kernel that floods it or sends what nobody can read."""

    async def _recv(self, **options: Any) -> dict[str, Any]:  # type: ignore[override]  # as in its parent
        while True:
            await asyncio.sleep(0)  # with messages waiting nothing else would ever run, no time limit either
            parts = await self.socket.recv_multipart(**options)
            large = sum(map(len, parts)) > MAX_SHOWN_BYTES
            try:
                _, parts = self.session.feed_identities(parts)
                message = self.session.deserialize(parts, content=not large)
                return {**message, "content": {}, "too_large": True} if large else message
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError, IndexError):
                continue  # no kernel sends this by itself: the notebook did


class AnswerChannel(AsyncZMQSocketChannel):
    """The channel of answers, whose JSON must not be so large that reading it takes gigabytes."""

    async def _recv(self, **options: Any) -> dict[str, Any]:  # type: ignore[override]  # as in its parent
        _, parts = self.session.feed_identities(await self.socket.recv_multipart(**options))
        if sum(map(len, parts[:JSON_PARTS])) > MAX_JSON_BYTES:
            raise ValueError("its answer is too large")
        return self.session.deserialize(parts)


@dataclass
class Kernel:
    """A running kernel and the way to ask it."""

    manager: AsyncKernelManager
    room: Room
    limits: Limits = field(default_factory=Limits)
    client: Any = None
    peak_mib: float = 0.0
    process: psutil.Process | None = field(default=None, repr=False)

    async def ask(
        self,
        op: str,
        arguments: dict[str, Any],
        arrays: Sequence[Any] = (),
        timeout_s: float = REQUEST_TIMEOUT_S,
    ) -> Reply:
        """Put one request to the kernel module and wait for its plain-data answer.

        Raises:
            Raised: the student's code raised while it answered.
            Gone: the process ended, or did not answer within ``timeout_s``.
            Unusable: the process answered, but not as our module in it does.
        """
        nonce = secrets.token_hex(16)  # a message's id can be guessed, and an answer sent before it is asked
        session, channel = self.client.session, self.client.shell_channel
        specs = [{"dtype": array.dtype.str, "shape": list(array.shape)} for array in arrays]
        request = {"op": op, "arguments": arguments, "arrays": specs, "nonce": nonce}
        message = session.msg("labgrade_request", request)
        session.send(channel.socket, message, buffers=[np.ascontiguousarray(array) for array in arrays])
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if await channel.socket.poll(500):
                try:
                    answer = await channel.get_msg(timeout=5)
                except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
                    raise Unusable(f"it sent something unreadable ({type(error).__name__})") from error
                if answer["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                    return decode(answer, nonce)
            elif not await self.manager.is_alive():
                raise Gone(f"the Python process ended ({(await self.loss()).why})")
        raise Gone(f"there was no answer within {timeout_s:.0f} s")

    def measure(self) -> None:
        """Note the largest resident memory that the sandbox's processes have had so far."""
        if self.process is None:
            return
        total = 0.0
        with contextlib.suppress(psutil.Error, OSError):
            for process in [self.process, *self.process.children(recursive=True)]:
                with contextlib.suppress(psutil.Error, OSError, ValueError):
                    total += _high_water_mib(process.pid)
        self.peak_mib = max(self.peak_mib, total)

    async def loss(self) -> Loss:
        """What ended a kernel that is no longer alive."""
        deadline = time.monotonic() + END_S
        while await self.manager.is_alive() and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        return endings.loss(self.ending(), self.limits)

    def ending(self) -> Ending | None:
        """How the sandbox ended; ``None`` while it runs, or where its watchdog was killed."""
        return endings.read(self.room.ending)

    async def end(self) -> None:
        """Kill the kernel and everything it started."""
        self.measure()
        children: list[psutil.Process] = []
        with contextlib.suppress(psutil.Error):
            children = self.process.children(recursive=True) if self.process else []
        if self.client is not None:
            self.client.stop_channels()
        await self._ask_to_end()
        with contextlib.suppress(Exception):
            await self.manager.shutdown_kernel(now=True)
        for child in children:
            with contextlib.suppress(psutil.Error):
                child.kill()

    async def _ask_to_end(self) -> None:
        """Let the watchdog kill what it watches, since only it knows all of it."""
        with contextlib.suppress(psutil.Error, OSError):
            if self.process is not None and self.process.is_running():
                os.kill(self.process.pid, signal.SIGTERM)
        deadline = time.monotonic() + END_S
        with contextlib.suppress(Exception):
            while await self.manager.is_alive() and time.monotonic() < deadline:
                await asyncio.sleep(0.02)


def _high_water_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


async def start(
    room: Room, sandbox: SandboxName, config: dict[str, Any], limits: Limits | None = None
) -> Kernel:
    """Start a kernel in the room, within the limits, by default the common ones.

    Raises:
        Gone: it did not come up within two minutes.
    """
    limits = limits or Limits()
    settings = room.sockets / "config.json"
    settings.write_text(json.dumps(config))
    room.ending.unlink(missing_ok=True)
    source = _bounded_processes(sandbox, limits) + BOOTSTRAP.format(code=str(room.code))
    command = [sys.executable, "-P", "-c", source, str(settings)]
    spec = KernelSpec(
        argv=wrap([*command, "-f", "{connection_file}"], room, sandbox, limits),
        display_name="labgrade", language="python", interrupt_mode="message",
    )  # fmt: skip
    specs = OneSpec()
    specs.spec = spec
    manager = AsyncKernelManager(
        **transport(room), kernel_name="labgrade", kernel_spec_manager=specs,
        connection_file=str(room.sockets / "connection.json"),
    )  # fmt: skip
    manager.context.setsockopt(zmq.MAXMSGSIZE, MAX_FRAME_BYTES)  # for every socket made from now on
    manager.context.setsockopt(zmq.RCVHWM, WAITING_MESSAGES)
    kernel = Kernel(manager, room, limits)
    try:
        await manager.start_kernel(
            cwd=str(room.lab), env=environment(room), stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL
        )
        kernel.process = psutil.Process(getattr(manager.provisioner, "pid", None))
        kernel.client = manager.client()
        kernel.client.iopub_channel_class = PageChannel
        kernel.client.shell_channel_class = AnswerChannel
        kernel.client.start_channels(stdin=False)  # nobody answers, so input() raises at once
        await _ready(kernel)
    except (TimeoutError, RuntimeError, OSError, psutil.Error) as error:
        await kernel.end()
        raise Gone(f"the kernel did not start: {error}") from error
    return kernel


async def _ready(kernel: Kernel) -> None:
    """Wait until the kernel answers and what it shows arrives; without the pauses of ``wait_for_ready``.

    Raises:
        RuntimeError: the process ended.
        TimeoutError: it took two minutes.
    """
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        kernel.client.kernel_info()
        if await kernel.client.shell_channel.socket.poll(1_000):
            answer = await kernel.client.shell_channel.get_msg(timeout=5)
            if answer["msg_type"] == "kernel_info_reply" and await _shows_idle(kernel.client.iopub_channel):
                return
        elif not await kernel.manager.is_alive():
            raise RuntimeError(f"the process ended ({(await kernel.loss()).why})")
    raise TimeoutError(f"there was no answer within {START_TIMEOUT_S:.0f} s")


async def _shows_idle(page: PageChannel) -> bool:
    """Whether the page's channel tells that the kernel is idle; before it is connected it tells nothing."""
    while await page.socket.poll(50):
        message = await page.get_msg(timeout=5)
        if message["msg_type"] == "status" and message["content"].get("execution_state") == "idle":
            return True
    return False


def transport(room: Room) -> dict[str, str]:
    """How messages travel: by sockets that are files, or on this machine alone where there are none.

    A sandbox without a network reaches the former only, and has them.
    """
    place = str(room.sockets / "k")
    if os.name == "nt" or not zmq.has("ipc") or len(place) > LONGEST_SOCKET:
        return {"transport": "tcp", "ip": "127.0.0.1"}
    return {"transport": "ipc", "ip": place}


def runner() -> asyncio.Runner:
    """What runs a kernel's coroutines: with the one kind of event loop that can wait for its sockets."""
    windows = sys.platform == "win32"
    return asyncio.Runner(loop_factory=asyncio.SelectorEventLoop if windows else None)


def _bounded_processes(sandbox: SandboxName, limits: Limits) -> str:
    """Code that bounds processes and threads before anything else runs, where that is possible.

    The bound is for a user in a user namespace since Linux 5.14; before, it counted all that the user
    runs on this machine. It does not hold root.
    """
    release = tuple(map(int, re.findall(r"\d+", platform.release())[:2]))
    if sandbox == "none" or release < (5, 14) or os.geteuid() == 0:
        return ""
    return FEW_PROCESSES.format(most=int(limits.processes) + PROCESSES_ABOVE)


def decode(answer: dict[str, Any], nonce: str) -> Reply:
    """A kernel's answer as plain data; everything in it is untrusted.

    Args:
        answer: the message.
        nonce: what the request held, and the answer must.

    Raises:
        Raised: the student's code raised.
        Unusable: the answer is malformed or belongs to no request, or our module in the kernel failed.
    """
    try:
        if answer["content"].get("nonce") != nonce:
            raise Unusable("it sent an answer that was not made for the question")
        return _decode(answer["content"], answer.get("buffers", []))
    except (Raised, Gone):
        raise
    except Exception as error:  # NumPy's reader of dtypes alone raises half a dozen kinds
        raise Unusable(f"its answer cannot be read ({type(error).__name__})") from error


def _decode(content: dict[str, Any], buffers: list[Any]) -> Reply:
    if content.get("status") == "raised":
        raise Raised(str(content.get("ename", ""))[:200], one_line(str(content.get("evalue", ""))[:2000]))
    if content.get("status") != "ok":
        last = str(content.get("traceback", "")).strip().splitlines()[-1:]
        raise Unusable(f"the part of the grader that runs in it failed ({''.join(last)[:300]})")
    specs = content.get("arrays", [])
    data = content.get("data")
    if not isinstance(specs, list) or len(specs) != len(buffers) or not isinstance(data, dict):
        raise Unusable("its answer is malformed")
    arrays = tuple(_array(spec, buffer) for spec, buffer in zip(specs, buffers, strict=True))
    changed = content.get("changed")
    names = changed[:MAX_CHANGED] if isinstance(changed, list) else ["the marks"]
    return Reply(data, arrays, tuple(str(name)[:200] for name in names))


def one_line(evalue: str) -> str:
    """An exception's text on one line, without colours and without Keras' list of arguments."""
    text = ANSI.sub("", evalue).partition("Arguments received by")[0]
    return " ".join(text.split())[:400]


def _array(spec: Any, buffer: Any) -> Any:
    dtype = np.dtype(str(spec["dtype"]))
    shape = tuple(int(size) for size in spec["shape"])
    if dtype.kind not in PLAIN_KINDS or dtype.itemsize > 32 or any(size < 0 for size in shape):
        raise Unusable("its answer holds something that is no plain array")
    array = np.frombuffer(buffer, dtype=dtype)
    return array.reshape(shape)


def make_room(given: Path, fonts: Path | None = None, threads: int = 2) -> tuple[Path, Room]:
    """A fresh private folder and the rooms in it; the caller removes the folder with ``scratch.remove``.

    The folder's name is short, since a socket's path may have 107 characters at most.
    """
    base = Path(tempfile.mkdtemp(prefix="lg-"))
    room = Room(
        home=base / "home", sockets=base / "s", code=base / "code", given=given, watch=base / "watch",
        threads=threads,
    )  # fmt: skip
    for folder in (room.code, room.watch):
        folder.mkdir(parents=True)
    renew(room, fonts)
    shutil.copytree(
        Path(__file__).parent / "kernel",
        room.code / "labgrade_kernel",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    stand_in_photos.write(room.code / "photos")
    return base, room


def renew(room: Room, fonts: Path | None = None) -> None:
    """Make the folders that a submission writes to as they were before it ran, without its files."""
    for folder in (room.home, room.sockets):
        scratch.remove(folder)
    for folder in (room.lab, room.sockets, room.home / "tmp", room.home / ".config/matplotlib"):
        folder.mkdir(parents=True, exist_ok=True)
    if fonts is not None:
        for path in fonts.glob("fontlist-*.json"):
            shutil.copy(path, room.home / ".config/matplotlib")
