"""Zips of unknown origin: what attacks leave on the disk, and what is said about them."""

import io
import re
import stat
import zipfile
from pathlib import Path

import pytest

from grader.archive import DEPTH, MIB, ArchiveProblem, LeftOut, Limits, Unpacked, unpack


def make_zip(path, members, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as made:
        for name, content in members:
            made.writestr(name, content)
    return path


def member(name, mode):
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def tree(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "name",
    [
        "../out.txt",
        "a/../../out.txt",
        "/etc/out.txt",
        "..\\out.txt",
        "C:\\out.txt",
        "a\\..\\..\\out.txt",
        "\\out.txt",
    ],
)
def test_no_member_lands_outside(tmp_path, name):
    """A member whose name leads outside is left out; the rest is unpacked; nothing appears elsewhere."""
    archive = make_zip(tmp_path / "a.zip", [(name, "bad"), ("good.txt", "good")])
    unpack(archive, tmp_path / "in" / "here", Limits())
    assert tree(tmp_path) == ["a.zip", "in/here/good.txt"]


@pytest.mark.parametrize(
    "kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK], ids=stat.filemode
)
def test_only_regular_files(tmp_path, kind):
    """Links, devices and pipes are left out, and a file "through" a link lands in a plain folder."""
    archive = make_zip(
        tmp_path / "a.zip",
        [(member("link", kind | 0o777), "/etc"), ("link/passwd", "x"), ("good.txt", "good")],
    )
    unpack(archive, tmp_path / "in", Limits())
    assert tree(tmp_path / "in") == ["good.txt", "link/passwd"]
    assert not any(path.is_symlink() for path in (tmp_path / "in").rglob("*"))


def test_junk_is_left_out(tmp_path):
    """What systems and editors leave behind is not unpacked."""
    junk = ["__MACOSX/._lab.ipynb", ".DS_Store", "Thumbs.db", "lab/.ipynb_checkpoints/lab-checkpoint.ipynb"]
    archive = make_zip(tmp_path / "a.zip", [(name, "x") for name in [*junk, "lab/lab.ipynb"]])
    unpack(archive, tmp_path / "in", Limits())
    assert tree(tmp_path / "in") == ["lab/lab.ipynb"]


def test_names_in_utf8_without_the_flag(tmp_path):
    """Names that macOS writes as unmarked UTF-8 come out as their author saw them."""
    archive = make_zip(tmp_path / "a.zip", [("losning.ipynb", "x")])
    raw = archive.read_bytes().replace(b"losning", "lösnin".encode())
    archive.write_bytes(raw)
    unpack(archive, tmp_path / "in", Limits())
    assert tree(tmp_path / "in") == ["lösnin.ipynb"]


def test_nothing_is_overwritten(tmp_path):
    """Of two members with one name the first stays, and a file never takes a folder's place."""
    with pytest.warns(UserWarning, match="Duplicate"):
        archive = make_zip(tmp_path / "a.zip", [("a", "first"), ("a", "second"), ("a/b", "below a file")])
    unpack(archive, tmp_path / "in", Limits())
    assert tree(tmp_path / "in") == ["a"]
    assert (tmp_path / "in" / "a").read_text() == "first"


def encrypted(path):
    made = make_zip(path, [("lab.ipynb", "secret")]).read_bytes()
    local, central = made.index(b"PK\x03\x04") + 6, made.index(b"PK\x01\x02") + 8
    changed = bytearray(made)
    changed[local] |= 1
    changed[central] |= 1
    path.write_bytes(changed)
    return path


def broken(path):
    made = make_zip(path, [("lab.ipynb", "abc" * 1000)])
    path.write_bytes(made.read_bytes()[:-30])
    return path


def wrong_checksum(path):
    made = make_zip(path, [("lab.ipynb", b"abc" * 1000)], zipfile.ZIP_STORED)
    path.write_bytes(made.read_bytes().replace(b"abcabc", b"abcabd", 1))
    return path


def unknown_compression(path):
    made = bytearray(make_zip(path, [("lab.ipynb", "abc")]).read_bytes())
    for start, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        made[made.index(start) + offset] = 99
    path.write_bytes(made)
    return path


def not_a_zip(path):
    path.write_bytes(b"Rar!\x1a\x07\x00" + bytes(100))
    return path


def bomb(path):
    return make_zip(path, [("zeros.bin", bytes(60 * MIB))])


def many_files(path):
    return make_zip(path, [(f"{number}.txt", "") for number in range(2_001)], zipfile.ZIP_STORED)


def long_directory(path):
    """A table of contents longer than 2,000 files need, as one made to fill the memory."""
    return make_zip(path, [(f"{number:04}" + "x" * 1000, "") for number in range(1_950)], zipfile.ZIP_STORED)


def overlapping(path):
    """Many entries that all point to one member: small on disk, endless when unpacked."""
    made = make_zip(path, [("0", bytes(30 * MIB))]).read_bytes()
    start = made.index(b"PK\x01\x02")
    end = made.index(b"PK\x05\x06")
    entries = b"".join(made[start:end][:-1] + str(number % 10).encode() for number in range(40))
    record = made[end : end + 8] + (40).to_bytes(2, "little") * 2 + len(entries).to_bytes(4, "little")
    path.write_bytes(made[:start] + entries + record + start.to_bytes(4, "little") + b"\0\0")
    return path


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (encrypted, "password"),
        (broken, "damaged"),
        (wrong_checksum, "damaged"),
        (unknown_compression, "cannot be read"),
        (not_a_zip, "damaged"),
        (bomb, "times its size"),
        (many_files, "2,000 files"),
        (long_directory, "2,000 files"),
        (overlapping, "500 MB"),
    ],
)
def test_refused(tmp_path, make, says):
    """Each archive that cannot or must not be unpacked is refused with its reason."""
    with pytest.raises(ArchiveProblem, match=says):
        unpack(make(tmp_path / "a.zip"), tmp_path / "in", Limits())
    assert sum(path.stat().st_size for path in (tmp_path / "in").rglob("*")) < MIB


