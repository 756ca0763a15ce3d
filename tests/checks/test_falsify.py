"""The search for the simplest input that shows a fault."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import strategies as st

from checks.kit import Failure, Gone, Raised, falsify
from checks.kit.falsify import fewer_examples, first_failure

NUMBERS = st.integers(0, 1000)


def fails_from(limit: int) -> Callable[[int], None]:
    def prop(number: int) -> None:
        if number >= limit:
            raise Failure(f"{number} is too large")

    return prop


@pytest.mark.parametrize("limit", [0, 1, 17, 500])
def test_falsify_finds_the_simplest(limit: int) -> None:
    """Of all numbers that fail, the smallest one is returned."""
    failure = falsify(fails_from(limit), NUMBERS, examples=100, seed=0)
    assert failure is not None
    assert failure.message == f"{limit} is too large"


def test_falsify_returns_none_where_the_claim_holds() -> None:
    """No failure, no result."""
    assert falsify(fails_from(1001), NUMBERS, examples=50, seed=0) is None


def draws(seed: int) -> list[int]:
    tried: list[int] = []
    falsify(tried.append, NUMBERS, examples=30, seed=seed)
    return tried


def test_falsify_draws_by_the_seed_alone() -> None:
    """One seed draws the same cases each time, another seed others."""
    assert draws(7) == draws(7)
    assert draws(7) != draws(8)


def test_falsify_tries_each_case_once() -> None:
    """A slow claim is asked about no case twice, neither while drawing nor while shrinking."""
    tried: list[int] = []

    def prop(number: int) -> None:
        tried.append(number)
        fails_from(300)(number)

    assert falsify(prop, NUMBERS, examples=100, seed=0) is not None
    assert len(tried) == len(set(tried)) > 1


def test_falsify_tries_as_many_cases_as_told() -> None:
    """``examples`` different cases are tried before the claim is taken to hold."""
    assert len(set(draws(0))) == 30


@pytest.mark.parametrize("error", [Raised("ValueError", "no"), Gone("the process ended"), KeyError("x")])
def test_falsify_lets_other_errors_pass(error: Exception) -> None:
    """The end of the kernel, and mistakes of ours, are not the claim's failure."""

    def prop(number: int) -> None:
        if number > 3:
            raise error

    with pytest.raises(type(error)) as caught:
        falsify(prop, NUMBERS, examples=50, seed=0)
    assert caught.value is error


def test_falsify_settles_on_one_verdict_for_a_flaky_claim() -> None:
    """A claim whose outcome changes from call to call still gives a failure that was really seen."""
    calls: list[int] = []

    def prop(number: int) -> None:
        calls.append(number)
        if len(calls) % 2:
            raise Failure(f"{number} in call {len(calls)}")

    failure = falsify(prop, NUMBERS, examples=50, seed=0)
    assert failure is not None
    assert failure.message in {f"{number} in call {count}" for count, number in enumerate(calls, start=1)}


def test_falsify_lets_pass_what_comes_from_two_places() -> None:
    """An exception that is raised elsewhere the second time is no verdict: the first one passes through."""
    calls: list[int] = []

    def prop(_number: int) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise Gone("the process ended")
        raise Gone("it is gone")

    with pytest.raises(Gone, match="the process ended"):
        falsify(prop, NUMBERS, examples=20, seed=0)


def test_falsify_keeps_all_parts_of_the_failure() -> None:
    """What is returned is the very failure that the claim raised."""
    raised = Failure("m", expected="e", received="r", hint="h", counterexample="c")

    def prop(_number: int) -> None:
        raise raised

    assert falsify(prop, NUMBERS, examples=5, seed=0) is raised


def test_fewer_examples_can_be_asked_for():
    """A share of them, at least one, and only inside."""
    tried: list[int] = []
    with fewer_examples(0.1):
        falsify(tried.append, st.integers(), examples=50, seed=1)
    assert len(set(tried)) <= 5
    with fewer_examples(0.001):
        falsify(tried.append, st.integers(), examples=50, seed=1)
    tried.clear()
    falsify(tried.append, st.integers(), examples=50, seed=1)
    assert len(set(tried)) > 5


def test_the_first_failure_of_a_list() -> None:
    """The first case that fails comes with its failure; a share of the cases is spread evenly."""
    found = first_failure(fails_from(3), [1, 4, 3, 5])
    assert found is not None
    assert (found[0], found[1].message) == (4, "4 is too large")
    assert first_failure(fails_from(9), [1, 4]) is None
    tried: list[int] = []
    with fewer_examples(0.25):
        assert first_failure(tried.append, range(32)) is None
    assert tried == list(range(0, 32, 4))
