"""The server of the children starts before anything else is loaded, and has what they need."""

from __future__ import annotations

import subprocess
import sys

from grader.forks import fork_context


def test_starting_it_loads_nothing_of_ours():
    """Whoever starts the server early has not waited for the grader's other modules."""
    code = "import sys; before = {*sys.modules}; import grader.forks; print(*({*sys.modules} - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    ours = {name for name in done.stdout.split() if name.partition(".")[0] in ("grader", "checks", "numpy")}
    assert ours == {"grader", "grader.forks"}


def loaded() -> set[str]:
    """What a child has."""
    return {*sys.modules}


def test_children_have_the_checks_loaded():
    """A child that has imported nothing itself has the pipeline and the checks."""
    with fork_context().Pool(1) as pool:
        assert {"grader.session", "checks.cnn.convolutions", "checks.project4.flow"} <= pool.apply(loaded)
