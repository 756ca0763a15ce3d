"""What an export writes: files that appear all together or not at all, and spreadsheets as text."""

from __future__ import annotations

import csv
import io
import os
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from grader.errors import UsageProblem
from grader.policies import half_up

BOM = "\ufeff"
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
MOST_BYTES = 50 * 2**20  # of a roster; real ones have less than one


@dataclass(frozen=True)
class File:
    """A file to be written: its place, and what writes its bytes into an open file."""

    path: Path
    write: Callable[[BinaryIO], object]


@dataclass(frozen=True)
class Export:
    """What comes of an export.

    ``problems`` are why it does not fit, a line each with the cure: nothing is written unless they are
    accepted. ``notes`` are worth knowing and no problem.
    """

    files: tuple[File, ...]
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """A CSV file as cells, and how it was written, so that it can be written the same way."""

    cells: tuple[tuple[str, ...], ...]
    delimiter: str = ","
    newline: str = "\n"
    bom: bool = False

    @property
    def header(self) -> tuple[str, ...]:
        """The first row."""
        return self.cells[0] if self.cells else ()

    def with_cells(self, changes: Mapping[tuple[int, int], str]) -> Sheet:
        """The sheet with these cells, by row and column, replaced; every other stays as it is."""
        rows = [list(row) for row in self.cells]
        for (row, column), text in changes.items():
            rows[row] += [""] * (column + 1 - len(rows[row]))
            rows[row][column] = text
        return Sheet(tuple(map(tuple, rows)), self.delimiter, self.newline, self.bom)

    def text(self) -> str:
        """The file's text."""
        sheet = io.StringIO()
        writer = csv.writer(sheet, delimiter=self.delimiter, lineterminator=self.newline)
        writer.writerows(self.cells)
        return (BOM if self.bom else "") + sheet.getvalue()


def text_file(path: Path, text: str) -> File:
    """A file of this text in UTF-8."""
    content = text.encode("utf-8", "replace")
    return File(path, lambda file: file.write(content))


def printable(text: str) -> str:
    """A text with a space for each control character but tabs and line ends."""
    return CONTROL.sub(" ", text)


def read_sheet(place: Path) -> Sheet:
    """A CSV file, with commas or semicolons, with or without a byte-order mark.

    Raises:
        UsageProblem: it cannot be read or is no CSV in UTF-8.
    """
    try:
        if place.is_file() and place.stat().st_size > MOST_BYTES:
            raise UsageProblem(f"{place} is larger than any roster; name the CSV that the platform exports.")
        text = place.read_bytes().decode("utf-8")
    except OSError as error:
        raise UsageProblem(f"{place} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageProblem(
            f"{place} is no CSV in UTF-8; name the file as the platform exported it."
        ) from error
    bom, text = text.startswith(BOM), text.removeprefix(BOM)
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    try:
        rows = tuple(tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise UsageProblem(
            f"{place} is no CSV ({error}); name the file as the platform exported it."
        ) from error
    return Sheet(rows, delimiter, "\r\n" if first.endswith("\r") else "\n", bom)


def write_all(files: Sequence[File]) -> None:
    """Write all files, or none: each is written beside its place, and all are moved there at the end.

    Raises:
        UsageProblem: one of them cannot be written; the old ones stay.
    """
    drafts: list[tuple[Path, Path]] = []
    try:
        for one in files:
            one.path.parent.mkdir(parents=True, exist_ok=True)
            draft = one.path.with_name(f".{one.path.name}.{os.getpid()}.{secrets.token_hex(8)}.tmp")
            drafts.append((draft, one.path))
            with draft.open("xb") as file:
                one.write(file)
        for draft, path in drafts:
            draft.replace(path)
    except OSError as error:
        where = error.filename2 or error.filename or "the export"
        raise UsageProblem(f"{where} cannot be written: {error.strerror or error}.") from error
    finally:
        for draft, _ in drafts:
            draft.unlink(missing_ok=True)


def number(value: float, decimals: int = 2) -> str:
    """A count of points for another system: rounded half up, with a decimal point and no needless zeros.

    >>> number(41.5), number(0.125), number(60.0), number(-0.001)
    ('41.5', '0.13', '60', '0')
    """
    text = f"{half_up(value, decimals):.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
