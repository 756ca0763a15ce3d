"""What a run holds beside its results: the lock on their folder, and folders for what is temporary.

Locks are the system's own (``flock``): they end with the process that holds them, however it ends.
"""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from grader import scratch
from grader.errors import UsageProblem

OWN = ".labgrade"  # no student's folder has this name: a slug never starts with a dot
LOCK = "lock"
SCRATCH = "lg-"  # short, since paths of sockets begin with it and may have 107 bytes


def own_folder(out: Path) -> Path:
    """The folder in ``out`` that is the grader's own, for what is no result."""
    return out / OWN


@contextmanager
def only_run_in(out: Path) -> Iterator[None]:
    """Keep other runs from writing into ``out``, which exists, for as long as this one does.

    Raises:
        UsageProblem: another run is writing there.
        OSError: the folder cannot be written.
    """
    own_folder(out).mkdir(exist_ok=True)
    with (own_folder(out) / LOCK).open("a+b", buffering=0) as file:  # what a full disk refuses is not kept
        if not _locked(file.fileno()):
            file.seek(0)
            process = (file.read(20) or b"").decode("ascii", "replace").strip()
            holder = f" (process {process})" if process.isdigit() else ""
            raise UsageProblem(
                f"another run{holder} is writing into {out}: wait until it is done, "
                "or name another folder with --out."
            )
        with suppress(OSError):  # the number is a courtesy, and a full disk keeps nobody from resuming
            file.truncate(0)
            file.write(b"%d\n" % os.getpid())
        yield


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder for temporary files, gone at the end; where the process is killed, the next one removes it.

    Raises:
        OSError: no folder can be made.
    """
    remove_abandoned(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=SCRATCH))
    try:
        with (folder / f"{LOCK}.new").open("wb") as file:
            _locked(file.fileno())
            Path(file.name).rename(folder / LOCK)  # nobody sees it without an owner
            yield folder
    finally:
        scratch.remove(folder)


def remove_abandoned(temporary: Path) -> None:
    """Remove the scratch folders in ``temporary`` whose processes have ended without doing it."""
    for folder in temporary.glob(f"{SCRATCH}*"):
        with suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
                continue
            with (folder / LOCK).open("rb") as file:  # one without a lock is none of ours, or just begun
                if os.fstat(file.fileno()).st_size == 0 and _locked(file.fileno()):
                    scratch.remove(folder)


def _locked(file: int) -> bool:
    """Take the lock on an open file, unless another process has it.

    Where the file system has no locks, everybody gets it.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES)
    return True
