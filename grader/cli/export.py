"""``labgrade export``: the marks of a graded class, for another system."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from grader.cli import options
from grader.errors import UsageProblem

if TYPE_CHECKING:
    from grader.gradebook.records import Mark

FormatChoice = Literal["csv", "canvas", "moodle", "gradescope", "junit"]
VisibilityChoice = Literal["hidden", "after_due_date", "after_published", "visible"]


FormatArgument = Annotated[
    FormatChoice, typer.Argument(metavar="FORMAT", help="csv, canvas, moodle, gradescope or junit.")
]
OutArgument = Annotated[
    Path, typer.Argument(metavar="OUT", help="The folder that labgrade grade wrote its results to.")
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE",
        help="Where to write it; a folder for gradescope; - for the screen. [default: in OUT/exports]",
    ),
]  # fmt: skip
RosterOption = Annotated[
    Path | None,
    typer.Option(
        "--roster", metavar="FILE", help="What the platform gave: Canvas' gradebook, Moodle's worksheet."
    ),
]
ColumnOption = Annotated[
    str | None, typer.Option("--column", metavar="NAME", help="The column of the roster to fill in.")
]
PartialOption = Annotated[bool, typer.Option("--partial", help="Write those who fit, though others do not.")]
ChecksOption = Annotated[bool, typer.Option("--checks", help="csv: a column per check, too.")]
BomOption = Annotated[
    bool, typer.Option("--bom", help="csv: begin with the mark by which Excel knows UTF-8.")
]
VisibilityOption = Annotated[
    VisibilityChoice, typer.Option("--visibility", help="gradescope: when students see the tests.")
]
UnpublishedOption = Annotated[
    bool, typer.Option("--unpublished", help="Count people's marks that are not published yet, too.")
]


def export(
    format: FormatArgument,  # noqa: A002 - the contract's word
    out: OutArgument = Path("grades"),
    *,
    output: OutputOption = None,
    roster: RosterOption = None,
    column: ColumnOption = None,
    lab: options.LabOption = None,
    partial: PartialOption = False,
    checks: ChecksOption = False,
    bom: BomOption = False,
    visibility: VisibilityOption = "after_published",
    db: options.DbOption = None,
    unpublished: UnpublishedOption = False,
) -> int:
    """Write the marks of a graded class for another system.

    csv: one row per student. canvas and moodle: the file that the platform exported, given by --roster,
    with the points filled in and everything else as it was; for moodle also a zip of feedback files.
    gradescope: a results.json per student. junit: the checks as test results. People's marks count as
    they were published. Points are rounded half up to two decimals, with a decimal point; csv and junit
    keep them exact. Where students do not fit the roster, nothing is written. Exit status: 0 written;
    1 the roster does not fit; 2 wrong usage.

    \b
    Examples:
      labgrade export csv grades
      labgrade export canvas grades --roster 2026-03-01_Grades-DL.csv --column "Lab 2"
      labgrade export moodle grades --roster worksheet.csv -o marks.csv
      labgrade export junit grades -o -
    """
    from grader.exports import formats  # noqa: PLC0415 - `--help` need not wait for them
    from grader.exports.files import write_all  # noqa: PLC0415
    from grader.exports.rows import read_rows  # noqa: PLC0415

    to_screen = output == Path("-")
    if to_screen and format in ("moodle", "gradescope"):
        raise UsageProblem(f"{format} makes several files; name a place for them with -o.")
    if lab is not None:
        options.known_tasks(lab, ())
    marks = read_rows(out, _marks(out, db, unpublished=unpublished), lab)
    wanted = formats.Wanted(
        format, out, None if to_screen else output, roster, column, checks, bom, visibility
    )  # fmt: skip
    made = formats.export(wanted, marks)
    for line in (*formats.worth_knowing(marks), *made.notes, *made.problems):
        options.say(line)
    if made.problems and not partial:
        options.say("nothing was written")
        return 1
    if to_screen:
        made.files[0].write(sys.stdout.buffer)
        return 0
    write_all(made.files)
    shown = [one.path for one in made.files] if len(made.files) <= 2 else [made.files[0].path.parent.parent]
    for path in shown:
        print(path)
    return 0


def _marks(out: Path, db: str | None, *, unpublished: bool) -> tuple[Mark, ...]:
    """People's marks that count, and a word on those that do not yet."""
    from grader.gradebook.store import Gradebook  # noqa: PLC0415 - `--help` need not wait for it

    place = options.gradebook_place(db, out)
    if place.file is not None and not place.file.is_file():
        return ()
    with Gradebook.open_place(place) as gradebook:
        every = gradebook.marks()
        if unpublished:
            return every
        published = gradebook.marks(published=True)
    waiting = len({mark.id for mark in every} - {mark.id for mark in published})
    if waiting:
        options.say(
            f"{waiting} of {len(every)} marks of people are not published and do not count; publish them in "
            f"labgrade review {out}, or count them with --unpublished"
        )
    return published
