"""What a submission can reach from inside its kernel: its own folder, and nothing else."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

import grader
from grader import kernels, sandbox
from tests.conftest import Teller

CHECKOUT = Path(grader.__file__).resolve().parent.parent
SECRET = "labgrade-test-secret-5f2c"


@pytest.fixture(scope="module")
def cell(given, needs_bubblewrap):
    """A kernel started by a process that has a secret in its environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LABGRADE_TEST_TOKEN", SECRET)
        kernel = Teller(given)
    yield kernel
    kernel.close()


# ---- the network -------------------------------------------------------------------------------------


@pytest.fixture
def server():
    """A server of ours on 127.0.0.1, and the number of those who reached it."""
    reached = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                reached.append(connection)
                connection.close()

        threading.Thread(target=serve, daemon=True).start()
        port = listening.getsockname()[1]
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        while not reached:
            time.sleep(0.01)
        reached.clear()
        yield port, reached


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_no_server_of_this_machine_can_be_reached(cell, server, host):
    """A server that listens on this machine is out of reach from the sandbox."""
    port, reached = server
    told = cell.tell(
        f"""
import socket
try:
    socket.create_connection(({host!r}, {port}), timeout=5)
    told = "connected"
except OSError as error:
    told = type(error).__name__
"""
    )
    assert told != "connected"
    assert reached == []


def test_no_name_is_resolved(cell):
    """There is no name service, and asking for one ends at once."""
    started = time.monotonic()
    told = cell.tell(
        """
import socket
try:
    told = str(socket.getaddrinfo("pypi.org", 443))
except OSError as error:
    told = type(error).__name__
"""
    )
    assert told == "gaierror"
    assert time.monotonic() - started < 10


def test_no_address_outside_can_be_reached(cell):
    """There is no route to anywhere, and loopback is the only interface."""
    told = cell.tell(
        """
import socket
try:
    socket.create_connection(("1.1.1.1", 53), timeout=5)
    told = "connected"
except OSError as error:
    told = error.strerror
told = [told, [name for _, name in socket.if_nameindex()]]
"""
    )
    assert told == ["Network is unreachable", ["lo"]]


def test_an_abstract_socket_of_this_machine_cannot_be_reached(cell):
    """Sockets without a file, by which many services listen, are out of reach too."""
    name = f"\0{SECRET}"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(name)
        listening.listen()
        told = cell.tell(
            f"""
import socket
try:
    socket.socket(socket.AF_UNIX).connect({name!r})
    told = "connected"
except OSError as error:
    told = type(error).__name__
"""
        )
    assert told == "ConnectionRefusedError"


# ---- files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["grader", "checks", "reference", "tests", "submissions", ".git", "pyproject.toml"]
)
def test_the_checkout_is_out_of_sight(cell, name):
    """Neither the grader, the checks, the solutions nor other submissions exist for a submission."""
    assert (CHECKOUT / name).exists()
    assert cell.tell(f"import os; told = os.path.lexists({str(CHECKOUT / name)!r})") is False


@pytest.mark.parametrize("name", ["grader", "checks", "reference", "tests"])
def test_our_packages_cannot_be_imported(cell, name):
    """Nothing of ours but the kernel module is on any path."""
    student = cell.run(f"import {name}")
    assert [error.ename for error in student.errors] == ["ModuleNotFoundError"]


def on_the_way_to_python(folder: Path) -> set[str]:
    """The entries of a folder that lead to our Python, which the sandbox has to see."""
    roots = (Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent.parent)
    return {
        root.relative_to(folder).parts[0] for root in roots if root.is_relative_to(folder) and root != folder
    }


@pytest.mark.parametrize(
    "folder",
    [
        pytest.param(CHECKOUT, id="checkout"),
        pytest.param(CHECKOUT.parent, id="its-parent"),
        pytest.param(Path.home(), id="home"),
        pytest.param(Path("/root"), id="root"),
        pytest.param(Path("/home"), id="homes"),
        pytest.param(Path("/var"), id="var"),
        pytest.param(Path("/run"), id="run"),
        pytest.param(Path("/srv"), id="srv"),
        pytest.param(Path("/mnt"), id="mnt"),
        pytest.param(Path("/sys"), id="sys"),
    ],
)
def test_a_folder_of_this_machine_shows_nothing(cell, folder):
    """Of the places where people and services keep their files, only what leads to Python is there."""
    told = cell.tell(
        f"import os; told = os.listdir({str(folder)!r}) if os.path.isdir({str(folder)!r}) else []",
    )
    assert set(told) <= on_the_way_to_python(folder)


def test_other_rooms_are_out_of_sight(cell, given):
    """The folders of another submission that runs at the same time do not exist for this one."""
    base, room = kernels.make_room(given)
    try:
        (room.lab / "solution.py").write_text("answer = 42")
        told = cell.tell(
            f"""
import os, tempfile
told = [os.path.lexists({str(base)!r}), os.listdir({str(base.parent)!r})]
"""
        )
    finally:
        shutil.rmtree(base)
    assert told[0] is False
    assert base.name not in told[1]
    assert cell.base.name in told[1]


@pytest.mark.parametrize("inside", ["evidence", "."])
def test_the_grader_s_notes_beside_the_room_are_out_of_sight(cell, inside):
    """Of the run's own folder only the room's parts are there, not the evidence that was collected."""
    place = cell.base / inside
    assert place.is_dir()
    told = cell.tell(
        f"import os\nplace = {str(place)!r}\ntold = os.listdir(place) if os.path.isdir(place) else []"
    )
    assert set(told) <= {"home", "s", "code"}


