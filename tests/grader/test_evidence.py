"""What a student's kernel that stops answering leaves behind."""

from __future__ import annotations

import pytest

from checks.kit import Gone
from grader.evidence import Evidence, LiveStudent
from grader.kernels import Unusable


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
