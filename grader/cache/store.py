"""A bounded folder of files that are named by hashes, which many processes and machines may share.

An *entry* is a small record under the hash of what it was made from, a *content* is a file under the
hash of what it holds. A file appears in one piece or not at all, and is believed by its checksum alone, so
that neither a crash nor a disk can make it lie. Nothing is locked: two processes that make the same file
make it alike, and one that is removed while somebody wants it is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import stat
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from grader.errors import UsageProblem

Kind = Literal["arrays", "evidence", "pages", "runs", "verdicts"]

FORMAT = "v1"
LARGE: tuple[Kind, ...] = ("arrays", "evidence", "pages")  # go first: without them the verdicts still hold
DEFAULT_BYTES = 5 * 2**30
LOOKED = "looked"  # a file as old as the last look at all sizes
AFTER_TRIM = 0.9  # of the bound: so that not every new file means a search for old ones
ABANDONED_S = 3600.0  # a draft this old belongs to a process that was killed
SAMPLE_BYTES = 2**18
WORTH_IT = 0.8  # what compression must leave at most
MAX_BYTES = 2**31  # of one content, so that a forged file cannot fill the memory
RAW, PACKED = b"\0", b"\1"
DAMAGE = (OSError, ValueError, TypeError, KeyError, RecursionError, zlib.error)


@dataclass(frozen=True)
class Store:
    """The folder and the bytes that its files may have together; picklable."""

    folder: Path
    limit_bytes: int = DEFAULT_BYTES

    def entry(self, kind: Kind, key: str) -> dict[str, Any] | None:
        """The record under a key; ``None`` where there is none, or a damaged one."""
        place = self._place(kind, key, ".json")
        try:
            record = dict(json.loads(zlib.decompress(place.read_bytes())))
            if record["sha256"] != _digest(kind, key, record["value"]):
                raise ValueError("damaged")
        except FileNotFoundError:
            return None
        except DAMAGE:
            _remove(place)
            return None
        _touch(place)
        return dict(record["value"])

    def note(self, kind: Kind, key: str, value: dict[str, Any]) -> None:
        """Put a record under a key, in the place of an older one.

        Raises:
            OSError: the folder cannot be written.
            TypeError, ValueError, RecursionError: the record is not JSON.
        """
        record = {"sha256": _digest(kind, key, value), "value": value}
        self._write(self._place(kind, key, ".json"), zlib.compress(json.dumps(record).encode("ascii"), 6))

    def content(self, kind: Kind, name: str) -> bytes | None:
        """The bytes with this SHA-256; ``None`` where they are not there, or damaged."""
        place = self._place(kind, name)
        try:
            found = _unpacked(place.read_bytes())
            if hashlib.sha256(found).hexdigest() != name:
                raise ValueError("damaged")
        except FileNotFoundError:
            return None
        except DAMAGE:
            _remove(place)
            return None
        _touch(place)
        return found

    def add(self, kind: Kind, content: bytes) -> str:
        """Keep some bytes, and return their SHA-256 as 64 hexadecimal digits.

        Raises:
            OSError: the folder cannot be written.
        """
        name = hashlib.sha256(content).hexdigest()
        place = self._place(kind, name)
        if place.exists():
            _touch(place)
        else:
            self._write(place, _packed(content))
        return name

    def trim(self, after_s: float = 0.0) -> None:
        """Remove what was not used for longest until all is within the bound; never raises.

        Large files go first: what was judged stays known when the evidence for it is gone.

        Args:
            after_s: look only if nobody has for so many seconds, since there may be many files.
        """
        with contextlib.suppress(OSError):
            looked = self.folder / FORMAT / LOOKED
            if looked.exists() and time.time() - looked.stat().st_mtime < after_s:
                return
            looked.unlink(missing_ok=True)  # it may be somebody else's, whose time cannot be changed
            looked.touch(0o600)
            files = list(self._files())
            total = sum(size for _, _, size, _ in files)
            if total <= self.limit_bytes:
                return
            for _, _, size, place in sorted(files, key=lambda one: (one[0], one[1], str(one[3]))):
                if total <= self.limit_bytes * AFTER_TRIM:
                    return
                _remove(place)
                total -= size

    def _files(self) -> Iterator[tuple[bool, float, int, Path]]:
        """Of each file: whether it is small, when it was last used (seconds), its bytes, and its place."""
        now = time.time()
        for shelf in (self.folder / FORMAT).glob("*/*"):
            small = shelf.parent.name not in LARGE
            with contextlib.suppress(OSError):
                for found in os.scandir(shelf):
                    about = found.stat(follow_symlinks=False)
                    if found.name.endswith(".tmp") and now - about.st_mtime > ABANDONED_S:
                        _remove(Path(found.path))
                    else:
                        yield small, about.st_mtime, about.st_size, Path(found.path)

    def _place(self, kind: Kind, name: str, ending: str = "") -> Path:
        return self.folder / FORMAT / kind / name[:2] / f"{name}{ending}"

    def _write(self, place: Path, content: bytes) -> None:
        shared = bool(self.folder.stat().st_mode & stat.S_IWGRP)
        for folder in (place.parents[2], place.parents[1], place.parent):
            _make_folder(folder, shared)
        draft = place.with_name(f".{place.name}.{os.getpid()}.{secrets.token_hex(8)}.tmp")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                if shared:
                    os.fchmod(file.fileno(), 0o660)
            draft.replace(place)
        finally:
            draft.unlink(missing_ok=True)


def open_store(folder: Path, limit_bytes: int = DEFAULT_BYTES) -> Store:
    """The store in ``folder``, which is made for its owner alone where it is missing.

    A folder that a group may write is shared with that group.

    Raises:
        UsageProblem: it cannot be made or written, or everybody may write it.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = folder.stat().st_mode
        writable = os.access(folder, os.W_OK | os.X_OK)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageProblem(
            f"the cache {folder} cannot be used ({reason}); name another folder with --cache."
        ) from error
    if mode & stat.S_IWOTH:
        raise UsageProblem(
            f"everybody may write into the cache {folder}, so anybody could put marks there; "
            f"run chmod o-rwx {folder}, or name another folder with --cache."
        )
    if not writable:
        raise UsageProblem(f"the cache {folder} cannot be written; name another folder with --cache.")
    return Store(folder.absolute(), limit_bytes)


def _digest(kind: Kind, key: str, value: object) -> str:
    text = json.dumps([FORMAT, kind, key, value], sort_keys=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _packed(content: bytes) -> bytes:
    """Bytes as they are kept: compressed where a part of them shows that it pays."""
    sample = content[:SAMPLE_BYTES]
    if len(zlib.compress(sample, 1)) > WORTH_IT * len(sample):
        return RAW + content
    return PACKED + zlib.compress(content, 1)


def _unpacked(kept: bytes) -> bytes:
    if kept[:1] == RAW:
        return kept[1:]
    if kept[:1] != PACKED:
        raise ValueError("neither form")
    reader = zlib.decompressobj()
    found = reader.decompress(kept[1:], MAX_BYTES)
    if not reader.eof:
        raise ValueError("cut off, or too large")
    return found


def _make_folder(folder: Path, shared: bool) -> None:
    if folder.is_dir():
        return
    with contextlib.suppress(FileExistsError):  # another process was as quick
        folder.mkdir(mode=0o700)
        if shared:
            folder.chmod(0o2770)


def _touch(place: Path) -> None:
    with contextlib.suppress(OSError):
        os.utime(place)


def _remove(place: Path) -> None:
    with contextlib.suppress(OSError):
        place.unlink()
