"""Notebook files that are broken, odd or made to be expensive to read."""

from __future__ import annotations

import codecs
import json

from tests.hostile.case import (
    EARNED,
    RIGHT,
    WRONG,
    Case,
    Content,
    Expect,
    code_cell,
    document,
    folder,
    notebook,
    text_of,
)

RIGHT_TEXT = text_of(*RIGHT)
SWEDISH = json.dumps(document("# Lösning på uppgiften, av Åsa", *RIGHT), ensure_ascii=False)
TAGS = ["skip-execution", "raises-exception", "remove_cell"]
METADATA = {
    "tags": TAGS,
    "nbgrader": {"grade": True, "points": 22},
    "timeout": -1,
    "execution": {"timeout": 0},
}


def unreadable(*says: str) -> Expect:
    """Nothing is run, and the page says why."""
    return Expect(status="unreadable", run=("not_run",), says=says)


def version_3() -> str:
    cells = [
        {"cell_type": "code", "input": source, "language": "python", "outputs": [], "metadata": {}}
        for source in RIGHT
    ]
    worksheet = {"cells": [{"cell_type": "heading", "level": 1, "source": "Lab"}, *cells], "metadata": {}}
    return json.dumps(
        {"worksheets": [worksheet], "metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0}
    )


def of_outputs(mib: int) -> str:
    """A right notebook whose outputs have so many MiB."""
    output = {"output_type": "display_data", "data": {"image/png": "A" * 2**20}, "metadata": {}}
    return text_of(code_cell("print('large')", outputs=[output] * mib), *RIGHT)


def lists(mib: int) -> str:
    """JSON that takes thirty times its size once it is read."""
    return (
        '{"nbformat": 4, "metadata": {}, "filterResponseGauss": 1, "cells": ['
        + "[]," * (mib * 2**20 // 3)
        + "1]}"
    )


def lab(name: str, tries: str, content: Content, expect: Expect, **flags: bool) -> Case:
    return Case(name, tries, folder({"lab.ipynb": content}), expect, **flags)


FORGED_OUTPUT = {"output_type": "stream", "name": "stdout", "text": "PASSED 22/22"}
MISSING = [None, {"cell_type": "code"}, {"cell_type": None, "source": None}, {"source": "x"}, 7, []]

CASES = (
    lab("empty", "an empty file", b"", unreadable("is empty"), sample=True),
    lab("zeros", "a file of zero bytes, as after a crash", bytes(5000), unreadable("is empty"), sample=True),
    lab("truncated", "half a notebook", RIGHT_TEXT[:400], unreadable("cut off"), sample=True),
    lab("no-json", "a Python script", "import numpy\nfilterResponseGauss = 1", unreadable("not valid JSON"), sample=True),
    lab("other-json", "JSON that is no notebook", '{"build_CNN": [1]}', unreadable("no list of cells"), sample=True),
    lab("conflict", "git conflict marks", RIGHT_TEXT.replace('"cells"', '\n<<<<<<< a\n"cells"\n>>>>>>> b\n'), unreadable("merge conflicts"), sample=True),
    lab("format-99", "a format of the future", text_of(*RIGHT, nbformat=99), unreadable("format 99"), sample=True),
    lab("format-3", "a format of the past", version_3(), EARNED, sample=True),
    lab("nulls", "null and missing fields", json.dumps(document(*MISSING, *RIGHT, metadata=None)), EARNED, sample=True),
    lab("same-ids", "cells with one id", text_of(*(code_cell(source, id="a") for source in RIGHT)), EARNED),
    lab("written-in-r", "another language's kernel", text_of(*RIGHT, metadata={"kernelspec": {"name": "ir", "language": "R"}}), unreadable("written in R"), sample=True),
    lab("byte-order-mark", "a byte order mark", codecs.BOM_UTF8 + RIGHT_TEXT.encode(), EARNED),
    lab("latin-1", "an old encoding", SWEDISH.encode("latin-1"), EARNED),
    lab("utf-16", "two bytes a letter", SWEDISH.encode("utf-16"), EARNED),
    lab("deep", "a hundred thousand lists in one another", '{"cells": ' + "[" * 100_000, unreadable("nested too deeply"), sample=True),
    lab("zeros-at-the-end", "zero bytes after the end", RIGHT_TEXT.encode() + bytes(5000), EARNED),
    lab("not-a-number", "NaN and infinities, which are no JSON", json.dumps(document(*RIGHT, metadata={"a": [float("nan"), float("inf")]})), EARNED),
    lab("surrogates", "halves of surrogate pairs", text_of("# \ud800 \udfff", *RIGHT), EARNED),
    lab("zero-in-a-cell", "zero bytes and escapes in the source", text_of("# \x00\x1b[31m", *RIGHT), EARNED),
    lab("no-code", "only text", text_of({"cell_type": "markdown", "source": "filterResponseGauss"}), unreadable("no code cell"), sample=True),
    lab("no-lab", "another course's notebook", text_of("print('history of art')"), unreadable("none of the labs"), sample=True),
    lab("many-cells", "fifty thousand cells", lambda: text_of(*RIGHT, *["pass"] * 50_000), unreadable("50,003 cells")),
    lab("long-source", "ten megabytes of code", lambda: text_of(*RIGHT, "x = 1\n" * 1_700_000), unreadable("code cells hold")),
    lab("large-outputs", "100 MB of outputs, which are nobody's business", lambda: of_outputs(100), EARNED),
    lab("too-large", "210 MB", lambda: of_outputs(210), unreadable("at most 200 MB")),
    lab("memory-bomb", "150 MB of JSON that unfold to five gigabytes", lambda: lists(150), unreadable("too much memory")),
    lab("forged-outputs", "saved outputs that claim full marks", text_of(*(code_cell(source, outputs=[FORGED_OUTPUT], execution_count=59) for source in WRONG)), Expect()),
    lab("tags", "tags and metadata that execution tools obey", text_of(*(code_cell(source, metadata=METADATA) for source in RIGHT), metadata={"timeout": 0, "kernelspec": {"name": "/bin/sh", "language": "python"}}), EARNED, sample=True),
    Case("a-folder-as-notebook", "a folder named lab.ipynb", folder({"lab.ipynb/inside.txt": "x"}), unreadable("No notebook"), sample=True),
    Case("shadowing", "helper files named like the grader's own libraries", notebook(*RIGHT, numpy_py="1 / 0", ipykernel_py="1 / 0", labgrade_kernel_py="1 / 0", zmq_py="import os; os._exit(3)", json_py="1 / 0", sitecustomize_py="import os; os._exit(3)"), Expect(most=4)),
)  # fmt: skip
