"""One student's hand-in: which of its files is the notebook, and which belong beside it."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.archive import MIB, ArchiveProblem, Limits, is_junk, unpack
from grader.names import readable
from grader.records import Submission

FILE_BYTES, FILES_BYTES, FILES = 1_000 * MIB, 1_000 * MIB, 2_000  # helper files: each, together, how many
READ_BYTES = 200 * MIB  # of a notebook, to see what is in it
WALK_FILES, WALK_DEPTH = 20_000, 20
ZIPS = 5  # archives opened per student, those inside others included
OTHER_ARCHIVES = frozenset({".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zipx"})
NOT_THE_WORK = frozenset({"handout", "template", "original", "checkpoint", "autosave", "backup"})

Files = Mapping[str, Path]  # path in the hand-in, parts joined by "/" → where the file lies


@dataclass(frozen=True)
class HandIn:
    """What one student handed in; ``problem`` is a sentence where some of it cannot be read."""

    student: str
    files: Files
    problem: str = ""


def is_notebook(name: str) -> bool:
    """Whether a file of this name is a notebook."""
    return name.lower().endswith(".ipynb")


def is_archive(name: str) -> bool:
    """Whether a file of this name packs others, in a way we can open or not."""
    return name.lower().endswith(".zip") or Path(name).suffix.lower() in OTHER_ARCHIVES


def to_submission(hand_in: HandIn, slug: str, unpacked_to: Path) -> Submission:
    """Choose the notebook and gather its helper files; zips are opened where something is missing.

    Args:
        hand_in: what the student handed in.
        slug: the student's name, safe for a path.
        unpacked_to: a folder for this student's zips; made when needed.

    Raises:
        OSError: ``unpacked_to`` cannot be written.
    """
    files, problem = _with_zips(hand_in.files, unpacked_to)
    notebooks = {name: path for name, path in files.items() if is_notebook(name)}
    if not notebooks:
        problem = hand_in.problem or problem or _what_instead(files)
        return Submission(hand_in.student, slug, None, problem=problem)
    chosen = _choose(notebooks)
    notebook = _plainly_named(notebooks[chosen], unpacked_to)
    return Submission(hand_in.student, slug, notebook, _beside(chosen, files))


def walk(folder: Path, *, foreign: bool = False) -> dict[str, Path]:
    """The regular files in and below ``folder``; links, junk and virtual environments are left out.

    With ``foreign``, so are sub-folders that hold notebooks or grades: they are other pieces of work.

    Raises:
        OSError: ``folder`` itself cannot be read.
    """
    found: dict[str, Path] = {}
    queue: deque[tuple[str, int]] = deque([("", 0)])
    while queue and len(found) < WALK_FILES:
        prefix, depth = queue.popleft()
        inside = _scan(folder, prefix)
        names = {entry.name for entry in inside}
        if "pyvenv.cfg" in names or (foreign and prefix and _is_other_work(names)):
            continue
        for entry in inside:
            name = prefix + entry.name
            if is_junk(entry.name):
                continue
            if entry.is_file(follow_symlinks=False):
                found[name] = Path(entry.path)
            elif entry.is_dir(follow_symlinks=False) and depth < WALK_DEPTH:
                queue.append((f"{name}/", depth + 1))
    return found


def _scan(folder: Path, prefix: str) -> list[os.DirEntry[str]]:
    try:
        return sorted(os.scandir(folder / prefix), key=lambda entry: entry.name)
    except OSError:
        if not prefix:
            raise
        return []


def _is_other_work(names: Iterable[str]) -> bool:
    return any(is_notebook(name) or name == "gradebook.csv" for name in names)


def _with_zips(loose: Files, unpacked_to: Path) -> tuple[dict[str, Path], str]:
    """The files, with what the zips among them hold where the notebook or its code is missing.

    The second is a sentence about the first zip that could not be opened, or ``""``.
    """
    files = dict(loose)
    has_notebook = any(map(is_notebook, loose))
    if has_notebook and any(name.lower().endswith(".py") for name in loose):
        return files, ""
    problem, left_bytes = "", Limits().total_bytes
    queue = deque(name for name in sorted(loose) if name.lower().endswith(".zip"))
    for number in range(ZIPS):
        if not queue:
            break
        name, into = queue.popleft(), unpacked_to / str(number)
        try:
            left_bytes -= unpack(files[name], into, Limits(total_bytes=left_bytes))
        except ArchiveProblem as refused:
            problem = problem or f"{readable(name)} {refused}: hand in the notebook itself, or a new zip."
            continue
        if not has_notebook:
            del files[name]  # it was the wrapping; beside a notebook it may be data
        for inner, path in walk(into).items():
            place = name[: name.rfind("/") + 1] + inner
            if place not in files and not (has_notebook and is_notebook(inner)):
                files[place] = path
                queue.extend([place] if inner.lower().endswith(".zip") else [])
    return files, problem


def _what_instead(files: Files) -> str:
    if not files:
        return "No notebook (.ipynb) was handed in: the hand-in is empty."
    shown = ", ".join(readable(name) for name in sorted(files)[:3]) + (" …" if len(files) > 3 else "")
    return f"No notebook (.ipynb) was handed in, only {shown}: hand in the notebook, or a zip that holds it."


def _choose(notebooks: Files) -> str:
    """The notebook to grade: not named as the handout is, most code, least deep, first by name."""
    if len(notebooks) == 1:
        return next(iter(notebooks))

    def rank(name: str) -> tuple[bool, int, int, str]:
        words = set(re.split(r"[\W_\d]+", name.lower()))
        return bool(words & NOT_THE_WORK), -_code_characters(notebooks[name]), name.count("/"), name

    return min(notebooks, key=rank)


def _code_characters(notebook: Path) -> int:
    """How much code a notebook holds; -1 where it cannot be read."""
    try:
        if notebook.stat().st_size > READ_BYTES:
            return -1
        document = json.loads(notebook.read_bytes())
        sheets = document.get("worksheets", [document])  # nbformat 3 had worksheets
        cells = [cell for sheet in sheets for cell in sheet["cells"] if cell["cell_type"] == "code"]
        return sum(len("".join(cell.get("source", cell.get("input", "")))) for cell in cells)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return -1


def _plainly_named(notebook: Path, unpacked_to: Path) -> Path:
    """The notebook, copied under a printable name where its own would break a page or a terminal."""
    if notebook.name.isprintable():
        return notebook
    name = "".join(sign if sign.isprintable() else "_" for sign in readable(notebook.name))
    unpacked_to.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copyfile(notebook, unpacked_to / name))


def _beside(notebook: str, files: Files) -> tuple[tuple[str, Path], ...]:
    """The helper files in and below the notebook's folder, the shallow ones first up to the limits."""
    start = notebook.rfind("/") + 1
    kept: list[tuple[str, Path]] = []
    left_bytes = FILES_BYTES
    for name in sorted(files, key=lambda name: (name.count("/"), name)):
        ours = name.startswith(notebook[:start]) and name.isprintable() and not is_notebook(name)
        size = files[name].stat().st_size if ours else 0
        if ours and size <= min(FILE_BYTES, left_bytes) and len(kept) < FILES:
            left_bytes -= size
            kept.append((name[start:], files[name]))
    return tuple(sorted(kept))
