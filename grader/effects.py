"""What a cell of code does with names, read from its source."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

HARMLESS_MAGICS = (
    "matplotlib", "config", "load_ext", "reload_ext", "autoreload", "time", "timeit", "capture", "pip",
)  # fmt: skip
READERS = frozenset({  # methods that leave their object as it is
    "astype", "copy", "reshape", "ravel", "flatten", "transpose", "min", "max", "mean", "std", "sum", "any",
    "all", "argmax", "tolist", "item", "round", "format", "evaluate", "predict", "summary", "get_weights",
    "get_config", "flow", "count_params", "items", "keys", "values", "get", "split", "join", "lower", "upper",
    "strip", "replace", "index", "count",
})  # fmt: skip
CHANGERS = frozenset({  # functions that change what they are given
    "shuffle", "copyto", "put", "place", "putmask", "fill_diagonal", "put_along_axis", "setattr", "delattr",
    "heappush", "heapify",
})  # fmt: skip
OPAQUE_CALLS = frozenset({"exec", "eval", "globals", "locals", "vars", "get_ipython"})


@dataclass(frozen=True)
class Effects:
    """What one cell does with names.

    ``uses`` are looked up while it runs. ``binds`` are bound whenever it runs to its end, ``may_bind``
    perhaps; ``changes`` may be changed in place; ``imports`` are modules and what is imported from them.
    ``defers`` are the names that each function or class defined here will look up once it is called.
    ``opaque`` says that the cell may do anything to any name.
    """

    uses: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()
    may_bind: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    imports: frozenset[str] = frozenset()
    defers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    opaque: bool = False


@functools.lru_cache(maxsize=4096)
def effects_of(source: str) -> Effects:
    """Read one code cell; one that cannot be parsed may do anything."""
    code, opaque = _without_magics(source)
    try:
        tree = ast.parse(code)
        reader = _Reader()
        reader.read(tree.body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Effects(opaque=True)
    nodes = list(ast.walk(tree))
    certain = {name for statement in _certain(tree.body) for name in _bound_by(statement)}
    imports = {
        name for node in nodes for name in _bound_by(node) if isinstance(node, ast.Import | ast.ImportFrom)
    }
    return Effects(
        uses=frozenset(reader.uses),
        binds=frozenset(certain - _extended(nodes)),
        may_bind=frozenset(reader.stored | imports),
        changes=frozenset(name for node in nodes for name in _changed_by(node)),
        imports=frozenset(imports),
        defers={name: frozenset(names) for name, names in reader.defers.items()},
        opaque=opaque or any(_is_opaque(node) for node in nodes),
    )


class _Reader(ast.NodeVisitor):
    """Follows the statements in order, so that a name which the cell itself has set counts as its own."""

    def __init__(self, bound: Sequence[str] = ()) -> None:
        self.bound = set(bound)
        self.uses: set[str] = set()
        self.stored: set[str] = set()
        self.defers: dict[str, set[str]] = {}

    def read(self, nodes: Sequence[ast.AST]) -> None:
        for node in nodes:
            self.visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self._bind(node.id)
        elif node.id not in self.bound:
            self.uses.add(node.id)
        else:  # a function of this very cell, which may be called here, looks up what it needs
            self.uses |= self.defers.get(node.id, set()) - self.bound

    def visit_Assign(self, node: ast.Assign) -> None:
        self.read([node.value, *node.targets])

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        if isinstance(node.target, ast.Name) and node.target.id not in self.bound:
            self.uses.add(node.target.id)
        self.visit(node.target)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.read([node.value, node.target])

    def visit_For(self, node: ast.For) -> None:
        self.read([node.iter, node.target, *node.body, *node.orelse])

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        self._branches(node.body, node.orelse)

    def visit_Try(self, node: ast.Try) -> None:
        self._branches([*node.body, *node.orelse], *([handler] for handler in node.handlers))
        self.read(node.finalbody)

    def visit_Import(self, node: ast.Import) -> None:
        for name in _bound_by(node):
            self._bind(name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for name in _bound_by(node):
            self._bind(name)

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> None:
        self._scope([*node.generators, node.elt])

    visit_SetComp = visit_GeneratorExp = visit_ListComp  # noqa: N815 - ast's own names

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self._scope([*node.generators, node.key, node.value])

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self.read([node.iter, node.target, *node.ifs])

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.visit(node.args)
        self._scope([node.body], _parameters(node.args))

    def visit_arg(self, node: ast.arg) -> None:
        if node.annotation is not None:
            self.visit(node.annotation)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.read([*node.decorator_list, node.args])
        inner = _Reader([*_parameters(node.args), *_stored_in(node.body)])
        inner.read(node.body)
        self._defer(node.name, inner)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.read([*node.decorator_list, *node.bases, *node.keywords])
        inner = _Reader(list(self.bound))
        inner.read(node.body)
        self.uses |= inner.uses
        self._defer(node.name, inner)

    def _defer(self, name: str, inner: _Reader) -> None:
        later = inner.uses.union(*inner.defers.values())
        self.defers[name] = self.defers.get(name, set()) | later
        self._bind(name)

    def _scope(self, nodes: Sequence[ast.AST], names: Sequence[str] = ()) -> None:
        """A part with names of its own that looks up the others at once."""
        inner = _Reader([*self.bound, *names])
        inner.read(nodes)
        self.uses |= inner.uses

    def _branches(self, *branches: Sequence[ast.AST]) -> None:
        """Of several parts one runs: bound afterwards is what all of them bind."""
        before, ends = set(self.bound), []
        for branch in branches:
            self.bound = set(before)
            self.read(branch)
            ends.append(self.bound)
        self.bound = set.intersection(*ends)

    def _bind(self, name: str) -> None:
        self.bound.add(name)
        self.stored.add(name)


def _without_magics(source: str) -> tuple[str, bool]:
    """The cell's Python, and whether a magic or a shell command in it may do anything."""
    if source.lstrip().startswith(("%%writefile", "%%file", "%%bash", "%%sh", "%%script")):
        return "", True
    lines, opaque = [], False
    for line in source.splitlines():
        word = line.lstrip()
        if word.startswith(("%", "!", "?")):
            opaque = opaque or word.lstrip("%!? ").partition(" ")[0] not in HARMLESS_MAGICS
            line = line[: len(line) - len(word)] + "pass"  # noqa: PLW2901 - the magic's place in its block
        lines.append(line)
    return "\n".join(lines), opaque


