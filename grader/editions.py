"""The two editions of a lab: its solution, and the handout with gaps, both made from ``reference/<lab>/``.

``notebook.py`` there is the notebook as text, with modules beside it. The handout differs in this:

- What stands between ``# BEGIN SOLUTION`` and ``# END SOLUTION`` is a gap.
- A paragraph of text that begins with ``**Answer:**`` is a place for an answer.
- A cell tagged ``given`` holds the source of what it imports from the modules; one tagged ``stubs``
  holds signatures and docstrings, with a gap in place of each body.
- A cell tagged ``solution`` is missing, and one tagged ``handout`` is there only.

``reference/<lab>/__init__.py`` binds ``NOTEBOOK``, the notebook's name; ``HAND_IN``, the name under which
each module lies beside the notebook; and ``HAND_OUT``, the modules that students get, with gaps.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat

from grader.definitions import GAP, TOOLS, Excerpts
from grader.errors import UsageProblem

Notebook = nbformat.NotebookNode

REGION = re.compile(
    r"^(?P<indent>[ \t]*)# BEGIN SOLUTION\n(?P<solution>.*?)^[ \t]*# END SOLUTION(?:\n|\Z)",
    re.MULTILINE | re.DOTALL,
)
MARKER = re.compile(r"^[ \t]*# (?:BEGIN|END) SOLUTION\b", re.MULTILINE)
ANSWER = re.compile(r"^\*\*Answer:\*\*.*?(?=\n[ \t]*\n|\Z)", re.MULTILINE | re.DOTALL)
PLACE = "[Your answer here]"
TAGS = ("given", "stubs", "solution", "handout")


@dataclass(frozen=True)
class Reference:
    """Where the solution of a lab lies, and under which names its parts are handed in and out."""

    lab: str
    folder: Path
    notebook: str
    hand_in: Mapping[str, str]  # module here → file beside the notebook
    hand_out: tuple[str, ...]  # modules here that students get

    def read(self, module: str) -> str:
        """A module's source, importing the others by the names under which they are handed in."""

        def name(found: re.Match[str]) -> str:
            return Path(self.hand_in[f"{found[1]}.py"]).stem

        text = (self.folder / module).read_text(encoding="utf-8")
        return re.sub(rf"\breference\.{re.escape(self.lab)}\.(\w+)", name, text)

    def locate(self, name: str) -> str | None:
        """The source of the module that a notebook imports by this name, or ``None`` if none is ours."""
        return next((self.read(here) for here, file in self.hand_in.items() if file == f"{name}.py"), None)


@dataclass(frozen=True)
class Edition:
    """A notebook in nbformat 4, and the text of each file beside it."""

    notebook: Notebook
    files: Mapping[str, str]


def labs_with_reference() -> tuple[str, ...]:
    """The ids of the labs whose solution this installation has, sorted; perhaps none."""
    try:
        package = importlib.import_module("reference")
    except ModuleNotFoundError:
        return ()
    found = sorted(module.name for module in pkgutil.iter_modules(package.__path__) if module.ispkg)
    return tuple(lab for lab in found if (Path(package.__path__[0]) / lab / "notebook.py").is_file())


def reference_of(lab: str) -> Reference:
    """Find the solution of a lab.

    Raises:
        UsageProblem: this installation has none.
    """
    if lab not in (known := labs_with_reference()):
        has = f"it has one of: {', '.join(known)}" if known else "it has none at all"
        raise UsageProblem(f"there is no reference solution of lab {lab!r} in this installation; {has}")
    package = importlib.import_module(f"reference.{lab}")
    folder = Path(str(package.__file__)).parent
    return Reference(lab, folder, package.NOTEBOOK, package.HAND_IN, package.HAND_OUT)


def solution(reference: Reference) -> Edition:
    """The lab as solved: what a student with full marks would hand in."""
    cells = [cell for cell in _source(reference).cells if "handout" not in _tags(cell)]
    for cell in cells:
        cell.source = filled(cell.source)
    files = {file: filled(reference.read(module)) for module, file in reference.hand_in.items()}
    return Edition(_notebook(cells), files)


def handout(reference: Reference) -> Edition:
    """The lab as students get it.

    Raises:
        ValueError: a marker has no partner, or a cell is tagged and does not hold what it should.
    """
    excerpts = Excerpts(reference.locate)
    cells = [cell for cell in _source(reference).cells if "solution" not in _tags(cell)]
    for cell in cells:
        cell.source = _for_students(cell, excerpts)
    files = {reference.hand_in[module]: with_gaps(reference.read(module)) for module in reference.hand_out}
    return Edition(_notebook(cells), files)


def filled(code: str) -> str:
    """The code with its solutions, without their markers."""
    return TOOLS.sub("", REGION.sub(lambda region: region["solution"], code))


def with_gaps(code: str) -> str:
    """The code with a gap for each solution.

    Raises:
        ValueError: a marker has no partner, so that a solution would be handed out.
    """

    def gap(region: re.Match[str]) -> str:
        end = "\n" if region[0].endswith("\n") else ""
        return "\n".join(region["indent"] + line for line in GAP.splitlines()) + end

    text = TOOLS.sub("", REGION.sub(gap, code))
    if MARKER.search(text):
        raise ValueError(f"A marker of a solution has no partner in:\n{text}")
    return text


def _for_students(cell: Notebook, excerpts: Excerpts) -> str:
    if cell.cell_type == "markdown":
        return ANSWER.sub(PLACE, cell.source)
    for tag in {"given", "stubs"} & _tags(cell):
        return excerpts.take(cell.source, stubs=tag == "stubs")
    text = with_gaps(cell.source)
    excerpts.note(text)
    return text


def _source(reference: Reference) -> Notebook:
    notebook: Notebook = jupytext.reads(reference.read("notebook.py"), fmt="py:percent")
    for cell in notebook.cells:
        if unknown := _tags(cell) - {*TAGS}:
            raise ValueError(f"A cell may be tagged {', '.join(TAGS)}. Received: {sorted(unknown)}")
    return notebook


def _tags(cell: Notebook) -> set[str]:
    return set(cell.metadata.get("tags", ()))


def _notebook(cells: list[Notebook]) -> Notebook:
    """A notebook of these cells; ids and metadata depend on nothing else."""
    for number, cell in enumerate(cells):
        cell.id, cell.metadata = f"cell-{number}", {}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook: Notebook = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    return notebook
