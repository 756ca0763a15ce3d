"""One student's hand-in: which of its files is the notebook, and which belong beside it."""

from __future__ import annotations

import os
import re
import shutil
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.archive import MIB, ArchiveProblem, LeftOut, Limits, is_junk, unpack
from grader.names import readable, visible
from grader.notebooks import Unreadable, read_notebook
from grader.records import NOWHERE, Origin, Submission

FILE_BYTES, FILES_BYTES, FILES = 1_000 * MIB, 1_000 * MIB, 2_000  # helper files: each, together, how many
WALK_FILES, WALK_DEPTH = 20_000, 20
COMPARED = 30  # notebooks of one hand-in that are opened to see which holds the work
TOLD = 5  # files that are named one by one
ZIPS = 5  # archives opened per student, those inside others included
OTHER_ARCHIVES = frozenset({".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zipx"})
RULE = (
    "the one with most code, where names such as handout, template, original or backup come last: "
    "hand in a single notebook to be sure"
)
NOT_THE_WORK = frozenset({"handout", "template", "original", "checkpoint", "autosave", "backup"})

Files = Mapping[str, Path]  # path in the hand-in, parts joined by "/" → where the file lies


@dataclass(frozen=True)
class Opened:
    """A hand-in's files, with those of its zips; ``problem`` is a sentence about a zip that is refused."""

    files: Files
    problem: str = ""
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class HandIn:
    """What one student handed in; ``problem`` is a sentence where some of it cannot be read.

    ``members`` are the students of a group, ``earlier`` the attempts before this one, first to last.
    """

    student: str
    files: Files
    problem: str = ""
    origin: Origin = NOWHERE
    members: tuple[str, ...] = ()
    earlier: tuple[HandIn, ...] = ()


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
    opened = _with_zips(hand_in.files, unpacked_to)
    notebooks = {name: path for name, path in opened.files.items() if is_notebook(name)}
    if not notebooks:
        problem = hand_in.problem or opened.problem or _what_instead(opened)
        return Submission(hand_in.student, slug, None, problem=problem)
    chosen = _choose(notebooks)
    notebook = _plainly_named(notebooks[chosen], unpacked_to)
    beside, left_out = _beside(chosen, opened.files)
    notes = (
        hand_in.problem,
        f"Of {len(notebooks)} notebooks {visible(chosen)} was graded, {RULE}." if len(notebooks) > 1 else "",
        opened.problem,
        _told([*opened.left_out, *left_out]),
    )
    return Submission(hand_in.student, slug, notebook, beside, note=" ".join(filter(None, notes)))


def _told(left_out: Sequence[LeftOut]) -> str:
    """A sentence about files that were left out, or ``""``."""
    if not left_out:
        return ""
    named = "; ".join(f"{visible(one.name)} {one.reason}" for one in left_out[:TOLD])
    more = f"; and {len(left_out) - TOLD:,} more" if len(left_out) > TOLD else ""
    return f"Not taken into the run: {named}{more}."


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


def _with_zips(loose: Files, unpacked_to: Path) -> Opened:
    """The files, with what the zips among them hold where the notebook or its code is missing."""
    files = dict(loose)
    has_notebook = any(map(is_notebook, loose))
    if has_notebook and any(name.lower().endswith(".py") for name in loose):
        return Opened(files)
    problem, left_bytes = "", Limits().total_bytes
    left_out: list[LeftOut] = []
    queue = deque(name for name in sorted(loose) if name.lower().endswith(".zip"))
    for number in range(ZIPS):
        if not queue or left_bytes <= 0:
            break
        name, into = queue.popleft(), unpacked_to / str(number)
        try:
            unpacked = unpack(files[name], into, Limits(total_bytes=left_bytes))
        except ArchiveProblem as refused:
            problem = problem or f"{visible(name)} {refused}: hand in the notebook itself, or a new zip."
            continue
        left_bytes -= unpacked.bytes
        left_out += unpacked.left_out
        if not has_notebook:
            del files[name]  # it was the wrapping; beside a notebook it may be data
        for inner, path in walk(into).items():
            place = name[: name.rfind("/") + 1] + inner
            if place not in files and not (has_notebook and is_notebook(inner)):
                files[place] = path
                queue.extend([place] if inner.lower().endswith(".zip") else [])
    return Opened(files, problem, tuple(left_out))


def _what_instead(opened: Opened) -> str:
    lost = next((one for one in opened.left_out if is_notebook(one.name)), None)
    if lost:
        return f"{visible(lost.name)} {lost.reason}: hand in the notebook itself, or a new zip."
    if not opened.files:
        return "No notebook (.ipynb) was handed in: the hand-in is empty."
    names = sorted(opened.files)
    shown = ", ".join(map(visible, names[:3])) + (" …" if len(names) > 3 else "")
    return f"No notebook (.ipynb) was handed in, only {shown}: hand in the notebook, or a zip that holds it."


def _choose(notebooks: Files) -> str:
    """The notebook to grade: not named as the handout is, most code, least deep, first by name."""
    if len(notebooks) == 1:
        return next(iter(notebooks))

    def plain_rank(name: str) -> tuple[bool, int, str]:
        words = set(re.split(r"[\W_\d]+", name.lower()))
        return bool(words & NOT_THE_WORK), name.count("/"), name

    def rank(name: str) -> tuple[bool, int, int, str]:
        handout, depth, _ = plain_rank(name)
        return handout, -_code_characters(notebooks[name]), depth, name

    return min(sorted(notebooks, key=plain_rank)[:COMPARED], key=rank)


def _code_characters(notebook: Path) -> int:
    """How much code a notebook holds; -1 where it cannot be read."""
    try:
        cells = read_notebook(notebook).notebook.cells
    except Unreadable:
        return -1
    return sum(len(cell.source) for cell in cells if cell.cell_type == "code")


def _plainly_named(notebook: Path, unpacked_to: Path) -> Path:
    """The notebook, copied under a printable name where its own would break a page or a terminal."""
    if notebook.name.isprintable() or not os.access(notebook, os.R_OK):
        return notebook
    name = "".join(sign if sign.isprintable() else "_" for sign in readable(notebook.name))
    unpacked_to.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copyfile(notebook, unpacked_to / name))


def _beside(notebook: str, files: Files) -> tuple[tuple[tuple[str, Path], ...], tuple[LeftOut, ...]]:
    """The helper files in and below the notebook's folder, the shallow ones first up to the limits."""
    start = notebook.rfind("/") + 1
    kept: list[tuple[str, Path]] = []
    left_out: list[LeftOut] = []
    left_bytes = FILES_BYTES
    for name in sorted(files, key=lambda name: (name.count("/"), name)):
        if not name.startswith(notebook[:start]) or is_notebook(name):
            continue
        size, reason = _size_of(files[name])
        if not reason and not name.isprintable():
            reason = "has a name with signs that cannot be seen"
        if not reason and (size > min(FILE_BYTES, left_bytes) or len(kept) >= FILES):
            reason = f"exceeds what may lie beside a notebook ({FILE_BYTES // MIB} MB a file)"
        if reason:
            left_out.append(LeftOut(name[start:], reason))
            continue
        left_bytes -= size
        kept.append((name[start:], files[name]))
    return tuple(sorted(kept)), tuple(left_out)


def _size_of(path: Path) -> tuple[int, str]:
    """A file's bytes, and why it cannot be read or ``""``."""
    try:
        size = path.stat().st_size
    except OSError as error:
        return 0, f"cannot be read ({error.strerror})"
    return size, "" if os.access(path, os.R_OK) else "cannot be read (Permission denied)"
