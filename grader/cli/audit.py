"""``labgrade audit``: the checks themselves put to the test."""

from __future__ import annotations

import difflib
import json as json_module
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli import options
from grader.cli.options import DataOption, SandboxOption, SeedOption, TaskOption
from grader.errors import UsageProblem

if TYPE_CHECKING:
    from grader.audit import Entry, Trial, Verdict
    from grader.records import Settings

# A warm kernel takes dozens of hand-ins, and Keras keeps a little of each.
LIMITS = {"cell_s": 240.0, "notebook_s": 480.0, "memory_mib": 12_000.0, "disk_mib": 8_000.0}
INTERRUPTED = 130


LabsOption = Annotated[
    list[str] | None, typer.Option("--lab", metavar="ID", help="Only this lab; may be given again.")
]
OnlyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--only", metavar="NAME", help="Only this fault or rewrite, or all like 'no-*'; may be given again."
    ),
]
SampleOption = Annotated[
    int | None, typer.Option("--sample", min=1, metavar="N", help="Only N of them, from all topics.")
]
JobsOption = Annotated[
    int | None, typer.Option("--jobs", "-j", min=1, metavar="N", help="Kernels at a time. [default: cores]")
]
HtmlOption = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write the table to this file, too.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document, and nothing else.")]


def audit(
    *,
    lab: LabsOption = None,
    only: OnlyOption = None,
    task: TaskOption = None,
    sample: SampleOption = None,
    jobs: JobsOption = None,
    html: HtmlOption = None,
    data: DataOption = None,
    sandbox: SandboxOption = "auto",
    seed: SeedOption = 0,
    json: JsonOption = False,
) -> int:
    """Seed known faults, and see that the checks find them.

    Small edits of a right hand-in, each a mistake that students make, must fail the check that they
    name; other edits are other right ways and must pass. Only the cells that a task needs run, in
    warm kernels.

    Exit status: 0 all faults are found and all right ways pass, 1 some are not, 2 wrong usage.

    \b
    Examples:
      labgrade audit
      labgrade audit --task 4.1 --html audit.html
      labgrade audit --only 'dropout-*'
      labgrade audit --sample 20
    """
    from grader import labs  # noqa: PLC0415 - `--help` need not wait for it

    if html is not None and (html.is_dir() or not html.absolute().parent.is_dir()):
        raise UsageProblem(f"{html} cannot be written; name a file in a folder that exists with --html.")
    wanted = list(dict.fromkeys(lab or labs.lab_ids()))
    for one in wanted:
        labs.load_lab(one)
    tasks = options.known_tasks(wanted[0] if len(wanted) == 1 else None, task or ())
    chosen = _chosen(wanted, tasks, only or (), sample)
    with tempfile.TemporaryDirectory(prefix="labgrade-", ignore_cleanup_errors=True) as scratch:
        settings = options.settings_for(
            Path(scratch), data=data, sandbox=sandbox, seed=seed, limits=LIMITS,
            announce=_nothing if json else options.say,
        )  # fmt: skip
        verdicts, finished = run(chosen, settings, jobs or default_kernels(), quiet=json)
    _show(verdicts, as_json=json, html=html)
    if not finished:
        options.say(f"stopped: {len(verdicts)} of {sum(map(len, chosen.values()))} were run")
        return INTERRUPTED
    return 0 if all(verdict.good for verdict in verdicts) else 1


def default_kernels() -> int:
    """As many kernels as this machine has cores and memory for."""
    from grader.batch import default_jobs  # noqa: PLC0415 - `--help` need not wait for it

    return default_jobs(64)


