"""What one submission may use: said in a rubric or on the command line, and kept."""

from __future__ import annotations

import asyncio
import mmap
import os
import subprocess
import sys
import time

import psutil
import pytest

from grader import attachments, cgroup, endings, execution, kernels, limits, outputs, scratch, usage, watchdog
from grader.cli import options
from grader.errors import UsageProblem
from grader.evidence import Evidence
from grader.limits import MIB, Limits
from grader.records import Submission
from grader.rubric_mistakes import Known, find_mistakes
from grader.watchdog import Ending
from tests.grader.test_execution import Ran, notebook_of

# ---- setting -----------------------------------------------------------------------------------------


def test_later_layers_go_before_earlier_ones():
    """What the command line sets goes before the rubric's, and that before the defaults."""
    found = limits.in_effect({"cell_s": 5, "memory_mib": 500}, {"cell_s": 7})
    assert (found.cell_s, found.memory_mib, found.disk_mib) == (7.0, 500.0, Limits().disk_mib)


WRONG = {
    "unknown": ("memory = 5", "unknown key 'memory' of the limits in line 2; did you mean 'memory_mib'?"),
    "small": ("cell_s = 0", "cell_s of the limits in line 2 must be a number from 1 to 1e+09, not 0"),
    "large": ("notebook_mib = 999", "notebook_mib of the limits in line 2 must be a number from 0.01 to 200"),
    "text": ('disk_mib = "1 GB"', "disk_mib of the limits in line 2 must be a number from 1 to 1e+09"),
    "nan": ("cell_s = nan", "cell_s of the limits in line 2 must be a number"),
    "switch": ("processes = true", "processes of the limits in line 2 must be a number from 50"),
}


@pytest.mark.parametrize(("line", "said"), WRONG.values(), ids=WRONG)
def test_a_mistake_in_a_rubric_is_named_with_its_line(line, said):
    """A wrong name or value under [limits] is a mistake like any other."""
    import tomllib

    text = f"[limits]\n{line}\n"
    (mistake,) = find_mistakes(tomllib.loads(text), Known(checks=()))
    assert mistake.told(text).startswith(said)


def test_the_command_line_sets_limits():
    """--limit NAME=VALUE, and the two options that have names of their own."""
    found = options.limits_of(["memory_mib=6000", " processes = 80 "], cell_s=5.0, notebook_s=None)
    assert found == {"memory_mib": 6000.0, "processes": 80.0, "cell_s": 5.0}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("memory=5", "did you mean memory_mib=…?"),
        ("memory_mib", "names no limit"),
        ("cell_s=soon", "cell_s must be a number from 1"),
        ("cell_s=nan", "cell_s must be a number from 1"),
        ("cell_s=-1", "cell_s must be a number from 1"),
        ("disk_mib=inf", "disk_mib must be a number from 1"),
    ],
)
def test_a_wrong_limit_on_the_command_line_is_refused(given, said):
    """With the name, and what it may be."""
    with pytest.raises(UsageProblem, match=said.replace("?", r"\?")):
        options.limits_of([given])


# ---- measuring ---------------------------------------------------------------------------------------

