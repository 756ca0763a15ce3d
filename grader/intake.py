"""From a class folder, or an LMS's bulk download, to one ``Submission`` per student; nothing is run here."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.archive import MIB, ArchiveProblem, Limits, is_junk, unpack
from grader.errors import UsageProblem
from grader.gradescope import METADATA, submitters
from grader.handin import HandIn, is_archive, is_notebook, to_submission, walk
from grader.names import readable, unique_slugs, visible
from grader.records import Submission

WHOLE_CLASS = Limits(files=50_000, total_bytes=20_000 * MIB)

OUTPUTS = frozenset({"feedback.html", "result.json", "executed.ipynb"})
CANVAS = re.compile(r"(?P<student>.+?)(?:_late)?_(?P<id>\d{2,})_(?P<upload>\d{3,})_(?P<file>.+)", re.I)
MOODLE = re.compile(r"(?P<student>.+?)_(?P<id>\d+)_assignsubmission_[a-z]+(?:_(?P<file>.*))?", re.I)


@dataclass(frozen=True)
class Owner:
    """Whose an entry of the class folder is; entries with one ``key`` make one hand-in."""

    key: str
    student: str
    file: str = ""  # the file's name in the hand-in; "" for a folder


def find_submissions(folder: Path, unpacked_to: Path, ignore: Iterable[Path] = ()) -> tuple[Submission, ...]:
    """Find every student's notebook and the files beside it, in the order of the students' names.

    Args:
        folder: holds a sub-folder, ``.ipynb`` or ``.zip`` per student; or is an LMS's bulk download
            (Canvas, Moodle or Gradescope), packed or not; or one notebook.
        unpacked_to: an empty folder for what archives hold; keep it as long as the submissions.
        ignore: paths in ``folder`` that are no submissions, such as the folder for the grades.

    Raises:
        UsageProblem: ``folder`` is missing, unreadable, or holds no notebook.
    """
    try:
        hand_ins = _open(folder, unpacked_to, frozenset(path.absolute() for path in ignore))
        return _submissions(folder, hand_ins, unpacked_to)
    except OSError as error:
        where = error.filename or folder
        raise UsageProblem(f"{where} cannot be read or unpacked: {error.strerror or error}.") from error


def one_submission(notebook: Path, unpacked_to: Path) -> Submission:
    """The submission that is this notebook and the files beside it.

    Args:
        notebook: a student's ``.ipynb``.
        unpacked_to: an empty folder, kept as long as the submission.

    Raises:
        UsageProblem: there is no such notebook.
    """
    if notebook.is_dir():
        raise UsageProblem(f"{notebook} is a folder; name the notebook in it.")
    if not notebook.is_file():
        raise UsageProblem(f"{notebook} does not exist; name a notebook (.ipynb).")
    if not is_notebook(notebook.name):
        raise UsageProblem(f"{notebook} is no notebook; name a file that ends in .ipynb.")
    return find_submissions(notebook, unpacked_to)[0]


# ---- what the class folder holds ---------------------------------------------------------------------


def _open(folder: Path, unpacked_to: Path, ignore: frozenset[Path]) -> list[HandIn]:
    if not folder.exists():
        raise UsageProblem(f"{folder} does not exist; name the folder that holds the submissions.")
    if folder.is_dir():
        return _hand_ins(_entries(folder, ignore), "")
    if is_notebook(folder.name):
        around = walk(folder.parent, foreign=True).items()
        beside = {name: path for name, path in around if not _is_hand_in(name)}
        return [HandIn(readable(folder.stem), {**beside, folder.name: folder})]
    if not folder.is_file() or not zipfile.is_zipfile(folder):  # a pipe would wait for a writer
        raise UsageProblem(f"{folder} is no folder, and no zip that can be opened; name the class folder.")
    try:
        unpack(folder, unpacked_to / "class", WHOLE_CLASS)
    except ArchiveProblem as problem:
        raise UsageProblem(f"{folder} {problem}; unpack it yourself and name the folder.") from problem
    return _hand_ins(_below_wrapper(_entries(unpacked_to / "class")), readable(folder.stem))


def _entries(folder: Path, ignore: frozenset[Path] = frozenset()) -> list[Path]:
    """What lies in ``folder``, sorted, without junk and without earlier grades."""
    found = (path for path in folder.iterdir() if not is_junk(path.name) and path.absolute() not in ignore)
    return sorted(path for path in found if not _holds_grades(path))


def _holds_grades(path: Path) -> bool:
    """Whether a folder is one of ours: a gradebook, or results, and no notebook but those we ran."""
    try:
        if path.is_symlink() or not path.is_dir() or any(map(_is_handed_in, walk(path))):
            return False
        results = [found.parent for found in path.glob("*/result.json")]
        return (path / "gradebook.csv").is_file() or any(map(_is_result, results))
    except OSError:
        return False


def _is_handed_in(name: str) -> bool:
    return _is_hand_in(name) and not name.endswith("/executed.ipynb")


def _is_result(folder: Path) -> bool:
    return {path.name for path in folder.iterdir() if not is_junk(path.name)} <= OUTPUTS


def _below_wrapper(entries: list[Path]) -> list[Path]:
    """The entries of the one folder that holds the whole class, where an archive has such a folder."""
    if len(entries) != 1 or not entries[0].is_dir() or MOODLE.fullmatch(entries[0].name):
        return entries
    inside = _entries(entries[0])
    notebooks, archives = _count(inside, is_notebook), _count(inside, is_archive)
    if not notebooks:
        return inside if archives or any(map(_holds_hand_in, inside)) else entries
    one_students_own = any(path.suffix.lower() == ".py" for path in inside)
    return inside if notebooks + archives > 1 and not one_students_own else entries


def _count(paths: list[Path], kind: Callable[[str], bool]) -> int:
    return sum(path.is_file() and kind(path.name) for path in paths)


def _holds_hand_in(path: Path) -> bool:
    try:
        return path.is_dir() and not path.is_symlink() and any(map(_is_hand_in, walk(path)))
    except OSError:  # it cannot be read; whose it is, is told later
        return False


def _is_hand_in(name: str) -> bool:
    return is_notebook(name) or is_archive(name)


# ---- who handed in what ------------------------------------------------------------------------------


def _hand_ins(entries: list[Path], zip_name: str) -> list[HandIn]:
    """Group the entries of the class folder by student; ``zip_name`` is that of the zip they came in."""
    notebook = _lone_notebook(entries, zipped=bool(zip_name))
    if notebook:
        helped = any(path.suffix.lower() == ".py" for path in entries)
        student = zip_name if zip_name and helped else readable(notebook.stem)
        return [_gather(student, [(path, path.name) for path in entries])]
    canvas = _is_canvas([path.name for path in entries if _is_hand_in(path.name) and not _moodle(path)])
    metadata = next((path for path in entries if path.name == METADATA), None)
    names = submitters(metadata) if metadata else {}
    groups: dict[Owner, list[tuple[Path, str]]] = {}
    for path in entries:
        owner = _owner(path, canvas, names)
        if owner:
            key = Owner(owner.key, owner.student)
            groups.setdefault(key, []).append((path, owner.file))
    return [_gather(owner.student, parts) for owner, parts in groups.items()]


def _lone_notebook(entries: list[Path], *, zipped: bool) -> Path | None:
    """The notebook of a folder that is one student's own: no other hand-in, and no student's folder.

    Outside a zip every sub-folder counts as a student's, as the class folder is described.
    """
    handed_in = [path for path in entries if path.is_file() and _is_hand_in(path.name)]
    folders = [path for path in entries if path.is_dir()]
    if len(handed_in) != 1 or not is_notebook(handed_in[0].name) or handed_in[0].is_symlink():
        return None
    if _moodle(handed_in[0]) or CANVAS.fullmatch(handed_in[0].name):
        return None
    return None if any(_holds_hand_in(path) or not zipped for path in folders) else handed_in[0]


def _is_canvas(names: list[str]) -> bool:
    """Whether all files are named as Canvas names them, each upload with a number of its own."""
    matches = [CANVAS.fullmatch(name) for name in names]
    uploads = {match["upload"] for match in matches if match}
    return bool(names) and len(uploads) == len(names)


def _moodle(path: Path) -> re.Match[str] | None:
    return MOODLE.fullmatch(readable(path.name))


def _owner(path: Path, canvas: bool, names: Mapping[str, str]) -> Owner | None:
    """Whose ``path`` is, or ``None`` for a file that is no submission; ``names`` are Gradescope's."""
    name = readable(path.name)
    if match := _moodle(path):
        student = f"{match['student']}_{match['id']}"
        return Owner(f"moodle {student}", student, match["file"] or ("" if path.is_dir() else name))
    if path.is_dir():
        return Owner(f"entry {path.name}", names.get(path.name, name))
    if canvas and (match := CANVAS.fullmatch(name)):
        student, file = f"{match['student']}_{match['id']}", match["file"]
        if file.lower().endswith(".py"):
            file = re.sub(r"-\d+(?=\.\w+$)", "", file)  # Canvas numbers what was handed in again
        return Owner(f"canvas {student}", student, file)
    return Owner(f"entry {path.name}", readable(path.stem), name) if _is_hand_in(name) else None


