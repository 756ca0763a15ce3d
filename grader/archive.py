"""Zip archives of unknown origin, unpacked so that nothing lands outside the folder meant for it."""

from __future__ import annotations

import errno
import os
import stat
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from grader.names import visible

MIB = 2**20
CHUNK = MIB
NAME_BYTES = 200
ENCRYPTED = 0x1  # the flag of a member
DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)  # our own trouble, not the archive's
DEPTH = 30  # folders in one another
DIRECTORY_BYTES_PER_FILE = 1_000  # 46 of the format, and a long name
HARMLESS_BYTES = 50 * MIB  # below this no ratio is an attack: a picture of zeros shrinks a thousandfold
JUNK = frozenset({"__macosx", "thumbs.db", "desktop.ini", "__pycache__", "node_modules"})


@dataclass(frozen=True)
class LeftOut:
    """A member that was not unpacked; ``reason`` is the end of a sentence that starts with its name."""

    name: str
    reason: str


@dataclass(frozen=True)
class Unpacked:
    """What came of an archive: the bytes that were written, and what was not."""

    bytes: int
    left_out: tuple[LeftOut, ...] = ()


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


def unpack(archive: Path, into: Path, limits: Limits) -> Unpacked:
    """Unpack the regular files of a zip into the folder ``into``.

    Links, devices, damaged and encrypted members and those whose name leads outside are left out; so is
    the second of two members with one name. Hidden files are passed over. Nothing is ever overwritten.

    Raises:
        ArchiveProblem: damaged as a whole, over ``limits``, or none of its members can be unpacked.
        OSError: ``into`` cannot be written, or the disk is full.
    """
    into.mkdir(parents=True)
    try:
        _refuse_long_directory(archive, limits)
        with zipfile.ZipFile(archive) as opened:
            entries = [one for one in opened.infolist() if not one.is_dir() and not _is_junk(one)]
            _refuse_excess(entries, archive.stat().st_size, limits)
            done = [_extract(opened, member, into, limits) for member in entries]
    except ArchiveProblem:
        raise
    except OSError as error:
        if error.errno in DISK:
            raise
        raise ArchiveProblem("is damaged or no zip file") from error
    except Exception as error:  # zipfile raises a dozen kinds on a hostile file
        raise ArchiveProblem("is damaged or no zip file") from error
    left_out = tuple(one for one in done if isinstance(one, LeftOut))
    if left_out and len(left_out) == len(done):
        raise ArchiveProblem(f"cannot be unpacked, since {visible(left_out[0].name)} {left_out[0].reason}")
    return Unpacked(sum(one for one in done if isinstance(one, int)), left_out)


def _refuse_long_directory(archive: Path, limits: Limits) -> None:
    """Look at the length of the table of contents before zipfile reads all of it into memory."""
    locate: Any = zipfile._EndRecData  # type: ignore[attr-defined]  # zipfile's own, so that both see the same
    with archive.open("rb") as file:
        record = locate(file)
    if record and record[5] > limits.files * DIRECTORY_BYTES_PER_FILE:
        raise ArchiveProblem(f"holds more than {limits.files:,} files")


def _refuse_excess(members: list[zipfile.ZipInfo], packed_bytes: int, limits: Limits) -> None:
    if len(members) > limits.files:
        raise ArchiveProblem(f"holds more than {limits.files:,} files")
    total = sum(member.file_size for member in members if member.file_size <= limits.member_bytes)
    if total > limits.total_bytes or any(member.file_size > limits.total_bytes for member in members):
        raise ArchiveProblem(f"unpacks to more than {limits.total_bytes // MIB:,} MB")
    if total > HARMLESS_BYTES and total > limits.ratio * packed_bytes:
        raise ArchiveProblem(f"unpacks to more than {limits.ratio} times its size")


def _is_regular(member: zipfile.ZipInfo) -> bool:
    return stat.S_IFMT(member.external_attr >> 16) in (0, stat.S_IFREG)


def _is_junk(member: zipfile.ZipInfo) -> bool:
    return any(part not in (".", "..") and is_junk(part) for part in _parts(member))


def _extract(opened: zipfile.ZipFile, member: zipfile.ZipInfo, into: Path, limits: Limits) -> int | LeftOut:
    """Write one member, and return its bytes."""
    parts, name = _safe_parts(member), _decoded(member)
    if not _is_regular(member):
        return LeftOut(name, "is a link or a device")
    if not parts:
        return LeftOut(name, "leads out of the folder, or lies too deep in it")
    if member.file_size > limits.member_bytes:
        return LeftOut(name, f"is larger than {limits.member_bytes // MIB:,} MB")
    target = into.joinpath(*parts)
    written = _create(target)
    if isinstance(written, str):
        return LeftOut(name, written)
    with written:
        reason = _copy(opened, member, written)
    if reason:
        target.unlink()
        return LeftOut(name, reason)
    _keep_time(member, target)
    return member.file_size


def _keep_time(member: zipfile.ZipInfo, target: Path) -> None:
    """Give a file the time that the zip has for it, which is this machine's; 1980 where it has none."""
    try:
        when = datetime(*member.date_time).timestamp()
    except (ValueError, OverflowError):
        when = 0.0
    os.utime(target, (when, when))


def _create(target: Path) -> BinaryIO | str:
    """A new file, or why there is none."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return target.open("xb")
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        return "has a name that another has"
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return "has a name that is too long"
        raise


def _copy(opened: zipfile.ZipFile, member: zipfile.ZipInfo, written: BinaryIO) -> str:
    """Unpack a member's bytes; returns why they cannot be read, or ``""``.

    Raises:
        ArchiveProblem: it holds more than it says, as only an attack does.
        OSError: the disk is full.
    """
    size = 0
    try:
        with opened.open(member) as source:
            while chunk := source.read(CHUNK):
                size += len(chunk)
                if size > member.file_size:
                    raise ArchiveProblem("says less than it holds")
                written.write(chunk)
    except ArchiveProblem:
        raise
    except NotImplementedError:
        return "is compressed in a way that cannot be read here"
    except OSError as error:
        if error.errno in DISK:
            raise
        return "is damaged"
    except Exception:  # noqa: BLE001 - zipfile raises a dozen kinds on a hostile file
        return "is protected by a password" if member.flag_bits & ENCRYPTED else "is damaged"
    return "" if size == member.file_size else "is damaged"


def _safe_parts(member: zipfile.ZipInfo) -> tuple[str, ...]:
    """The member's path below the folder, or ``()`` for one that leads outside or lies too deep."""
    name = _decoded(member).replace("\\", "/")
    parts = _parts(member)
    if name.startswith("/") or name[1:2] == ":" or ".." in parts or len(parts) > DEPTH:
        return ()
    return tuple(_printable(part) for part in parts)


def _parts(member: zipfile.ZipInfo) -> list[str]:
    return [part for part in _decoded(member).replace("\\", "/").split("/") if part not in ("", ".")]


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
