"""Zips that lead outside, unfold without end, or cannot be opened."""

from __future__ import annotations

import stat
import warnings
import zipfile

from tests.hostile.case import EARNED, RIGHT, WRONG, Case, Content, Expect, single, text_of, zipped
from tests.hostile.files import unreadable

MIB = 2**20
NOTEBOOK = ("lab.ipynb", text_of(*RIGHT))
PICTURE = "<img src=x onerror=trap('zip')>.py"


def link(name: str, to: str) -> tuple[zipfile.ZipInfo, str]:
    """A member that is a symbolic link."""
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info, to


def encrypted() -> bytes:
    raw = bytearray(zipped(NOTEBOOK))
    raw[raw.index(b"PK\x03\x04") + 6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


def damaged() -> bytes:
    return zipped(("photo.bin", b"abcabc" * 99), NOTEBOOK).replace(b"abcabc", b"abcabd", 1)


def overlapping() -> bytes:
    """Forty entries that all are one member of 30 MB."""
    raw = zipped(("0", bytes(30 * MIB)), compressed=True)
    start, end = raw.index(b"PK\x01\x02"), raw.index(b"PK\x05\x06")
    entries = b"".join(raw[start : end - 1] + str(number % 10).encode() for number in range(40))
    record = raw[end : end + 8] + (40).to_bytes(2, "little") * 2 + len(entries).to_bytes(4, "little")
    return raw[:start] + entries + record + start.to_bytes(4, "little") + b"\0\0"


def nested(levels: int) -> bytes:
    raw = zipped(NOTEBOOK)
    for level in range(levels):
        raw = zipped((f"{level}.zip", raw))
    return raw


def twice() -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return zipped(
            NOTEBOOK,
            ("lab.ipynb", text_of(*WRONG)),
            ("LAB.ipynb", text_of("x")),
            ("a\u0308.py", ""),
            ("\u00e4.py", ""),
        )


def archive(name: str, tries: str, raw: Content, expect: Expect, *, sample: bool = True) -> Case:
    return Case(name, tries, single(raw), expect, entry=f"{name}.zip", sample=sample)


EVIL = "open('<<OUTSIDE>>/evil', 'w')"
CASES = (
    archive("zip-traversal", "members named ../../evil.py", zipped(("../../../evil.py", EVIL), ("..\\..\\evil.py", EVIL), NOTEBOOK), Expect(most=4, least=4, says=("evil.py leads out of the folder",))),
    archive("zip-absolute", "members with absolute names", zipped(("/tmp/labgrade-evil.py", EVIL), ("C:\\evil.py", EVIL), NOTEBOOK), EARNED, sample=False),
    archive("zip-links", "links to the system's files", zipped(link("utilities.py", "/etc/passwd"), link("all", "/"), ("all/evil.py", EVIL), NOTEBOOK), Expect(most=4, least=4, says=("utilities.py is a link",))),
    archive("zip-bomb", "zeros packed a thousandfold", lambda: zipped(NOTEBOOK, ("zeros.bin", bytes(80 * MIB)), compressed=True), unreadable("times its size")),
    archive("zip-overlap", "members that overlap: 30 kB become 1.2 GB", overlapping, unreadable("500 MB")),
    archive("zip-encrypted", "a password", encrypted(), unreadable("password")),
    archive("zip-damaged", "one member damaged, the notebook whole", damaged(), Expect(most=4, least=4, says=("photo.bin is damaged",)), sample=False),
    archive("zip-cut", "a zip cut off", zipped(NOTEBOOK)[:-40], unreadable("damaged")),
    archive("zip-in-zip", "a zip in a zip", nested(2), EARNED, sample=False),
    archive("zip-endless", "twenty zips in one another", nested(20), unreadable("No notebook")),
    archive("zip-twice", "two members of one name, and names equal but for case or composition", twice(), EARNED, sample=False),
    archive("zip-long-names", "names of 255 bytes and folders a thousand deep", zipped(("n" * 255 + ".py", ""), ("d/" * 1000 + "x.py", ""), NOTEBOOK), Expect(most=4, least=4, says=("too deep",)), sample=False),
    archive("zip-markup", "markup, a new line and right-to-left marks in names", zipped((PICTURE, ""), ("new\nline.py", ""), ("gpj.\u202eyp", ""), NOTEBOOK), EARNED, sample=False),
    archive("zip-of-thousands", "three thousand members", zipped(NOTEBOOK, *((f"{n}.py", "") for n in range(3000))), unreadable("2,000 files")),
    archive("zip-of-a-mac", "what macOS packs along", zipped(("__MACOSX/._lab.ipynb", b"\0\5\x16\7"), ("lab/.DS_Store", b"\0"), ("lab/lab.ipynb", NOTEBOOK[1])), EARNED, sample=False),
    archive("zip-that-is-none", "a text named .zip", b"my lab", unreadable("damaged")),
    Case("packed-otherwise", "a rar file", single(b"Rar!\x1a\x07\x00"), unreadable("packed-otherwise.rar"), entry="packed-otherwise.rar", sample=True),
)  # fmt: skip
