"""The way in: the pairs of a class that was graded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from grader.records import Report, Submission
from grader.similarity.compare import similar
from grader.similarity.given import given_in
from grader.similarity.levels import load_levels
from grader.similarity.records import Similar
from grader.similarity.works import read_works


def find_similar(
    submissions: Sequence[Submission], reports: Sequence[Report], listen: Callable[[int, int], None]
) -> Similar:
    """The pairs of a class that are alike above the level of their lab.

    It depends on the hand-ins and the written answers in the reports alone, so a run that takes reports over
    from an earlier one finds the same.

    Args:
        submissions: the class.
        reports: what came of them; those that are unreadable are left out.
        listen: told from time to time how many of how many steps are done.
    """
    works, left_out = read_works(submissions, reports, listen)
    return replace(similar(works, given_in, load_levels, listen), left_out=left_out)
