"""``labgrade grade`` with a cache: two runs at once, then another rubric, another check, and what is told."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import grader
from grader import sandbox
from tests.grader.cache import hand_in

CHECKOUT = Path(grader.__file__).resolve().parent.parent
PAGES = ("feedback.html", "result.json", "executed.ipynb")


@dataclass(frozen=True)
class World:
    """A copy of our code, a class of one hand-in, and a cache."""

    base: Path

    def start(self, out: str, *options: str) -> subprocess.Popen:
        """Begin a run."""
        command = [
            sys.executable,
            "-m",
            "grader",
            "grade",
            str(self.base / "class"),
            "--out",
            str(self.base / out),
        ]
        own = {name: value for name, value in os.environ.items() if name != "LABGRADE_DATA"}
        return subprocess.Popen(
            [*command, "--task", "1.1", "--cache", str(self.base / "store"), "--jobs", "1", *options],
            cwd=self.base / "tree", env={**own, "PYTHONPATH": str(self.base / "tree"), "KERAS_HOME": str(self.base)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, out: str, *options: str) -> str:
        """A whole run; what it prints."""
        return self.end(self.start(out, *options))

    @staticmethod
    def end(process: subprocess.Popen) -> str:
        """Wait for a run; what it prints."""
        told, warned = process.communicate(timeout=300)
        assert process.returncode == 0, told + warned
        return told + warned

    def files(self, out: str) -> dict[str, bytes]:
        """A student's files, and the class's."""
        places = [*(self.base / out / "ada" / name for name in PAGES), self.base / out / "index.html"]
        return {place.name: place.read_bytes() for place in places}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Two runs that began at once with an empty cache."""
    found = World(tmp_path_factory.mktemp("world"))
    for name in ("grader", "checks", "templates"):
        shutil.copytree(
            CHECKOUT / name, found.base / "tree" / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    look = f"import pathlib\nprint('in sight:', pathlib.Path({str(found.base / 'store')!r}).exists())"
    hand_in.write(found.base / "class" / "ada", code=(look, *hand_in.CODE))
    for one in [found.start("first"), found.start("second")]:
        assert "from the cache" not in found.end(one)
    return found


def test_both_runs_are_whole_and_a_third_is_one_of_them(world):
    """Two that fill the cache at once do no harm: the next run's files are those of one, byte for byte."""
    assert "1 of 1 taken from the cache" in world.run("third")
    assert world.files("third") in (world.files("first"), world.files("second"))


def test_other_points_through_the_command(world):
    """The count is told, nothing runs, and the pages have the new points."""
    (world.base / "points.toml").write_text('[checks."1.1/gaussian"]\npoints = 7\n')
    told = world.run("points", "--rubric", str(world.base / "points.toml"))
    assert "1 of 1 taken from the cache; --no-cache" in told
    result = json.loads((world.base / "points/ada/result.json").read_text())
    assert next(check["points"] for check in result["checks"] if check["id"] == "1.1/gaussian") == 7


def test_a_check_that_says_something_else(world):
    """An edit of a check's module changes the verdict, without a run; one that asks anew runs the notebook."""
    place = world.base / "tree/checks/cnn/convolutions.py"
    before = place.read_text()
    head = re.search(r"@check\(task=\"1.1\".*?\n    \"\"\".*?\"\"\"\n", before, re.DOTALL).group()
    try:
        place.write_text(before.replace(head, f"{head}    raise Failure('The check was changed.')\n"))
        assert "1 of 1 taken from the cache, 1 of them checked again" in world.run("edited")
        assert "The check was changed." in (world.base / "edited/ada/result.json").read_text()
        asks = "    student.ask('apply', (), function='helpers', arguments={})\n"
        place.write_text(before.replace(head, head + asks))
        assert "from the cache" not in world.run("asking")
        assert "is not defined" in (world.base / "asking/ada/result.json").read_text()
    finally:
        place.write_text(before)


@pytest.mark.skipif(sandbox.why_not() != "", reason="without a sandbox everything is in sight")
def test_no_hand_in_sees_the_cache(world):
    """The folder of the cache does not exist for a notebook."""
    executed = json.loads((world.base / "first/ada/executed.ipynb").read_text())
    assert [output["text"] for output in executed["cells"][1]["outputs"]] == ["in sight: False\n"]
