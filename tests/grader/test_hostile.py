"""The worst of a class folder, a sample: every other student's result untouched, nothing outside changed."""

from __future__ import annotations

import json
import shutil
import socket
import time
from pathlib import Path

import pytest

from tests.grader.browser import Opened, browser, needs_chromium
from tests.hostile import good
from tests.hostile.case import FULL, Case, Expect, notebook
from tests.hostile.judge import REACHED, judge
from tests.hostile.listener import Listener
from tests.hostile.make import CASES, MODULES, make, world_in
from tests.hostile.run import run

__all__ = ["browser"]  # a fixture

LEAST = 70
KEPT_TO = ("outside", "class")


@pytest.fixture(scope="module")
def done(needs_bubblewrap):
    """The sample, graded together with the three good ones by the command."""
    done = run([case for case in CASES if case.sample], jobs=2)
    yield done
    shutil.rmtree(done.base)


def test_every_expectation_of_the_sample_is_met(done):
    """No mark is forged or lost, nobody else's result changes by a byte, nothing gets out or stays behind."""
    assert done.wrong == []
    assert len(done.outcomes) > len(good.CASES)


def test_the_grader_stays_small(done):
    """None of the grader's own processes takes more than a gigabyte, whatever it is given to read."""
    assert 50 < done.peak_mib < 1024


@needs_chromium
def test_no_page_of_the_sample_runs_or_asks_for_anything(done, browser):
    """Each page that has something to run, the class page too, with scripts on: no script of a student's
    runs, nothing is asked for, no dialog opens.
    """
    tried = {}
    for path in done.pages:
        if "trap(" not in path.read_text("utf-8"):
            continue
        shown = Opened(browser, path)
        tried[str(path)] = shown.tried
        shown.page.close()
    assert {"index.html", "feedback.html"} == {path.name for path in map(Path, tried)}
    assert {path: what for path, what in tried.items() if what} == {}


def test_the_listener_hears(tmp_path):
    """Each of the four ways to reach it is noticed, so that silence means something."""
    world = world_in(tmp_path)
    with Listener(world) as listener:
        socket.create_connection(("127.0.0.1", listener.world.port), timeout=5).close()
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", listener.world.port))
        for name in (str(world.outside / "socket"), f"\0{listener.world.socket}"):
            with socket.socket(socket.AF_UNIX) as one:
                one.connect(name)
        until = time.monotonic() + 5
        while len(listener.reached) < 4 and time.monotonic() < until:
            time.sleep(0.01)
    assert sorted(listener.reached) == ["TCP", "UDP", "a socket's file", "an abstract socket"]


def graded(folder, *, score, status="graded", said="", check="failed"):
    """The files of a submission as the grader would have written them."""
    folder.mkdir(parents=True)
    checks = [{"id": "1.1/sobel", "status": check, "message": "m"}]
    execution = {"status": "ok", "first_error": None, "note": ""}
    result = {"status": status, "score": score, "max_score": FULL, "problem": "", "note": "", "checks": checks,
              "execution": execution, "findings": []}  # fmt: skip
    outputs = [{"output_type": "stream", "name": "stdout", "text": [said]}]
    (folder / "result.json").write_text(json.dumps(result))
    (folder / "feedback.html").write_text("<p>It was &quot;stopped&quot;.</p>")
    (folder / "executed.ipynb").write_text(json.dumps({"cells": [{"outputs": outputs, "metadata": {}}]}))
    return folder


@pytest.mark.parametrize(
    ("expect", "made", "fault"),
    [
        (Expect(most=1, says=('"stopped"',)), {"score": 1}, ""),
        (Expect(most=1), {"score": 2}, "its score is 2, not 0 to 1"),
        (Expect(most=4, least=4), {"score": 3}, "its score is 3, not 4 to 4"),
        (Expect(), {"score": 0, "status": "incomplete"}, "its status is incomplete"),
        (Expect(), {"score": 0, "check": "error"}, "1.1/sobel is an error"),
        (Expect(), {"score": 0, "said": f"{REACHED} the listener"}, "it got out"),
        (Expect(says=("memory",)), {"score": 0}, "the page does not say 'memory'"),
        (Expect(run=("timeout",)), {"score": 0}, "its run is ok, not timeout"),
        (Expect(findings=("tampering",)), {"score": 0}, "no finding of the kind tampering"),
    ],
)
def test_the_judge_sees_it(tmp_path, expect, made, fault):
    """Each expectation can fail, and says how."""
    case = Case("eve", "something", notebook("x"), expect)
    outcome = judge(case, {"eve": graded(tmp_path / "eve", **made)}, {"eve": 1.0})
    assert any(fault in one for one in outcome.faults) if fault else outcome.faults == ()
    assert judge(case, {}, {}).faults == ("no result was written",)


def test_the_folder_is_made(tmp_path):
    """At least seventy submissions with a name, what they try, and an expectation; all lie in the class folder."""
    assert len(CASES) >= LEAST
    assert len({case.place for case in CASES}) == len({case.name for case in CASES}) == len(CASES)
    assert all(case.tries and case.expect.least <= case.expect.most for case in CASES)
    assert not any(case.heavy and case.sample for case in CASES)
    assert all(any(case.sample for case in module.CASES) for module in MODULES)
    light = [case for case in CASES if case.name not in ("large-outputs", "too-large", "memory-bomb")]
    world = world_in(tmp_path)
    make(light, world.classroom, world)
    assert {path.name for path in tmp_path.iterdir()} == set(KEPT_TO)
    assert len(list(world.classroom.iterdir())) == len(light)
    assert sorted(path.name for path in Path(world.outside).iterdir()) == ["canary.txt", "solution.ipynb"]
