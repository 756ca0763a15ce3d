"""What fuzzing feeds: each takes what a stranger made, and raises where the grader would have crashed."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import nbformat

from checks.kit import Gone, Raised, Reply
from grader.archive import ArchiveProblem, Limits, unpack
from grader.errors import UsageProblem
from grader.evidence import Evidence, LiveStudent
from grader.intake import find_submissions
from grader.kernels import decode
from grader.notebook_html import render_notebook
from grader.notebooks import Unreadable, read_notebook
from grader.output import plain

SMALL = Limits(files=100, total_bytes=2**22, member_bytes=2**21)


def classroom(folder: Path) -> None:
    """A class folder: whatever is found lies in it or in what was unpacked, and each has a name of its own."""
    with tempfile.TemporaryDirectory() as unpacked:
        try:
            found = find_submissions(folder, Path(unpacked))
        except UsageProblem as problem:
            assert str(problem).endswith(".")
            return
        assert len({one.slug.casefold() for one in found}) == len(found) > 0
        for one in found:
            assert (one.notebook is None) == bool(one.problem)
            for path in [path for _, path in one.files] + ([one.notebook] if one.notebook else []):
                real = path.resolve()
                inside = real.is_relative_to(folder.resolve()) or real.is_relative_to(
                    Path(unpacked).resolve()
                )
                assert inside and path.is_file() and not path.is_symlink()
            assert not any(".." in Path(name).parts or Path(name).is_absolute() for name, _ in one.files)


def archive(raw: bytes) -> None:
    """A zip: nothing lands outside, nothing but plain files lands inside."""
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        (base / "a.zip").write_bytes(raw)
        try:
            unpacked = unpack(base / "a.zip", base / "in" / "here", SMALL)
        except ArchiveProblem:
            unpacked = None
        assert {path.name for path in base.iterdir()} <= {"a.zip", "in"}
        assert {path.name for path in (base / "in").iterdir()} == {"here"}
        inside = list((base / "in" / "here").rglob("*"))
        assert all(path.is_dir() or path.is_file() for path in inside if not path.is_symlink())
        assert not any(path.is_symlink() for path in inside)
        written = sum(path.stat().st_size for path in inside if path.is_file())
        assert written <= SMALL.total_bytes
        assert unpacked is None or unpacked.bytes == written


def notebook(raw: bytes) -> None:
    """A notebook file: a valid notebook comes out, or a sentence."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lab.ipynb"
        path.write_bytes(raw)
        try:
            read = read_notebook(path)
        except Unreadable as problem:
            assert str(problem).endswith((".", ")."))
            assert len(str(problem)) < 500
            return
    nbformat.validate(read.notebook)
    json.dumps(read.notebook).encode("utf-8")


def page(executed: Any) -> None:
    """An executed notebook as pieces of a page: none of them can run anything."""
    json.dumps(plain(executed)).encode("utf-8", "replace")
    for cell in render_notebook(executed).cells:
        pieces = [cell.html, *(one.content for one in cell.outputs if one.kind == "html")]
        assert not any(
            word in piece.lower() for piece in pieces for word in ("<script", "<style", "<iframe", "<svg")
        )
        assert not any(f"<{tag}" in piece for piece in pieces for tag in ("form", "input", "object", "embed"))


def answer(content: Any, buffers: list[bytes]) -> None:
    """What a kernel answers: plain data, or one of the three ways in which it may fail."""
    if isinstance(content, dict):  # else there is nothing but a refusal to fuzz
        content = {"changed": [], **content, "nonce": "asked"}
    with tempfile.TemporaryDirectory() as folder:
        evidence = Evidence(Path(folder))

        def put(_op: str, _arguments: Mapping[str, Any], _arrays: tuple[Any, ...]) -> Reply:
            return decode({"content": content, "buffers": buffers}, "asked")

        student = LiveStudent(evidence, {}, 0, put, ())
        for op in ("signature", "apply"):
            try:
                reply = student.ask(op, function="f")
            except (Raised, Gone):
                continue
            assert isinstance(reply.data, dict)
            evidence.add(1, reply)
            assert all(array.dtype.kind in "biufc" for array in reply.arrays)
        json.dumps(plain([str(student.findings()), len(student.fits), [one.name for one in student.models]]))


def answer_of_bytes(raw: bytes) -> None:
    """The same of a message: the first line is JSON, the rest an array's bytes."""
    first, _, rest = raw.partition(b"\n")
    try:
        content = json.loads(first)
    except (ValueError, RecursionError):
        return  # jupyter_client refuses it
    answer(content, [rest])


def page_of_bytes(raw: bytes) -> None:
    """The same of a notebook as JSON."""
    try:
        executed = json.loads(raw)
    except (ValueError, RecursionError):
        return
    page(executed)


OF_BYTES: dict[str, Callable[[bytes], None]] = {
    "archive": archive, "notebook": notebook, "page": page_of_bytes, "answer": answer_of_bytes,
}  # fmt: skip