MEBIBYTES = 120
CHILDREN = f"""
import os, time
held = bytearray({MEBIBYTES} * 2**20)
for _ in range(3):
    if os.fork() == 0:
        break
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def family():
    """A process with a little memory and three children that share it."""
    with subprocess.Popen([sys.executable, "-c", CHILDREN], stdout=subprocess.PIPE, text=True) as process:
        for _ in range(4):
            process.stdout.readline()
        yield usage.tree(process.pid)
        for pid in reversed(usage.tree(process.pid).pids):
            os.kill(pid, 9)


def test_memory_that_processes_share_counts_once(family):
    """The most they can hold counts it for each; what they do hold counts it once."""
    assert (len(family.pids), family.threads) == (4, 4)
    assert usage.most_memory(family.pids) > 4 * MEBIBYTES * MIB
    assert MEBIBYTES * MIB < usage.memory(family.pids, 0) < 1.5 * MEBIBYTES * MIB


def test_a_tree_is_not_looked_at_further_than_needed(family):
    """With more threads than allowed, counting ends."""
    assert usage.tree(family.pids[0], most=0).threads == 1


def test_shared_mappings_are_memory():
    """Memory that no process has for itself counts too."""
    before = usage.memory([os.getpid()], 0)
    with mmap.mmap(-1, 80 * MIB) as shared:
        shared.write(b"x" * (80 * MIB))
        assert usage.memory([os.getpid()], 0) - before > 70 * MIB


def test_what_is_written_is_counted(tmp_path):
    """Files, folders, empty ones too, and deleted files that are still open; holes in files are not."""
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/file").write_bytes(b"x" * MIB)
    with (tmp_path / "hole").open("wb") as file:
        file.truncate(10 * 2**30)
    for number in range(100):
        (tmp_path / f"empty-{number}").touch()
    with (tmp_path / "gone").open("wb") as gone:
        gone.write(b"x" * 3 * MIB)
        gone.flush()
        (tmp_path / "gone").unlink()
        found = usage.written([str(tmp_path)], [os.getpid()], 10**12)
    assert 4 * MIB + 100 * 4096 <= found.total_bytes < 6 * MIB
    assert not found.hidden


def test_what_lies_too_deep_is_known_to_be_hidden(tmp_path):
    """A folder whose path is too long cannot be measured, and that is known; it can be removed."""
    place = tmp_path / "deep"
    place.mkdir()
    dig = "import os\nfor _ in range(1300): os.mkdir('ddd'); os.chdir('ddd')"
    subprocess.run([sys.executable, "-c", dig], cwd=place, check=True)
    assert usage.written([str(place)], [], 10**12).hidden
    scratch.remove(place)
    assert not place.exists()


def test_removing_follows_no_link(tmp_path):
    """A link is removed, what it leads to stays."""
    (tmp_path / "kept").mkdir()
    (tmp_path / "room").mkdir()
    (tmp_path / "room/link").symlink_to(tmp_path / "kept")
    scratch.remove(tmp_path / "room")
    assert (tmp_path / "kept").is_dir()
    assert not (tmp_path / "room").exists()


# ---- control groups ----------------------------------------------------------------------------------


@pytest.fixture
def hierarchy(tmp_path):
    """What /proc and a cgroup v2 hierarchy look like in a user's session, as plain files."""
    mount = tmp_path / "cgroup"
    (mount / "user.slice/app.slice/shell.scope").mkdir(parents=True)
    (mount / "user.slice/app.slice/cgroup.subtree_control").write_text("cpu memory pids\n")
    (mount / "user.slice/app.slice/shell.scope/cgroup.subtree_control").write_text("\n")
    (tmp_path / "self").mkdir()
    (tmp_path / "self/cgroup").write_text("0::/user.slice/app.slice/shell.scope\n")
    (tmp_path / "self/mountinfo").write_text(f"30 23 0:26 / {mount} rw - cgroup2 cgroup2 rw\n")
    return tmp_path


def test_a_group_is_made_beside_our_own(hierarchy):
    """The nearest group above that hands memory and processes on gets one more, with the limits."""
    group = cgroup.make(1000, 20, proc=hierarchy, pid=7)
    assert group.path == hierarchy / "cgroup/user.slice/app.slice/labgrade-7"
    written = {path.name: path.read_text() for path in group.path.iterdir()}
    assert written == {
        "memory.max": "1000",
        "pids.max": "20",
        "memory.swap.max": "0",
        "memory.oom.group": "1",
    }


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("self/cgroup", "9:memory:/user\n0::/\n"),
        ("self/cgroup", ""),
        ("self/mountinfo", "30 23 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"),
        ("cgroup/user.slice/app.slice/cgroup.subtree_control", "cpu pids\n"),
    ],
)
def test_where_no_group_can_be_had_there_is_none(hierarchy, file, text):
    """An old hierarchy, a container without one, or one that hands no memory on."""
    (hierarchy / file).write_text(text)
    assert cgroup.make(1000, 20, proc=hierarchy) is None


