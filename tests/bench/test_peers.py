"""The class for all graders is what it says, tables are right, and what fails is told in one sentence."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys

import nbformat
import numpy as np
import pytest
import scipy.datasets

from bench import peers
from bench.peers_class import CLAIMS, HELPER, RIGHT, WRONG, short_class, whole_class, write_hand_in
from bench.peers_install import PINNED, STAND_INS, requirements
from bench.peers_run import Trouble, measure
from bench.peers_tools import _nbgrader_notebook, _otter_test, wrong_verdicts

EVERY_WAY = 3 * (len(RIGHT) + len(WRONG))  # students, so that each right and each wrong way is there


def finds(work) -> set[str]:
    """The claims that hold once the cells with filters and responses have run, as a notebook runs them."""
    space: dict = {}
    for cell in [one for one in work.hand_in.cells if one.kind == "code"][:2]:
        with contextlib.suppress(ValueError):  # a student's
            exec(cell.source, space)
    exec(HELPER, space)
    return {claim.name for claim in CLAIMS if _holds(claim.holds, space)}


def _holds(expression: str, space: dict) -> bool:
    try:
        return bool(eval(expression, space))
    except (NameError, KeyError):
        return False


@pytest.fixture
def small_picture(monkeypatch):
    """A picture on which the slowest convolution takes a millisecond."""
    picture = np.random.default_rng(0).integers(0, 256, (48, 48), dtype=np.uint8)
    monkeypatch.setattr(scipy.datasets, "ascent", lambda: picture)


def test_hand_ins_are_right_or_wrong_as_they_say(small_picture):
    """For every way to solve or miss the task, just the tests hold that the class says."""
    works = short_class(EVERY_WAY)
    assert {work.student: finds(work) for work in works} == {work.student: set(work.passes) for work in works}
    assert {len(work.passes) for work in works} == {1, 2, 3}


def test_no_two_hand_ins_are_equal():
    """Cells and notebooks of a class all differ, and the first two are a right and a wrong one."""
    works = short_class(EVERY_WAY)
    assert len({cell.source for work in works for cell in work.hand_in.cells}) == sum(
        len(work.hand_in.cells) for work in works
    )
    assert [len(work.passes) == len(CLAIMS) for work in works[:2]] == [True, False]


def test_the_whole_lab_is_handed_in_right(tmp_path):
    """The second class has the lab to its end, its helper file, and all that is asked."""
    (work,) = whole_class(1)
    place = write_hand_in(work, tmp_path / "class")
    text = "".join(cell.source for cell in nbformat.read(place, as_version=4).cells)
    assert "ResNet50" in text
    assert "build_CNN" in (tmp_path / "class/utilities.py").read_text("utf-8")
    assert len(work.passes) == len(CLAIMS)


def test_each_grader_gets_the_same_tests():
    """Every test stands in nbgrader's locked cells and in otter's files, with its points."""
    notebook = _nbgrader_notebook(short_class(2)[0])
    nbformat.validate(notebook)
    locked = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("locked")]
    assert [cell.metadata["nbgrader"]["points"] for cell in locked] == [claim.points for claim in CLAIMS]
    for claim, cell in zip(CLAIMS, locked, strict=True):
        assert claim.holds in cell.source
        assert claim.holds in _otter_test(claim)
        compile(_otter_test(claim), claim.name, "exec")


def test_versions_are_pinned():
    """The other graders are installed in one version each, and notebooks' libraries in ours."""
    assert all("==" in one for name in PINNED for one in requirements(name))
    assert f"numpy=={np.__version__}" in requirements("otter")


def test_a_wrong_score_is_told():
    """Whose tests did not pass as they must is named, and a class graded right gives nothing."""
    works = short_class(3)
    right = {work.student: work.passes for work in works}
    assert wrong_verdicts(works, right) == []
    (told,) = wrong_verdicts(works, right | {"student002": frozenset()})
    assert told.startswith("student002 must pass ['gaussian', 'sobel']")


def test_medians_and_ratios():
    """A row shows the median and the extremes of its rounds; a goal compares, and says whether it is met."""
    row = peers.Row("nbgrader autograde", [3.0, 9.0, 4.0], 5.0, 512.0)
    assert row.line().split()[2:] == ["4.00", "s", "3.00", "–", "9.00", "5.00", "s", "512", "MiB"]
    ours = [peers.Row("labgrade --jobs 1", [1.0]), peers.Row("labgrade --jobs 2", [2.0])]
    theirs = [row, peers.Row("otter run, 1 at a time", [9.0]), peers.Row("otter run, 2 at a time", [6.0])]
    first, second = peers.short_goals([*theirs, *ours])
    assert (first.ratio, second.ratio) == (2.0, 3.0)
    assert first.line().endswith("2.0 ×   wanted 3 ×, not reached")
    assert "otter run, 2 at a time" in second.line()
    assert second.line().endswith("wanted 3 ×, reached")


@pytest.mark.parametrize("words", [["--short", "1"], ["--rounds", "0"], ["--whole", "0", "--full"]])
def test_options_that_measure_nothing_are_refused(words, capsys):
    """Exit status 2, and a sentence on the option."""
    with pytest.raises(SystemExit, match="2"):
        peers.read_options(words)
    assert words[0] in capsys.readouterr().err


def test_all_processes_count(tmp_path):
    """Memory and processor time of a child of the command are in; a run without a look has neither."""
    child = "import time; held = bytearray(80 * 2**20)\nwhile time.process_time() < 0.6: pass"
    command = [
        sys.executable,
        "-c",
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])",
    ]
    found = measure([command], tmp_path, os.environ, look=True)
    assert 80 < found.peak_mib < 300
    assert 0.3 < found.cpu_s < 1.5
    unseen = measure([[sys.executable, "-c", "pass"]], tmp_path, {}, look=False)
    assert (unseen.cpu_s, unseen.peak_mib) == (0.0, 0.0)


def test_a_command_that_fails_is_told_with_its_last_words(tmp_path):
    """The message has the exit status and what the command said."""
    with pytest.raises(Trouble, match=r"ended with status 3: no gradebook"):
        measure([[sys.executable, "-c", "print('no gradebook'); exit(3)"]], tmp_path, {}, look=False)


def test_the_data_stand_in_for_the_network(tmp_path):
    """Where the folder of stand-ins is on the path, SciPy's picture is the file that lies there."""
    picture = np.arange(12, dtype=np.uint8).reshape(3, 4)
    np.save(tmp_path / "ascent.npy", picture)
    code = "import scipy.datasets; print(scipy.datasets.ascent().tolist())"
    variables = {"PYTHONPATH": str(STAND_INS), "LAB_GIVEN": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(picture.tolist())
