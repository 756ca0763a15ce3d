"""Watched variables are followed from cell to cell as plain arrays, each content sent once."""

from __future__ import annotations

import numpy as np
import pytest

from grader.kernel import observe
from tests.conftest import WATCH


def seen(student):
    """(cell, type, the array as a list) of each version of ``watched``."""
    return [
        (version.cell, version.type, None if version.array is None else version.array.tolist())
        for version in student.versions("watched")
    ]


@pytest.fixture
def kernel(live):
    """The shared kernel, without what an earlier test left in the watched names."""
    live.run("for name in ('watched', 'otherName'): globals().pop(name, None)")
    return live


def test_every_value_is_a_version(kernel):
    """Each cell that changes the variable adds a version, with its cell; the others add none."""
    one, two = kernel.fresh(), kernel.fresh()
    student = kernel.run(f"watched = np.array([{one}, 1])", "other = 1", f"watched = np.array([{two}, 2.5])")
    assert seen(student) == [(1, "ndarray", [one, 1]), (3, "ndarray", [two, 2.5])]


@pytest.mark.parametrize(
    "change",
    [
        "watched *= 2",
        "watched[:] = 0",
        "watched.shape = (3, 4)",
        "watched.sort()",
        "np.negative(watched, out=watched)",
    ],
)
def test_a_change_in_place_is_seen(kernel, change):
    """The same object with other content is another version."""
    number = kernel.fresh()
    student = kernel.run(f"watched = np.arange(12.0)[::-1] * {number} + 1", change)
    first, second = student.versions("watched")
    assert (first.cell, second.cell) == (1, 2)
    expected = np.arange(12.0)[::-1] * number + 1
    assert np.array_equal(first.array, expected)
    assert second.array is not None
    assert second.array.shape != (12,) or not np.array_equal(second.array, expected)


def test_a_change_in_place_of_a_large_array_is_seen(kernel):
    """Preprocessing in place is seen on a set as large as the lab's, and the earlier content is kept."""
    number = kernel.fresh()
    student = kernel.run(
        f"watched = np.full((2000, 32, 32, 3), {number % 200 + 20}, 'float32')",
        "watched /= 127.5; watched -= 1",
    )
    first, second = student.versions("watched")
    assert (first.array == number % 200 + 20).all()
    assert second.array.max() < 1


def test_a_content_is_sent_once(kernel):
    """An array that comes back, or goes under another name, is known without being sent again."""
    number = kernel.fresh()
    student = kernel.run(
        f"watched = np.arange(50.0) + {number}", "kept = watched.copy(); watched = None", "watched = kept",
        "otherName = kept.copy()",
    )  # fmt: skip
    versions = student.versions("watched")
    assert [version.cell for version in versions] == [1, 2, 3, 4]
    assert len(student.evidence.contents) == 1
    assert versions[0].array is versions[2].array is versions[3].array


def test_a_deleted_variable_may_come_back(kernel):
    """Deleting adds no version; the same object, bound again, does."""
    number = kernel.fresh()
    student = kernel.run(f"kept = watched = np.array([{number}])", "del watched", "watched = kept")
    assert [version.cell for version in student.versions("watched")] == [1, 3]


def test_spellings_count_as_one_variable(kernel):
    """Another spelling is the same variable; of two set in one cell the last in the list comes last."""
    one, two = kernel.fresh(), kernel.fresh()
    student = kernel.run(f"watched = np.array([{one}]); otherName = np.array([{two}])")
    assert [content for _, _, content in seen(student)] == [[two], [one]]
    assert WATCH["watched"][-1] == "watched"


