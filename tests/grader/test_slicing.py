"""The slice of a notebook that a task needs: nothing too few, and no training too many."""

from __future__ import annotations

import pytest

from checks.cnn.faults import HAND_IN
from checks.kit.fault import NotebookCell
from grader.effects import effects_of
from grader.slicing import needed_cells, task_sections


def slice_of(*sources: str, unsure: tuple[int, ...] = ()) -> tuple[int, ...]:
    """What the last cell needs, itself left out."""
    last = len(sources) - 1
    return tuple(place for place in needed_cells(sources, {last}, unsure) if place != last)


@pytest.mark.parametrize(
    ("sources", "needed"),
    [
        (["a = 1", "b = 2", "a"], (0,)),
        (["a = 1", "b = a", "c = 3", "b"], (0, 1)),
        (["a = 1", "a = 2", "a"], (1,)),
        (["a = 1", "b = 2", "def f():\n    return a\nf()"], (0,)),
        (["a = 1", "b = 2", "def f():\n    return a\na = 3\nf()"], ()),
        (["a = 1", "def f():\n    return a\nb = 2", "b"], (1,)),
        (["a = 1", "a += 1", "a"], (0, 1)),
        (["a = 1", "if x:\n    a = 2", "a"], (0, 1)),
        (["a = 1", "with f() as g:\n    a = 2", "a"], (1,)),
        (["a = []", "a.append(1)", "print(a)", "a"], (0, 1)),
        (["a = zeros()", "a[0] = 1", "b = a.astype(int)", "a"], (0, 1)),
        (["m = build()", "m.fit(x)", "m.evaluate(y)", "m"], (0, 1)),
        (["x = 1", "m.fit(x)", "n.fit(x)", "x"], (0,)),
        (["x = [1]", "np.random.shuffle(x)", "x"], (0, 1)),
        (["import numpy as np", "b = np.zeros(3)", "np.zeros(4)"], (0,)),
        (["from a import f", "f()"], (0,)),
        (["import keras", "import keras.layers", "keras.layers.Dense"], (0, 1)),
        (["def f():\n    return g()", "def g():\n    return k", "k = 1", "f()"], (0, 1, 2)),
        (["k = 1", "def f(k):\n    return k", "f(2)"], (1,)),
        (["i = 1", "for i in range(3):\n    print(i)"], ()),
        (["i = 1", "[i for i in range(3)]"], ()),
        (["i = 1", "for j in range(i):\n    i = 2"], (0,)),
        (["k = 1", "class A:\n    def f(self):\n        return k", "A().f()"], (0, 1)),
        (["k = 1", "f = lambda x: x + k", "f(1)"], (0, 1)),
        (["try:\n    import a\nexcept ImportError:\n    a = None", "a"], (0,)),
        (["a = 1", "%matplotlib inline", "a"], (0,)),
        (["a = 1", "%run utilities.py", "f(2)"], (1,)),
        (["a = 1", "from utilities import *", "f(2)"], (1,)),
        (["%%writefile utilities.py\nx = 1", "a = 1", "a"], (0, 1)),
        (["a = = 1", "b = 1", "b"], (0, 1)),
        (["exec('a = 1')", "b = 1", "b"], (0, 1)),
        (["!pip install keras", "b = 1", "b"], (1,)),
        (["a, (b, *c) = f()", "c"], (0,)),
        (["b = (a := 3)", "a"], (0,)),
        (["del a", "a = 1", "a"], (1,)),
        (["", "b"], ()),
    ],
)  # fmt: skip
def test_what_a_cell_needs(sources, needed):
    """The cells that set, or may change, what is used; all that may do anything; and no other."""
    assert slice_of(*sources) == needed


def test_a_cell_that_may_stop_does_not_hide_an_earlier_value():
    """Of a cell that may raise, the value before counts as well."""
    assert slice_of("a = 1", "a = f()", "a", unsure=(1,)) == (0, 1)


def test_a_cell_that_cannot_be_read_may_do_anything():
    """A syntax error, or nesting too deep for Python's parser, is no error of ours."""
    assert effects_of("a = = 1").opaque
    assert effects_of("(" * 5000).opaque


def test_sections_go_by_the_headings():
    """A heading that begins with a task's number begins its section; one of another number ends it."""
    texts = ["# Lab", "# Part 1: Filters\n## 1.1 Convolve", "code", "## More", "code", "# Part 6: Carbon", "code",
             "### 2", "code"]  # fmt: skip
    cells = [NotebookCell("code" if text == "code" else "markdown", text) for text in texts]
    found = task_sections(cells, ("1.1", "6"))
    assert found == ("", "1.1", "1.1", "1.1", "1.1", "6", "6", "", "")


@pytest.mark.parametrize(
    ("task", "sections"),
    [
        ("1.1", {"1.1"}),
        ("4.1", {"4.1"}),
        ("3.3", {"3.1", "3.2", "3.3"}),
        ("4.5", {"3.1", "3.2", "3.3", "3.4", "4.1", "4.2", "4.5"}),
        ("5.0", {"3.1", "3.2", "3.3", "3.4", "4.1", "4.2", "4.6", "5.0"}),
    ],
)
def test_a_task_of_the_typical_hand_in_runs_little(task, sections):
    """Filters need no data, the network's function no training, and dropout none of the trainings but one."""
    tasks = ("1.1", "2.1", "3.1", "3.2", "3.3", "3.4", "4.1", "4.2", "4.3", "4.4", "4.5", "4.6", "5.0")
    found = task_sections(HAND_IN.cells, tasks)
    code = [number for number, cell in enumerate(HAND_IN.cells) if cell.kind == "code"]
    wanted = {place for place, number in enumerate(code) if found[number] == task}
    needed = needed_cells([HAND_IN.cells[number].source for number in code], wanted)
    assert {found[code[place]] for place in needed} == sections
