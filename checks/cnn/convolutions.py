"""Task 1.1: three filter responses, each judged by its values, whatever computed them."""

from __future__ import annotations

from collections.abc import Callable

from checks.cnn import mistakes, responses
from checks.cnn.responses import GAUSS, SOBEL_X, SOBEL_Y, Filter, Match
from checks.kit import Failure, Student, check


@check(task="1.1")
def gaussian(student: Student) -> str | None:
    """The Gaussian response is the image convolved with the Gaussian kernel"""
    return _judge(student, (GAUSS,), lambda match: match.sign == 1)


@check(task="1.1")
def sobel(student: Student) -> str | None:
    """Each Sobel response comes from its own kernel"""
    return _judge(student, (SOBEL_X, SOBEL_Y), lambda match: True)


@check(task="1.1", needs=sobel)
def convolution(student: Student) -> str | None:
    """The Sobel responses are convolutions, not correlations"""
    return _judge(student, (SOBEL_X, SOBEL_Y), lambda match: match.sign == 1, hints=False)


def _judge(
    student: Student, filters: tuple[Filter, ...], right: Callable[[Match], bool], *, hints: bool = True
) -> str | None:
    """Judge each filter's response; the failures of several become one."""
    borders: list[Filter] = []
    failures: list[Failure] = []
    for one in filters:
        try:
            match = _judge_one(student, one, right)
            borders += [one] if hints and not match.usual_border else []
        except Failure as failure:
            failures.append(failure)
    if failures:
        raise _together(failures)
    return " ".join(map(_border_hint, borders)) or None


def _judge_one(student: Student, one: Filter, right: Callable[[Match], bool]) -> Match:
    """Find a version of the response that is right.

    Raises:
        Failure: there is none; it tells of the last version that is nearly right, else of the last.
    """
    setting = responses.setting_of(student, one)
    nearly = None
    for version in reversed(student.versions(one.response)):
        match = responses.matched(student, one, version.array)
        if match is not None and right(match):
            return match
        nearly = nearly or (version if match is not None else None)
    raise mistakes.explain(student, one, setting, nearly)


def _border_hint(one: Filter) -> str:
    return (
        f"{one.response} is right inside, but its border is none of the usual ones "
        "(zeros or another constant, mirrored, repeated or prolonged image): look at how you treat it."
    )


def _together(failures: list[Failure]) -> Failure:
    first = failures[0]
    return Failure(
        " ".join(failure.message for failure in failures),
        expected=first.expected,
        received=first.received,
        hint=first.hint,
        counterexample="\n".join(f.counterexample for f in failures if f.counterexample) or None,
    )