@pytest.mark.parametrize(
    ("source", "type_", "content"),
    [
        pytest.param("[[{n}, 1], [2, 3]]", "list", "[[{n}, 1], [2, 3]]", id="list"),
        pytest.param("({n}, 2.5)", "tuple", "[{n}, 2.5]", id="tuple"),
        pytest.param("tf.constant([{n}, 2])", "EagerTensor", "[{n}, 2]", id="tensor"),
        pytest.param("tf.Variable([{n}.0, 2.0])", "ResourceVariable", "[{n}.0, 2.0]", id="tf-variable"),
        pytest.param("__import__('pandas').Series([{n}, 2])", "Series", "[{n}, 2]", id="pandas-series"),
        pytest.param(
            "__import__('pandas').DataFrame(dict(a=[{n}], b=[2]))", "DataFrame", "[[{n}, 2]]", id="frame"
        ),
        pytest.param("np.float32({n})", "float32", "{n}.0", id="numpy-number"),
        pytest.param("np.array([{n}, 1]) > 0", "ndarray", "[True, True]", id="booleans"),
        pytest.param("np.array([{n}, 1j])", "ndarray", "[{n}, 1j]", id="complex"),
        pytest.param("np.ma.array([{n}, 1], mask=[0, 1])", "MaskedArray", "[{n}, 1]", id="masked"),
        pytest.param("np.arange(10 * {n})[::10].T", "ndarray", "list(range(0, 10 * {n}, 10))", id="strided"),
        pytest.param("np.zeros((0, 3))", "ndarray", "[]", id="empty"),
        pytest.param("np.array([{n}, None], object)", "ndarray", "None", id="objects"),
        pytest.param("np.array(['a{n}'])", "ndarray", "None", id="texts"),
        pytest.param("np.zeros(3, [('a', 'i4')])", "ndarray", "None", id="structured"),
        pytest.param("np.array(['2024-01-01'], 'M8[D]')", "ndarray", "None", id="dates"),
        pytest.param("[[1, 2], [{n}]]", "list", "None", id="ragged-list"),
        pytest.param("list(range(20_001))", "list", "None", id="very-long-list"),
        pytest.param("{n}", "int", "None", id="int"),
        pytest.param("None", "NoneType", "None", id="none"),
        pytest.param("print", "builtin_function_or_method", "None", id="function"),
        pytest.param("{{'a': np.zeros(3)}}", "dict", "None", id="dictionary"),
        pytest.param(
            "type('Liar' * 50, (), dict(numpy=lambda me: 1 / 0, shape=()))()", "Liar" * 20, "None", id="liar"
        ),
        pytest.param(
            "type('Equal', (np.ndarray,), dict(__eq__=lambda *both: True))((2,), 'u1', b'{n:02d}'[:2])",
            "Equal", "list(b'{n:02d}'[:2])", id="equals-everything",
        ),
    ],
)  # fmt: skip
def test_what_counts_as_an_array(kernel, source, type_, content):
    """Numbers in arrays, tensors, frames and short lists are arrays; all else is only a type's name."""
    number = kernel.fresh()
    student = kernel.run(f"watched = {source.format(n=number)}")
    assert seen(student) == [(1, type_, eval(content.format(n=number)))]


def test_a_huge_array_is_left_out(kernel):
    """An array too large to travel is a version without content, and costs the notebook nothing."""
    student = kernel.run(
        "watched = np.zeros((50_000, 32, 32, 3))", "size = watched.nbytes", "watched = np.arange(3) - size"
    )
    assert [content is None for _, _, content in seen(student)] == [True, False]


def test_all_arrays_together_are_bounded(monkeypatch):
    """Once the contents of a notebook exceed the total, further ones are left out; known ones still count."""
    monkeypatch.setattr(observe, "MAX_TOTAL_BYTES", 100)
    watcher = observe.Observer({"a": ["a"]}, observe.Store())
    known = np.arange(10.0)
    contents = [
        watcher.changes({"a": value})["changed"][0]["content"]
        for value in (known, np.ones(10), known.copy(), np.ones(2))
    ]
    assert [content is None for content in contents] == [False, True, False, False]
    assert contents[0] == contents[2]


def test_the_sent_array_is_a_copy():
    """What waits to be sent does not change with the student's array."""
    store = observe.Store()
    array = np.arange(3.0)
    store.put(array)
    array[:] = 9
    assert store.take()[0].tolist() == [0, 1, 2]
    assert store.take() == []
