"""Reports to render: the smallest, a full one, and those that a hostile or clumsy submission makes."""

from __future__ import annotations

import base64
import dataclasses
import math
import struct
import zlib
from typing import Any

from checks.kit import AccuracyRow, Origin, TableRow
from checks.kit.picture import (
    FREE,
    Arrows,
    Bars,
    Curves,
    Fields,
    FlowPicture,
    Guess,
    Images,
    Line,
    Matrix,
    Plots,
    Ranking,
    Rankings,
    Series,
    Tile,
)
from grader.records import (
    Answer,
    CellError,
    CheckResult,
    CheckStatus,
    Execution,
    Finding,
    Marking,
    Phase,
    Provenance,
    Report,
    TaskResult,
)

MARKUP = (
    "</title></style></textarea></script></pre></details></main>"
    "<script>trap('script')</script>\"><img src=x onerror=trap('img')>'><svg onload=trap('svg')>"
    "<a href=\"javascript:trap('link')\">javascript:trap('text')</a>"
    '<iframe src="https://evil.example/frame"></iframe><link rel=stylesheet href="https://evil.example/css">'
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>"
    "{{ 7 * 7 }}{% raw %}\x00\x1b[31m\u202e\ud800"
)
"""One text that tries every way out of the place where it is shown."""


def png(width: int = 2, height: int = 2, noise: int = 0) -> bytes:
    """A real grey PNG, shape (height, width), uint8, with ``noise`` bytes of a text chunk that says nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress((b"\x00" + b"\x80" * width) * height)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"tEXt", b"x" * noise)
        + chunk(b"IDAT", pixels)
        + chunk(b"IEND", b"")
    )


PNG = base64.b64encode(png()).decode("ascii")


def code(source: object, *outputs: object) -> dict[str, Any]:
    """A code cell."""
    return {"cell_type": "code", "source": source, "outputs": list(outputs), "metadata": {}}


def markdown(source: object, **more: object) -> dict[str, Any]:
    """A Markdown cell."""
    return {"cell_type": "markdown", "source": source, "metadata": {}, **more}


def notebook(*cells: object) -> dict[str, Any]:
    """A notebook in nbformat 4."""
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}


def stream(text: object) -> dict[str, Any]:
    """What a cell printed."""
    return {"output_type": "stream", "name": "stdout", "text": text}


def display(data: dict[str, object]) -> dict[str, Any]:
    """A displayed object, by media type."""
    return {"output_type": "display_data", "data": data, "metadata": {}}


def check(id: str, status: CheckStatus, points: float, of: float, **more: Any) -> CheckResult:  # noqa: A002
    """A check's result; its title is the id in words."""
    texts = {"title": f"Claim {id}", "message": "", **more}
    return CheckResult(id=id, task=id.partition("/")[0], status=status, points=points, max_points=of, **texts)


PROVENANCE = Provenance(
    "0.1.0", "c0ffee" * 10, 0, "budget", "bubblewrap", "built-in", (("numpy", "2.4.1"), ("keras", "3.15.0"))
)

MINIMAL = Report(
    lab="cnn", lab_title="", student="ada", slug="ada", notebook="", sha256="", status="graded",
    score=0.0, max_score=0.0, pending_manual=0.0, execution=Execution("not_run", 0, 0, 0.0), tasks=(),
    provenance=Provenance("0", "", 0, "budget", "bubblewrap", ""),
)  # fmt: skip

TILE = Tile(PNG, "yours, 2 × 2", wrong=True)
LINES = (
    Line("training, as handed in", (0.3, 0.5, 0.9), claimed=True),
    Line("validation, in the grader's run", (0.1, None, math.inf, 0.2), validation=True),
)
PICTURES = (
    Images("Yours beside the right one", (TILE, Tile(PNG, "right")), "Grey is 0.", group=2),
    Curves("Training of 4.2, cell 3", "accuracy", LINES, "Dashed is the grader's run.", 0.4),
    Matrix("Which class was taken for which", ("cat", "dog"), ((3, 1), (0, 4)), "Of the test images."),
    Rankings(
        "What the network sees", (Ranking(TILE, (Guess("tabby", 0.83), Guess("lynx", 0.1))),), "One photo."
    ),
)
MORE_PICTURES = (
    Plots(
        "Training of 4.3, cell 4",
        (Curves("accuracy", "accuracy", LINES), Curves("loss", "loss", LINES)),
        "As handed in.",
    ),
    Bars(
        "Accuracies of the cases",
        "accuracy",
        ("case 1", "case 2"),
        (
            Series("test, as handed in", (0.9, None), claimed=True, test=True),
            Series("test, in the grader's run", (0.8, math.inf), test=True),
        ),
        "No number, no bar.",
        0.11,
        "guessing",
    ),
    Fields(
        "The motion",
        (
            Arrows("right", 20, 10, ((5.0, 5.0, 4.0, 2.0),), PNG),
            Arrows("yours", 20, 10, ((5.0, 5.0, 0.0, 0.0),), wrong=True),
        ),
        "Arrows are longer.",
    ),
)

