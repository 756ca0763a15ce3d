"""Any file handed in as a notebook is read, or refused in a sentence that a student understands."""

from __future__ import annotations

import codecs
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from grader import notebook_file, notebooks
from grader.notebook_file import Glance, look_at
from grader.notebooks import Unreadable, read_notebook


def document(*cells, **changes):
    """A notebook as JSON: strings are code cells, everything else is a cell as given."""
    made = [
        {"cell_type": "code", "source": cell, "metadata": {}, "outputs": [], "execution_count": None}
        if isinstance(cell, str)
        else cell
        for cell in cells
    ]
    return {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **changes}


def old(*sources):
    """A notebook of version 3."""
    cells = [
        {"cell_type": "code", "input": source, "language": "python", "outputs": [], "metadata": {}}
        for source in sources
    ]
    return {"worksheets": [{"cells": cells, "metadata": {}}], "metadata": {"name": ""}, "nbformat": 3,
            "nbformat_minor": 0}  # fmt: skip


@pytest.fixture
def read(tmp_path):
    """A function that reads a notebook given as JSON, text or bytes."""

    def read_it(content):
        if not isinstance(content, str | bytes):
            content = json.dumps(content)
        path = tmp_path / "lab.ipynb"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_notebook(path)

    return read_it


def sources(notebook):
    """The text of every cell."""
    return [cell.source for cell in notebook.notebook.cells]


PLAIN = json.dumps(document("x = 1"))
CONFLICT = PLAIN.replace('"x = 1"', '\n<<<<<<< HEAD\n"x = 1"\n=======\n"x = 2"\n>>>>>>> main\n')
NO_JSON = "not a Jupyter notebook: it is not valid JSON"
BAD = {
    "empty": ("", "The notebook file is empty."),
    "blank": (" \n\t ", "The notebook file is empty."),
    "truncated": (PLAIN[:60], "The notebook file is cut off"),
    "text": ("Dear teacher,\nhere is my lab.", NO_JSON),
    "python": ("import keras\nx = 1\n", NO_JSON),
    "html": ("<!DOCTYPE html><html></html>", NO_JSON),
    "merge-conflict": (CONFLICT, "git merge conflicts"),
    "zip": (b"PK\x03\x04\x14\x00\x08\x08\xff\xfe", "is not text"),
    "picture": (b"\x89PNG\r\n\x1a\n\x00\xff", "is not text"),
    "list": ([document("x = 1")], "it has no list of cells"),
    "number": (7, "it has no list of cells"),
    "null": ("null", "it has no list of cells"),
    "dictionary": ({}, "it has no list of cells"),
    "cells-no-list": (document(cells={"a": 1}), "it has no list of cells"),
    "cells-null": (document(cells=None), "it has no list of cells"),
    "no-cells": (document(), "The notebook has no code cell"),
    "text-only": (document({"cell_type": "markdown", "source": "# hi"}), "The notebook has no code cell"),
    "blank-code": (document("", " \n"), "The notebook has no code cell"),
    "cells-of-numbers": (document(1, None, []), "The notebook has no code cell"),
    "zeros": (bytes(4096), "The notebook file is empty."),
    "version-3-broken": ({"worksheets": [1], "nbformat": 3}, "old format that cannot be converted"),
    "version-4-of-worksheets": ({"worksheets": [], "nbformat": 4}, "The notebook has no code cell"),
    "version-99": (document("x = 1", nbformat=99), "says that it has format 99; formats up to 4 are known"),
    "version-infinite": (PLAIN.replace('"nbformat": 4', '"nbformat": Infinity'), "says that it has format inf;"),
    "version-of-many-digits": (document("x = 1", nbformat=10**400), "says that it has format 1000000000;"),
    "deep": ("[" * 200_000 + "]" * 200_000, "nested too deeply"),
    "deep-in-a-cell": (
        '{"cells": ' + '{"a":' * 200_000 + "1" + "}" * 200_000 + "}", "nested too deeply"
    ),
    "r": (document("x <- 1", metadata={"kernelspec": {"language": "R", "name": "ir"}}), "written in R;"),
    "julia": (document("1", metadata={"language_info": {"name": "julia"}}), "written in julia;"),
    "language-of-no-end": (document("1", metadata={"language_info": {"name": "x" * 500}}), "x" * 40 + ";"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "sentence"), BAD.values(), ids=BAD)
def test_what_cannot_be_read(read, content, sentence):
    """Each kind of broken file has its sentence, which ends as a sentence and shows no traceback."""
    with pytest.raises(Unreadable) as refused:
        read(content)
    text = str(refused.value)
    assert sentence in text
    assert text.endswith((".", ")."))
    assert "Traceback" not in text
    assert len(text) < 300


