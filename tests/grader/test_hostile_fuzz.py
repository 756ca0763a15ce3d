"""Whatever strangers make, at random: class folders, zips, notebooks, and answers of a kernel."""

from __future__ import annotations

import io
import json
import os
import shutil
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hostile import targets
from tests.hostile.case import RIGHT, document, text_of, zipped

EXAMPLES = settings(
    max_examples=150, derandomize=True, database=None, deadline=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
ODD_TEXT = st.sampled_from(
    ["", "x", "\x00", "\x1b[31m", "\u202e", "\ud800", "<script>trap(1)</script>", "1" * 40, "../..", "'\"><img src=x>"]
) | st.text(max_size=8)  # fmt: skip
NUMBERS = st.integers(-3, 3) | st.sampled_from([10**40, 10**4000, -(2**63)]) | st.floats()
LEAVES = st.none() | st.booleans() | NUMBERS | ODD_TEXT
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ODD_TEXT, inner, max_size=4),
    max_leaves=12,
)

# ---- class folders and zips --------------------------------------------------------------------------

NAMES = st.sampled_from(
    ["a", "A", "é", "e\u0301", "lab.ipynb", "LAB.IPYNB", "b.ipynb", "handout.ipynb", "u.py", "x.zip", "y.ZIP", "z.rar", "two\nlines.ipynb",
     "\u202egnp.ipynb", "<img src=x>", ".ipynb_checkpoints", "__MACOSX", "gradebook.csv", "result.json", "CON", "n" * 200 + ".ipynb", "pyvenv.cfg",
     "ada_12_345_lab.ipynb", "ada_LATE_12_346_u-1.py", "Ada L_7_assignsubmission_file_", "Ada L_7_assignsubmission_file_lab.ipynb",
     "submission_1", "submission_metadata.yml", "index.html", " ", "caf\udce9"]
)  # fmt: skip
MEMBERS = NAMES | st.sampled_from(
    ["../e.ipynb", "/e.py", "C:\\e", "a/../../b", "a/b/lab.ipynb", "d/" * 40 + "u.py", "a\\b.ipynb", "."]
)
NOTEBOOKS = st.sampled_from(
    [text_of("x = 1"), text_of(*RIGHT), "{", "", "[" * 3000, text_of("x", nbformat=99)]
)


@st.composite
def zips(draw, depth=1):
    """A zip of odd members; some lie about what they are."""
    made = []
    for name in draw(st.lists(MEMBERS, max_size=5)):
        info = zipfile.ZipInfo(name.encode("utf-8", "replace").decode())
        info.external_attr = draw(st.sampled_from([0, 0o120777, 0o010644, 0o100644])) << 16
        nested = zips(depth=depth - 1) if depth else st.just(b"PK")
        made.append((info, draw(NOTEBOOKS.map(str.encode) | st.binary(max_size=20) | nested)))
    return zipped(*made, compressed=draw(st.booleans()))


TREES = st.recursive(
    NOTEBOOKS
    | st.binary(max_size=30)
    | zips()
    | st.sampled_from([("link", ".."), ("link", "/etc"), ("link", "a"), ("pipe",)]),
    lambda inner: st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=8,
)


def plant(folder: Path, tree) -> None:
    """Lay a tree; what the system does not take is left out."""
    folder.mkdir(exist_ok=True)
    for name, content in tree.items():
        path = folder / name
        if path.is_symlink() or path.exists():
            continue
        if isinstance(content, dict):
            plant(path, content)
        elif isinstance(content, tuple):
            path.symlink_to(content[1]) if content[0] == "link" else os.mkfifo(path)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.mark.filterwarnings("ignore:Duplicate name")
@EXAMPLES
@given(st.dictionaries(NAMES, TREES, max_size=6))
def test_any_class_folder(tree):
    """Every folder gives submissions or one line, opens no pipe, and follows no link."""
    base = Path(tempfile.mkdtemp())
    plant(base / "class", tree)
    targets.classroom(base / "class")
    shutil.rmtree(base)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@EXAMPLES
@given(
    zips(depth=2),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=4),
    st.integers(0, 99),
)
def test_any_zip(raw, changes, cut):
    """A zip, with some bytes changed and maybe its end cut off, is unpacked or refused."""
    changed = bytearray(raw)
    for place, value in changes:
        if changed:
            changed[place % len(changed)] = value
    targets.archive(bytes(changed[: len(changed) - (cut if cut > 90 else 0)]))


# ---- notebooks ---------------------------------------------------------------------------------------