def _certain(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run whenever the cell does, ``with`` blocks opened."""
    for statement in body:
        if isinstance(statement, ast.With):
            yield from _certain(statement.body)
        else:
            yield statement


def _bound_by(node: ast.AST) -> set[str]:
    """The names that one statement itself binds."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        targets = [node.target]
    return _stored_in(targets)


def _extended(nodes: Sequence[ast.AST]) -> set[str]:
    """The packages of ``import package.module``: the name keeps what it had, with one module more."""
    names = [alias for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return {alias.name.partition(".")[0] for alias in names if "." in alias.name and not alias.asname}


def _stored_in(nodes: Sequence[ast.AST]) -> set[str]:
    """The names that are bound anywhere in some code."""
    every = [inner for node in nodes for inner in ast.walk(node)]
    names = {node.id for node in every if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound = [node for node in every if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef)]
    return names.union(*map(_bound_by, bound))


def _parameters(arguments: ast.arguments) -> list[str]:
    every = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ]
    return [argument.arg for argument in every if argument is not None]


def _changed_by(node: ast.AST) -> set[str]:
    """The names whose objects a node may change in place."""
    if isinstance(node, ast.AugAssign):
        return {_root(node.target)} - {""}
    if isinstance(node, ast.Subscript | ast.Attribute):
        return {_root(node)} - {""} if isinstance(node.ctx, ast.Store | ast.Del) else set()
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del):
        return {node.id}
    if not isinstance(node, ast.Call):
        return set()
    function = node.func
    called = function.attr if isinstance(function, ast.Attribute) else _root(function)
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    changed = {_root(value) for value in given} if called in CHANGERS else set()
    if isinstance(function, ast.Attribute) and called not in READERS:
        changed.add(_root(function.value))
    return changed - {""}


def _root(node: ast.AST) -> str:
    """The name that an expression such as ``a.b[0].c`` begins with, or ""."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_opaque(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return any(alias.name == "*" for alias in node.names)
    return isinstance(node, ast.Global) or (isinstance(node, ast.Call) and _root(node.func) in OPAQUE_CALLS)
