"""``labgrade grade``: a class of submissions."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from grader.cli import options
from grader.cli.options import (
    DataOption,
    DbOption,
    LabOption,
    LimitOption,
    SandboxOption,
    SeedOption,
    TaskOption,
    TrainingChoice,
)
from grader.errors import UsageProblem

if TYPE_CHECKING:
    from grader.crew import Crew
    from grader.records import Settings

FolderArgument = Annotated[
    Path,
    typer.Argument(
        metavar="FOLDER", help="A sub-folder, .ipynb or .zip per student; or the zip that an LMS gives."
    ),
]
OutOption = Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Where the results go.")]
JobsOption = Annotated[
    int | None,
    typer.Option("--jobs", "-j", min=1, metavar="N", help="Submissions at a time. [default: as fit here]"),
]
TrainingOption = Annotated[
    TrainingChoice,
    typer.Option("--training", help="Train nothing (claimed), cut each training short, or run it in full."),
]
RubricOption = Annotated[
    Path | None,
    typer.Option("--rubric", metavar="FILE", help="Titles and points other than the lab's own."),
]
CellOption = Annotated[
    float | None,
    typer.Option("--cell-timeout", min=1, max=1e9, metavar="S", help="Seconds that one cell may run."),
]
NotebookOption = Annotated[
    float | None,
    typer.Option(
        "--notebook-timeout", min=1, max=1e9, metavar="S", help="Seconds that one notebook may run."
    ),
]
GroupsOption = Annotated[
    Path | None,
    typer.Option("--groups", metavar="FILE", help="Who works together: CSV (group, student) or TOML."),
]
TimesOption = Annotated[
    Path | None,
    typer.Option("--times", metavar="FILE", help="Who handed in when: CSV (student, submitted)."),
]
RayOption = Annotated[
    str | None,
    typer.Option("--ray", metavar="ADDRESS", help="A Ray cluster: auto, local, HOST:PORT, ray://HOST:PORT."),
]
SharedOption = Annotated[
    Path | None,
    typer.Option("--shared", metavar="DIR", help="Of --ray: a folder that all nodes see, for what travels."),
]
NoCacheOption = Annotated[
    bool, typer.Option("--no-cache", help="Grade all again; take nothing over from an earlier run.")
]
CacheOption = Annotated[
    Path | None,
    typer.Option(
        "--cache",
        metavar="DIR",
        help="Where runs and verdicts are kept, so that nothing is done twice; may be shared. By default "
        "$LABGRADE_CACHE, else the user's cache folder.",
    ),
]
CacheSizeOption = Annotated[
    float | None,
    typer.Option(
        "--cache-size", min=0.01, max=1e6, metavar="GIB", help="How large that may be. [default: 5]"
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the progress as JSON lines.")]


def grade(
    folder: FolderArgument,
    *,
    out: OutOption = Path("grades"),
    lab: LabOption = None,
    jobs: JobsOption = None,
    task: TaskOption = None,
    training: TrainingOption = "budget",
    data: DataOption = None,
    sandbox: SandboxOption = "auto",
    seed: SeedOption = 0,
    rubric: RubricOption = None,
    cell_timeout: CellOption = None,
    notebook_timeout: NotebookOption = None,
    groups: GroupsOption = None,
    times: TimesOption = None,
    limit: LimitOption = None,
    db: DbOption = None,
    ray: RayOption = None,
    shared: SharedOption = None,
    no_cache: NoCacheOption = False,
    cache: CacheOption = None,
    cache_size: CacheSizeOption = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> int:
    """Grade every submission in FOLDER.

    Writes a feedback page per student, the class at a glance (index.html) and the gradebook into
    the folder of --out. A submission that crashes costs no other one its result. Where a run was
    stopped, the same command goes on: what it has finished is taken over, as long as hand-in, rubric,
    data, options and version are the same. Marks that people gave (labgrade review) are kept. Exit
    status: 0 all graded, whatever their marks; 1 the grader itself failed on some; 2 wrong usage;
    130 stopped.

    \b
    Examples:
      labgrade grade submissions/demo
      labgrade grade bulk_download.zip --out grades/lab2 --jobs 4
      labgrade grade submissions --task 3.2 --task 4.1
      labgrade grade submissions --training full --cell-timeout 3600 --notebook-timeout 14400
      labgrade grade submissions --rubric points.toml --cache /srv/labgrade --cache-size 20
      labgrade grade submissions --json > progress.jsonl
      labgrade grade mooc --ray auto
    """
    from grader import forks  # noqa: PLC0415 - `--help` need not wait for it

    _check_places(folder, out)
    if ray is None:
        forks.start()  # it loads while we do
    from grader import class_list, labs  # noqa: PLC0415 - nor for these
    from grader.cache.place import VARIABLE, store_for  # noqa: PLC0415
    from grader.cli.class_run import ClassRun  # noqa: PLC0415
    from grader.housekeeping import only_run_in, scratch_folder  # noqa: PLC0415
    from grader.intake import find_submissions  # noqa: PLC0415

    announce = _nothing if quiet or json else options.say
    tasks = options.known_tasks(lab, task or ())
    limits = options.limits_of(limit or (), cell_s=cell_timeout, notebook_s=notebook_timeout)
    gradebook = options.gradebook_place(db, out)
    options.require_tensorflow()
    with scratch_folder() as scratch:
        found = find_submissions(
            folder, scratch / "unpacked", ignore=[out], attempts=labs.keeps_attempts(lab, rubric)
        )
        submissions = class_list.arranged(found, groups, times)
        options.writable_folder(out)
        with only_run_in(out):
            settings = options.settings_for(
                out.absolute(), lab=lab, tasks=tasks, data=data, sandbox=sandbox, training=training,
                seed=seed, rubric=rubric, limits=limits, announce=announce,
                warn=_nothing if quiet and sandbox == "none" else options.say,
            )  # fmt: skip
            class_list.write_list(out, _title(folder), submissions)
            if not labs.has_policies(settings):
                submissions = class_list.plain(submissions, groups=groups is not None)
            named = ray is None or cache or os.environ.get(VARIABLE)  # nodes see no folder of this user's
            store = store_for(cache, cache_size, out, settings.sandbox) if named and not no_cache else None
            with _crew(ray, shared, settings, announce) as crew:
                run = ClassRun(
                    submissions, settings, _title(folder), out, announce, no_cache, gradebook, store, crew
                )
                return run.carry_out(jobs, quiet=quiet, as_json=json)


def _crew(
    ray: str | None, shared: Path | None, settings: Settings, announce: Callable[[str], None]
) -> AbstractContextManager[Crew[Any] | None]:
    """Who does the work: a cluster, or ``None`` for processes of this machine.

    Raises:
        UsageProblem: a folder is named for a cluster, and no cluster.
    """
    if ray is None:
        if shared is not None:
            raise UsageProblem("--shared names the folder of a cluster; name the cluster with --ray.")
        return nullcontext()
    from grader.cluster.joining import crew_of  # noqa: PLC0415 - needs an extra, and few runs a cluster

    return crew_of(ray, settings, folder=shared, announce=announce, warn=options.say)


def _title(folder: Path) -> str:
    return folder.absolute().stem if folder.is_file() else folder.absolute().name


def _check_places(folder: Path, out: Path) -> None:
    """Refuse places that cannot work before anything takes time.

    Raises:
        UsageProblem: FOLDER is missing or lies in OUT, or OUT is or lies below a file.
    """
    if not folder.exists():
        raise UsageProblem(f"{folder} does not exist; name the folder that holds the submissions.")
    if folder.resolve().is_relative_to(out.resolve()):
        raise UsageProblem(f"{folder} lies in the folder for the results, {out}; name another with --out.")
    nearest = next(place for place in (out, *out.absolute().parents) if place.exists())
    if not nearest.is_dir():
        raise UsageProblem(f"{nearest} is a file; name a folder for the results with --out.")


def _nothing(_message: str) -> None:
    pass