FAILED = check(
    "4.1/architecture",
    "failed",
    2.0,
    8.0,
    message="The maps shrink, see cell 2.",
    expected="padding='same'",
    received="padding='valid'",
    hint="Look at the output shape.",
    counterexample="print(build_CNN((32, 32, 3)).layers[0].output.shape)",
    table=(
        TableRow("Conv2D 3×3, 16 filters, same", "Conv2D 3×3, 16 filters, valid", same=False),
        TableRow("Flatten", "Flatten", same=True),
        TableRow("BatchNormalization", "", same=False),
        TableRow("", "GlobalAveragePooling2D", same=False),
    ),
    pictures=(
        FlowPicture(
            flow=(((0.0, 0.0), (3.0, -4.0)), ((0.0, 0.0), (0.0, 0.0))),
            expected=((0, 255), (FREE, 0)),
            received=((255, 255), (255, 0)),
        ),
        *PICTURES,
    ),
)

MARKING = Marking(
    "Well drawn.\nAnd <labelled>.", "The scan was blurred.", "Dr Noether", "2026-11-22T10:00", "manual", 0.0
)

TASKS = (
    TaskResult(
        "4.1", "build_CNN", "A function that builds a network.", 8.0, 16.0,
        (
            check("4.1/callable", "passed", 4.0, 4.0, message="Defaults are missing; that is allowed."),
            FAILED,
            check("4.1/parameters", "skipped", 0.0, 2.0, message="It needs “Claim 4.1/architecture”.", pictures=MORE_PICTURES),
            check("4.1/learning-rate", "error", 2.0, 2.0, message="The probe did not answer."),
        ),
    ),
    TaskResult(
        "1.2", "Questions", "", 0.0, 6.0,
        (
            check("1.2/essay", "manual", 0.0, 2.0),
            check("1.2/q1", "manual", 0.0, 1.5),
            check("1.2/q2", "manual", 0.0, 1.5),
            check("1.2/q3", "manual", 0.0, 1.0),
        ),
    ),
    TaskResult("7", "ResNet50", "Five photos.", 12.0, 12.0, (check("7/photos", "passed", 12.0, 12.0),)),
)  # fmt: skip

ANSWERS = (
    Answer(
        "Q1",
        "1.2",
        "What do they do?",
        "They *blur*.\nAnd <more>.",
        4,
        "likely_wrong",
        "It is <too> little.",
        ("*blur*", "<more>"),
    ),
    Answer("Q2", "1.2", "How large?", "", 5, "missing", "No answer was found below the question."),
    Answer("Q3", "1.2", "Why?", "A long story. " * 80 + "Its end.", 6, "unclear", "It is too long."),
)

ACCURACIES = (
    AccuracyRow(
        "4.1", "build_CNN", Origin(None, "no task asks for it"),
        Origin(0.482, "3 epochs on 4,000 images", 0.39, 0.0004), Origin(None, "no task asks for it"),
    ),
    AccuracyRow(
        "4.2", "2 convolutional layers", Origin(0.523, "cell 2"), Origin(None, "measured for 4.1 alone"),
        Origin(0.5155, "2,000 hidden images; not calibrated, so it only informs"),
    ),
)  # fmt: skip