def test_a_notebook_that_is_too_large(tmp_path):
    """A notebook over the limit is refused before it is read, and the cure is named."""
    with (tmp_path / "lab.ipynb").open("wb") as file:
        file.truncate(3 * 2**20)
    with pytest.raises(Unreadable, match=r"has 3 MB; at most 2 MB.*Restart and clear all outputs"):
        read_notebook(tmp_path / "lab.ipynb", 2 * 2**20)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        pytest.param(["x"] * 11, "has 11 cells; at most 10 can be graded", id="cells"),
        pytest.param(["x" * 60] * 2, "code cells hold 120 characters; at most 100", id="code"),
        pytest.param(
            ["x", {"cell_type": "markdown", "source": "y" * 201}], "text cells hold 201 characters", id="text"
        ),
    ],
)
def test_a_notebook_of_too_much(read, monkeypatch, cells, words):
    """What would keep the grader itself busy is refused, whatever the file's size."""
    for name, limit in {"MAX_CELLS": 10, "MAX_CODE_CHARACTERS": 100, "MAX_TEXT_CHARACTERS": 200}.items():
        monkeypatch.setattr(notebooks, name, limit)
    with pytest.raises(Unreadable, match=words):
        read(document(*cells))


def test_large_outputs_do_not_count(read):
    """A notebook that is large by its outputs alone is read."""
    output = {"output_type": "display_data", "data": {"image/png": "A" * 70 * 2**20}, "metadata": {}}
    cell = {"cell_type": "code", "source": "x = 1", "metadata": {}, "outputs": [output]}
    assert sources(read(document(cell))) == ["x = 1"]


BOUNDED = """
import resource, sys
from pathlib import Path
from grader import notebook_file, notebooks
whole = notebook_file.bounded_memory
notebooks.bounded_memory = lambda: whole(80 * 2**20)
before = resource.getrlimit(resource.RLIMIT_AS)
try:
    notebooks.read_notebook(Path(sys.argv[1]))
except notebooks.Unreadable as unreadable:
    print(unreadable)
print(resource.getrlimit(resource.RLIMIT_AS) == before, len(bytearray(100 * 2**20)) == 100 * 2**20)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells what a process has")
def test_memory_is_bounded(tmp_path):
    """JSON that takes far more memory than its file is refused, and the limit is gone afterwards.

    In a process of its own: this one may have that much to spare from earlier tests.
    """
    path = tmp_path / "lab.ipynb"
    path.write_text('{"cells": [' + "[]," * 2_000_000 + "1]}")
    done = subprocess.run(
        [sys.executable, "-c", BOUNDED, str(path)], capture_output=True, text=True, check=True, timeout=120
    )
    assert "takes too much memory" in done.stdout
    assert done.stdout.endswith("True True\n")


def test_a_pipe_is_not_opened(tmp_path):
    """Opening it would wait for a writer that never comes."""
    os.mkfifo(tmp_path / "lab.ipynb")
    with pytest.raises(Unreadable, match="no regular file"):
        read_notebook(tmp_path / "lab.ipynb")
    assert look_at(tmp_path / "lab.ipynb") == Glance()


def test_a_glance_at_what_cannot_be_read(tmp_path):
    """Its sum and the beginning of its text; of a huge file no sum, of a missing one nothing."""
    path = tmp_path / "lab.ipynb"
    path.write_bytes(b"\xff build_CNN")
    assert look_at(path) == Glance(hashlib.sha256(path.read_bytes()).hexdigest(), "\ufffd build_CNN")
    with path.open("r+b") as file:
        file.truncate(2**40)
    glance = look_at(path)
    assert (glance.sha256, len(glance.text)) == ("", notebook_file.GLANCE_BYTES)
    assert look_at(tmp_path / "none") == Glance()


def test_a_notebook_that_is_gone(tmp_path):
    """A file that cannot be opened is refused with the system's reason."""
    with pytest.raises(Unreadable, match=r"cannot be opened \(No such file or directory\)"):
        read_notebook(tmp_path / "lab.ipynb")


