"""What the system itself refuses a submission: calls, descriptors, memory nobody counts, and our own files."""

from __future__ import annotations

import contextlib
import dataclasses
import platform
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from grader import kernels, sandbox, scratch, seccomp
from grader.limits import Limits
from grader.output import gradebook_csv
from grader.pages import render_class, render_feedback
from tests.conftest import Teller
from tests.grader.fakes import report_on, students

SYSCALL = """
import ctypes, errno
def call(number, *given):
    libc = ctypes.CDLL(None, use_errno=True)
    given = [ctypes.c_long(one) if isinstance(one, int) else one for one in given]
    return errno.errorcode[ctypes.get_errno()] if libc.syscall(number, *given) == -1 else "done"
"""


@pytest.fixture(scope="module")
def cell(given, needs_bubblewrap):
    """A kernel that has a way to make any system call."""
    kernel = Teller(given)
    kernel.run(SYSCALL)
    yield kernel
    kernel.close()


# ---- the filter --------------------------------------------------------------------------------------

needs_filter = pytest.mark.skipif(not seccomp.program(), reason="no filter for this processor")


@needs_filter
@pytest.mark.parametrize("name", sorted(seccomp.FORBIDDEN | seccomp.LACKING))
def test_a_forbidden_call_is_refused(cell, name):
    """Every call of the list fails as forbidden, or as one that the system lacks."""
    column = seccomp.ARCHITECTURES[platform.machine()].column
    number = (seccomp.FORBIDDEN | seccomp.LACKING)[name][column]
    wanted = "EPERM" if name in seccomp.FORBIDDEN else "ENOSYS"
    assert cell.tell(f"told = call({number}, 0, 0, 0, 0, 0)") == wanted


@needs_filter
@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        pytest.param("call(CLONE, 0x10000000 | 17, 0, 0, 0, 0)", "EPERM", id="user-namespace"),
        pytest.param("call(CLONE, 0x00020000 | 17, 0, 0, 0, 0)", "EPERM", id="mount-namespace"),
        pytest.param("call(CLONE, 0x40000000 | 17, 0, 0, 0, 0)", "EPERM", id="network-namespace"),
        pytest.param("call(IOCTL, 0, 0x5412, ctypes.create_string_buffer(b'x'))", "EPERM", id="TIOCSTI"),
        pytest.param("call(PERSONALITY, 0x0040000)", "EPERM", id="no-randomization"),
        pytest.param("call(PERSONALITY, 0xFFFFFFFF)", "done", id="ask-personality"),
        pytest.param("call(SOCKET, 40, 1, 0)", "EAFNOSUPPORT", id="vsock"),
        pytest.param("call(SOCKET, 38, 5, 0)", "EAFNOSUPPORT", id="crypto"),
        pytest.param("call(SOCKET, 17, 3, 0)", "EAFNOSUPPORT", id="packet"),
        pytest.param("call(SOCKET, 2, 3, 1)", "EPERM", id="raw"),
        pytest.param("call(SOCKET, 2, 1, 0)", "done", id="inet"),
        pytest.param("call(463, 0, 0, 0)", "ENOSYS", id="younger"),
        pytest.param("call(0x40000000 + 39)", "ENOSYS", id="x32"),
    ],
)
def test_a_call_is_refused_by_what_it_asks_for(cell, source, wanted):
    """Where a call is needed, only what it may not ask for is refused."""
    names = ("CLONE", "IOCTL", "PERSONALITY", "SOCKET")
    column = seccomp.ARCHITECTURES[platform.machine()].column
    numbers = "".join(f"{name} = {getattr(seccomp, name)[column]}\n" for name in names)
    assert cell.tell(f"{numbers}told = {source}") == wanted


@needs_filter
def test_the_filter_is_there_for_good(cell):
    """It holds the kernel and what it starts, and nobody gains rights by a program that has more."""
    told = cell.tell(
        """
import subprocess
status = subprocess.run(["cat", "/proc/self/status"], capture_output=True, text=True).stdout
told = [line.split()[1] for line in status.splitlines() if line.startswith(("Seccomp:", "NoNewPrivs:"))]
"""
    )
    assert told == ["1", "2"]


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_program_is_sound(machine):
    """Every jump lands inside, forwards, and whatever is not refused is allowed at the end."""
    program = seccomp.program(machine)
    lines = [struct.unpack("=HBBI", program[place : place + 8]) for place in range(0, len(program), 8)]
    for place, (code, jump_if, jump_if_not, _) in enumerate(lines):
        if code in (seccomp.EQUAL, seccomp.GREATER, seccomp.ANY_BIT):
            assert place + 1 + max(jump_if, jump_if_not) < len(lines)
    assert lines[-1] == (seccomp.RETURN, 0, 0, seccomp.ALLOW)
    assert {line[0] for line in lines} <= {0x20, 0x15, 0x25, 0x45, 0x06}


def test_an_unknown_processor_has_no_filter():
    """Wrong numbers would refuse the wrong calls."""
    assert seccomp.program("riscv64") == b""


# ---- what the kernel has -----------------------------------------------------------------------------


def test_no_descriptor_of_the_grader_is_open(cell):
    """Beside its own, a submission has no file, socket or terminal."""
    told = cell.tell(
        """
import os
told = []
for name in os.listdir("/proc/self/fd"):
    try:
        told.append(os.readlink("/proc/self/fd/" + name))
    except OSError:
        pass
"""
    )
    own = (
        "anon_inode:",
        "pipe:",
        "socket:",
        "/dev/null",
        "/dev/pts/",
        "/dev/ptmx",
        "/dev/urandom",
        "/memfd:",
    )
    known = (str(cell.room.home), str(cell.room.sockets), sys.prefix, *own)
    assert [place for place in told if not place.startswith(known) and "/proc/" not in place] == []
    assert set(told).isdisjoint(own_channels())