def test_what_the_kernel_says_of_a_group_is_understood(hierarchy):
    """Which limit was met."""
    group = cgroup.make(1000, 20, proc=hierarchy)
    assert group.broken() == ""
    (group.path / "pids.events").write_text("max 3\n")
    assert group.broken() == "processes"
    (group.path / "memory.events").write_text("low 0\nmax 9\noom 1\noom_kill 1\n")
    assert group.broken() == "memory"


def test_groups_of_runs_that_were_killed_are_removed(hierarchy):
    """Only where their process is gone."""
    above = hierarchy / "cgroup/user.slice/app.slice"
    (above / "labgrade-123").mkdir()
    (above / "labgrade-456").mkdir()
    (hierarchy / "456").mkdir()
    cgroup.make(1000, 20, proc=hierarchy, pid=7)
    assert sorted(path.name for path in above.glob("labgrade-*")) == ["labgrade-456", "labgrade-7"]


# ---- words -------------------------------------------------------------------------------------------

ENDINGS = {
    "memory": (
        Ending("memory", signal=9),
        "OutOfMemory",
        "Out of memory in cell 7: a submission may use 4 GB,",
    ),
    "processes": (Ending("processes"), "TooManyProcesses", "Stopped with too many processes in cell 7: "),
    "disk": (
        Ending("disk"),
        "DiskFull",
        "Stopped with its disk full in cell 7: a submission may write 2 GB.",
    ),
    "messages": (Ending("messages"), "TooMuchOutput", "Stopped in cell 7: it sent more than the grader"),
    "exit": (Ending(exit=3), "Exited", "The Python process ended in cell 7: exit status 3."),
    "crash": (Ending(signal=11), "Crashed", "The Python process crashed in cell 7: signal SIGSEGV."),
    "killed": (Ending(signal=9), "Killed", "The Python process was killed in cell 7: signal SIGKILL."),
    "unknown-signal": (Ending(signal=77), "Killed", "The Python process was killed in cell 7: signal 77."),
    "no-word": (None, "Exited", "The Python process ended in cell 7."),
}


@pytest.mark.parametrize(("ending", "ename", "said"), ENDINGS.values(), ids=ENDINGS)
def test_what_happened_is_told_apart(ending, ename, said):
    """Each way to end has a name and a sentence of its own."""
    loss = endings.loss(ending, Limits())
    assert loss.ename == ename
    assert loss.sentence(7).startswith(said)
    assert loss.status == ("out_of_memory" if ename == "OutOfMemory" else "died")


def test_files_beyond_the_limit_are_left_out_and_named(tmp_path):
    """The small ones are kept; the sentence names the others."""
    files = []
    for name, size in (("big.bin", 3 * MIB), ("a.py", 10), ("b.csv", MIB)):
        (tmp_path / name).write_bytes(b"x" * size)
        files.append((name, tmp_path / name))
    few = Limits(files_mib=2)
    found = attachments.within(Submission("ada", "ada", None, tuple(files)), few)
    assert [name for name, _ in found.kept] == ["a.py", "b.csv"]
    assert "may have 2 MB: big.bin." in found.told(few)
    found.copy(tmp_path / "lab")
    assert sorted(path.name for path in (tmp_path / "lab").iterdir()) == ["a.py", "b.csv"]


# ---- outputs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["y" * 1_000_000, "y" * 500_000 + "\b" * 500_000, "\r" * 1_000_000, "y\r" * 400_000]
)
def test_joining_streams_takes_linear_time(text):
    """No text makes the grader work for long."""
    started = time.monotonic()
    outputs.overwritten(text)
    assert time.monotonic() - started < 1


def test_streams_are_joined_as_a_terminal_shows_them():
    """Each stream is one text, standard output first, and a progress bar is its last state."""
    from nbformat.v4 import new_output

    parts = [("stderr", "w"), ("stdout", "1%\r"), ("stdout", "2%\rdone\n"), ("stderr", "!")]
    found = outputs.joined([new_output("stream", name=name, text=text) for name, text in parts])
    assert [(one.name, one.text) for one in found] == [("stdout", "done\n"), ("stderr", "w!")]