def _gather(student: str, parts: list[tuple[Path, str]]) -> HandIn:
    """One hand-in from its parts, each with its place in the hand-in ("" for the top)."""
    files: dict[str, Path] = {}
    problem = ""
    for path, name in parts:
        if path.is_symlink():
            problem = f"{visible(path.name)} is a link, and links are not followed: hand in the file itself."
        elif path.is_file():
            files[name] = path
        elif path.is_dir():
            try:
                files.update({f"{name}/{inner}".lstrip("/"): lies for inner, lies in walk(path).items()})
            except OSError as error:
                problem = f"The folder cannot be read: {error.strerror}."
        else:
            problem = f"{visible(path.name)} is a pipe or a device, not a file: hand in the file itself."
    return HandIn(student, files, problem)


def _submissions(folder: Path, hand_ins: list[HandIn], unpacked_to: Path) -> tuple[Submission, ...]:
    hand_ins = sorted(hand_ins, key=lambda one: (one.student.casefold(), one.student, sorted(one.files)))
    if not hand_ins:
        raise UsageProblem(
            f"{folder} holds no submissions: no sub-folder, notebook (.ipynb) or zip is in it."
        )
    slugs = unique_slugs([hand_in.student for hand_in in hand_ins])
    found = tuple(
        to_submission(hand_in, slug, unpacked_to / f"{number:05}")
        for number, (hand_in, slug) in enumerate(zip(hand_ins, slugs, strict=True), start=1)
    )
    explained = any(hand_in.problem or any(map(is_archive, hand_in.files)) for hand_in in hand_ins)
    if not explained and not any(submission.notebook for submission in found):
        raise UsageProblem(f"No notebook (.ipynb) was found in {folder}; name the folder of the submissions.")
    return found
