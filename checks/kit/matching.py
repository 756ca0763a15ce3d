"""Which recorded ``fit`` a saved log is of."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.kit.saved import Log, Saved
from checks.kit.source import loaded, parsed, stored
from checks.kit.student import Fit, Student

DEPENDS = re.compile(
    r"\bif\b|\bor\b|\bget\(|environ|input\("
)  # a value that another machine may have another of
SETTING = re.compile(r"epoch|batch(?!_?norm)|\bbs\b|\bXtrain\b", re.IGNORECASE)


def pairs(student: Student, saved: Saved) -> Iterator[tuple[Fit, Log]]:
    """Each fit of the graded run with the saved log of the same fit, in the order of the cells.

    Only cells that hold as many logs as fits that ran, where no name they read was to be set by a cell that
    stopped when the grader ran it, and where the settings do not depend on the machine.
    """
    for cell in saved.cells:
        logs = saved.logs_in(cell.number)
        fits = [fit for fit in student.fits if fit.cell == cell.number]
        if logs and len(logs) == len(fits) and not cell.cut and _is_sure(student, saved, cell.number, fits):
            yield from zip(fits, logs, strict=True)


def _is_sure(student: Student, saved: Saved, number: int, fits: list[Fit]) -> bool:
    tree = parsed(saved.cell(number).source)
    if tree is None or any(fit.error for fit in fits) or saved.cell(number).error:
        return False
    reads = loaded(tree)
    for cell in student.cells:
        other = parsed(cell.source) if cell.number <= number else None
        if cell.error and cell.number == number:
            return False
        if cell.error and cell.number < number and (other is None or stored(other) & reads):
            return False
    return not any(
        DEPENDS.search(line) and SETTING.search(line)
        for cell in saved.cells[:number]
        for line in cell.source.split("\n")
    )