FLOODS = {
    "display": "from IPython.display import display\nwhile True: display(1)",
    "flush": "import sys\nwhile True: sys.stdout.write('x'); sys.stdout.flush()",
    "update": "from IPython.display import display\nshown = [display('x', display_id='a') for _ in range(2000)]\n"
    "while True: shown[0].update('y')",
    "huge": "kernel = get_ipython().kernel\ntext = 'z' * (100 * 2**20)\nwhile True:\n"
    "    kernel.session.send(kernel.iopub_socket, 'stream', {'name': 'stdout', 'text': text}, parent=kernel.get_parent())",
}


@pytest.mark.parametrize("source", FLOODS.values(), ids=FLOODS)
def test_a_flood_ends_by_the_limit_and_is_cut(live, source):
    """However a cell floods the grader, it is stopped in time, what is kept is bounded, and the next runs."""
    before = psutil.Process().memory_info().rss
    ran = run_in(live, notebook_of(source, "print('after')"), Limits(cell_s=2, output_mib=0.05))
    assert ran.errors()[0][1] == "Timeout"
    assert ran.text(2) == "after\n"
    assert len(str(ran.run.notebook.cells[0].outputs)) < 0.1 * MIB
    assert "The output of cell 1 was cut: at most 0.05 MB from one cell" in ran.summary.note
    assert psutil.Process().memory_info().rss - before < 1500 * MIB


def run_in(live, notebook, some: Limits) -> Ran:
    """Run a notebook in the shared kernel."""
    deadline = time.monotonic() + 60
    evidence = Evidence(live.base / "evidence")
    own = execution.Run(notebook, some.cell_s, deadline, evidence, lambda _text: None, limits=some)
    assert live.runner.run(execution._run_once(own, live.kernel)), own.left_out
    return Ran(own, execution.summary(own, 1.0), live.kernel)


def test_what_is_cleared_does_not_count(live):
    """An animation that clears its picture each time may go on for long."""
    source = "from IPython.display import clear_output\nfor i in range(60):\n    clear_output(wait=True); print('z' * 30_000, i)"
    ran = run_in(live, notebook_of(source), Limits())
    assert ran.text(1).endswith("59\n")
    assert ran.summary.note == ""


# ---- keeping -----------------------------------------------------------------------------------------

FAMILY = """
import os, time
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            held = bytearray(150 * 2**20)
            time.sleep(100)
        os._exit(0)
time.sleep(20)
"""
THREADS = "import threading, time\nfor _ in range(150): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\ntime.sleep(20)"
FILES = """
import os, time
kept = []
for number in range(20):
    kept.append(open("file", "wb"))
    os.unlink("file")
    kept[-1].write(bytes(8 * 2**20))
    kept[-1].flush()
time.sleep(20)
"""
HELD = "import mmap\nshared = mmap.mmap(-1, 2**30)\nfor place in range(0, 2**30, 4096): shared[place] = 1\nimport time; time.sleep(20)"
FITS = "import os\nheld = bytearray(200 * 2**20)\nchildren = [os.fork() for _ in range(3)]\nimport time; time.sleep(1)\n0 in children and os._exit(0)\nprint('fits')"
FILL = """
try:
    for number in range(3):
        open(f"/dev/shm/{number}", "wb").write(bytes(90 * 2**20))
except OSError as error:
    print(error.strerror)
"""
SMALL = Limits(cell_s=15, memory_mib=400, processes=120, disk_mib=100)


def run_small(given, name, *sources) -> Ran:
    """Run cells in kernels of their own within small limits; every process must be gone afterwards."""
    base, room = kernels.make_room(given)
    config = {"watch": {}, "given": str(given), "training": "budget", "seed": 0}
    (base / "evidence").mkdir()
    run = execution.Run(
        notebook_of(*sources), SMALL.cell_s, time.monotonic() + 120, Evidence(base / "evidence"),
        lambda _text: None, limits=SMALL,
    )  # fmt: skip

    async def start():
        kernels.renew(room)
        return await kernels.start(room, name, config, SMALL)

    with asyncio.Runner() as runner:
        kernel = runner.run(execution.run_notebook(run, start))
        if kernel is not None:
            runner.run(kernel.end())
    homes = [process for process in psutil.process_iter() if home_of(process).startswith(str(base))]
    scratch.remove(base)
    assert homes == []
    assert not base.exists()
    return Ran(run, execution.summary(run, 1.0), kernel)


