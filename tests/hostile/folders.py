"""Class folders with links, pipes, devices, and names made to break a page, a path or a terminal."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tests.hostile.case import (
    EARNED,
    RIGHT,
    WRONG,
    Case,
    Expect,
    World,
    Write,
    folder,
    notebook,
    single,
    text_of,
)
from tests.hostile.files import unreadable

RIGHT_TEXT = text_of(*RIGHT)
READS = "print(open('canary.txt').read()); print('REA' + 'CHED')"


def also(write: Write, more: Write) -> Write:
    """Both."""

    def both(path: Path, world: World) -> None:
        write(path, world)
        more(path, world)

    return both


def linked(name: str, to: str) -> Write:
    """A link in the folder, or in its place where ``name`` is ""."""

    def write(path: Path, world: World) -> None:
        place = path / name if name else path
        place.symlink_to(world.filled(to))

    return write


def pipe(name: str = "") -> Write:
    return lambda path, _world: os.mkfifo(path / name if name else path)


def device(path: Path, _world: World) -> None:
    """A device that never ends, where we may make one; else a pipe."""
    try:
        os.mknod(path / "data.bin", 0o666 | stat.S_IFCHR, os.makedev(1, 5))  # /dev/zero
    except OSError:
        os.mkfifo(path / "data.bin")


def shut(path: Path, _world: World) -> None:
    """Files that may not be read; root may all the same."""
    for name in ("utilities.py", "secret"):
        (path / name).mkdir() if name == "secret" else (path / name).write_text("")
        (path / name).chmod(0)


SEVERAL = {
    "lab.ipynb": RIGHT_TEXT, "short.ipynb": text_of("filterResponseGauss = 1"), "handout.ipynb": text_of(*WRONG, "# " * 9999),
    ".ipynb_checkpoints/lab-checkpoint.ipynb": text_of(*WRONG, "# " * 9999), "__MACOSX/._lab.ipynb": "x",
}  # fmt: skip
IMAGE = "<img src=x onerror=trap('name')>"
CASES = (
    Case("named-by-markup", "a folder named as markup", notebook(*RIGHT), EARNED, entry=IMAGE, sample=True),
    Case("named-over-lines", "new lines and escapes in the name", notebook(*WRONG), Expect(says=("⟨U+000A⟩", "⟨U+001B⟩")), entry="two\nlines\x1b[31m\r"),
    Case("named-from-the-right", "a name that is written from right to left", notebook(*WRONG), Expect(says=("ada⟨U+202E⟩bpyni",)), entry="ada\u202ebpyni", sample=True),
    Case("named-at-length", "a name of 255 bytes", single(text_of(*WRONG)), Expect(), entry="å" * 124 + ".ipynb"),
    Case("named-alike", "names that are equal but for case", notebook(*WRONG), Expect(), entry="Same-Name"),
    Case("named-alike-2", "names that are equal but for case", notebook(*WRONG), Expect(), entry="same-name"),
    Case("named-like-ours", "a folder named index.html", notebook(*WRONG), Expect(), entry="index.html"),
    Case("named-like-a-device", "a folder named CON", notebook(*WRONG), Expect(), entry="CON"),
    Case("named-as-a-formula", "a name that a spreadsheet would run", notebook(*WRONG), Expect(), entry="=cmd|' -C calc'!A0"),
    Case("named-no-utf8", "a name of bytes that are no UTF-8", notebook(*WRONG), Expect(), entry=os.fsdecode(b"caf\xe9")),
    Case("linked-away", "a folder that is a link to another", linked("", "<<OUTSIDE>>"), unreadable("is a link"), sample=True),
    Case("linked-notebook", "a notebook that is a link to one outside", also(folder({}), linked("lab.ipynb", "<<OUTSIDE>>/solution.ipynb")), unreadable("No notebook"), sample=True),
    Case("linked-helper", "helper files that are links to files outside", also(notebook(*RIGHT, READS), linked("canary.txt", "<<OUTSIDE>>/canary.txt")), EARNED, sample=True),
    Case("linked-to-itself", "a link to itself, and one to its parent", also(also(notebook(*RIGHT), linked("loop", "loop")), linked("up", "..")), EARNED),
    Case("a-pipe", "a pipe in the place of a notebook, which nobody writes", pipe(), unreadable("is a pipe"), entry="a-pipe.ipynb", sample=True),
    Case("a-pipe-inside", "a pipe named lab.ipynb in the folder", also(folder({}), pipe("lab.ipynb")), unreadable("No notebook"), sample=True),
    Case("a-device-inside", "a device beside the notebook that never ends", also(notebook(*RIGHT), device), EARNED),
    Case("shut", "files that may not be read", also(notebook(*RIGHT), shut), EARNED),
    Case("several", "several notebooks, a checkpoint, and the handout", folder(SEVERAL), Expect(most=4, least=4, says=("Of 3 notebooks lab.ipynb was graded",)), sample=True),
    Case("nested", "a notebook nine folders deep", folder({"a/" * 9 + "lab.ipynb": RIGHT_TEXT}), EARNED),
    Case("empty-folder", "an empty folder", folder({}), unreadable("is empty"), sample=True),
    Case("like-grades", "a folder that looks like earlier grades", folder({"lab.ipynb": RIGHT_TEXT, "gradebook.csv": "student,score\nlike-grades,22\n", "like-grades/result.json": '{"score": 22}'}), EARNED),
)  # fmt: skip
