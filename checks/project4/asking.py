"""Calling a student's function with arrays, whatever it does then."""

from __future__ import annotations

from collections.abc import Callable

from checks.kit import Failure, Raised, Reply, Student
from checks.kit.student import Array, Json

SETUP = "import cv2, numpy as np\n"


def call(student: Student, function: str, arrays: tuple[Array, ...], **arguments: Json) -> Reply:
    """Call it with the arrays in their order, then the named arguments.

    Raises:
        Failure: it raises, or there is no such function.
        Gone: the kernel is.
    """
    try:
        return student.ask("apply", arrays, function=function, arguments=arguments)
    except Raised as raised:
        if raised.ename == "NameError" and f"'{function}'" in raised.evalue:
            raise missing(student, function) from None
        raise Failure(
            f"`{function}` stops with {raised}.",
            expected="an array",
            received=f"{raised}",
            hint="Call it with the arguments below and read the last lines of the error.",
        ) from None


def array_of(reply: Reply, function: str, wanted: str) -> Array:
    """The array that the function returned; ``wanted`` says what it should be, e.g. "a mask".

    Raises:
        Failure: it returned none.
    """
    if reply.arrays:
        return reply.arrays[0]
    type_ = str(reply.data.get("type"))
    returned = "nothing" if type_ == "NoneType" else f"a {type_} that is no array of numbers"
    raise Failure(
        f"`{function}` returns {returned}.",
        expected=wanted,
        received=returned,
        hint="End the function with `return` and the array.",
    )


def missing(student: Student, function: str) -> Failure:
    """The failure of a function that is not there."""
    return Failure(
        f"There is no function `{function}`: {student.why_missing(function)}.",
        expected=f"a function `{function}` in the notebook or in a module beside it",
        received="none",
        hint="Keep the handout's name. The cell that defines it must run to its end.",
    )


def with_code(code: str, claim: Callable[[], None]) -> None:
    """Run a claim; a failure without code to paste gets this."""
    try:
        claim()
    except Failure as failure:
        failure.counterexample = failure.counterexample or code
        raise