def run(
    chosen: dict[str, tuple[Entry, ...]], settings: Settings, jobs: int, *, quiet: bool
) -> tuple[tuple[Verdict, ...], bool]:
    """The verdicts in the order of the entries, by lab, and whether all were run."""
    from grader.audit import Trial, judge  # noqa: PLC0415 - `--help` need not wait for them
    from grader.audit_pool import run_cases  # noqa: PLC0415

    verdicts: list[Verdict] = []
    finished = True
    with _progress(sum(map(len, chosen.values())), quiet=quiet) as tell:
        for lab, entries in chosen.items():
            by_name = {entry.name: entry for entry in entries}
            found: dict[str, Verdict] = {}

            def done(
                name: str,
                trial: Trial,
                by_name: dict[str, Entry] = by_name,
                found: dict[str, Verdict] = found,
            ) -> None:
                found[name] = judge(by_name[name], trial)
                tell(found[name])

            for entry in entries:
                if entry.case is None:
                    done(entry.name, Trial())
            cases = [entry.case for entry in entries if entry.case is not None]
            finished = finished and run_cases(lab, cases, settings, jobs, done)
            verdicts += [found[entry.name] for entry in entries if entry.name in found]
    return tuple(verdicts), finished


def _chosen(
    wanted: Sequence[str], tasks: Sequence[str], only: Sequence[str], sample: int | None
) -> dict[str, tuple[Entry, ...]]:
    """The entries to run, by lab.

    Raises:
        UsageProblem: a name fits none of them.
    """
    from grader import labs  # noqa: PLC0415 - `--help` need not wait for them
    from grader.audit_cases import entries  # noqa: PLC0415

    found = {lab: entries(labs.load_lab(lab), tasks) for lab in wanted}
    names = [entry.name for members in found.values() for entry in members]
    for pattern in only:
        if not any(fnmatchcase(name, pattern) for name in names):
            near = difflib.get_close_matches(pattern, names, n=1)
            guess = f"; did you mean {near[0]!r}?" if near else ""
            raise UsageProblem(f"no seeded fault or rewrite is called {pattern!r}{guess}")
    if only:
        found = {
            lab: tuple(one for one in members if any(fnmatchcase(one.name, pattern) for pattern in only))
            for lab, members in found.items()
        }
    if sample is not None:
        flat = [(lab, entry) for lab, members in found.items() for entry in members]
        spread = (
            [flat[place * len(flat) // sample] for place in range(sample)] if sample < len(flat) else flat
        )
        found = {lab: tuple(entry for name, entry in spread if name == lab) for lab in found}
    if not any(found.values()):
        raise UsageProblem("there is no seeded fault or rewrite to run for these tasks")
    return found


@contextmanager
def _progress(total: int, *, quiet: bool) -> Iterator[Callable[[Verdict], None]]:
    """Tells of each verdict on standard error: a bar in a terminal, else lines for what is not good."""
    from rich.console import Console  # noqa: PLC0415 - `--help` need not wait for them
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    from grader.cli.show_audit import line_of  # noqa: PLC0415

    console = Console(stderr=True, highlight=False)
    if quiet:
        yield _nothing
        return
    if not console.is_terminal:
        yield lambda verdict: print(line_of(verdict), file=sys.stderr, flush=True)
        return
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("judged, about"), TimeRemainingColumn())
    with Progress(*columns, TextColumn("left"), console=console, transient=True) as bar:
        all_of_them = bar.add_task("audit", total=total)

        def tell(verdict: Verdict) -> None:
            bar.advance(all_of_them)
            if not verdict.good:
                bar.console.print(line_of(verdict), markup=False)

        yield tell


def _show(verdicts: Sequence[Verdict], *, as_json: bool, html: Path | None) -> None:
    from grader.cli import show_audit  # noqa: PLC0415 - `--help` need not wait for it

    if html is not None:
        from grader.output import write_atomically  # noqa: PLC0415 - only here
        from grader.pages import render_audit  # noqa: PLC0415

        try:
            write_atomically(html, render_audit(verdicts))
        except OSError as error:
            raise UsageProblem(f"{html} cannot be written: {error.strerror or error}.") from error
    if as_json:
        json_module.dump(show_audit.as_json(verdicts), sys.stdout, indent=1)
        print()
    else:
        show_audit.show(verdicts)


def _nothing(_told: object) -> None:
    pass
