"""Write what students get of a lab: the notebook and modules with gaps, and a README."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import nbformat

from grader.editions import handout, reference_of
from grader.errors import UsageProblem
from grader.pages import templates_folder


def write_handouts(folder: Path, labs: Iterable[str], *, force: bool = False) -> list[Path]:
    """Write the handout of each lab into a folder of its own, ``folder/<lab>/``.

    Args:
        folder: made if it is not there.
        labs: ids of labs that have a reference.
        force: whether files may be replaced in a folder that is not empty.

    Returns:
        The files written.

    Raises:
        UsageProblem: a lab has no reference, or the folder is not empty or cannot be written.
    """
    contents = {path: text for lab in labs for path, text in contents_of(lab).items()}
    try:
        if folder.exists() and not force and any(folder.iterdir()):
            raise UsageProblem(f"{folder} is not empty; name another folder, or replace files with --force")
        for path, text in contents.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageProblem(f"{folder} cannot be written: {error.strerror}") from error
    return [folder / path for path in contents]


def contents_of(lab: str) -> dict[Path, str]:
    """The text of every file of a lab's handout, by its path.

    Raises:
        UsageProblem: the lab has no reference.
    """
    reference = reference_of(lab)
    edition = handout(reference)
    readme = templates_folder() / "handout" / lab / "README.md"
    texts = {
        reference.notebook: nbformat.writes(edition.notebook) + "\n",
        **edition.files,
        "README.md": readme.read_text(encoding="utf-8"),
    }
    return {Path(lab) / name: text for name, text in texts.items()}
