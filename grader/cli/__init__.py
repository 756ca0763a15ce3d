"""The command line: thin commands that parse, call the library, and say in one line what went wrong."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import io
import os
import sys
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

import grader
from grader.cli.text import clean, one_line
from grader.errors import UsageProblem

# Each a module of this package, with a function of its name.
NAMES = ("grade", "check", "validate", "audit", "handout", "review", "export", "doctor")
COMMANDS: tuple[Callable[..., int], ...] = tuple(
    getattr(importlib.import_module(f"grader.cli.{name}"), name)
    for name in NAMES
    if importlib.util.find_spec(f"grader.cli.{name}")  # a student edition lacks most
)
INTERRUPTED = 130


def _version(wanted: bool) -> None:
    if wanted:
        print(f"labgrade {grader.__version__}")
        raise typer.Exit


def labgrade(
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Grade the notebooks of a deep-learning lab.

    Each notebook runs from top to bottom in a sandbox, is judged by checks that look at what it
    computed, and comes back as one feedback page per student, with a gradebook for the class.

    \b
    Examples:
      labgrade doctor                      what is missing on this machine?
      labgrade grade submissions/demo      grade a class into grades/
      labgrade review grades               mark the written answers
      labgrade check 2D_CNN.ipynb          a student's check of one notebook
    """


def build_app() -> typer.Typer:
    """The whole command, with its sub-commands."""
    app = typer.Typer(
        name="labgrade",
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback(help=_help())(labgrade)
    for command in COMMANDS:
        app.command()(command)
    return app


def _help() -> str:
    """What the command is for, with examples of the commands that there are."""
    text = inspect.getdoc(labgrade) or ""
    named = {command.__name__ for command in COMMANDS}
    return "\n".join(
        line for line in text.splitlines() if not line.startswith("  labgrade ") or line.split()[1] in named
    )


def main() -> None:
    """Run the command of this process's arguments, and leave with its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Carry out one command and return its exit status; no exception of ours or Typer's gets out."""
    try:
        status = build_app()(args=list(arguments), prog_name="labgrade", standalone_mode=False)
    except UsageProblem as problem:
        return _complain(str(problem), 2)
    except typer.TyperException as problem:  # unknown options, missing arguments, values out of range
        return _complain(problem.format_message(), 2)
    except (KeyboardInterrupt, typer.Abort):
        return _complain("stopped", INTERRUPTED)
    except BrokenPipeError:
        sys.stdout = None  # whoever read it has gone; nothing more may be written at exit
        return 1
    except Exception as error:
        if os.environ.get("LABGRADE_DEBUG"):
            raise
        cause = " ".join(f"{type(error).__name__}: {error}".split())
        return _complain(
            f"an error of the grader: {cause}; run again with LABGRADE_DEBUG=1 for the details", 1
        )
    return status if isinstance(status, int) else 0


def _complain(message: str, status: int) -> int:
    is_help = message.startswith("Usage:")
    print(clean(message) if is_help else f"labgrade: {one_line(message)}", file=sys.stderr)
    return status
