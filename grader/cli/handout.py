"""``labgrade handout``: what students get, made from the reference and the public checks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def handout(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write it; made if missing.")],
    *,
    lab: Annotated[
        list[str] | None, typer.Option("--lab", metavar="ID", help="Only this lab; may be given again.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files in a folder that is not empty.")
    ] = False,
) -> int:
    """Write what students get: notebooks and the self-check.

    Each lab gets a folder with its notebook, the modules to fill in, a README, a workflow for GitHub
    Classroom, and a wheel: the student edition of labgrade with the lab's public checks. They are made
    from the reference solution and the checks, so that all fit each other; no solution is in them, nor
    what is not public. Exit status: 0 written, 2 wrong usage, such as a folder that is not empty.

    \b
    Examples:
      labgrade handout handout
      labgrade handout handout --force
    """
    from grader import editions  # noqa: PLC0415 - `--help` need not wait for them
    from grader.cli.options import say  # noqa: PLC0415
    from grader.errors import UsageProblem  # noqa: PLC0415
    from grader.handout import write_handouts  # noqa: PLC0415

    wanted = list(dict.fromkeys(lab or editions.labs_with_reference()))
    if not wanted:
        raise UsageProblem("there is no reference solution in this installation to make a handout from")
    for path in write_handouts(folder, wanted, force=force, announce=say):
        print(path)
    return 0
