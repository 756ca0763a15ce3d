"""Outputs that the code above them cannot have made."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from checks.kit.saved import Doubt, Log, Saved, SavedCell, at
from checks.kit.source import calls, constant, constants, keyword, parsed, stored
from grader.claims.screen import Line, lines_of

ADVICE = "The output is older than the code above it. Run the cell again, and save."
QUIET = (ast.Assign, ast.AnnAssign, ast.Expr, ast.FunctionDef, ast.Pass)  # statements that print nothing
LEAST = 3  # letters of a label that tell one printed line from another


def stale_outputs(saved: Saved) -> tuple[Doubt, ...]:
    """What stands in the saved output of a cell and disagrees with plain values in that very cell."""
    rules = (_other_epochs, _other_print, _silent)
    return tuple(
        doubt for cell in saved.cells if _may_judge(cell) for rule in rules for doubt in rule(saved, cell)
    )


def _may_judge(cell: SavedCell) -> bool:
    return bool(cell.text) and not cell.cut and not cell.error and parsed(cell.source) is not None


def _tree(cell: SavedCell) -> ast.Module:
    tree = parsed(cell.source)
    if tree is None:  # _may_judge has seen to it
        raise ValueError("the cell cannot be parsed")
    return tree


# ---- epochs ------------------------------------------------------------------------------------------


def written_epochs(cell: SavedCell) -> tuple[int | None, ...]:
    """For each ``fit`` of a cell the epochs that the cell itself says, ``None`` where it does not."""
    tree = parsed(cell.source)
    if tree is None:
        return ()
    return tuple(_epochs(cell, tree, call) for call in calls(tree, "fit"))


def _epochs(cell: SavedCell, tree: ast.Module, call: ast.Call) -> int | None:
    value = keyword(call, "epochs")
    if value is None or any(one.arg is None for one in call.keywords):
        return None
    if isinstance(value, ast.Name):
        set_here = [
            found for name, found, line in constants(tree) if name == value.id and line <= call.lineno
        ]
        times = sum(value.id in stored(node) for node in tree.body)
        found = set_here[0] if len(set_here) == times == 1 else None
    else:
        found = constant(value)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _other_epochs(saved: Saved, cell: SavedCell) -> Iterator[Doubt]:
    """A log of another number of epochs than the cell's only ``fit``, or all of them, asks for."""
    wanted, logs = set(written_epochs(cell)), saved.logs_in(cell.number)
    if len(wanted) != 1 or None in wanted or not logs:
        return
    (epochs,) = wanted
    other = next((log for log in logs if log.announced != epochs), None)
    if other is not None and epochs is not None:
        yield Doubt(
            "stale_output", "",
            f"Cell {cell.number} trains for {epochs} epochs, but its saved log is one of "
            f"{other.announced}. {ADVICE}",
            (at(cell.number, _line_of_epochs(cell)), at(cell.number, _head(other))),
        )  # fmt: skip


def _head(log: Log) -> str:
    return f"output, {log.text}"


def _line_of_epochs(cell: SavedCell) -> str:
    lines = [line.strip() for line in cell.source.split("\n") if re.search(r"\bepochs?\w*\s*=\s*\d", line)]
    return lines[-1] if lines else cell.source.strip().split("\n")[-1]


# ---- printed values ----------------------------------------------------------------------------------


def _other_print(_: Saved, cell: SavedCell) -> Iterator[Doubt]:
    """A line that prints constants, missing in the output, where the same words stand with another number."""
    tree = _tree(cell)
    values = _sure_values(tree)
    shown = lines_of(cell.text)
    texts = {line.text.strip() for line in shown}
    for call in _top_prints(tree):
        expected = _printed(call, values)
        if expected is None or not _is_telling(expected) or expected.strip() in texts:
            continue
        other = _same_words(expected, shown)
        if other is not None:
            yield Doubt(
                "stale_output", "",
                f"Cell {cell.number} prints “{expected.strip()[:120]}”, but its saved output says "
                f"“{other.text.strip()[:120]}”. {ADVICE}",
                (
                    at(cell.number, cell.source.split("\n")[call.lineno - 1].strip()),
                    at(cell.number, f"output, {other.text}"),
                ),
            )  # fmt: skip
            return


def _sure_values(tree: ast.Module) -> Mapping[str, object]:
    """The names that have one plain value for the whole of a cell."""
    set_at_all = [name for node in tree.body for name in stored(node)]
    return {name: value for name, value, _ in constants(tree) if set_at_all.count(name) == 1}


def _top_prints(tree: ast.Module) -> Iterator[ast.Call]:
    """The calls of ``print`` that run whenever the cell does, after the values were set."""
    set_until = max((line for _, _, line in constants(tree)), default=0)
    for node in tree.body:
        call = node.value if isinstance(node, ast.Expr) else None
        plain = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print"
        if isinstance(call, ast.Call) and plain and not call.keywords and node.lineno > set_until:
            yield call


def _printed(call: ast.Call, values: Mapping[str, object]) -> str | None:
    """What a ``print`` of constants shows, ``None`` where that cannot be said."""
    parts = [_shown(argument, values) for argument in call.args]
    return None if not parts or None in parts else " ".join(part for part in parts if part is not None)


def _shown(node: ast.expr, values: Mapping[str, object]) -> str | None:
    if isinstance(node, ast.JoinedStr):
        parts = [_field(part, values) for part in node.values]
        return None if None in parts else "".join(part for part in parts if part is not None)
    if isinstance(node, ast.Name):
        return str(values[node.id]) if node.id in values else None
    value = constant(node)
    return None if value is None else str(value)


def _field(part: ast.expr, values: Mapping[str, object]) -> str | None:
    if not isinstance(part, ast.FormattedValue):
        return _shown(part, values)
    return None if part.format_spec is not None or part.conversion != -1 else _shown(part.value, values)


def _is_telling(expected: str) -> bool:
    return (
        "\n" not in expected
        and len(re.sub(r"[^A-Za-z]", "", expected)) >= LEAST
        and bool(re.search(r"\d", expected))
    )


def _same_words(expected: str, shown: Sequence[Line]) -> Line | None:
    """The only line that differs from the expected one in nothing but its numbers."""
    found = [line for line in shown if _words(line.text) == _words(expected)]
    return found[0] if len(found) == 1 else None


def _words(text: str) -> str:
    return " ".join(re.sub(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", "#", text).split())


# ---- code that prints nothing ------------------------------------------------------------------------


def _silent(saved: Saved, cell: SavedCell) -> Iterator[Doubt]:
    """A training log, or a summary, below code that calls nothing at all."""
    tree = _tree(cell)
    calls_something = any(isinstance(node, ast.Call | ast.Await) for node in ast.walk(tree))
    magic = any(
        line.lstrip().startswith(("%", "!")) or line.rstrip().endswith("?")
        for line in cell.source.split("\n")
    )
    if calls_something or magic or not all(isinstance(node, QUIET) for node in tree.body):
        return
    claimed = [one.text for one in saved.logs_in(cell.number)]
    claimed += [one.text for one in saved.summaries if one.cell == cell.number]
    if claimed:
        yield Doubt(
            "stale_output", "",
            f"Cell {cell.number} calls nothing, so it cannot have made its saved output. {ADVICE}",
            (at(cell.number, cell.source.strip().split("\n")[0]), at(cell.number, f"output, {claimed[0]}")),
        )  # fmt: skip
