"""Where a gradebook lies: its URL, its name for people, and what its errors mean in one line."""

from __future__ import annotations

import importlib.util
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import exc

from grader.gradebook.problems import GradebookProblem

FILE = "gradebook.db"
FORM = "sqlite:///FILE or postgresql://USER@HOST/DATABASE"
DRIVERS = {"postgresql": "psycopg", "sqlite": "sqlite3"}
_LOCKED = ("database is locked", "database table is locked", "lock timeout", "deadlock detected")
_DAMAGED = ("not a database", "malformed", "corrupt")
_UNWRITABLE = ("readonly database", "read-only", "unable to open", "permission denied")
_FULL = ("disk is full", "no space left", "disk i/o error")
_UNREACHABLE = ("connection", "could not translate", "failed to resolve", "timeout expired", "password")


@dataclass(frozen=True)
class Place:
    """A database. ``name`` is what people may see of ``url``: neither a password nor an option."""

    url: sa.URL
    name: str

    @property
    def file(self) -> Path | None:
        """The file of SQLite's, or ``None``."""
        database = self.url.database
        is_file = self.url.get_backend_name() == "sqlite" and database and database != ":memory:"
        return Path(str(database)) if is_file else None


def default_place(out: Path) -> Place:
    """The gradebook of a folder with results where none is named."""
    return place_of(f"sqlite:///{out / FILE}")


def name_beside(place: Place, out: Path) -> str:
    """What to note in ``out`` of where its gradebook lies: "" for the usual file there."""
    if place.file is None:
        return place.name
    file = place.file.resolve()
    return "" if file == (out / FILE).resolve() else str(file)


def place_of(text: str) -> Place:
    """The place that a URL names.

    Raises:
        GradebookProblem: it is no URL of a database that we know, or its driver is missing.
    """
    try:
        url = sa.make_url(text)
    except (exc.ArgumentError, ValueError):
        raise GradebookProblem(f"--db is no URL of a database: write {FORM}.") from None
    backend = "postgresql" if url.drivername.startswith("postgres") else url.get_backend_name()
    if backend not in DRIVERS:
        raise GradebookProblem(f"--db names a database of a kind that labgrade does not know: write {FORM}.")
    if not url.database:
        raise GradebookProblem(f"--db names no database: write {FORM}.")
    if backend == "postgresql":
        if importlib.util.find_spec("psycopg") is None:
            raise GradebookProblem(
                "the driver of PostgreSQL is missing; run: python -m pip install 'psycopg[binary]'"
            )
        url = url.set(drivername="postgresql+psycopg")
        return Place(url, f"the PostgreSQL database {url.database} on {url.host or 'this machine'}")
    return Place(url.set(drivername="sqlite", query={}), str(url.database))


@contextmanager
def plainly(place: Place) -> Iterator[None]:
    """Turn what a database raises inside into one line.

    Raises:
        GradebookProblem: with what to do.
    """
    try:
        yield
    except exc.IntegrityError:
        raise  # somebody was faster; callers know what that means
    except (exc.SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise GradebookProblem(explained(place, error)) from error


def explained(place: Place, error: Exception) -> str:
    """What an error of the database means for people, and its cure, in one line without secrets."""
    said = _without_secrets(place, getattr(error, "orig", None) or error)
    words = said.lower()
    name = place.name
    if any(part in words for part in _LOCKED):
        return (
            f"{name} is locked by another program: wait until that is done, and run the same command again."
        )
    if any(part in words for part in _DAMAGED):
        rescue = f", or rescue what is left with: sqlite3 {place.file} .recover" if place.file else ""
        return f"{name} is damaged ({said}): put your backup in its place{rescue}."
    if any(part in words for part in _FULL):
        return f"{name} cannot be written ({said}): make room on its disk."
    if any(part in words for part in _UNWRITABLE):
        where = place.file.parent if place.file else "it"
        return f"{name} cannot be opened or written ({said}): give yourself the right to write into {where}."
    if any(part in words for part in _UNREACHABLE) or "psycopg" in type(error).__module__:
        return f"{name} cannot be reached ({said}): see that the server runs and that --db is right."
    return (
        f"{name} cannot be used ({said}): see that it is a gradebook of labgrade, and run the command again."
    )


def _without_secrets(place: Place, error: object) -> str:
    """The first line of an error's text, in which no password and no option of the URL stands."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    line = " ".join(lines[0].split())[:200]
    options = [
        one for value in place.url.query.values() for one in ([value] if isinstance(value, str) else value)
    ]
    for secret in (place.url.password, *options):
        if secret:
            line = line.replace(str(secret), "***")
    return line
