"""Tasks P2.3 and P2.4: the eight training cases, and what the notebook shows of them."""

from __future__ import annotations

from checks.kit import Failure, Student, check
from checks.project4.vgg_cases import TRAININGS, Difference, Recognised, recognise
from checks.project4.vgg_charts import judge_chart
from checks.project4.vgg_curves import judge_curves
from checks.project4.vgg_learning import judge_learning
from checks.project4.vgg_tests import judge_compiled, judge_tests
from checks.project4.vgg_winner import judge_winner


@check(task="P2.3")
def case_1(student: Student) -> str | None:
    """Case 1 was trained: the standard network, learning rate 0.001, batches of 128, 20 epochs"""
    return _judge_case(student, 1)


@check(task="P2.3")
def case_2(student: Student) -> str | None:
    """Case 2 was trained: 64–512–64 filters with batch normalisation, 0.00001, batches of 32, 10 epochs"""
    return _judge_case(student, 2)


@check(task="P2.3")
def case_3(student: Student) -> str | None:
    """Case 3 was trained: everything halved, learning rate 0.001, batches of 128, 10 epochs"""
    return _judge_case(student, 3)


@check(task="P2.3")
def case_4(student: Student) -> str | None:
    """Case 4 was trained: everything quartered, learning rate 0.001, batches of 128, 10 epochs"""
    return _judge_case(student, 4)


@check(task="P2.3")
def case_5(student: Student) -> str | None:
    """Case 5 was trained: 64–512–64 filters, dense 4096–2048–1000, 0.001, batches of 128, 10 epochs"""
    return _judge_case(student, 5)


@check(task="P2.3")
def case_6(student: Student) -> str | None:
    """Case 6 was trained: 64–512–64 filters with batch normalisation, 0.001, batches of 128, 10 epochs"""
    return _judge_case(student, 6)


@check(task="P2.3")
def case_7(student: Student) -> str | None:
    """Case 7 was trained: the standard network, learning rate 0.1, batches of 128, 10 epochs"""
    return _judge_case(student, 7)


@check(task="P2.3")
def case_8(student: Student) -> str | None:
    """Case 8 was trained: the standard network, learning rate 0.00001, batches of 128, 10 epochs"""
    return _judge_case(student, 8)


@check(task="P2.3")
def compiled(student: Student) -> str | None:
    """All cases were trained with Adam and with a loss that fits softmax and the form of the labels"""
    return judge_compiled(student)


@check(task="P2.3")
def tested(student: Student) -> str | None:
    """Each trained network was tested on images that it was not trained on"""
    return judge_tests(student)


@check(task="P2.3")
def learns(student: Student) -> str | None:
    """A network of build_vgg16 at a small width learns to tell fish apart in a short training"""
    return judge_learning(student)


@check(task="P2.4")
def curves(student: Student) -> str | None:
    """Training and validation curves of each case that was trained were drawn"""
    return judge_curves(student)


@check(task="P2.4")
def chart(student: Student) -> str | None:
    """A chart shows how many test images each case classified correctly and incorrectly"""
    return judge_chart(student)


@check(task="P2.4")
def winner(student: Student) -> str | None:
    """The best case was named"""
    return judge_winner(student)


def _judge_case(student: Student, number: int) -> str | None:
    """Raise Failure unless a case was trained; what is wrong in several cases alike counts in the first."""
    found = recognise(student)
    case = found[number - 1]
    if case.run is None or any(one.setting == "network" for one in case.differences):
        raise _missing(student, case)
    counted = {(one.setting, one.received) for other in found[: number - 1] for one in other.differences}
    new = [one for one in case.differences if (one.setting, one.received) not in counted]
    if new:
        raise _differs(case, new)
    if case.differences:
        return f"{_words(case.differences)}: that is counted in an earlier case."
    if case.short:
        return (
            f"It was trained for {case.run.epochs} of {case.training.epochs} epochs, since there is no "
            "graphics card here."
        )
    return None


def _words(differences: tuple[Difference, ...] | list[Difference]) -> str:
    return ", ".join(f"{one.setting} {one.received} instead of {one.expected}" for one in differences)


def _differs(case: Recognised, differences: list[Difference]) -> Failure:
    cell = case.run.last.cell if case.run else 0
    return Failure(
        f"Case {case.training.number} was trained with {_words(differences)}.",
        expected=case.training.text(),
        received=f"{', '.join(f'{one.setting} {one.received}' for one in differences)}, in cell {cell}",
        hint="Hold this case's row of the task's table against what build_vgg16, Adam and fit are given.",
    )


def _missing(student: Student, case: Recognised) -> Failure:
    number, wanted = case.training.number, case.training.text()
    stopped = next((fit for fit in student.fits if fit.error), None)
    dead = next((cell for cell in student.cells if cell.error and ".fit(" in cell.source), None)
    if stopped is not None or dead is not None:
        error, cell = (
            (stopped.error, stopped.cell) if stopped else (dead.error, dead.number) if dead else ("", 0)
        )
        return Failure(
            f"Case {number} was not trained: cell {cell} stopped with {error.rstrip('.')}.",
            expected=wanted,
            received=f"{sum(not fit.error for fit in student.fits)} of {len(TRAININGS)} trainings that ended",
            hint="Read the last lines of the error; the shapes of images and labels must fit the network.",
        )
    if case.run is None:
        return Failure(
            f"Case {number} was not trained.",
            expected=wanted,
            received="no training that is left for it" if student.fits else "no call of fit",
            hint="Each row of the task's table is a network, an optimiser and a call of fit of its own.",
        )
    return Failure(
        f"Case {number} was not trained: no network of its sizes was.",
        expected=wanted,
        received=f"the nearest, in cell {case.run.last.cell}, has {case.run.sizes.text()}",
        hint="Which filters, dense layers and batch_norm are passed to build_vgg16 for this case?",
    )
