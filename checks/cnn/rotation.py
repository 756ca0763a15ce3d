"""Task 5.0: does a network that was trained on upright images know them when they are turned by 90°?"""

from __future__ import annotations

from collections.abc import Iterator

from checks.cnn import rotating
from checks.cnn.recognising import judge_recognition
from checks.cnn.testing import Tested, calls_on_test_images, trained_before
from checks.kit import Failure, Student, check

ENOUGH = 100  # images that an accuracy needs


@check(task="5.0")
def rotates(student: Student) -> str | None:
    """myrotate turns each image by 90° and changes nothing else"""
    function = rotating.function_of(student)
    rotated = any(one.seen.turn.is_quarter for one in calls_on_test_images(student))
    if function is None and rotated:
        return None
    if function is None:
        raise Failure(
            f"There is no function `myrotate`: {student.why_missing('myrotate')}.",
            expected="a function `myrotate(images)` that turns every image by 90°",
            received="none, and no rotated test images either",
            hint="The handout gives the function; its cell must run before it is used.",
        )
    try:
        return rotating.judge(student, function)
    except Failure:
        if rotated and not _is_called(student, function):
            return f"`{function}` is not used, and is not judged: the rotated test images are right."
        raise


@check(task="5.0", needs=rotates)
def evaluated(student: Student) -> str | None:
    """A trained network is evaluated on the test images turned by 90°"""
    calls = calls_on_test_images(student)
    turned = [one for one in calls if one.seen.turn.is_quarter]
    if not turned:
        raise _never_rotated(student, calls)
    faults = [_fault(student, one) for one in turned]
    if None not in faults:
        raise faults[0] or AssertionError("unreachable: None is not among the faults")
    right = [one for one, fault in zip(turned, faults, strict=True) if fault is None]
    return _hint(student, right)


@check(task="5.0", needs=evaluated, full=True)
def recognises(student: Student) -> str | None:
    """The network, trained in full, recognises unseen images turned by 90°"""
    return judge_recognition(student, "5.0")


def _is_called(student: Student, function: str) -> bool:
    lines = [line for cell in student.cells for line in cell.source.splitlines()]
    return any(f"{function}(" in line and f"def {function}" not in line for line in lines)


def _fault(student: Student, one: Tested) -> Failure | None:
    """What is wrong with one evaluation on rotated test images."""
    if one.use.error:
        return Failure(
            f"Cell {one.use.cell}, which evaluates the rotated images, stopped with {one.use.error}.",
            expected="loss and accuracy on the rotated test images",
            received=one.use.error,
            hint="Both the rotated images and their labels are passed to evaluate.",
        )
    if len(one.part.images) < ENOUGH:
        return Failure(
            f"Only {len(one.part.images)} rotated test images were evaluated.",
            expected="all rotated test images",
            received=f"{len(one.part.images)} of them in cell {one.use.cell}",
            hint="An accuracy of so few images says little.",
        )
    if not trained_before(student, one.use):
        return Failure(
            f"{one.model} was not trained before it was evaluated on the rotated images.",
            expected="the network trained in 4.6",
            received=f"a new network in cell {one.use.cell}",
            hint="Building the network again throws away what it has learned.",
        )
    return one.label_fault(student) or one.scale_fault(student)


def _never_rotated(student: Student, calls: tuple[Tested, ...]) -> Failure:
    stopped = next(_stopped(student), None)
    if stopped:
        return Failure(
            stopped,
            expected="an evaluation on the rotated test images",
            received="an error before that",
            hint="Run the notebook from its top in a fresh kernel and mend the first error.",
        )
    other = [one for one in calls if one.seen.turn.quarters or one.seen.turn.mirrored]
    words = {f"{one.seen.turn.words} (cell {one.use.cell})": None for one in other or calls}
    return Failure(
        f"A network was evaluated on test images that are {other[0].seen.turn.words}, not turned by 90°."
        if other
        else "No network was evaluated on the rotated test images.",
        expected="model4.evaluate with the rotated test images and their labels",
        received=f"test images that are {', '.join(list(words)[:3])}" if words else "no evaluation",
        hint="Which array do you pass to evaluate: the rotated one?",
    )


def _stopped(student: Student) -> Iterator[str]:
    for cell in student.cells:
        if cell.error and "rotat" in cell.source and ("evaluate" in cell.source or "predict" in cell.source):
            yield f"Cell {cell.number}, which evaluates the rotated images, stopped with {cell.error}."


def _hint(student: Student, right: list[Tested]) -> str | None:
    """The task means the network of 4.6, which is the last one that was trained on upright images."""
    hints = []
    for one in right:
        before = [
            fit for fit in student.fits
            if fit.order <= one.use.order and not fit.error and fit.source.kind == "arrays"
        ]  # fmt: skip
        if not before or "model4" in one.use.model.names:
            return None
        if before[-1].model.identity == one.use.model.identity:
            return None
        last = next(iter(before[-1].model.names), "the last one")
        hints.append(f"The task means the network of 4.6, {last}; you evaluated {one.model}.")
    return hints[0] if hints else None
