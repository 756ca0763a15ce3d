"""What one submission may use: said in a rubric or on the command line, and kept."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from pathlib import Path

import psutil
import pytest

from grader import attachments, endings, execution, kernels, labs, limits, outputs, scratch
from grader.cli import options
from grader.errors import UsageProblem
from grader.evidence import Evidence
from grader.limits import MIB, Limits
from grader.records import Settings, Submission
from grader.rubric_mistakes import Known, find_mistakes
from grader.watchdog import Ending
from tests.grader.runs import Ran, notebook_of

# ---- setting -----------------------------------------------------------------------------------------


def test_later_layers_go_before_earlier_ones():
    """What the command line sets goes before the rubric's, and that before the defaults."""
    found = limits.in_effect({"cell_s": 5, "memory_mib": 500}, {"cell_s": 7})
    assert (found.cell_s, found.memory_mib, found.disk_mib) == (7.0, 500.0, Limits().disk_mib)


def test_full_trainings_have_their_time():
    """With ``--training full`` the defaults are long; what a rubric or an option says still goes before."""
    full = limits.for_training("full")
    assert limits.in_effect(full).notebook_s > 10 * Limits().notebook_s
    assert limits.in_effect(full, {"cell_s": 30}) == dataclasses.replace(
        Limits(), cell_s=30, notebook_s=full["notebook_s"]
    )
    assert limits.in_effect(limits.for_training("budget")) == Limits()
    settings = Settings(Path("out"), Path("given"), "", training="full")
    assert labs.longest_notebook_s(settings) == full["notebook_s"]
    assert labs.longest_notebook_s(dataclasses.replace(settings, training="budget")) == Limits().notebook_s


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