def home_of(process) -> str:
    """The home in a process's environment."""
    try:
        return process.environ().get("HOME", "")
    except psutil.Error:
        return ""


def test_limits_hold_a_whole_tree_of_processes(given, needs_bubblewrap):
    """Memory in processes that left their session, threads, and deleted files: each is stopped and named."""
    ran = run_small(given, "bubblewrap", FAMILY, THREADS, FILES, "print('after')")
    assert ran.errors() == [(1, "OutOfMemory"), (2, "TooManyProcesses"), (3, "DiskFull")]
    assert ran.summary.status == "out_of_memory"
    assert ran.text(4) == "after\n"
    assert "Out of memory in cell 1: a submission may use 400 MB" in ran.summary.note
    assert "run again without cell 1, 2, 3" in ran.summary.note


def test_memory_that_processes_share_is_no_reason_to_stop(given, needs_bubblewrap):
    """Children of a large process share its memory; a shared mapping and files in /dev/shm count."""
    ran = run_small(given, "bubblewrap", FITS, HELD, FILL)
    assert ran.errors() == [(2, "OutOfMemory")]
    assert ran.text(1) == "fits\n"
    assert ran.text(3) == "No space left on device\n"


def test_without_a_sandbox_the_watchdog_stays(given):
    """On a student's own machine, too, limits hold and no process is left."""
    daemon = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: time.sleep(100)\n    os._exit(0)\nprint('left')"
    ran = run_small(given, "none", FAMILY, "import os; os.kill(os.getpid(), 9)", daemon)
    assert ran.errors() == [(1, "OutOfMemory"), (2, "Killed")]
    assert ran.text(3) == "left\n"


def test_a_grader_that_is_flooded_ends_the_sandbox(monkeypatch, tmp_path):
    """Where the grader's own memory grows beyond measure, its sandbox is the reason."""
    monkeypatch.setattr(watchdog, "GRADER_BYTES", 30 * MIB)
    order = watchdog.Order(2**40, 10**6, 2**40, (str(tmp_path),), os.getpid(), "", sandboxed=False)
    watch = watchdog.Watch(order)
    assert watch.look() == ""
    flood = bytearray(60 * MIB)
    assert watch.look() == "messages"
    assert flood


class Sent:
    """A socket on which one message has come."""

    def __init__(self, parts):
        self.parts = parts

    async def recv_multipart(self):
        """The message."""
        return self.parts


@pytest.mark.parametrize(("text", "array", "taken"), [(10, 50 * MIB, True), (17 * MIB, 10, False)])
def test_an_answer_whose_json_is_huge_is_not_read(text, array, taken):
    """Arrays may be large; lists and texts would take twenty times their size."""
    from jupyter_client.session import Session

    session = Session(key=b"key")
    channel = object.__new__(kernels.AnswerChannel)
    message = session.msg("labgrade_reply", {"text": "y" * text})
    channel.session = Session(key=b"key")
    channel.socket = Sent([*session.serialize(message), bytes(array)])
    if taken:
        assert len(asyncio.run(channel._recv())["buffers"][0]) == array
    else:
        with pytest.raises(ValueError, match="too large"):
            asyncio.run(channel._recv())


def test_memory_that_cannot_be_told_apart_in_time(monkeypatch, tmp_path):
    """Where a closer look takes too long, a sandbox is stopped only if this machine's memory runs out."""
    monkeypatch.setattr(usage, "memory", lambda *_given: time.sleep(5))
    monkeypatch.setattr(watchdog, "CLOSER_LATE_S", 0.0)
    order = watchdog.Order(1, 10**6, 2**40, (str(tmp_path),), os.getpid(), "", sandboxed=False)
    with subprocess.Popen(["sleep", "60"]) as child:
        watch = watchdog.Watch(order)
        assert watch.look() == ""
        monkeypatch.setattr(watchdog, "SCARCE", 1.0)
        assert watch.look() == "memory"
        child.kill()
