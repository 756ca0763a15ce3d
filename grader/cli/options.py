"""The options that commands share, and what they must hold before any work begins."""

from __future__ import annotations

import difflib
import importlib.util
import math
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from grader.cli.text import one_line
from grader.errors import UsageProblem

if TYPE_CHECKING:
    from grader.gradebook.place import Place
    from grader.records import Settings

SandboxChoice = Literal["auto", "bubblewrap", "none"]
TrainingChoice = Literal["claimed", "budget", "full"]

LabOption = Annotated[
    str | None,
    typer.Option("--lab", metavar="ID", help="The lab's id. By default recognised by content."),
]
TaskOption = Annotated[
    list[str] | None,
    typer.Option("--task", metavar="ID", help="Judge only this task, such as 4.1; may be given again."),
]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="Folder with the lab's data. By default $LABGRADE_DATA, else the Keras cache, "
        "else built-in pictures.",
    ),
]
SandboxOption = Annotated[
    SandboxChoice,
    typer.Option("--sandbox", help="What separates student code from this machine."),
]
SeedOption = Annotated[
    int,
    typer.Option("--seed", min=0, max=2**32 - 1, metavar="N", help="Where all random draws start."),
]
DbOption = Annotated[
    str | None,
    typer.Option(
        "--db",
        metavar="URL",
        envvar="LABGRADE_DB",
        show_envvar=False,
        help="The gradebook's database, such as postgresql://USER@HOST/DATABASE; by default $LABGRADE_DB, "
        "else gradebook.db among the results.",
    ),
]
LimitOption = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        metavar="NAME=VALUE",
        help="A limit on each submission, such as memory_mib=6000; may be given again. It goes before "
        "the rubric's.",
    ),
]


def say(message: str) -> None:
    """One line on standard error."""
    print(f"labgrade: {one_line(message)}", file=sys.stderr, flush=True)


def gradebook_place(url: str | None, out: Path) -> Place:
    """Where the gradebook of the results in ``out`` lies.

    Raises:
        UsageProblem: the URL is none that we know, or the results have another gradebook and none is named.
    """
    from grader import class_note  # noqa: PLC0415 - `--help` need not wait for it
    from grader.gradebook.place import default_place, place_of  # noqa: PLC0415

    if url:
        return place_of(url)
    usual, other = default_place(out), class_note.read(out).gradebook
    if other:
        raise UsageProblem(
            f"people's marks on {out} are in another gradebook, {other}: name it with --db, "
            f"or begin a new one with --db sqlite:///{usual.name}."
        )
    return usual


def settings_for(
    out: Path,
    *,
    lab: str | None = None,
    tasks: Iterable[str] = (),
    data: Path | None = None,
    sandbox: SandboxChoice = "auto",
    training: TrainingChoice | Literal["none"] = "budget",
    seed: int = 0,
    rubric: Path | None = None,
    limits: Mapping[str, float] | None = None,
    public: bool = False,
    announce: Callable[[str], None] = say,
    warn: Callable[[str], None] = say,
) -> Settings:
    """The settings of a run, with its data prepared and its sandbox tried.

    Args:
        out: where results go.
        limits: those that go before the rubric's, by the names in ``grader.limits``.
        public: for a student: only public checks, and nothing that is hidden.
        announce: is told what takes a while.
        warn: is told that isolation is reduced.

    Raises:
        UsageProblem: one of the values is wrong, or something is missing on this machine.
    """
    from grader import labs  # noqa: PLC0415 - `--help` need not wait for them
    from grader import sandbox as sandboxes  # noqa: PLC0415
    from grader.data import prepare_data  # noqa: PLC0415
    from grader.records import Settings  # noqa: PLC0415

    chosen_tasks = known_tasks(lab, tasks)
    if rubric is not None:
        labs.check_rubric(rubric, [lab] if lab else labs.lab_ids())
    require_tensorflow()
    isolation, warning = sandboxes.choose(sandbox)
    if warning:
        warn(warning)
    prepared = prepare_data(data, announce=announce)
    return Settings(
        out=out,
        visible=prepared.visible,
        hidden=None if public else prepared.hidden,
        data=Path(prepared.label).name,  # its path is nobody's business but the instructor's
        lab=lab,
        tasks=chosen_tasks,
        sandbox=isolation,
        training=training,
        seed=seed,
        rubric=rubric.absolute() if rubric else None,
        limits=dict(limits or {}),
        public=public,
    )


def known_tasks(lab: str | None, tasks: Iterable[str]) -> tuple[str, ...]:
    """The tasks as the rubric spells them, each once.

    Raises:
        UsageProblem: the lab, or one of the tasks, does not exist.
    """
    from grader import labs  # noqa: PLC0415 - `--help` need not wait for it

    if lab is not None:
        labs.load_lab(lab)
    wanted = list(dict.fromkeys(tasks))
    if not wanted:
        return ()
    known = [task for one in ([lab] if lab else labs.lab_ids()) for task in labs.task_ids(one)]
    spelled = {task.casefold(): task for task in known}
    for task in wanted:
        if task.casefold() not in spelled:
            near = difflib.get_close_matches(task.casefold(), spelled, n=1, cutoff=0.5)
            guess = f"did you mean {spelled[near[0]]}? " if near else ""
            raise UsageProblem(f"there is no task {task!r}: {guess}The tasks are {', '.join(known)}.")
    return tuple(spelled[task.casefold()] for task in wanted)


def limits_of(given: Iterable[str], **others: float | None) -> dict[str, float]:
    """The limits of ``--limit NAME=VALUE``, and those that options of their own set.

    Raises:
        UsageProblem: a name or value is wrong.
    """
    from grader import limits  # noqa: PLC0415 - `--help` need not wait for it

    found: dict[str, float] = {name: value for name, value in others.items() if value is not None}
    for one in given:
        name, equals, text = (part.strip() for part in one.partition("="))
        if name not in limits.NAMES or not equals:
            near = difflib.get_close_matches(name, limits.NAMES, n=1)
            guess = f"did you mean {near[0]}=…? " if near else ""
            raise UsageProblem(
                f"--limit {one!r} names no limit: {guess}The limits are {', '.join(limits.NAMES)}."
            )
        found[name] = _limit_value(name, text, limits.least(name), limits.most(name))
    return found


def _limit_value(name: str, text: str, least: float, most: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        raise UsageProblem(f"--limit {name}={text}: {name} must be a number from {least:g} to {most:g}.")
    return value


def require_tensorflow() -> None:
    """See that the notebooks' own library is here, without the seconds that its import takes.

    Raises:
        UsageProblem: it is not installed.
    """
    if importlib.util.find_spec("tensorflow") is None:
        raise UsageProblem(
            "TensorFlow is missing, and the notebooks need it; "
            "run: python -m pip install tensorflow keras tf_keras"
        )


def writable_folder(folder: Path) -> None:
    """Make ``folder`` and try to write into it.

    Raises:
        UsageProblem: it cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except FileExistsError as error:
        raise UsageProblem(f"{folder} is a file; name a folder for the results with --out.") from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageProblem(
            f"{folder} cannot be written ({reason}); name another folder with --out."
        ) from error
