"""Property-based search for the simplest input that breaks a claim."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis.errors import Flaky
from hypothesis.strategies import SearchStrategy

from checks.kit.failure import Failure

Case = TypeVar("Case", bound=Hashable)
_share: ContextVar[float] = ContextVar("share", default=1.0)


@contextmanager
def fewer_examples(share: float) -> Iterator[None]:
    """Inside, every search tries this share (0–1) of the examples that it is asked for, at least one."""
    token = _share.set(share)
    try:
        yield
    finally:
        _share.reset(token)


def first_failure(prop: Callable[[Case], None], cases: Sequence[Case]) -> tuple[Case, Failure] | None:
    """The first of some cases for which ``prop`` raises a ``Failure``, with it, or ``None``.

    For cases that no search may miss. Inside ``fewer_examples`` a share of them is tried, spread evenly.
    Other exceptions pass through.
    """
    for case in cases[:: max(1, round(1 / _share.get()))]:
        try:
            prop(case)
        except Failure as failure:
            return case, failure
    return None


def falsify(
    prop: Callable[[Case], None], cases: SearchStrategy[Case], *, examples: int, seed: int
) -> Failure | None:
    """Return the simplest Failure found for ``prop``, or ``None``.

    Each distinct case is tried once, so ``prop`` may be slow; the draws depend on ``seed`` alone.
    Exceptions other than ``Failure`` (and those of the kernel's end) pass through.

    Args:
        prop: raises ``Failure`` where the claim does not hold.
        cases: hashable cases; the strategy's simplest values are those shown to the student.
        examples: distinct cases to try before the claim is taken to hold.
        seed: any integer.
    """
    verdicts: dict[Case, Failure | None] = {}
    passing: list[BaseException] = []

    def verdict(case: Case) -> Failure | None:
        if case not in verdicts:
            try:
                prop(case)
                verdicts[case] = None
            except Failure as failure:
                verdicts[case] = failure
            except BaseException as error:
                passing.append(error)
                raise
        return verdicts[case]

    simplest: list[Failure] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=max(1, round(examples * _share.get())), deadline=None, database=None,
        derandomize=False, print_blob=False,
        phases=(Phase.generate, Phase.shrink), report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck), verbosity=hypothesis.Verbosity.quiet,
    )  # fmt: skip
    @hypothesis.given(cases)
    def search(case: Case) -> None:
        failure = verdict(case)
        if failure is not None:
            simplest[:] = [failure]
            raise failure.with_traceback(None)

    try:
        search()
    except Failure:
        return simplest[0]
    except Flaky:  # the claim did not fail again, or another exception came from a second place
        if passing:
            raise passing[0] from None
        return next(failure for failure in verdicts.values() if failure is not None)
    return None