@st.composite
def mutated(draw):
    """A notebook of which some parts are replaced by others, or left out."""
    made = document(*RIGHT, {"cell_type": "markdown", "source": ["# a", "b"], "metadata": {}, "id": "c"})
    made["cells"][0]["outputs"] = draw(st.lists(OUTPUTS, max_size=2))
    for _ in range(draw(st.integers(1, 3))):
        place = made
        while isinstance(place, dict | list) and place:
            keys = sorted(place) if isinstance(place, dict) else range(len(place))
            key = draw(st.sampled_from(list(keys)))
            if not isinstance(place[key], dict | list) or draw(st.booleans()):
                place[key] = draw(JSON)
                break
            place = place[key]
    return made


OUTPUTS = st.fixed_dictionaries(
    {"output_type": st.sampled_from(["stream", "error", "display_data", "execute_result"]) | JSON},
    optional={"text": JSON, "data": st.dictionaries(
        st.sampled_from(["text/html", "image/svg+xml", "image/png", "text/plain", "text/markdown"]), JSON, max_size=3), "ename": JSON, "evalue": JSON, "traceback": JSON,
    },
)  # fmt: skip


@EXAMPLES
@given(
    mutated()
    | JSON
    | st.fixed_dictionaries(
        {"nbformat": JSON, "worksheets": JSON | st.just([{"cells": [{"cell_type": "code", "input": "x"}]}])}
    )
)
def test_any_json_as_a_notebook(made):
    """What is no notebook is refused in a sentence; pages show any of it without running any."""
    raw = json.dumps(made)
    targets.notebook(raw.encode())
    targets.page(json.loads(raw))


@EXAMPLES
@given(
    st.binary(max_size=200)
    | st.sampled_from(["utf-8", "utf-16", "utf-32", "latin-1"]).map(text_of("# å").encode),
    st.integers(0, 500),
    st.binary(max_size=3),
)
def test_any_bytes_as_a_notebook(raw, place, junk):
    """So is a file of any bytes, and a notebook with a few of them changed."""
    targets.notebook(raw[:place] + junk + raw[place + len(junk) :])


# ---- answers of a kernel -----------------------------------------------------------------------------

SPECS = st.fixed_dictionaries(
    {"dtype": st.sampled_from(["<f8", "|b1", "<c16", "O", "V4", "f8,(", "(2,2)f8", "M8[s]", "<f2", "i0", "S3", "f8, i4", "{'names':['a']}"]) | JSON,
     "shape": st.lists(st.integers(-2, 3) | NUMBERS, max_size=4) | JSON}
)  # fmt: skip
CALLED = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        (
            "model",
            "source",
            "train",
            "validation",
            "epochs",
            "steps_per_epoch",
            "order",
            "data",
            "arrays",
            "kind",
            "name",
            "identity",
            "variable",
            "content",
            "callbacks",
            "validation_source",
        ),
        JSON,
    ),
)
DATA = JSON | st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("changed", "models", "fits", "uses", "events"), st.lists(CALLED, max_size=3) | JSON
    )
    | {
        "contents": st.lists(ODD_TEXT, max_size=4),
        "networks": st.dictionaries(ODD_TEXT, JSON, max_size=2),
        "sources": st.dictionaries(ODD_TEXT, CALLED, max_size=2),
        "parameters": JSON,
    },
)
CONTENT = JSON | st.fixed_dictionaries(
    {"status": st.sampled_from(["ok", "ok", "raised", "failed"]) | JSON, "data": DATA},
    optional={"arrays": st.lists(SPECS, max_size=3) | JSON, "ename": JSON, "evalue": JSON, "traceback": JSON},
)


@settings(EXAMPLES, max_examples=500)
@given(CONTENT, st.lists(st.sampled_from([b"", b"\0" * 8, b"12345678" * 4]), max_size=3))
def test_any_answer_of_a_kernel(content, buffers):
    """It is plain data, the student's error, or a process that is gone: never an exception of ours."""
    targets.answer(content, buffers)


@pytest.mark.parametrize("levels", [39, 60, 400])
def test_an_answer_nested_deeply(levels):
    """Data that lies deeper than any description is refused before a check can stumble over it."""
    deep = json.loads('{"a":' * levels + "1" + "}" * levels)
    targets.answer({"status": "ok", "data": deep, "arrays": []}, [])
    targets.answer(
        {"status": "ok", "data": {"events": [{"kind": "x", "data": deep}], "fits": [deep]}, "arrays": []}, []
    )


@pytest.mark.parametrize("target", targets.OF_BYTES.values(), ids=targets.OF_BYTES)
@pytest.mark.parametrize("raw", [b"", b"{}", b"[]\n", b"null\n12", io.BytesIO(b"\xff" * 9).getvalue()])
def test_the_targets_of_the_fuzzer_by_hand(target, raw):
    """What atheris feeds takes any bytes."""
    target(raw)
