"""Task 8, a bonus: a search for good hyper-parameters, and the best configuration that it found."""

from __future__ import annotations

from checks.cnn.code import stopped
from checks.cnn.searches import (
    Best,
    Search,
    attempts,
    by_other_means,
    picks_the_best,
    read_bests,
    read_searches,
    shows,
)
from checks.kit import Cell, Failure, NotAttempted, Student, check

SKIPPED = "Task 8 is optional and was not attempted."
RUN = "tune.run(train_CNN, …) or tune.Tuner(train_CNN, …).fit()"


@check(task="8")
def search(student: Student) -> str | None:
    """A search tries configurations by a metric that train_CNN reports"""
    searches = read_searches(student.events)
    if searches:
        return _best_judged(searches)
    other = by_other_means(student)
    if other is not None:
        return f"The search in cell {other.number} does without Ray Tune, which the task asks for; it counts."
    raise _not_run(student)


@check(task="8", needs=search)
def best(student: Student) -> None:
    """The best configuration of the search is shown"""
    searches, bests = read_searches(student.events), read_bests(student.events)
    found = [one for one in bests if one.config]
    first = min((one.cell for one in searches), default=0)
    if any(shows(student, one.cell, one.config) for one in found):
        return
    if not found and picks_the_best(student, first):
        return
    raise _not_shown(student, found, bests)


def _best_judged(searches: tuple[Search, ...]) -> str | None:
    """The hint of the first search that is right.

    Raises:
        Failure: none is; it is that of the last one.
    """
    failures: list[Failure] = []
    for one in searches:
        try:
            return _judge(one)
        except Failure as failure:
            failures.append(failure)
    raise failures[-1]


def _judge(one: Search) -> str | None:
    """Raise Failure unless a search chose between configurations by what its trials reported."""
    if one.errors and len(one.errors) == one.tried:
        raise _trial_stopped(one)
    if one.configurations < 2:
        raise _nothing_to_choose(one)
    if not one.reported:
        raise _nothing_reported(one)
    if one.metric and one.metric not in one.reported:
        raise _another_metric(one)
    if one.errors:
        return f"{len(one.errors)} of the trials stopped with {one.errors[0].rstrip('.')}."
    return "With num_samples=1 the search tries a single configuration." if one.asked == 1 else None


# ---- what fails --------------------------------------------------------------------------------------


def _not_run(student: Student) -> Failure:
    cells = attempts(student)
    if not cells:
        return NotAttempted(SKIPPED, hint="It gives bonus points only: nothing is lost.")
    broken: Cell | None = next((cell for cell in reversed(cells) if cell.error), None)
    return Failure(
        stopped(broken, "sets up the search") if broken else "Task 8 is optional: no search was run.",
        expected=RUN,
        received=broken.error
        if broken
        else f"code for a search in cell {cells[0].number}, which starts none",
        hint="Mend this error first." if broken else "Does a cell start the search?",
    )


def _trial_stopped(one: Search) -> Failure:
    return Failure(
        f"train_CNN stopped with {one.errors[0].rstrip('.')} in every trial of cell {one.cell}.",
        expected="a train_CNN that trains with each configuration of the space",
        received=one.errors[0],
        hint="Call train_CNN yourself with one configuration: does config have every name that it reads?",
    )


def _nothing_to_choose(one: Search) -> Failure:
    return Failure(
        f"The search space in cell {one.cell} holds only one configuration: there is nothing to choose from.",
        expected="at least two configurations, e.g. {'n_filters': tune.choice([16, 32])}",
        received=f"{', '.join(one.names) or 'nothing'} drawn, 1 configuration",
        hint="tune.choice, tune.uniform and tune.grid_search say what a value is drawn from.",
    )


def _nothing_reported(one: Search) -> Failure:
    return Failure(
        f"train_CNN reports no metric to the search in cell {one.cell}.",
        expected="tune.report({'val_accuracy': …}), or return {'val_accuracy': …}",
        received="a train_CNN that reports and returns nothing",
        hint="The search compares configurations by what train_CNN reports.",
    )


def _another_metric(one: Search) -> Failure:
    return Failure(
        f"The search in cell {one.cell} looks for {one.metric!r}, which train_CNN does not report.",
        expected=f"train_CNN reports {one.metric!r}",
        received=f"it reports {', '.join(map(repr, one.reported))}",
        hint="The names in tune.report and in metric=… must be the same.",
    )


def _not_shown(student: Student, found: list[Best], bests: tuple[Best, ...]) -> Failure:
    asked = next((cell for cell in student.cells if bests and cell.number == bests[-1].cell), None)
    if asked is not None and asked.error:
        message = stopped(asked, "asks for the best configuration")
    elif found:
        message = f"Cell {found[-1].cell} finds the best configuration, but no cell shows it."
    else:
        message = "The best configuration of the search was never asked for."
    return Failure(
        message,
        expected="the best configuration, printed",
        received=asked.error if asked is not None and asked.error else "a search without its result",
        hint="Print results.get_best_result().config (or analysis.best_config after tune.run).",
    )