def test_only_the_home_can_be_written(cell, given):
    """Writing works at home and in places that end with the kernel, and nowhere else."""
    places = [
        cell.room.code, cell.room.code / "labgrade_kernel", given, given / "cifar10", "/", "/usr",
        "/etc", "/usr/bin",
        sys.prefix, Path(os.__file__).parent, cell.base, CHECKOUT, "/proc", "/proc/sys/kernel", "/dev",
    ]  # fmt: skip
    told = cell.tell(
        f"""
import os, uuid
def can_write(place):
    path = os.path.join(place, "labgrade-" + uuid.uuid4().hex)
    try:
        with open(path, "w") as file:
            file.write("x")
    except OSError:
        return False
    return True
told = [[place for place in {[str(place) for place in places]!r} if can_write(place)],
        [can_write(place) for place in (".", os.environ["HOME"], os.environ["TMPDIR"], "/tmp")]]
"""
    )
    assert told == [[str(cell.base)] if str(cell.base).startswith("/tmp/") else [], [True] * 4]
    assert [place for place in map(Path, map(str, places)) if any(place.glob("labgrade-????????????*"))] == []


def test_what_is_written_to_tmp_stays_in_the_sandbox(cell):
    """/tmp is the sandbox's own."""
    cell.tell(f"open('/tmp/{SECRET}', 'w').write('x'); told = 1")
    assert not Path(f"/tmp/{SECRET}").exists()


@pytest.mark.parametrize("path", ["/etc/passwd", "/etc/shadow", "/etc/hostname", "/proc/1/root/etc/shadow"])
def test_the_system_s_own_files_are_out_of_sight(cell, path):
    """Who has an account here, and what this machine is called, is nobody's business."""
    student = cell.run(f"open({path!r}).read()")
    assert len(student.errors) == 1


# ---- the process -------------------------------------------------------------------------------------


def test_the_environment_has_nothing_of_the_grader_s(cell):
    """No variable of the grader's process reaches the kernel, or any process it can look at."""
    told = cell.tell(
        """
import glob, os
told = [dict(os.environ), []]
for path in glob.glob("/proc/[0-9]*/environ"):
    try:
        told[1].append(open(path, "rb").read().decode(errors="replace"))
    except OSError:
        pass
"""
    )
    jupyter = {
        "JPY_PARENT_PID", "JPY_SESSION_NAME", "PWD", "LC_CTYPE", "PYDEVD_USE_FRAME_EVAL", "TERM", "CLICOLOR",
        "FORCE_COLOR", "CLICOLOR_FORCE", "PAGER", "GIT_PAGER", "MPLBACKEND",
    }  # fmt: skip
    assert SECRET not in str(told)
    assert set(told[0]) <= set(sandbox.environment(cell.room)) | jupyter
    assert told[0]["HOME"] == str(cell.room.home)


def test_nobody_without_rights(cell):
    """The kernel runs as nobody, without any capability, and cannot gain one."""
    told = cell.tell(
        """
import os
fields = dict(line.split(":\\t") for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
told = [os.getuid(), os.getgid(), int(fields["CapEff"], 16), int(fields["CapPrm"], 16), fields["NoNewPrivs"]]
"""
    )
    assert told == [65534, 65534, 0, 0, "1"]


def test_the_host_s_processes_are_out_of_sight(cell):
    """Only the sandbox's own processes have numbers in it, and none of this machine's can be signalled."""
    told = cell.tell(
        """
import glob, os
told = []
for path in glob.glob("/proc/[0-9]*/cmdline"):
    told.append(open(path, "rb").read().replace(b"\\0", b" ").decode(errors="replace"))
"""
    )
    assert 1 <= len(told) <= 5
    assert " ".join(psutil.Process().cmdline()) not in [line.strip() for line in told]
    student = cell.run(f"import os; os.kill({os.getpid() if os.getpid() > 1000 else 99999}, 0)")
    assert [error.ename for error in student.errors] == ["ProcessLookupError"]


def test_the_host_s_name_is_hidden(cell):
    """The sandbox has a host name of its own."""
    assert cell.tell("import socket; told = socket.gethostname()") == "lab"


def test_no_process_outlives_the_kernel(given, needs_bubblewrap):
    """A process that left its group and its parent ends with the kernel."""
    kernel = Teller(given)
    kernel.tell(
        """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            with open("alive", "w") as file:
                file.write(str(time.time()))
            time.sleep(0.05)
    os._exit(0)
while not os.path.exists("alive"):
    time.sleep(0.05)
told = 1
"""
    )
    inside = kernel.kernel.process.children(recursive=True)
    alive = kernel.room.lab / "alive"
    assert len([process for process in inside if process.is_running()]) >= 3  # bwrap, kernel, daemon
    assert time.time() - alive.stat().st_mtime < 2
    kernel.runner.run(kernel.kernel.end())
    _, left = psutil.wait_procs(inside, timeout=5)
    assert left == []
    last = alive.read_text()
    time.sleep(0.3)
    assert alive.read_text() == last
    kernel.runner.close()
    shutil.rmtree(kernel.base)


def test_the_kernel_ends_with_the_grader(given, needs_bubblewrap):
    """Where the grader is killed, no kernel stays behind."""
    source = f"""
import time
from pathlib import Path
from tests.live import LiveKernel
kernel = LiveKernel(Path({str(given)!r}))
print(kernel.base, kernel.kernel.process.pid, sep="\\n", flush=True)
time.sleep(100)
"""
    command = [sys.executable, "-c", source]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        base, first = (process.stdout.readline().strip() for _ in range(2))
        inside = [psutil.Process(int(first)), *psutil.Process(int(first)).children(recursive=True)]
        process.kill()
    _, left = psutil.wait_procs(inside, timeout=5)
    assert len(inside) >= 2
    assert left == []
    shutil.rmtree(base)
