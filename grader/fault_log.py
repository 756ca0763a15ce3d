"""Faults of our own, with their tracebacks, in a log beside the results; no page shows them.

The modules of the grader write to the logger ``grader``, as any library does. A command that has no folder
for results gives it no handler, and nothing is written.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from grader.housekeeping import own_folder

ENTRY_CHARACTERS = 20_000  # an error may quote what a student's code returned


def log_path(out: Path) -> Path:
    """Where the log of a run into ``out`` lies."""
    return own_folder(out) / "log.txt"


def log_faults_of(student: str, out: Path) -> None:
    """From now on, write what this process logs about the grader's faults as ``student``'s into the log."""
    logger = logging.getLogger("grader")
    logger.handlers = [_EntryHandler(student, log_path(out))]
    logger.propagate = False


@contextmanager
def faults_of_the_class(out: Path) -> Iterator[None]:
    """Meanwhile, write what this process logs about the grader's faults into the log, as the class's."""
    logger = logging.getLogger("grader")
    handler = _EntryHandler("the class", log_path(out))
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def append_log(out: Path, entries: bytes) -> None:
    """Add the entries that another machine has written; never raises."""
    with suppress(OSError):
        if entries:
            log_path(out).parent.mkdir(parents=True, exist_ok=True)
            with log_path(out).open("ab", buffering=0) as file:
                file.write(entries)


class _EntryHandler(logging.Handler):
    """Appends each entry in one piece, since several processes write the same file."""

    def __init__(self, student: str, path: Path) -> None:
        super().__init__(logging.WARNING)
        self.path = path
        name = _plain(student).replace("%", "%%")
        self.setFormatter(logging.Formatter(f"%(asctime)s {name}: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(Exception):  # a full disk, or an error whose text cannot be had, is no second fault
            text = self.format(record)
            if len(text) > ENTRY_CHARACTERS:
                half = ENTRY_CHARACTERS // 2
                text = f"{text[:half]}\n[…]\n{text[-half:]}"
            text = _plain(text, keep="\n")
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab", buffering=0) as file:
                file.write(f"{text.rstrip()}\n\n".encode("utf-8", "replace"))


def _plain(text: str, keep: str = "") -> str:
    """The text with whatever could steer a terminal, or end a line, written out."""
    return "".join(sign if sign.isprintable() or sign in keep else f"\\x{ord(sign):02x}" for sign in text)
