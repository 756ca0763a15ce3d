"""Zip archives of unknown origin, unpacked so that nothing lands outside the folder meant for it."""

from __future__ import annotations

import errno
import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MIB = 2**20
CHUNK = MIB
NAME_BYTES = 200
DIRECTORY_BYTES_PER_FILE = 1_000  # 46 of the format, and a long name
HARMLESS_BYTES = 50 * MIB  # below this no ratio is an attack: a picture of zeros shrinks a thousandfold
JUNK = frozenset({"__macosx", "thumbs.db", "desktop.ini", "__pycache__", "node_modules"})


@dataclass(frozen=True)
class Limits:
    """What one archive may unpack to; a member over ``member_bytes`` is left out, the rest refuse it all."""

    files: int = 2_000
    total_bytes: int = 500 * MIB
    member_bytes: int = 500 * MIB
    ratio: int = 100


class ArchiveProblem(Exception):  # noqa: N818 - a fault of the file handed in, not of ours
    """Why an archive was not unpacked: the end of a sentence that starts with its name."""


def is_junk(name: str) -> bool:
    """Whether systems and editors leave files of this name behind: hidden, ``__MACOSX``, ``Thumbs.db`` …"""
    return name.startswith(".") or name.casefold() in JUNK


def unpack(archive: Path, into: Path, limits: Limits) -> int:
    """Unpack the regular files of a zip into the folder ``into`` and return their bytes.

    Links, devices, hidden files and members whose name leads outside are left out; so is the second
    of two members with one name. Nothing is ever overwritten.

    Raises:
        ArchiveProblem: damaged, encrypted, compressed in an unknown way, or over ``limits``.
        OSError: ``into`` cannot be written, or the disk is full.
    """
    into.mkdir(parents=True)
    try:
        _refuse_long_directory(archive, limits)
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.infolist() if _is_regular(member)]
            _refuse_excess(members, archive.stat().st_size, limits)
            wanted = [member for member in members if member.file_size <= limits.member_bytes]
            return sum(_extract(opened, member, into) for member in wanted)
    except ArchiveProblem:
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise
        raise ArchiveProblem("is damaged or no zip file") from error
    except NotImplementedError as error:
        raise ArchiveProblem("is compressed in a way that cannot be read here") from error
    except Exception as error:  # zipfile raises a dozen kinds on a hostile file
        raise ArchiveProblem("is damaged or no zip file") from error


def _refuse_long_directory(archive: Path, limits: Limits) -> None:
    """Look at the length of the table of contents before zipfile reads all of it into memory."""
    locate: Any = zipfile._EndRecData  # type: ignore[attr-defined]  # zipfile's own, so that both see the same
    with archive.open("rb") as file:
        record = locate(file)
    if record and record[5] > limits.files * DIRECTORY_BYTES_PER_FILE:
        raise ArchiveProblem(f"holds more than {limits.files:,} files")


def _refuse_excess(members: list[zipfile.ZipInfo], packed_bytes: int, limits: Limits) -> None:
    if any(member.flag_bits & 0x1 for member in members):
        raise ArchiveProblem("is protected by a password")
    if len(members) > limits.files:
        raise ArchiveProblem(f"holds more than {limits.files:,} files")
    total = sum(member.file_size for member in members if member.file_size <= limits.member_bytes)
    if total > limits.total_bytes or any(member.file_size > limits.total_bytes for member in members):
        raise ArchiveProblem(f"unpacks to more than {limits.total_bytes // MIB:,} MB")
    if total > HARMLESS_BYTES and total > limits.ratio * packed_bytes:
        raise ArchiveProblem(f"unpacks to more than {limits.ratio} times its size")


def _is_regular(member: zipfile.ZipInfo) -> bool:
    kind = stat.S_IFMT(member.external_attr >> 16)
    return not member.is_dir() and kind in (0, stat.S_IFREG)


def _extract(opened: zipfile.ZipFile, member: zipfile.ZipInfo, into: Path) -> int:
    """Write one member, and return its bytes; 0 where its name is unsafe or taken."""
    parts = _safe_parts(member)
    if not parts:
        return 0
    target = into.joinpath(*parts)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        written = target.open("xb")
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        return 0
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return 0
        raise
    size = 0
    with written, opened.open(member) as source:
        while chunk := source.read(CHUNK):
            size += len(chunk)
            if size > member.file_size:
                raise ArchiveProblem("says less than it holds")
            written.write(chunk)
    return size


def _safe_parts(member: zipfile.ZipInfo) -> tuple[str, ...]:
    """The member's path below the folder, or ``()`` for one that leads outside or is junk."""
    name = _decoded(member).replace("\\", "/")
    if name.startswith("/") or name[1:2] == ":":
        return ()
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if any(part == ".." or is_junk(part) for part in parts):
        return ()
    return tuple(_printable(part) for part in parts)


def _decoded(member: zipfile.ZipInfo) -> str:
    """The name as its author saw it: many tools write UTF-8 without saying so."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return member.filename


def _printable(part: str) -> str:
    kept = "".join(sign if sign.isprintable() else "_" for sign in part)
    stem, dot, suffix = kept.rpartition(".")
    while len(kept.encode()) > NAME_BYTES and stem:
        stem = stem[:-1]
        kept = f"{stem}{dot}{suffix}"
    return kept
