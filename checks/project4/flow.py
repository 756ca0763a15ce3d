"""Tasks P1.1 to P1.3: flow, mask and masked frame, each judged by what the functions do."""

from __future__ import annotations

from collections.abc import Callable

from checks.kit import Failure, Student, check, falsify
from checks.kit.student import Array
from checks.project4.asking import array_of, call, with_code
from checks.project4.blackened import Masking, maskings, require_colours, require_form

EXAMPLES = 60  # distinct cases


# ---- P1.3 the masked frame


@check(task="P1.3")
def shape(student: Student) -> None:
    """apply_mask returns a frame of the same shape and type"""
    _search_masked(student, require_form)


@check(task="P1.3", needs=shape)
def masked(student: Student) -> None:
    """apply_mask keeps the colours where the mask is set and makes the rest black"""
    _search_masked(student, require_colours)


@check(task="P1.3", needs=shape)
def untouched(student: Student) -> None:
    """apply_mask leaves the frame that it is given as it was"""

    def claim(case: Masking) -> None:
        changed = call(student, "apply_mask", (case.frame(), case.mask())).data.get("changed", ())
        if tuple(changed)[:1] != (True,):
            return
        raise Failure(
            "`apply_mask` also changes the frame that it is given.",
            expected="a new frame; the one passed in stays as it was",
            received="the argument is different after the call",
            hint="Work on a copy, or use what cv2.bitwise_and returns.",
            counterexample=f"{case.code()}before = frame.copy()\napply_mask(frame, mask)\n"
            "np.array_equal(frame, before)  # False",
        )

    _search(claim, student)


def _search_masked(student: Student, require: Callable[[Masking, Array], None]) -> None:
    def claim(case: Masking) -> None:
        def on_result() -> None:
            reply = call(student, "apply_mask", (case.frame(), case.mask()))
            require(case, array_of(reply, "apply_mask", "a masked frame, uint8"))

        with_code(f"{case.code()}apply_mask(frame, mask)", on_result)

    _search(claim, student)


def _search(claim: Callable[[Masking], None], student: Student) -> None:
    failure = falsify(claim, maskings(), examples=EXAMPLES, seed=student.seed)
    if failure is not None:
        raise failure
