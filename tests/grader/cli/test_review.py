"""``labgrade review`` as a command: its link, its port, its end."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from grader import cli
from grader.output import write_class, write_report
from tests.grader.gradebook.reports import FULL

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def graded(tmp_path, monkeypatch):
    """A folder with the results of one student, without a gradebook yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LABGRADE_DB", raising=False)
    write_report(FULL, tmp_path / "grades" / "ada")
    write_class([FULL], tmp_path / "grades", "class")
    return tmp_path / "grades"


def start(*arguments):
    """The real command, in a process of its own; its first line."""
    command = [sys.executable, "-m", "grader", "review", *arguments, "--no-open"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    return process, process.stdout.readline().strip()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_stopped(graded, ending):
    """The link is the first line; it opens the pages on this machine only; Ctrl-C ends with status 0."""
    process, link = start("grades", "--port", "0")
    try:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{20,}", link)
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(link.partition("?")[0], timeout=10)
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        assert "Review of the class" in opener.open(link, timeout=10).read().decode()
    finally:
        process.send_signal(ending)
        _, said = process.communicate(timeout=30)
    assert "Traceback" not in said
    if ending == signal.SIGINT:
        assert process.returncode == 0
        assert said.splitlines()[-1] == "labgrade: ended; all marks are saved"


def test_a_port_in_use(graded, capsys):
    """One line names the port and the cure."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert cli.run(["review", "grades", "--port", str(port), "--no-open"]) == 2
    said = capsys.readouterr().err
    assert (
        said
        == f"labgrade: port {port} is in use: name another with --port, or --port 0 for any that is free.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["none"], "none is no folder; grade a class into it first", id="no folder"),
        pytest.param(["empty"], "empty holds no results; grade a class into it first", id="no results"),
        pytest.param(["grades", "--host", "192.0.2.1"], "no address of this machine", id="address"),
        pytest.param(["grades", "--host", "no such host"], "no address of this machine", id="host"),
        pytest.param(["grades", "--db", "oracle://x:hush@y/z"], "does not know", id="database"),
        pytest.param(["grades", "--port", "99999"], "65535", id="port"),
    ],
)
def test_refused(graded, capsys, arguments, said):
    """Each mistake is one line, with status 2."""
    (graded.parent / "empty").mkdir()
    assert cli.run(["review", *arguments, "--no-open"]) == 2
    told = capsys.readouterr().err
    assert said in told and told.count("\n") == 1 and "hush" not in told


def test_help_is_quick():
    """Neither the help nor another command loads the database's or the web's libraries."""
    code = (
        "import sys; from grader import cli; cli.run(['review', '--help']); cli.run(['--help']);"
        "print(sorted({'sqlalchemy', 'alembic', 'starlette', 'uvicorn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "Examples:" in done.stdout