GOOD = {
    "plain": (document("x = 1"), ["x = 1"]),
    "lines": (document({"cell_type": "code", "source": ["x = 1\n", "y = 2"]}), ["x = 1\ny = 2"]),
    "lines-with-null": (document({"cell_type": "code", "source": ["x", None, 3, " = 1"]}), ["x = 1"]),
    "source-missing": (document("x = 1", {"cell_type": "code"}), ["x = 1", ""]),
    "source-a-number": (document("x = 1", {"cell_type": "code", "source": 5}), ["x = 1", ""]),
    "source-null": (document("x = 1", {"cell_type": "code", "source": None}), ["x = 1", ""]),
    "cells-that-are-none": (document(None, "x = 1", 3), ["x = 1"]),
    "unknown-type": (document("x = 1", {"cell_type": "heading", "source": "1.1"}), ["x = 1", "1.1"]),
    "type-missing": (document("x = 1", {"source": "1.1"}), ["x = 1", "1.1"]),
    "raw": (document("x = 1", {"cell_type": "raw", "source": "raw"}), ["x = 1", "raw"]),
    "duplicate-ids": (
        document(*({"cell_type": "code", "source": "x = 1", "id": "same", "metadata": {}} for _ in "ab")),
        ["x = 1", "x = 1"],
    ),
    "id-a-list": (document({"cell_type": "code", "source": "x = 1", "id": [1]}), ["x = 1"]),
    "metadata-null": (document("x = 1", metadata=None), ["x = 1"]),
    "metadata-a-list": (document("x = 1", metadata=[1]), ["x = 1"]),
    "language-a-number": (document("x = 1", metadata={"language_info": {"name": 3}}), ["x = 1"]),
    "kernel-of-another-machine": (
        document("x = 1", metadata={"kernelspec": {"name": "732a83_env", "language": "python"}}), ["x = 1"],
    ),
    "python-in-capitals": (document("x = 1", metadata={"language_info": {"name": "Python"}}), ["x = 1"]),
    "languages-that-differ": (
        document("x = 1", metadata={"language_info": {"name": "python"}, "kernelspec": {"language": "R"}}),
        ["x = 1"],
    ),
    "not-a-number": (json.dumps(document("x = 1", metadata={"a": float("nan")})), ["x = 1"]),
    "infinity": (json.dumps(document("x = 1", metadata={"a": float("inf")})), ["x = 1"]),
    "byte-order-mark": (codecs.BOM_UTF8 + PLAIN.encode(), ["x = 1"]),
    "utf-16": (PLAIN.encode("utf-16"), ["x = 1"]),
    "utf-16-big-endian": (codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be"), ["x = 1"]),
    "letters": (json.dumps(document("ö = 'Å'"), ensure_ascii=False), ["ö = 'Å'"]),
    "surrogate": (PLAIN.replace("x = 1", "x = '\\ud800'"), ["x = '?'"]),
    "surrogate-pair": (PLAIN.replace("x = 1", "x = '\\ud83d\\ude00'"), ["x = '😀'"]),
    "version-without-cells-of-its-own": ({**old("x = 1"), "nbformat": 4}, ["x = 1"]),
    "latin-1": (json.dumps(document("ö = 'Å'"), ensure_ascii=False).encode("latin-1"), ["ö = 'Å'"]),
    "utf-32": (PLAIN.encode("utf-32"), ["x = 1"]),
    "utf-16-without-a-mark": (PLAIN.encode("utf-16-le"), ["x = 1"]),
    "zeros-after-the-end": (PLAIN.encode() + bytes(512), ["x = 1"]),
    "control-characters": (PLAIN.replace("x = 1", "x = 1\t\x00\x1b"), ["x = 1\t\x00\x1b"]),
    "type-a-list": (document("x = 1", {"cell_type": [["code"]], "source": "y"}), ["x = 1", "y"]),
    "version-a-text": (document("x = 1", nbformat="four"), ["x = 1"]),
    "version-3": (old("x = 1", "y = 2"), ["x = 1", "y = 2"]),
    "outputs-of-no-form": (document({"cell_type": "code", "source": "x = 1", "outputs": 7}), ["x = 1"]),
    "windows-line-ends": (PLAIN.replace(" ", "\r\n").replace("x\r\n=\r\n1", "x = 1"), ["x = 1"]),
    "key-twice": (PLAIN[:-1] + ', "metadata": {}}', ["x = 1"]),
}  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), GOOD.values(), ids=GOOD)
def test_what_can_be_read(read, content, expected):
    """What Jupyter, an editor or a converter may have left is read, and comes out as a valid notebook."""
    notebook = read(content)
    assert sources(notebook) == expected
    nbformat.validate(notebook.notebook)
    json.dumps(notebook.notebook).encode("utf-8")


def test_nothing_but_the_text_is_kept(read):
    """Outputs, counts, tags, ids and attachments of the student's do not get into the run."""
    output = {"output_type": "stream", "name": "stdout", "text": "PASSED"}
    cell = {
        "cell_type": "code", "source": "x = 1", "id": "mine", "outputs": [output], "execution_count": 59,
        "metadata": {"tags": ["skip-execution"], "nbgrader": {"grade": True}},
    }  # fmt: skip
    made = read(document(cell, metadata={"widgets": {"a": 1}})).notebook
    assert made.cells[0] == {
        "cell_type": "code", "source": "x = 1", "id": "cell-0", "outputs": [], "execution_count": None,
        "metadata": {},
    }  # fmt: skip
    assert made.metadata == {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
    }


def test_the_text_holds_every_cell(read):
    """The text by which a lab is recognised is that of code and markdown."""
    notebook = read(document("build_CNN()", {"cell_type": "markdown", "source": "# CIFAR-10"}))
    assert notebook.text == "build_CNN()\n# CIFAR-10"


def test_the_sum_is_the_file_s(read):
    """The sha256 is that of the bytes handed in."""
    assert read(PLAIN).sha256 == hashlib.sha256(PLAIN.encode()).hexdigest()
