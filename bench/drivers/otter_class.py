"""Grades notebooks with otter-grader, in its environment: ``otter_class.py JOBS AUTOGRADER OUT NOTEBOOK…``.

It calls what ``otter run`` calls, in processes that have otter imported already: without that otter pays its
own start again for each notebook. The results of ``NAME/lab.ipynb`` go to ``OUT/NAME/results.json``.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from otter.run import main as grade


def grade_one(autograder: str, out: Path, notebook: Path) -> None:
    """Grade one notebook without a container."""
    folder = out / notebook.parent.name
    folder.mkdir(parents=True)
    grade(str(notebook), autograder=autograder, output_dir=str(folder), no_logo=True)


def main() -> None:
    """Grade all, so many at a time."""
    jobs, autograder, out = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    notebooks = [Path(name) for name in sys.argv[4:]]
    if jobs == 1:
        for notebook in notebooks:
            grade_one(autograder, out, notebook)
        return
    with ProcessPoolExecutor(jobs) as pool:
        for done in [pool.submit(grade_one, autograder, out, notebook) for notebook in notebooks]:
            done.result()


if __name__ == "__main__":
    main()
