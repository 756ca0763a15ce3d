"""``labgrade review``: local pages on which people mark."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from grader.cli import options
from grader.cli.options import DbOption
from grader.errors import UsageProblem

PORT = 8710


def review(
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="The folder of --out that a class was graded into.")
    ],
    *,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Where to listen; by default this machine only.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, metavar="N", help="The port; 0 takes any that is free.")
    ] = PORT,
    db: DbOption = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Only print the link; open no browser.")] = False,
) -> int:
    """Mark written answers, and override checks, on local pages.

    Prints a link with a token; who has it can mark. One question across all students, with points by
    key; one student whole; history and undo; publish, which makes the feedback pages, index.html and
    gradebook.csv again with people's marks in. Several people may mark at once. Every mark is saved at
    once; Ctrl-C ends. Exit status: 0 ended; 2 wrong usage, such as a port in use.

    \b
    Examples:
      labgrade review grades
      labgrade review grades --port 0 --no-open
      labgrade review grades --db postgresql://ada@db.example.org/course
    """
    from grader import class_note  # noqa: PLC0415 - `--help` need not wait for them
    from grader.gradebook.store import Gradebook  # noqa: PLC0415
    from grader.review.desk import Desk  # noqa: PLC0415
    from grader.review.server import Address, Review  # noqa: PLC0415

    if not out.is_dir():
        raise UsageProblem(
            f"{out} is no folder; grade a class into it first: labgrade grade FOLDER --out {out}"
        )
    if not class_note.read(out).slugs:
        raise UsageProblem(
            f"{out} holds no results; grade a class into it first: labgrade grade FOLDER --out {out}"
        )
    with Gradebook.open_place(options.gradebook_place(db, out)) as book:
        desk = Desk(book, out.absolute())
        served = Review(desk, Address(host, port))
        desk.take_in()
        if not served.is_local:
            options.say(
                "whoever reaches this machine and has the link can mark; nothing is encrypted on its way"
            )
        print(served.link, flush=True)
        options.say("this is the link; every mark is saved at once; Ctrl-C ends")
        if not no_open:
            _open_browser(served.link)
        served.serve()
    options.say("ended; all marks are saved")
    return 0


def _open_browser(link: str) -> None:
    """Open the link where there is a screen; a browser in this terminal would be in the way."""
    if sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        import webbrowser  # noqa: PLC0415 - only here

        webbrowser.open(link)
