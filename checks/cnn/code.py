"""The source of a cell, read for what it calls; nothing in it is run."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from checks.kit import Cell, Student

MAGIC = re.compile(r"^([ \t]*)(?:%{1,2}|!).*$", re.MULTILINE)
TIMED = re.compile(r"^([ \t]*)%{1,2}(?:time|timeit|capture|prun)\b(?:[ \t]+-\S+)*[ \t]*", re.MULTILINE)
SHELL = re.compile(r"=\s*[%!].*$", re.MULTILINE)
COMMENT = re.compile(r"#.*$", re.MULTILINE)
LOST = ("Timeout", "Stopped")  # what the grader calls a cell that it had to stop or leave out


def plain(source: str) -> str:
    """Python alone: magics and shell commands are left out, and what ``%time`` measures stays."""
    text = SHELL.sub("= None", TIMED.sub(r"\1", source))
    return MAGIC.sub(r"\1pass", text)


def tree_of(source: str) -> ast.Module:
    """The parsed cell, empty where it is no Python."""
    try:
        return ast.parse(plain(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module(body=[], type_ignores=[])


def code_of(source: str) -> str:
    """The cell's text, magics included, without comments and without texts that stand alone."""
    lines = source.splitlines(keepends=True)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(plain(source)).readline))
    except (tokenize.TokenError, SyntaxError):
        return COMMENT.sub("", source)
    for token in tokens:
        row, column = token.start
        if token.type == tokenize.COMMENT and lines[row - 1][column:].startswith(token.string):
            lines[row - 1] = lines[row - 1][:column] + "\n"
    return _without_texts("".join(lines))


def _without_texts(text: str) -> str:
    """A text that stands alone, in three quotes, is how students switch code off."""
    lines = text.splitlines(keepends=True)
    for node in ast.walk(tree_of(text)):
        if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Constant):
            continue
        if isinstance(node.value.value, str):
            rows = range(node.lineno - 1, node.end_lineno or node.lineno)
            lines = ["\n" if row in rows else line for row, line in enumerate(lines)]
    return "".join(lines)


def cells_with(student: Student, pattern: re.Pattern[str]) -> tuple[Cell, ...]:
    """The cells whose code, not counting comments, matches."""
    return tuple(cell for cell in student.cells if pattern.search(code_of(cell.source)))


def called(node: ast.AST) -> Iterator[str]:
    """The last name of everything that is called in a piece of code: ``fit`` of ``model.fit(…)``."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            function = part.func
            if isinstance(function, ast.Name | ast.Attribute):
                yield function.id if isinstance(function, ast.Name) else function.attr


def ename(cell: Cell) -> str:
    """The class of the error that a cell stopped with, or ``""``."""
    return cell.error.partition(":")[0]


def stopped(cell: Cell, does: str) -> str:
    """A sentence that names the cell and its error: ``Cell 31, which calls fit, stopped with …``."""
    return f"Cell {cell.number}, which {does}, stopped with {cell.error.rstrip('.')}."
