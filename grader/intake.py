"""From a class folder, or an LMS's bulk download, to one ``Submission`` per student; nothing is run here."""

from __future__ import annotations

import dataclasses
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.archive import MIB, ArchiveProblem, Limits, is_junk, unpack
from grader.attempts import Part, by_attempt, dated_at, dated_folders, in_order
from grader.errors import UsageProblem
from grader.gradescope import METADATA, Handed, handed_in
from grader.handin import HandIn, is_archive, is_notebook, to_submission, walk
from grader.names import readable, unique_slugs, visible
from grader.origins import with_time
from grader.records import NOWHERE, Origin, Submission

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
    origin: Origin = NOWHERE
    members: tuple[str, ...] = ()


def find_submissions(
    folder: Path, unpacked_to: Path, ignore: Iterable[Path] = (), *, attempts: bool = False
) -> tuple[Submission, ...]:
    """Find every student's notebook and the files beside it, in the order of the students' names.

    Args:
        folder: holds a sub-folder, ``.ipynb`` or ``.zip`` per student; or is an LMS's bulk download
            (Canvas, Moodle or Gradescope), packed or not; or one notebook.
        unpacked_to: an empty folder for what archives hold; keep it as long as the submissions.
        ignore: paths in ``folder`` that are no submissions, such as the folder for the grades.
        attempts: whether several attempts of a student are told apart, as in ``Submission.earlier``: by
            folders that a date begins the names of, or by the numbers that Canvas adds to a file's name.

    Raises:
        UsageProblem: ``folder`` is missing, unreadable, or holds no notebook.
    """
    try:
        ignored = frozenset(path.absolute() for path in ignore)
        hand_ins = _open(folder, unpacked_to, ignored, attempts=attempts)
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


def _open(folder: Path, unpacked_to: Path, ignore: frozenset[Path], *, attempts: bool) -> list[HandIn]:
    if not folder.exists():
        raise UsageProblem(f"{folder} does not exist; name the folder that holds the submissions.")
    if folder.is_dir():
        dated = dated_folders(folder) if attempts else []
        if len(dated) > 1:
            return _merged({at: _hand_ins(_entries(path, ignore), "", attempts=True) for at, path in dated})
        return _hand_ins(_entries(folder, ignore), "", attempts=attempts)
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
    entries = _below_wrapper(_entries(unpacked_to / "class"))
    return _hand_ins(entries, readable(folder.stem), attempts=attempts)


def _merged(dated: Mapping[str, list[HandIn]]) -> list[HandIn]:
    """The hand-ins of a class folder per date, first to last: one per student, with those before it."""
    by_student: dict[str, list[HandIn]] = {}
    for when, hand_ins in dated.items():
        for one in hand_ins:
            at = one if one.origin.submitted else dataclasses.replace(one, origin=dated_at(one.origin, when))
            by_student.setdefault(one.student, []).append(at)
    return [in_order(attempts) for attempts in by_student.values()]


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
    """Whether a file in what may be a folder of ours is work: not a notebook that we ran, or an export."""
    return _is_hand_in(name) and not name.endswith("/executed.ipynb") and not name.startswith("exports/")


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


def _hand_ins(entries: list[Path], zip_name: str, *, attempts: bool) -> list[HandIn]:
    """Group the entries of the class folder by student; ``zip_name`` is that of the zip they came in."""
    notebook = _lone_notebook(entries, zipped=bool(zip_name))
    if notebook:
        helped = any(path.suffix.lower() == ".py" for path in entries)
        student = zip_name if zip_name and helped else readable(notebook.stem)
        return [_gather(student, [(path, path.name) for path in entries])]
    canvas = _is_canvas([path.name for path in entries if _is_hand_in(path.name) and not _moodle(path)])
    metadata = next((path for path in entries if path.name == METADATA), None)
    told = handed_in(metadata) if metadata else {}
    owners: dict[str, Owner] = {}
    groups: dict[str, list[Part]] = {}
    for path in entries:
        owner = _owner(path, canvas, told)
        if owner:
            owners[owner.key] = owner
            groups.setdefault(owner.key, []).append((path, owner.file))
    return [_hand_in(owners[key], parts, attempts=attempts) for key, parts in groups.items()]


def _hand_in(owner: Owner, parts: list[Part], *, attempts: bool) -> HandIn:
    """One student's hand-in, with the attempts before it where they are told apart."""
    if not attempts:
        found = [([(path, _unnumbered(name, owner)) for path, name in parts], owner.origin)]
    else:
        found = by_attempt(parts, owner.origin)
    made = [(_gather(owner.student, some), origin) for some, origin in found]
    return in_order([dataclasses.replace(one, origin=origin, members=owner.members) for one, origin in made])


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


def _owner(path: Path, canvas: bool, told: Mapping[str, Handed]) -> Owner | None:
    """Whose ``path`` is, or ``None`` for a file that is no submission; ``told`` is Gradescope's."""
    name = readable(path.name)
    if match := _moodle(path):
        student, file = f"{match['student']}_{match['id']}", match["file"] or ("" if path.is_dir() else name)
        return Owner(f"moodle {student}", student, file, Origin("moodle", match["id"]))
    if path.is_dir() and path.name in told:
        about = told[path.name]
        return Owner(f"entry {path.name}", about.student or name, "", about.origin, about.members)
    if path.is_dir():
        return Owner(f"entry {path.name}", name)
    if canvas and (match := CANVAS.fullmatch(name)):
        student, late = f"{match['student']}_{match['id']}", f"_late_{match['id']}_" in name.lower()
        origin = Origin("canvas", match["id"], marked_late=late)
        return Owner(f"canvas {student}", student, match["file"], origin)
    return Owner(f"entry {path.name}", readable(path.stem), name) if _is_hand_in(name) else None


def _unnumbered(name: str, owner: Owner) -> str:
    """A file's own name: Canvas numbers what was handed in again, and a module is imported by its name."""
    module = owner.origin.lms == "canvas" and name.lower().endswith(".py")
    return re.sub(r"-\d+(?=\.\w+$)", "", name) if module else name


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
        _submission(hand_in, slug, unpacked_to / f"{number:05}")
        for number, (hand_in, slug) in enumerate(zip(hand_ins, slugs, strict=True), start=1)
    )
    explained = any(hand_in.problem or any(map(is_archive, hand_in.files)) for hand_in in hand_ins)
    if not explained and not any(submission.notebook for submission in found):
        raise UsageProblem(f"No notebook (.ipynb) was found in {folder}; name the folder of the submissions.")
    return found


def _submission(hand_in: HandIn, slug: str, unpacked_to: Path) -> Submission:
    earlier = [
        _submission(one, slug, unpacked_to.with_name(f"{unpacked_to.name}-{number}"))
        for number, one in enumerate(hand_in.earlier, start=1)
    ]
    return dataclasses.replace(
        to_submission(hand_in, slug, unpacked_to),
        origin=with_time(hand_in.origin, hand_in.files.values()),
        members=hand_in.members,
        earlier=tuple(earlier),
    )
