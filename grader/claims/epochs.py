"""The number of epochs in a saved log against that which the code asks for, and printed scores against "
"bars."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checks.kit import Fit, Student
from checks.kit.matching import pairs
from checks.kit.saved import Doubt, Evaluation, Log, Saved, SavedCell, Score, at
from checks.kit.source import calls, line_with, parsed
from grader.claims.stale import written_epochs

ROUNDING = 1e-4  # of a bar, which shows four decimals


def other_epochs(student: Student, saved: Saved) -> tuple[Doubt, ...]:
    """Logs of another number of epochs than the ``fit`` in that cell asked for when the grader ran it.

    What the cell itself says is left to ``stale``.
    """
    told = {cell.number for cell in saved.cells if None not in written_epochs(cell) and written_epochs(cell)}
    found = []
    for fit, log in pairs(student, saved):
        if fit.epochs is not None and fit.epochs != log.announced and log.cell not in told:
            found.append(_doubt(saved, fit, log))
    return tuple(found)


def _doubt(saved: Saved, fit: Fit, log: Log) -> Doubt:
    source = saved.cell(log.cell).source
    evidence = [at(log.cell, line_with(source, "epochs") or line_with(source, "fit"))]
    evidence += _where_set(saved, log.cell)
    return Doubt(
        "log_mismatch", "",
        f"The code asks for {fit.epochs} epochs in cell {log.cell}; the saved log there is one of "
        f"{log.announced}. One of the two was changed after the training: run the cell again, and save.",
        (*evidence, at(log.cell, f"output, {log.text}")),
    )  # fmt: skip


def _where_set(saved: Saved, number: int) -> Iterator[str]:
    """The last cell above that sets ``epochs``."""
    for cell in reversed(saved.cells[: number - 1]):
        line = line_with(cell.source, "epochs")
        if line.replace(" ", "").startswith("epochs="):
            yield at(cell.number, line)
            return


def unsupported_scores(saved: Saved) -> tuple[Doubt, ...]:
    """A printed accuracy that is not the one of the only ``evaluate`` in its cell, whose bar stands "
    "above it."""
    return tuple(doubt for cell in saved.cells if (doubt := _unsupported(saved, cell)) is not None)


def _unsupported(saved: Saved, cell: SavedCell) -> Doubt | None:
    bars = [one for one in saved.evaluations if one.cell == cell.number]
    scores = [one for one in saved.scores if one.cell == cell.number]
    if len(bars) != 1 or len(scores) != 1 or cell.cut or not _prints_its_score(cell):
        return None
    bar, score = bars[0], scores[0]
    accuracy = next((bar.values[name] for name in ("accuracy", "acc") if name in bar.values), None)
    if accuracy is None or len(bar.values) != 2 or not bar.exact or bar.line > score.line:
        return None
    if abs(accuracy - score.value) <= 10.0**-score.digits + ROUNDING:
        return None
    return _score_doubt(cell, bar, score)


def _prints_its_score(cell: SavedCell) -> bool:
    """Whether the cell evaluates once, outside of loops and functions, and prints the second of the "
    "scores."""
    tree = parsed(cell.source)
    if tree is None or len(calls(tree, "evaluate")) != 1:
        return False
    nested = (ast.For, ast.While, ast.FunctionDef, ast.ListComp, ast.DictComp, ast.GeneratorExp)
    if any(isinstance(node, nested) for node in ast.walk(tree)):
        return False
    made = [
        node.targets[0].id
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and calls(node.value, "evaluate")
    ]
    printed = " ".join(ast.unparse(call) for call in calls(tree, "print"))
    return bool(made) and printed.count("[1]") == 1 and f"{made[0]}[1]" in printed


def _score_doubt(cell: SavedCell, bar: Evaluation, score: Score) -> Doubt:
    return Doubt(
        "log_mismatch", "",
        f"Cell {cell.number} prints an accuracy of {score.value:g}, but the evaluate in that cell shows "
        "another one.",
        (at(cell.number, f"output, {bar.text}"), at(cell.number, f"output, {score.text}")),
    )  # fmt: skip
