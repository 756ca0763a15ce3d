"""What a student's kernel that stops answering leaves behind."""

from __future__ import annotations

import numpy as np
import pytest

from checks.kit import Gone, Raised, Reply
from grader import evidence
from grader.evidence import Evidence, LiveStudent
from grader.kernels import Unusable, decode


@pytest.mark.parametrize(
    ("error", "kinds"),
    [(Unusable("its answer is malformed"), ["tampering"]), (Gone("the Python process ended"), [])],
    ids=["unusable", "gone"],
)
def test_only_an_unusable_answer_is_reported_as_tampering(tmp_path, error, kinds):
    """An answer that our module would not give is a finding with its reason; a dead process is none."""

    def put(_op, _arguments, _arrays):
        raise error

    student = LiveStudent(Evidence(tmp_path), {}, 0, put, {}, ())
    assert student.findings() == ()
    for _ in range(2):
        with pytest.raises(Gone, match=error.reason):
            student.ask("describe", function="build_CNN")
    found = student.findings()
    assert [finding.kind for finding in found] == kinds
    assert all(finding.evidence == (error.reason,) for finding in found)


def observed(*arrays, **more):
    """An answer with arrays named 0, 1, …, each a value of ``image``."""
    names = [str(number) for number in range(len(arrays))]
    changed = [{"variable": "image", "type": "ndarray", "content": name} for name in names]
    return Reply({"contents": names, "changed": changed, **more}, tuple(arrays))


def kept(folder, *replies):
    """The arrays of ``image`` after these answers."""
    found = Evidence(folder)
    for reply in replies:
        found.add(1, reply)
    return [version.array for version in found.versions.get("image", [])]


def test_arrays_are_kept_up_to_a_limit(tmp_path, monkeypatch):
    """What exceeds the room for all arrays, or their number, is left out; what fits is kept."""
    monkeypatch.setattr(evidence, "MAX_SPOOLED_BYTES", 100)
    small, large = np.zeros(8), np.zeros(9)
    assert [array is None for array in kept(tmp_path, observed(small, large, np.zeros(4)))] == [
        False,
        True,
        False,
    ]
    monkeypatch.setattr(evidence, "MAX_ARRAYS", 2)
    assert [array is None for array in kept(tmp_path, observed(*[np.zeros(1)] * 3))] == [False, False, True]


def test_an_earlier_array_stays_as_it_was(tmp_path):
    """Evidence of another hand-in in the same folder does not write over what is still mapped."""
    (first,) = kept(tmp_path, observed(np.arange(3)))
    kept(tmp_path, observed(np.zeros(3)))
    assert first.tolist() == [0, 1, 2]


def numbered(order):
    """What each training in a record has: its place, and a model."""
    return {"order": order, "model": {"identity": order, "fits_before": 0}}


def test_records_are_bounded(tmp_path, monkeypatch):
    """A process that invents thousands of calls fills no memory."""
    monkeypatch.setattr(evidence, "MAX_RECORDS", 10)
    found = Evidence(tmp_path)
    for cell in range(5):
        numbers = range(404 * cell + 1, 404 * cell + 405)
        events = [{"order": number} for number in numbers[4:]]
        fits = [{"epochs": cell, **numbered(number)} for number in numbers[:4]]
        found.add(cell, Reply({"fits": fits, "events": events, "count": numbers[-1]}, ()))
    assert (len(found.fits), len(found.events)) == (10, 10)
    assert found.fits[-1].epochs == 2


@pytest.mark.parametrize("number", [10**400, -(10**400), float("inf"), float("nan"), True, "7", None, []])
def test_numbers_are_numbers(tmp_path, number):
    """What is no finite number of a usual size is none."""
    found = Evidence(tmp_path)
    fit = {"epochs": number, "steps_per_epoch": number, "validation_split": number, **numbered(1)}
    found.add(1, Reply({"fits": [fit], "count": 1}, ()))
    assert (found.fits[0].epochs, found.fits[0].steps_per_epoch, found.fits[0].validation_split) == (
        None,
        None,
        0.0,
    )


def test_depth_is_counted():
    """Lists and dictionaries count alike, and a value that is none of them is no level."""
    assert evidence.is_shallow({"a": [1, {"b": []}]}, 4)
    assert not evidence.is_shallow({"a": [1, {"b": []}]}, 3)
    assert evidence.is_shallow("x" * 99, 0)


@pytest.mark.parametrize(
    "content",
    [
        {"status": "ok", "data": {}, "arrays": [{"dtype": ",<f8", "shape": [1]}]},
        {"status": "ok", "data": {}, "arrays": [{"dtype": "V8", "shape": [1]}]},
        {"status": "ok", "data": {}, "arrays": [{"dtype": "<f8", "shape": ["x"]}]},
        {"status": "ok", "data": [], "arrays": []},
        {"status": "ok", "data": {}, "arrays": 7},
        {},
        None,
    ],
)
def test_a_malformed_answer_is_unusable(content):
    """Whatever it is made of, nothing else is raised."""
    with pytest.raises(Unusable):
        decode({"content": content and {**content, "nonce": "1"}, "buffers": [b"01234567"]}, "1")


def test_an_error_is_remembered(live):
    """A function that stops is not called again with the same arguments, and stops with the same words."""
    student = live.run(
        "calls = 0\ndef build(n):\n    global calls\n    calls += 1\n    raise ValueError(f'{n}, call {calls}')"
    )
    said = []
    for _ in range(2):
        with pytest.raises(Raised) as raised:
            student.ask("describe", function="build", arguments={"n": 3})
        said.append(str(raised.value))
    assert said[0] == said[1]
    with pytest.raises(Raised, match=r"^ValueError: 4, call 4"):  # each time twice: see quick.py
        student.ask("describe", function="build", arguments={"n": 4})
