"""Edits of a hand-in: each does one thing, and says so where it does not fit."""

from __future__ import annotations

import pytest

from checks.kit.fault import (
    BrokenEdit,
    HandIn,
    NotebookCell,
    append_cell,
    drop_cell,
    edited,
    insert_cell,
    read_cells,
    remove,
    replace,
    replace_cell,
    write,
)

BASE = HandIn(
    read_cells("""
# %% [markdown]
# ## 1.1 Load
# It says load() here, too.

# %%
%matplotlib inline
x = load()
y = load()

# %%
z = load() + x
"""),
    {"utilities.py": "def load():\n    return 1\n"},
)


def sources(*edits):
    """The notebook's cells after the edits."""
    return [cell.source for cell in edited(BASE, edits).cells]


def test_the_percent_format_is_read():
    """Cells keep their kind, magics stand as typed, and markdown loses its comment signs."""
    assert BASE.cells == (
        NotebookCell("markdown", "## 1.1 Load\nIt says load() here, too."),
        NotebookCell("code", "%matplotlib inline\nx = load()\ny = load()"),
        NotebookCell("code", "z = load() + x"),
    )


@pytest.mark.parametrize(
    ("edit", "cells"),
    [
        (replace("load()", "read()"), ["x = read()\ny = load()", "z = load() + x"]),
        (replace("load()", "read()", count=3), ["x = read()\ny = read()", "z = read() + x"]),
        (replace("load()", "read()", count=0), ["x = read()\ny = read()", "z = read() + x"]),
        (replace("load()", "read()", cell="z ="), ["x = load()\ny = load()", "z = read() + x"]),
        (replace_cell("z =", "\n    z = 3\n    "), ["x = load()\ny = load()", "z = 3"]),
        (drop_cell("z ="), ["x = load()\ny = load()"]),
        (append_cell("w = 1"), ["x = load()\ny = load()", "z = load() + x", "w = 1"]),
        (insert_cell("w = 1", after="y ="), ["x = load()\ny = load()", "w = 1", "z = load() + x"]),
        (insert_cell("w = 1", before="y ="), ["w = 1", "x = load()\ny = load()", "z = load() + x"]),
    ],
    ids=["first", "three", "all", "in-a-cell", "cell", "drop", "append", "after", "before"],
)
def test_edits_of_the_notebook(edit, cells):
    """An edit changes what it names and leaves the rest; code goes before text."""
    code = [source.removeprefix("%matplotlib inline\n") for source in sources(edit)[1:]]
    assert code == cells


def test_edits_of_files():
    """Helper files are edited, written and removed; the base stays as it was."""
    assert edited(BASE, replace("1", "2", file="utilities.py")).files["utilities.py"].endswith("return 2\n")
    assert edited(BASE, write("more.py", "\n    a = 1")).files["more.py"] == "a = 1\n"
    assert edited(BASE, remove("utilities.py")).files == {}
    assert BASE.files["utilities.py"].endswith("return 1\n")


def test_edits_follow_each_other():
    """Several edits are applied in order, each to what the one before has made."""
    assert sources(replace("z = load()", "z = get()"), replace("get()", "take()"))[-1] == "z = take() + x"


def test_text_is_edited_where_no_code_fits():
    """A text that stands in markdown alone is found there."""
    assert sources(replace("It says", "It said"))[0].startswith("## 1.1 Load\nIt said")


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (replace("gone()", ""), "holds 'gone()' 0 times"),
        (replace("load()", "", count=4), "3 times, not 4"),
        (replace("gone", "", file="utilities.py"), "utilities.py holds 'gone' 0 times"),
        (replace("a", "", file="other.py"), "no file 'other.py'"),
        (replace("load()", "", cell="nowhere"), "no cells contain 'nowhere'"),
        (replace_cell("load()", ""), "2 cells contain 'load()'"),
        (drop_cell("nowhere"), "no cells contain"),
        (insert_cell("", after="nowhere"), "no cells contain"),
        (remove("other.py"), "no file 'other.py'"),
    ],
)
def test_an_edit_that_does_not_fit_says_so(edit, words):
    """What was looked for, and how often it is there, stands in the error."""
    with pytest.raises(BrokenEdit) as raised:
        edited(BASE, edit)
    assert words in str(raised.value)