def own_channels() -> set[str]:
    """This process's own sockets and pipes."""
    names = set()
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            names.add(str(link.readlink()))
    return {name for name in names if name.startswith(("socket:", "pipe:"))}


def test_bounds_that_a_process_carries(cell):
    """No core dumps, few descriptors, no file beyond the disk's limit, no message queues."""
    told = cell.tell(
        """
import resource
told = [resource.getrlimit(getattr(resource, "RLIMIT_" + name)) for name in ("CORE", "NOFILE", "FSIZE")]
"""
    )
    assert told == [[0, 0], [4096, 4096], [2048 * 2**20] * 2]


def test_the_temporary_file_systems_are_bounded(cell):
    """/tmp and /dev/shm have a size of their own, and are not this machine's."""
    told = cell.tell(
        "import os\ntold = [[state.f_blocks * state.f_frsize, place] for place in ('/tmp', '/dev/shm')"
        " for state in [os.statvfs(place)]]"
    )
    if sandbox._knows_size():
        assert told == [[1024 * 2**20, "/tmp"], [1024 * 2**20, "/dev/shm"]]


def test_the_system_s_switches_are_out_of_reach(cell):
    """Where root grades, the sandbox's user owns these files: what they run, they run outside."""
    told = cell.tell(
        """
import os
told = []
for folder, _, files in os.walk("/proc/sys"):
    for name in files:
        path = os.path.join(folder, name)
        try:
            os.close(os.open(path, os.O_WRONLY))
        except OSError:
            continue
        told.append(path)
"""
    )
    assert told == []


def test_the_watchdog_is_out_of_sight(cell):
    """Neither its orders nor its process."""
    place = str(cell.room.watch)
    told = cell.tell(
        f"""
import glob, os
told = [os.path.exists({place!r})]
for path in glob.glob("/proc/[0-9]*/cmdline"):
    told.append(open(path, "rb").read().replace(b"\\0", b" ").decode(errors="replace"))
"""
    )
    assert told[0] is False
    assert not any("watchdog" in line for line in told[1:])
    assert (cell.room.watch / "order.json").exists()


def test_libraries_take_another_way(cell):
    """What the filter lacks breaks neither processes, threads, shared memory, OpenCV nor Matplotlib."""
    told = cell.tell(
        """
%matplotlib inline
import concurrent.futures, multiprocessing, multiprocessing.shared_memory as shared, subprocess, threading
import cv2, matplotlib.pyplot as plt, numpy as np
with concurrent.futures.ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as pool:
    squares = list(pool.map(abs, [-1, -2]))
block = shared.SharedMemory(create=True, size=100)
block.buf[0] = 7
kept = block.buf[0]
block.close(); block.unlink()
plt.plot([1, 2]); plt.show()
edges = cv2.Canny(np.zeros((8, 8), "uint8"), 1, 2).shape
told = [squares, kept, list(edges), subprocess.run(["true"]).returncode]
"""
    )
    assert told == [[1, 2], 7, [8, 8], 0]


# ---- installed ---------------------------------------------------------------------------------------


def test_our_packages_are_hidden_where_they_are_installed(given, needs_bubblewrap, monkeypatch, tmp_path):
    """In an environment that the sandbox must see, our folders are empty, and cannot be filled."""
    site = tmp_path / "venv/lib/python3/site-packages"
    for name in (*sandbox.OURS, "numpy"):
        (site / name).mkdir(parents=True)
        (site / name / "secret.py").write_text("answer = 42")
    seen = sandbox._python_folders()
    monkeypatch.setattr(sandbox, "__file__", str(site / "grader/sandbox.py"))
    monkeypatch.setattr(sandbox, "_python_folders", lambda: [*seen, tmp_path / "venv"])
    base, room = kernels.make_room(given)
    script = (
        'for name; do find "$name" -type f; touch "$name/new" 2>/dev/null && echo "wrote $name"; done; true'
    )
    places = [str(site / name) for name in (*sandbox.OURS, "numpy")]
    options = sandbox._options(room, Limits(), filtered=False)
    told = subprocess.run(
        ["bwrap", *options, "sh", "-c", script, "sh", *places], capture_output=True, text=True, check=True
    )
    scratch.remove(base)
    assert told.stdout.split() == [str(site / "numpy/secret.py")]


# ---- without -----------------------------------------------------------------------------------------


def test_every_page_says_that_there_was_no_sandbox():
    """The student's page and the class's, and neither where there was one."""
    without = [report_on(one) for one in students("ada", "ben")]
    assert {report.provenance.sandbox for report in without} == {"none"}
    isolated = [with_sandbox(report) for report in without]
    said = "Run without a sandbox."
    assert said in render_feedback(without[0])
    assert said in render_class(without, title="class")
    assert "Of 2 submissions 1 ran with nothing" in render_class([without[0], isolated[1]], title="class")
    assert said not in render_feedback(isolated[0])
    assert said not in render_class(isolated, title="class")
    assert gradebook_csv(without) == gradebook_csv(isolated)


def with_sandbox(report):
    """The same report, from a sandbox."""
    origin = dataclasses.replace(report.provenance, sandbox="bubblewrap")
    return dataclasses.replace(report, provenance=origin)
