"""What can be said of a cell's code without running it."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator

MAGIC = re.compile(r"^\s*(?:%|!|\?)|\?\s*$")
LONGEST = 200_000  # characters of code that are parsed


@functools.lru_cache(maxsize=512)
def parsed(source: str) -> ast.Module | None:
    """The syntax tree of a cell, its lines with magics left blank; ``None`` where it cannot be parsed."""
    if source.lstrip().startswith("%%") or len(source) > LONGEST:
        return None
    lines = ("" if MAGIC.search(line) else line for line in source.split("\n"))
    try:
        return ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def loaded(tree: ast.AST) -> frozenset[str]:
    """The names that a piece of code reads."""
    return frozenset(
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store)
    )


def stored(tree: ast.AST) -> frozenset[str]:
    """The names that a piece of code sets."""
    return frozenset(
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )


def constants(tree: ast.Module) -> Iterator[tuple[str, object, int]]:
    """The plain assignments of a cell's top level, ``epochs = 20``: name, value and line."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            yield from _pairs(node.targets[0], node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield from _pairs(node.target, node.value)


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, object, int]]:
    if isinstance(target, ast.Name) and (found := constant(value)) is not None:
        yield target.id, found, target.lineno
    elif (
        isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts)
    ):
        for one, other in zip(target.elts, value.elts, strict=True):
            yield from _pairs(one, other)


def constant(node: ast.expr) -> str | int | float | None:
    """The number or text that an expression is, also with a sign; ``None`` for all else."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = constant(node.operand)
        return -inner if isinstance(inner, int | float) else None
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float):
        return node.value
    return None


def calls(tree: ast.AST, name: str) -> tuple[ast.Call, ...]:
    """The calls of a function or method of that name, in the order of their lines."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name(node.func) == name]
    return tuple(sorted(found, key=lambda node: (node.lineno, node.col_offset)))


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """What a call passes under a name, or ``None``."""
    return next((one.value for one in call.keywords if one.arg == name), None)


def line_with(source: str, word: str, last: bool = True) -> str:
    """The last line (or the first) that holds a word, without its comment's indentation; "" for none."""
    lines = [line.strip() for line in source.split("\n") if re.search(rf"\b{re.escape(word)}\b", line)]
    code = [line for line in lines if not line.startswith("#")] or lines
    return (code[-1] if last else code[0]) if code else ""
