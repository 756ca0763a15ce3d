"""Locks end with the process that holds them, and what a killed one leaves is removed by the next."""

import os
import signal
import subprocess
import sys

import pytest

from grader.errors import UsageProblem
from grader.housekeeping import only_run_in, remove_abandoned, scratch_folder


@pytest.fixture
def other(tmp_path):
    """Another process with the lock on a folder and a scratch folder, and the latter's path."""
    code = (
        "import sys, pathlib; from grader.housekeeping import *\n"
        "with only_run_in(pathlib.Path(sys.argv[1])), scratch_folder() as scratch:\n"
        "    (scratch / 'deep').mkdir(); print(scratch, flush=True); sys.stdin.read()"
    )
    (tmp_path / "grades").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "grades")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    with process:
        yield process, tmp_path / process.stdout.readline().strip()
        process.kill()


def test_two_runs_into_one_folder(tmp_path, other):
    """The second is refused in a sentence that names the first, until that is gone, however it ended."""
    process, scratch = other
    with (
        pytest.raises(UsageProblem, match=rf"another run \(process {process.pid}\) is writing into"),
        only_run_in(tmp_path / "grades"),
    ):
        pass
    remove_abandoned(tmp_path)
    assert (scratch / "deep").is_dir()
    process.send_signal(signal.SIGKILL)
    process.wait()
    with only_run_in(tmp_path / "grades"):
        pass
    assert scratch.is_dir()
    remove_abandoned(tmp_path)
    assert not scratch.exists()


def test_only_our_own_scratch_folders_are_removed(tmp_path):
    """Folders without a lock, with something else of that name, or linked, stay."""
    for name in ("lg-begun", "lg-other", "else"):
        (tmp_path / name).mkdir()
    (tmp_path / "lg-other" / "lock").write_text("data")
    (tmp_path / "else" / "lock").touch()
    (tmp_path / "lg-link").symlink_to(tmp_path / "else")
    (tmp_path / "lg-file").touch()
    before = sorted(tmp_path.rglob("*"))
    remove_abandoned(tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_scratch_folder_goes_with_its_end():
    """Whatever happens inside, and whatever lies in it."""
    with pytest.raises(KeyError), scratch_folder() as folder:
        (folder / "deep").mkdir()
        raise KeyError
    assert not folder.exists()


def test_a_lock_without_a_number(tmp_path):
    """What stands in the lock's file decides nothing."""
    (tmp_path / ".labgrade").mkdir()
    (tmp_path / ".labgrade" / "lock").write_bytes(b"\xff" * 9)
    with only_run_in(tmp_path):
        assert (tmp_path / ".labgrade" / "lock").read_text() == f"{os.getpid()}\n"
        with pytest.raises(UsageProblem, match="another run"), only_run_in(tmp_path):
            pass