def test_a_member_that_is_too_large_costs_only_itself(tmp_path):
    """In a class's download one student's huge file is left out, and the others are unpacked."""
    archive = make_zip(tmp_path / "a.zip", [("huge.bin", bytes(3 * MIB)), ("lab.ipynb", "x")])
    unpack(archive, tmp_path / "in", Limits(member_bytes=2 * MIB, total_bytes=100 * MIB))
    assert tree(tmp_path / "in") == ["lab.ipynb"]


REASONS = {
    "a/../../out.txt": "leads out of the folder, or lies too deep in it",
    "/".join("d" * DEPTH) + "/e.txt": "leads out of the folder, or lies too deep in it",
    "/".join("d" * 2_000): "leads out of the folder, or lies too deep in it",
    "locked.txt": "is protected by a password",
    "broken.txt": "is damaged",
    "link": "is a link or a device",
    "lab.ipynb": "has a name that another has",
}


def test_what_is_left_out_is_told(tmp_path):
    """Each member that was not unpacked is named with its reason, and costs no other member anything."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as made, pytest.warns(UserWarning, match="Duplicate"):
        made.writestr("lab.ipynb", "good")
        for name in REASONS:
            made.writestr(member(name, stat.S_IFLNK) if name == "link" else name, f"<{name[:9]}>")
        made.writestr("last.txt", "good")
    raw = path.read_bytes().replace(b"<broken.tx>", b"<BROKEN.TX>")
    for start, flags, place in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
        entry = next(
            m.start()
            for m in re.finditer(re.escape(start), raw)
            if raw[m.start() + place :].startswith(b"locked")
        )
        raw = raw[: entry + flags] + b"\1" + raw[entry + flags + 1 :]
    path.write_bytes(raw)
    unpacked = unpack(path, tmp_path / "in", Limits())
    assert unpacked == Unpacked(8, tuple(LeftOut(name, why) for name, why in REASONS.items()))
    assert tree(tmp_path / "in") == ["lab.ipynb", "last.txt"]


def test_size_is_returned(tmp_path):
    """The bytes written are returned, so that several archives can share one limit."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("a", "12345")
        made.writestr("b/c", "123")
    Path(tmp_path / "a.zip").write_bytes(buffer.getvalue())
    assert unpack(tmp_path / "a.zip", tmp_path / "in", Limits()) == Unpacked(8)
