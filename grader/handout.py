"""Write what students get of a lab: the notebook and modules with gaps, a README, and the self-check."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import nbformat

from grader.editions import handout, reference_of
from grader.errors import UsageProblem
from grader.labs import lab_ids
from grader.pages import templates_folder
from grader.public import told_of_others
from grader.student_edition import student_edition

FILES = {  # of templates/handout/<lab>/, and where they go
    "README.md": "README.md",
    "selfcheck.yml": ".github/workflows/selfcheck.yml",
}


def write_handouts(
    folder: Path,
    labs: Iterable[str],
    *,
    force: bool = False,
    announce: Callable[[str], None] = lambda _: None,
) -> list[Path]:
    """Write the handout of each lab into a folder of its own, ``folder/<lab>/``.

    Args:
        folder: made if it is not there.
        labs: ids of labs that have a reference.
        force: whether files may be replaced in a folder that is not empty.
        announce: is told of each student edition what it has and what it lacks.

    Returns:
        The files written.

    Raises:
        UsageProblem: a lab has no reference, or the folder is not empty or cannot be written.
    """
    try:
        if folder.exists() and not force and any(folder.iterdir()):
            raise UsageProblem(f"{folder} is not empty; name another folder, or replace files with --force")
        contents: dict[Path, bytes] = {}
        told: list[str] = []
        for lab in labs:
            contents |= {path: text.encode() for path, text in contents_of(lab).items()}
            contents |= _edition(lab, told.append)
        for path, content in contents.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
    except OSError as error:
        raise UsageProblem(f"{folder} cannot be written: {error.strerror}") from error
    for sentence in told:
        announce(sentence)
    return [folder / path for path in contents]


def contents_of(lab: str) -> dict[Path, str]:
    """The text of every file of a lab's handout, by its path.

    Raises:
        UsageProblem: the lab has no reference.
    """
    reference = reference_of(lab)
    edition = handout(reference)
    texts = {reference.notebook: nbformat.writes(edition.notebook) + "\n", **edition.files}
    for name, place in FILES.items():
        if (own := templates_folder() / "handout" / lab / name).is_file():
            texts[place] = own.read_text(encoding="utf-8")
    return {Path(lab) / name: text for name, text in texts.items()}


def _edition(lab: str, announce: Callable[[str], None]) -> dict[Path, bytes]:
    """The wheel of a lab's student edition; none where it has no checks."""
    if lab not in lab_ids():
        return {}
    edition = student_edition(lab)
    announce(
        f"{edition.name} has {edition.public} public checks of lab {lab}. {told_of_others(edition.others)}"
    )
    return {Path(lab) / edition.name: edition.content}
