"""What the watchdog measures, what it asks of control groups, and when it finds a limit broken."""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
import time

import pytest

from grader import cgroup, scratch, usage, watchdog
from grader.limits import MIB

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
    hold = (
        "import os, sys, time\nfile = open(sys.argv[1], 'wb')\nfile.write(bytes(3 * 2**20))\nfile.flush()\n"
    )
    hold += "os.unlink(sys.argv[1])\nprint('ready', flush=True)\ntime.sleep(60)"
    command = [sys.executable, "-c", hold, str(tmp_path / "gone")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "ready\n"
        found = usage.written([str(tmp_path)], [holder.pid], 10**12)
        holder.kill()
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


# ---- limits that are broken ---------------------------------------------------------------------------


def test_a_grader_that_is_flooded_ends_the_sandbox(monkeypatch, tmp_path):
    """Where the grader's own memory grows beyond measure, its sandbox is the reason."""
    monkeypatch.setattr(watchdog, "GRADER_BYTES", 30 * MIB)
    order = watchdog.Order(2**40, 10**6, 2**40, (str(tmp_path),), os.getpid(), "", sandboxed=False)
    watch = watchdog.Watch(order)
    assert watch.look() == ""
    flood = bytearray(60 * MIB)
    assert watch.look() == "messages"
    assert flood


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
