"""The wheel that students install: it works, and holds nothing that they must not see."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from grader import editions, labs, public
from grader.pruning import prune
from grader.student_edition import REQUIREMENTS, requirements, student_edition

LABS = labs.lab_ids()
LONG = 26  # characters of a line that could not be anybody's
NO_SOLUTION = re.compile(
    r'from |import |"""|\w+: [\w| .,\[\]]+( = [\w.]+)?,?$'
)  # or an argument of the handout
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheels():
    """The student edition of each lab."""
    return {lab: student_edition(lab) for lab in LABS}


def files_of(edition):
    with zipfile.ZipFile(io.BytesIO(edition.content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.fixture(scope="module")
def installed(wheels, tmp_path_factory):
    """A folder per lab into which pip has installed its student edition, and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    for lab, edition in wheels.items():
        wheel = folder / edition.name
        wheel.write_bytes(edition.content)
        pip = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "-q",
            "--no-deps",
            "--no-index",
            "--disable-pip-version-check",
        ]
        subprocess.run([*pip, "--target", str(folder / lab), str(wheel)], check=True, capture_output=True)
    return folder


def python(place, code, *arguments, **variables):
    """Run code in a fresh Python that has the student edition in ``place``, and not this checkout."""
    environment = {**os.environ, "PYTHONPATH": str(place), "COLUMNS": "100", **variables}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True, text=True, cwd=place, env=environment, check=False, timeout=300,
    )  # fmt: skip


def handed_out(lab):
    """The lines of the notebook and the modules that students get."""
    edition = editions.handout(editions.reference_of(lab))
    texts = [*(cell.source for cell in edition.notebook.cells), *edition.files.values()]
    return {line.strip() for text in texts for line in text.splitlines()}


def solution_lines(lab):
    """The long lines of the solution that the handout lacks, without imports, titles and declarations."""
    reference = editions.reference_of(lab)
    sources = [path.read_text("utf-8") for path in sorted(reference.folder.glob("*.py"))]
    lines = {line.strip() for source in sources for line in source.splitlines()}
    return {line for line in lines - handed_out(lab) if len(line) >= LONG and not NO_SOLUTION.match(line)}


@pytest.mark.parametrize("lab", LABS)
def test_no_line_of_a_solution_is_in_it(lab, wheels):
    """No line of the reference of over 25 characters that the handout lacks stands in any file of the wheel."""
    secret = solution_lines(lab)
    assert len(secret) > 150
    shown = {line.strip() for text in files_of(wheels[lab]).values() for line in text.splitlines()}
    assert secret & shown == set()


@pytest.mark.parametrize("lab", LABS)
def test_a_line_of_a_solution_would_be_seen(lab):
    """The test above finds every line in the reference itself, or it could not fail."""
    reference = editions.reference_of(lab)
    shown = {
        line.strip()
        for path in reference.folder.glob("*.py")
        for line in path.read_text("utf-8").splitlines()
    }
    assert solution_lines(lab) <= shown


@pytest.mark.parametrize("lab", LABS)
def test_what_is_not_public_is_not_in_it(lab, wheels):
    """No reference, fault, model answer, threshold, private check, or rule for findings and guesses is in it."""
    files = files_of(wheels[lab])
    forbidden = r"reference|faults|answers\.toml|thresholds\.toml|trust|tampering|claims/findings|judging/judge|handout"
    assert [name for name in files if re.search(forbidden, name)] == []
    other_labs = {name.split("/")[1] for name in files if name.startswith("checks/")} - {
        "kit",
        lab,
        "__init__.py",
    }
    assert other_labs == set()
    rubric = tomllib.loads(files[f"checks/{lab}/rubric.toml"])
    loaded = labs.load_lab(lab)
    chosen = {check.id for check in public.public_checks(loaded, labs.load_rubric(loaded))}
    assert set(rubric["checks"]) == chosen
    assert not any("threshold" in entry for entry in rubric["checks"].values())
    for check in labs.load_checks(loaded):
        module = files[f"{check.run.__module__.replace('.', '/')}.py"]
        defined = f"\ndef {check.run.__name__}(" in module
        assert defined == (check.id in chosen), check.id
        assert (check.title in module) == (check.id in chosen), check.id


def test_the_questions_know_no_answer(wheels):
    """Of the written questions a student gets what finds them in a notebook, and no fact, reason or doubt."""
    questions = tomllib.loads(files_of(wheels["cnn"])["checks/cnn/questions.toml"])["questions"]
    whole = tomllib.loads((ROOT / "checks/cnn/answers.toml").read_text("utf-8"))["questions"]
    assert list(questions) == list(whole)
    assert {key for entry in questions.values() for key in entry} <= {"task", "text", "also", "keys"}
    assert {key for entry in whole.values() for key in entry} >= {"facts"}


@pytest.mark.parametrize("lab", LABS)
def test_the_wheel_follows_its_specification(lab, wheels):
    """Names, metadata, record and hashes are those that pip and others expect."""
    edition = wheels[lab]
    version = f"0.1.0+{lab}"
    assert edition.name == f"labgrade-{version}-py3-none-any.whl"
    with zipfile.ZipFile(io.BytesIO(edition.content)) as archive:
        assert archive.testzip() is None
        record = archive.read(f"labgrade-{version}.dist-info/RECORD").decode()
        rows = {name: (digest, size) for name, digest, size in csv.reader(io.StringIO(record))}
        assert set(rows) == set(archive.namelist())
        for name, (digest, size) in rows.items():
            if name.endswith("RECORD"):
                continue
            content = archive.read(name)
            hashed = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            assert (digest, size) == (f"sha256={hashed}", str(len(content)))
    about = Parser().parsestr(files_of(edition)[f"labgrade-{version}.dist-info/METADATA"])
    assert (about["Name"], about["Version"]) == ("labgrade", version)
    needed = about.get_all("Requires-Dist")
    assert set(needed) <= set(REQUIREMENTS.values())
    assert not any(re.match(r"tensorflow|keras|tf[_-]keras", one) for one in needed)
    assert ("opencv-python>=4.5" in needed) == (lab == "project4")


def test_it_is_the_same_each_time(wheels):
    """The same files give the same bytes, so that a handout can be compared."""
    assert student_edition("cnn") == wheels["cnn"]


def test_a_library_without_a_floor_is_named_all_the_same():
    """What a new import needs becomes a requirement, even where nobody wrote a floor for it."""
    assert "pytest" in requirements({"grader/new.py": "import pytest"})


def test_the_readme_names_the_wheel(wheels):
    """Students are told to install the very file that lies beside their README."""
    for lab, edition in wheels.items():
        assert f'pip install "./{edition.name}"' in (ROOT / f"templates/handout/{lab}/README.md").read_text(
            "utf-8"
        )


@pytest.mark.parametrize("lab", LABS)
def test_every_module_loads_by_itself(lab, wheels, installed):
    """All modules but the kernel's can be imported from the wheel alone, on a system without what Unix has."""
    names = [
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in files_of(wheels[lab])
        if name.endswith(".py") and not name.startswith("grader/kernel/") and name != "grader/__main__.py"
    ]
    done = python(installed / lab, WITHOUT_UNIX + LOAD, *names)
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert all(place.startswith(str(installed)) for place in told["places"])
    assert set(told["checks"]) == set(
        tomllib.loads(files_of(wheels[lab])[f"checks/{lab}/rubric.toml"])["checks"]
    )
    assert told["others"] == wheels[lab].others > 0


WITHOUT_UNIX = """
import os, signal, sys
import asyncio, cv2, hypothesis, psutil, rich.console, scipy.signal, typer, watchfiles, zmq.asyncio
import IPython.core.magic, jupyter_client.manager, nbclient  # whose makers know what their system has
MISSING = ("fcntl", "resource", "pwd", "grp", "termios", "pty", "syslog", "posix_ipc")
for name in MISSING:
    sys.modules[name] = None
for name in ("fork", "forkpty", "geteuid", "getuid", "getgid", "getegid", "killpg", "setsid", "sched_getaffinity"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGALRM", "SIGVTALRM", "SIGPROF", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGBUS", "SIGSYS", "setitimer",
             "ITIMER_REAL", "ITIMER_VIRTUAL", "ITIMER_PROF", "pthread_sigmask", "sigtimedwait"):
    if hasattr(signal, name):
        delattr(signal, name)
"""
LOAD = """
import importlib, json
import grader
loaded = [importlib.import_module(name) for name in sys.argv[1:]]
from grader import labs, public, cli
lab = labs.load_lab(labs.lab_ids()[0])
rubric = labs.load_rubric(lab)
assert [command.__name__ for command in cli.COMMANDS] == ["check"]
print(json.dumps({
    "places": [module.__file__ for module in loaded],
    "checks": [check.id for check in labs.load_checks(lab)],
    "others": sum(public.other_checks(lab, rubric).values()),
}))
"""


def test_pruning_keeps_what_is_needed_and_no_more():
    """Of a module remain the wanted names, what they use, and the imports of that; comments go with their part."""
    texts = {
        "lab.a": '"""A."""\n\nfrom lab import b, c\nfrom lab.d import one, two\n\n# kept\nLIMIT = 3\n# gone\nOTHER = 4\n\n\ndef wanted():\n    return b.used(LIMIT) + one\n\n\ndef private():\n    return c.secret() + two + OTHER\n',
        "lab.b": "def used(x):\n    return inner(x)\n\n\ndef inner(x):\n    return x\n\n\ndef unused():\n    pass\n",
        "lab.c": "def secret():\n    return 1\n",
        "lab.d": "one = 1\ntwo = 2\n",
    }
    found = prune(texts, [("lab.a", "wanted")])
    assert set(found) == {"lab.a", "lab.b", "lab.d"}
    assert found["lab.a"] == (
        '"""A."""\n\nfrom lab import b\nfrom lab.d import one\n\n# kept\nLIMIT = 3\n\n\ndef wanted():\n    return b.used(LIMIT) + one\n'
    )
    assert "unused" not in found["lab.b"] and "def inner" in found["lab.b"]
    assert found["lab.d"] == "one = 1\n"


def test_pruning_keeps_a_module_that_is_passed_on():
    """A module that is used as a value may be asked for anything, so all of it stays."""
    texts = {
        "lab.a": "from lab import b\n\n\ndef wanted():\n    return vars(b)\n",
        "lab.b": "one = 1\ntwo = 2\n",
    }
    assert prune(texts, [("lab.a", "wanted")])["lab.b"] == "one = 1\ntwo = 2\n"
