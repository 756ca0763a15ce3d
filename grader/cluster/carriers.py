"""How bytes travel between the machine that asks and the nodes that grade."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

PIECE_BYTES = 8 * 2**20  # a file of any length passes in pieces, so that nobody holds all of it


class Carrier(Protocol):
    """A way for bytes; what ``send`` returns is a ticket that can be pickled, for ``fetch`` elsewhere."""

    def send(self, data: bytes) -> Any:
        """Send bytes on their way.

        Raises:
            OSError: they cannot be sent.
        """

    def fetch(self, ticket: Any) -> bytes:
        """The bytes of a ticket.

        Raises:
            OSError: they are gone.
        """

    def drop(self, ticket: Any) -> None:
        """Say that nobody will fetch the bytes any more; never raises."""


@dataclass(frozen=True)
class Inline:
    """Bytes travel within the message itself; ``resolve`` knows what came instead of many bytes."""

    resolve: Callable[[Any], bytes] | None = None

    def send(self, data: bytes) -> Any:
        """The bytes are their own ticket."""
        return data

    def fetch(self, ticket: Any) -> bytes:
        """The bytes."""
        if isinstance(ticket, bytes):
            return ticket
        if self.resolve is None:
            raise OSError("nobody here knows this ticket")
        return self.resolve(ticket)

    def drop(self, ticket: Any) -> None:
        """Nothing is kept."""


@dataclass(frozen=True)
class SharedFolder:
    """Bytes lie in a folder that every machine sees under the same path; a ticket is a file's name."""

    folder: Path

    def send(self, data: bytes) -> str:
        """Write them into a file, which appears in one piece."""
        name = secrets.token_hex(16)
        draft = self.folder / f".{name}"
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # another machine is to read it
        draft.rename(self.folder / name)
        return name

    def fetch(self, ticket: Any) -> bytes:
        """What the file holds."""
        return (self.folder / str(ticket)).read_bytes()

    def drop(self, ticket: Any) -> None:
        """Remove the file."""
        try:
            (self.folder / str(ticket)).unlink(missing_ok=True)
        except OSError:
            return


@dataclass(frozen=True)
class Content:
    """A file on its way: its length in bytes, and the tickets of its pieces; none where only that counts."""

    size: int
    tickets: tuple[Any, ...] = ()


def send_file(path: Path, carrier: Carrier) -> Content:
    """Send a file in pieces.

    Raises:
        OSError: it cannot be read or sent.
    """
    tickets, size = [], 0
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            tickets.append(carrier.send(piece))
            size += len(piece)
    return Content(size, tuple(tickets))


def write_file(content: Content, path: Path, carrier: Carrier) -> None:
    """Write a file that has travelled; one without pieces has the right length and no content.

    Raises:
        OSError: it cannot be fetched or written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        for ticket in content.tickets:
            file.write(carrier.fetch(ticket))
        if not content.tickets:
            file.truncate(content.size)


def drop_all(contents: Sequence[Content], carrier: Carrier) -> None:
    """Nobody will fetch these files any more."""
    for content in contents:
        for ticket in content.tickets:
            carrier.drop(ticket)


def digest(names: Sequence[tuple[str, Path]]) -> str:
    """The hash of files and their names.

    Raises:
        OSError: one cannot be read.
    """
    total = hashlib.sha256()
    for name, path in names:
        with path.open("rb") as file:
            own = hashlib.file_digest(file, "sha256").hexdigest()
        total.update(f"{name}\0{own}\n".encode())
    return total.hexdigest()
