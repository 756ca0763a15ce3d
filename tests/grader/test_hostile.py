"""The worst of a class folder, a sample: every other student's result untouched, nothing outside changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.grader.browser import Opened, browser, needs_chromium
from tests.hostile import good
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
    """All pages, the class page too, with scripts on: no script of a student's, no request, no dialog."""
    tried = {}
    for path in done.pages:
        shown = Opened(browser, path)
        tried[str(path)] = shown.tried
        shown.page.close()
    assert len(tried) > len(good.CASES) * 2
    assert {path: what for path, what in tried.items() if what} == {}


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