NOTEBOOK = notebook(
    markdown("# My lab\n\nSome *text*, a [link](https://keras.io), and\n\n| a | b |\n|---|---|\n| 1 | 2 |"),
    code("import numpy as np\n\ndef f(x: int = 1):  # a comment\n    return 'text' + f'{x}'"),
    code("train()", stream("\x1b[1mEpoch\x1b[0m 1/2\n1/375\r375/375 accuracy: 0.32\n")),
    code("plt.show()", display({"image/png": PNG, "text/plain": "<Figure>"})),
    code("df", display({"text/html": "<table><tr><td>0.52</td></tr></table>", "text/plain": "0.52"})),
    code(
        "boom", {"output_type": "error", "ename": "NameError", "evalue": "boom", "traceback": ["NameError"]}
    ),
)

FULL = Report(
    lab="cnn",
    lab_title="2D CNN image classification",
    student="Ada Lovelace",
    slug="ada",
    notebook="2D_CNN.ipynb",
    sha256="ab12cd34" * 8,
    status="incomplete",
    score=20.0,
    max_score=34.0,
    pending_manual=6.0,
    execution=Execution(
        "error", 5, 5, 31.2, (CellError(5, "NameError", "boom", "boom"),), "Given cells cost nothing."
    ),
    tasks=TASKS,
    provenance=PROVENANCE,
    findings=(Finding("log_mismatch", "4.2", "The log disagrees.", ("cell 2: 375 steps", "Q14: batch 64")),),
    answers=ANSWERS,
    training_note="Training was cut to three epochs.",
    accuracies=ACCURACIES,
    phases=(Phase("intake", 0.1), Phase("execution", 31.2)),
    peak_mib=1834.2,
    executed=NOTEBOOK,
)

DRAWING = check("1.2/drawing", "passed", 1.0, 1.0, message=MARKING.comment, marking=MARKING)
MARKED = dataclasses.replace(
    FULL,
    tasks=(
        TASKS[0],
        dataclasses.replace(TASKS[1], points=1.0, max_points=7.0, checks=(DRAWING, *TASKS[1].checks)),
    ),
    score=21.0,
    max_score=35.0,
)

UNREADABLE = dataclasses.replace(
    MINIMAL,
    student="bo",
    slug="bo",
    status="unreadable",
    max_score=60.0,
    problem="It is a PDF. Hand in the .ipynb file.",
)

UNSANDBOXED = dataclasses.replace(FULL, provenance=dataclasses.replace(PROVENANCE, sandbox="none"))


def with_every_text(value: Any, text: str) -> Any:
    """``value`` with ``text`` in every field of free text, however deep; the fixed words stay."""
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(with_every_text(item, text) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fixed = {"status", "executed", "verdict"}
        changes = {
            field.name: with_every_text(getattr(value, field.name), text)
            for field in dataclasses.fields(value)
            if field.name not in fixed
        }
        return dataclasses.replace(value, **changes)
    return value


def hostile_notebook() -> dict[str, Any]:
    """Every cell and output of a notebook, each trying to run a script or to reach the network."""
    evil = "https://evil.example/"
    html = f"""{MARKUP}<style>@import url({evil}css); *{{background:url({evil}bg)}}</style>
        <div style="position:fixed;inset:0;background:url({evil}bg)" id=main class=banner onclick=trap('c')>
        <form action="{evil}"><input autofocus onfocus=trap("f")><button>Send</button></form>
        <img src="{evil}p.png" srcset="{evil}q.png 2x"><video src="{evil}v" autoplay></video>
        <object data={evil}o></object><embed src={evil}e><base href={evil}>
        <a href=' javascript:trap(1)'>x</a><a href='data:text/html,<script>trap(2)</script>'>y</a>
        </div></div></div>"""
    svg = f"""<svg xmlns="http://www.w3.org/2000/svg" onload="trap('s')"><image href="{evil}i"/></svg>"""
    outputs = [
        stream(html),
        {"output_type": "error", "ename": MARKUP, "evalue": MARKUP, "traceback": [html]},
        display({"text/html": html, "text/plain": html}),
        display({"image/svg+xml": svg}),
        display({"image/svg+xml": svg.replace("image", "g")}),
        display({"application/javascript": "trap('js')", MARKUP: MARKUP}),
        display({"image/png": '"><script>trap(3)</script>'}),
        display({"image/png": base64.b64encode(b"<script>trap(4)</script>").decode()}),
    ]
    links = f"[a](javascript:trap(5)) [b]({evil}) ![c]({evil}c.png) <javascript:trap(6)>"
    text = f"{html}\n\n{links}\n\n```html\n{html}\n```"
    return notebook(code(html, *outputs), markdown(text), code(MARKUP))
