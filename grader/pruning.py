"""Modules of Python without what nobody needs: how a student edition gets the public checks alone.

A module is taken apart at its top level: functions, classes, assignments and imports. From some names that
are wanted one finds the others that these need, through all modules, and the rest is cut out of the text.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """One statement at the top level of a module.

    ``binds`` are the names that it binds, ``first`` and ``last`` its lines from 1, decorators included.
    """

    binds: frozenset[str]
    first: int
    last: int
    node: ast.stmt


class Module:
    """A module's text by its parts."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.tree = ast.parse(text)
        self.parts = tuple(_part(node) for node in self.tree.body)

    def binding(self, name: str) -> list[Part]:
        """The parts that bind a name."""
        return [part for part in self.parts if name in part.binds]

    def with_only(self, kept: Collection[Part]) -> str:
        """The text without the parts that are not kept; comments go with the part that they stand above.

        Of an import only the names that what is kept uses remain.
        """
        used = {name for part in kept for name in _names(part.node)}
        lines = self.text.splitlines()
        out: list[str] = []
        position = 0
        for part in self.parts:
            above, position = lines[position : part.first - 1], part.last
            if part in kept or _is_docstring(part.node):
                shown = _narrowed(part.node, used)
                own = lines[part.first - 1 : part.last] if shown is None else shown.splitlines()
                out += [*above, *own]
        return "\n".join(out).strip("\n") + "\n"


def prune(texts: Mapping[str, str], wanted: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The modules with what the wanted names need, and no more.

    Args:
        texts: each module's text by its dotted name.
        wanted: pairs of a module's name and a name that it binds; ``*`` for all of the module.

    Returns:
        The texts of the modules of which anything is needed.
    """
    modules = {name: Module(name, text) for name, text in texts.items()}
    kept: dict[str, set[Part]] = {}
    waiting = list(wanted)
    seen: set[tuple[str, str]] = set()
    while waiting:
        here, name = waiting.pop()
        if (here, name) in seen or here not in modules:
            continue
        seen.add((here, name))
        module = modules[here]
        parts = module.parts if name == "*" else module.binding(name)
        for part in [*parts, *(one for one in module.parts if _always(one.node))]:
            if part not in kept.setdefault(here, set()):
                kept[here].add(part)
                waiting += _needs(module, part, modules)
    return {name: modules[name].with_only(parts) for name, parts in kept.items()}


def _needs(module: Module, part: Part, modules: Mapping[str, Module]) -> Iterator[tuple[str, str]]:
    """What a part looks up: names of its own module, and of modules that it imports."""
    if isinstance(part.node, ast.ImportFrom | ast.Import):
        return  # what of it is used is found where it is used
    for name in _names(part.node):
        for one in module.binding(name):
            if not isinstance(one.node, ast.ImportFrom | ast.Import):
                yield module.name, name
                continue
            yield module.name, name
            yield from _imported(one.node, name, part.node, modules)


def _imported(
    node: ast.ImportFrom | ast.Import, name: str, user: ast.stmt, modules: Mapping[str, Module]
) -> Iterator[tuple[str, str]]:
    """Where an imported name comes from, and what is looked up in it if it is a module."""
    for alias in node.names:
        if (alias.asname or alias.name) != name:
            continue
        base = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
        if (inner := f"{base}{alias.name}") in modules:
            yield inner, ""
            yield from ((inner, attribute) for attribute in _attributes(user, name))
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", alias.name


def _part(node: ast.stmt) -> Part:
    decorators = [one.lineno for one in getattr(node, "decorator_list", ())]
    return Part(_bound(node), min([node.lineno, *decorators]), node.end_lineno or node.lineno, node)


def _bound(node: ast.stmt) -> frozenset[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return frozenset({node.name})
    if isinstance(node, ast.ImportFrom | ast.Import):
        return frozenset(alias.asname or alias.name.partition(".")[0] for alias in node.names)
    stored = (one for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store))
    return frozenset(one.id for one in stored)


def _names(node: ast.AST) -> set[str]:
    """Every name that some code mentions."""
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _attributes(node: ast.AST, name: str) -> set[str]:
    """The attributes that some code looks up in what a name is bound to; ``*`` where it does more with it."""
    found = [
        one.attr
        for one in ast.walk(node)
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == name
    ]
    mentions = sum(isinstance(one, ast.Name) and one.id == name for one in ast.walk(node))
    return {*found, "*"} if mentions > len(found) else {*found}


def _always(node: ast.stmt) -> bool:
    """Whether a module cannot do without a statement: it says what it is, or does something by itself."""
    future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
    return future or _is_docstring(node) or not _bound(node)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _narrowed(node: ast.stmt, used: Collection[str]) -> str | None:
    """An import of the names that are used alone; ``None`` where the statement stays as it stands."""
    if not isinstance(node, ast.ImportFrom | ast.Import) or getattr(node, "module", "") == "__future__":
        return None
    names = [alias for alias in node.names if (alias.asname or alias.name.partition(".")[0]) in used]
    if len(names) == len(node.names):
        return None
    if isinstance(node, ast.ImportFrom):
        return ast.unparse(ast.ImportFrom(node.module, names, node.level))
    return ast.unparse(ast.Import(names))
