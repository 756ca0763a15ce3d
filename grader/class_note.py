"""What runs leave in a folder of results for those who carry on with them: the class, and its gradebook."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from grader.class_list import read_list
from grader.housekeeping import own_folder
from grader.output import write_atomically


@dataclass(frozen=True)
class ClassNote:
    """The class that the last run graded: the title of its page, and its students' slugs in order.

    ``gradebook`` names the database for people, without any secret; "" where it is the usual file beside
    the results.
    """

    title: str
    slugs: tuple[str, ...]
    gradebook: str = ""


def write_gradebook(out: Path, name: str) -> None:
    """Note which gradebook the results in ``out`` have.

    Raises:
        OSError: the folder cannot be written.
    """
    own_folder(out).mkdir(exist_ok=True)
    write_atomically(own_folder(out) / "gradebook", f"{name}\n")


def read(out: Path) -> ClassNote:
    """The class in ``out``; where no run has noted one, every folder with a result belongs to it."""
    gradebook = ""
    with suppress(OSError, ValueError):
        gradebook = (own_folder(out) / "gradebook").read_text("utf-8").strip()
    found = read_list(out)
    if found is not None:
        return ClassNote(found.title, tuple(one.slug for one in found.students), gradebook)
    slugs = tuple(sorted(path.parent.name for path in out.glob("*/result.json")))
    return ClassNote(out.absolute().name, slugs, gradebook)
