"""``labgrade handout``: what students get, made from the reference."""

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
    """Write what students get: notebooks with gaps.

    Each lab gets a folder with its notebook, the modules to fill in and a README. They are made from
    the reference solution, so that both always fit each other; no solution is in them. Exit status:
    0 written, 2 wrong usage, such as a folder that is not empty.

    \b
    Examples:
      labgrade handout handout
      labgrade handout handout --force
    """
    from grader import editions  # noqa: PLC0415 - `--help` need not wait for them
    from grader.errors import UsageProblem  # noqa: PLC0415
    from grader.handout import write_handouts  # noqa: PLC0415

    wanted = list(dict.fromkeys(lab or editions.labs_with_reference()))
    if not wanted:
        raise UsageProblem("there is no reference solution in this installation to make a handout from")
    for path in write_handouts(folder, wanted, force=force):
        print(path)
    return 0
