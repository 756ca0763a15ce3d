"""Take functions out of a module by name, together with whatever else of the module they need."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

GAP = "# Write your code here\n..."
TOOLS = re.compile(r"  # (?:noqa|type:|fmt:).*")  # remarks to our own tools, which are no reader's

Locate = Callable[[str], str | None]  # the source of a module, or None if it is a library's
Statement = ast.stmt
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class _Import:
    """One name of an ``import`` statement."""

    module: str  # "" in ``import numpy as np``
    name: str
    alias: str

    def __str__(self) -> str:
        name = self.name if self.name == self.alias else f"{self.name} as {self.alias}"
        return f"from {self.module} import {name}" if self.module else f"import {name}"


@dataclass
class Excerpts:
    """Source taken out of modules, piece after piece; nothing is shown twice.

    ``locate`` finds the modules of ours by the name under which they are imported.
    """

    locate: Locate
    _shown: set[tuple[str, str]] = field(default_factory=set)  # module and name
    _imported: set[_Import] = field(default_factory=set)

    def note(self, code: str) -> None:
        """Take note of what a cell imports, so that later excerpts need not."""
        for statement in ast.parse(code).body:
            self._imported |= set(_imports(statement))

    def take(self, code: str, *, stubs: bool) -> str:
        """The source of what ``code`` imports from modules of ours, with the imports that it needs.

        Args:
            code: nothing but ``from module import name, …``.
            stubs: whether functions keep only their signature and docstring.

        Raises:
            ValueError: the code holds something else, or a name that its module does not define.
        """
        imports: list[_Import] = []
        blocks: list[str] = []
        for statement in ast.parse(code).body:
            if not isinstance(statement, ast.ImportFrom) or self.locate(statement.module or "") is None:
                raise ValueError(
                    f"This cell may only import from modules beside it: {ast.unparse(statement)}"
                )
            names = [alias.name for alias in statement.names]
            self._collect(statement.module or "", names, imports, blocks, stubs=stubs)
        head = sorted({str(one) for one in imports}, key=lambda line: (line.startswith("from"), line))
        return _joined(["\n".join(head), *blocks])

    def _collect(
        self, module: str, names: Iterable[str], imports: list[_Import], blocks: list[str], *, stubs: bool
    ) -> None:
        source = self.locate(module) or ""
        body = ast.parse(source).body
        bound = {name: statement for statement in body for name in _bound(statement)}
        shown = {name for here, name in self._shown if here == module}
        wanted = _closure(module, names, bound, shown, stubs=stubs)
        for statement in body:
            here = sorted(wanted & set(_bound(statement)))
            if isinstance(statement, ast.Import | ast.ImportFrom):
                for one in _imports(statement):
                    if one.alias in here:
                        self._import(one, imports, blocks)
            elif here and (module, here[0]) not in self._shown:
                self._shown |= {(module, name) for name in here}
                blocks.append(_text(source, statement, stub=stubs and isinstance(statement, Function)))

    def _import(self, one: _Import, imports: list[_Import], blocks: list[str]) -> None:
        """Bring in what a module of ours imports: a library's name as an import, one of ours as source."""
        if self.locate(one.module) is not None:
            self._collect(one.module, [one.name], imports, blocks, stubs=False)
        elif one not in self._imported:
            self._imported.add(one)
            imports.append(one)


def _closure(
    module: str, names: Iterable[str], bound: dict[str, Statement], shown: set[str], *, stubs: bool
) -> set[str]:
    """The names, and all names of the module that these need; nothing for those that have been shown."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in bound:
            raise ValueError(f"{module} does not define {name}")
        if name not in found | shown:
            found.add(name)
            waiting += [used for used in _used(bound[name], stub=stubs) if used in bound]
    return found


def _used(statement: Statement, *, stub: bool) -> Iterator[str]:
    """The names that a statement reads; of a function's stub, those of its signature."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return
    parts: list[ast.AST] = [statement]
    if stub and isinstance(statement, Function):
        parts = [statement.args, *filter(None, [statement.returns])]
    for part in parts:
        yield from (node.id for node in ast.walk(part) if isinstance(node, ast.Name))


def _bound(statement: Statement) -> list[str]:
    """The names that a statement at the top of a module binds."""
    if isinstance(statement, Function | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [one.alias for one in _imports(statement)]
    return [
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]


def _imports(statement: Statement) -> list[_Import]:
    if isinstance(statement, ast.Import):
        return [_Import("", alias.name, alias.asname or alias.name) for alias in statement.names]
    if isinstance(statement, ast.ImportFrom) and statement.module != "__future__":
        module = statement.module or ""
        return [_Import(module, alias.name, alias.asname or alias.name) for alias in statement.names]
    return []


def _text(source: str, statement: Statement, *, stub: bool) -> str:
    """A statement as it is written, with its decorators and the comment above it."""
    lines = source.splitlines()
    decorators = getattr(statement, "decorator_list", [])
    first, last = min([statement.lineno, *(one.lineno for one in decorators)]), statement.end_lineno
    while first > 1 and lines[first - 2].startswith("# ") and not lines[first - 2].startswith("# ---"):
        first -= 1
    if stub and isinstance(statement, Function):
        last = statement.body[0].end_lineno if ast.get_docstring(statement) else statement.body[0].lineno - 1
    kept = [TOOLS.sub("", line) for line in lines[first - 1 : last]]
    gap = [f"    {line}" for line in GAP.splitlines()] if stub else []
    return "\n".join(kept + gap)


def _joined(blocks: Iterable[str]) -> str:
    """The blocks below each other: two empty lines around functions and classes, none between constants."""
    text, long_before = "", False
    for block in filter(None, blocks):
        is_long = bool(re.search(r"^(@|def |async def |class )", block, re.MULTILINE))
        is_first_constant = text.rpartition("\n")[2].startswith(("import ", "from "))
        gap = "\n\n\n" if is_long or long_before else "\n\n" if is_first_constant else "\n"
        text, long_before = f"{text}{gap}{block}" if text else block, is_long
    return text
