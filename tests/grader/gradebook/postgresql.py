"""A PostgreSQL server in a temporary folder, run by a user who is not root."""

import contextlib
import functools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

UNPRIVILEGED = ("postgres", "nobody")


def programs():
    """The folder with the server's programs, or ``None``."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb")
    folders += [Path(found).resolve().parent] if found else []
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def why_not():
    """Why no server can be started here, or ``""``."""
    if programs() is None:
        return "no PostgreSQL server here (Debian: apt-get install postgresql)"
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        return "PostgreSQL refuses root, and setpriv is missing"
    return ""


def as_somebody():
    """What to put before a command so that it does not run as root, and the user's number."""
    if os.geteuid() != 0:
        return [], os.geteuid()
    for name in UNPRIVILEGED:
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            ids = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
            return ["setpriv", *ids], user.pw_uid
    raise LookupError("no user but root")


@contextlib.contextmanager
def server():
    """Start a server and yield the URL of its database; it is gone afterwards."""
    if why_not():
        pytest.skip(why_not())
    before, user = as_somebody()
    folder = Path(tempfile.mkdtemp(prefix="lg-pg-"))
    try:
        os.chown(folder, user, -1)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        data, log = folder / "data", folder / "log"
        run = functools.partial(_run, folder)
        init = ["-D", data, "-U", "grader", "--auth=trust", "--encoding=UTF8", "--no-sync"]
        run([*before, programs() / "initdb", *init])
        options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off"
        control = [*before, programs() / "pg_ctl", "-D", data, "-w"]
        run([*control, "-l", log, "-o", options, "start"])
        try:
            yield f"postgresql://grader:secret@127.0.0.1:{port}/postgres"
        finally:
            run([*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(folder, command):
    """Nothing is read from it: the server inherits the pipe, which would stay open as long as it lives."""
    nowhere = subprocess.DEVNULL
    subprocess.run(command, check=True, cwd=folder, timeout=120, stdout=nowhere, stderr=nowhere)
