"""Keys: whatever decides a result changes them, and nothing else does."""

import dataclasses
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.cache.keys import ExecutionInputs, JudgingInputs, PagesInputs, digest, key_of

TEXT = st.text(max_size=8)
NUMBER = st.integers(-9, 9) | st.floats(allow_nan=False, allow_infinity=False)
STRATEGIES = {
    "watch": st.lists(st.tuples(TEXT, st.lists(TEXT, max_size=3).map(tuple)), max_size=3).map(tuple),
    "files": st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple),
    "packages": st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple),
    "limits": st.lists(st.tuples(TEXT, NUMBER), max_size=3).map(tuple),
    "thresholds": st.lists(st.tuples(TEXT, NUMBER), max_size=3).map(tuple),
    "seed": st.integers(0, 2**32),
    **dict.fromkeys(("cells", "machine", "more"), st.lists(TEXT, max_size=3).map(tuple)),
}
RECORDS = (ExecutionInputs, JudgingInputs, PagesInputs)


def inputs_of(record):
    return st.builds(record, **{name: strategy_of(name) for name in names_of(record)})


def strategy_of(name):
    return STRATEGIES.get(name, TEXT)


def names_of(record):
    return [field.name for field in dataclasses.fields(record)]


@pytest.mark.parametrize(
    "name", [f"{record.__name__}.{name}" for record in RECORDS for name in names_of(record)]
)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_any_field_changes_the_key(name, data):
    """Whatever the others are, another value of any field gives another key, and an equal one the same."""
    record = next(one for one in RECORDS if one.__name__ == name.partition(".")[0])
    inputs = data.draw(inputs_of(record))
    field = name.partition(".")[2]
    value = data.draw(strategy_of(field))
    changed = dataclasses.replace(inputs, **{field: value})
    same = repr(value) == repr(getattr(inputs, field))  # 1 and 1.0 are equal, and two keys do no harm
    assert (key_of(changed) == key_of(inputs)) is same


@settings(max_examples=100, deadline=None)
@given(st.lists(TEXT, max_size=4), st.lists(TEXT, max_size=4))
def test_parts_do_not_run_together(one, other):
    """Two cells are not one with the text of both: keys are equal only where lists are."""
    assert (digest(one) == digest(other)) is (one == other)


def test_kinds_of_key_differ():
    """A page's key is no verdict's, though all their fields were equal."""
    assert len({key_of(PagesInputs("a", "b", "c")), digest(["a", "b", "c"]), digest("abc")}) == 3


def test_a_key_is_the_same_in_every_process():
    """No key depends on the seed of Python's hashes."""
    code = "from grader.cache.keys import *; print(key_of(PagesInputs('a', 'b', 'c')))"
    told = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True, text=True, check=True,
        ).stdout.strip()
        for seed in "12"
    }  # fmt: skip
    assert told == {key_of(PagesInputs("a", "b", "c"))}


def test_what_json_cannot_hold_has_no_key():
    """An object in a field is refused, since its text could stand for anything."""
    with pytest.raises(TypeError):
        key_of(PagesInputs("a", "b", object()))
