"""Attempts to reach the grader, read from the source of a notebook and of the files beside it.

A finding is an accusation, so only what no lab needs counts. Whoever hides well is not found here; what
holds then is that the answers of the student's process are never believed without a reason.
"""

from __future__ import annotations

import ast
import contextlib
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.records import Finding

MAX_SOURCE = 500_000  # characters of one cell or file that are read
MAX_FILES = 200
MAX_SHOWN = 20
MAX_LINE = 200
SHELL = re.compile(r"^(\s*)(?:[\w., ]+=\s*)?[%!?].*$")  # a magic, a shell command, or an assignment of one
NOT_PYTHON = re.compile(r"^\s*%%(?!time|timeit|capture|writefile|prun|python\b|python3\b)\w")
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)

OURS = re.compile(r"labgrade_(kernel|request|reply)")
RECORD = "log_of_calls"
KERNEL_PARTS = (
    "session", "operations", "shell_handlers", "control_handlers", "observer", "marks", "kept",
    "shell_stream", "iopub_socket", "do_execute", "dispatch_shell", "execute_request", "__class__",
    "__dict__",
)  # fmt: skip
OUR_NAMES = ("fits", "uses", "networks", "Log", "operations", "shell_handlers", "next_order", "fits_before")
SEARCHES = ("gc.get_objects", "gc.get_referrers", "gc.get_referents")
WRITES = ("ctypes.memmove", "ctypes.memset", "ctypes.pythonapi.PyDict_SetItem", "ctypes.pythonapi.PyCell_Set")
METHODS = (
    "fit", "evaluate", "predict", "predict_on_batch", "call", "__call__", "count_params", "get_weights",
)  # fmt: skip
USUAL = {"np": "numpy", "tf": "tensorflow", "__builtins__": "builtins"}
KERAS = ("keras", "tf_keras", "tensorflow")
NUMPY = (
    "allclose", "isclose", "array_equal", "array_equiv", "asarray", "array", "ascontiguousarray",
    "frombuffer", "isfinite", "isnan", "all", "any", "abs", "max", "min", "mean", "sum", "argmax", "unique",
)  # fmt: skip
PATCHED = {
    "numpy": NUMPY,
    "json": ("dumps", "loads"),
    "hashlib": ("blake2b",),
    "inspect": ("signature", "getsource"),
    "builtins": (
        "isinstance", "issubclass", "len", "getattr", "hasattr", "type", "id", "hash", "all", "any", "sum",
        "abs", "float", "int", "str", "list", "dict", "tuple", "sorted", "zip", "min", "max", "round",
    ),
}  # fmt: skip
REASONS = {
    "ours": "The notebook names parts of the grader, which no task needs.",
    "kernel": "The notebook reaches into the kernel that runs it, which no task needs.",
    "search": "The notebook searches the memory of its process for parts of the grader.",
    "memory": "The notebook writes into the memory of its process, past Python.",
    "frames": "The notebook walks up the calls to the code that runs it, and looks at what that holds.",
    "library": "The notebook replaces functions of libraries on which the checks rely.",
    "code": "The notebook replaces the code of a function that exists.",
}


@dataclass(frozen=True)
class Source:
    """A code cell or a file; ``place`` says which, ``numbered`` whether lines are worth naming."""

    place: str
    text: str
    numbered: bool = False


@dataclass(frozen=True)
class Attempt:
    """One line that tries to reach the grader; ``reason`` is a key of ``REASONS``."""

    reason: str
    line: int


def findings(sources: Iterable[Source]) -> tuple[Finding, ...]:
    """One finding for each kind of attempt, with the lines that show it."""
    read = [(source, tree) for source in sources if (tree := parsed(source.text)) is not None]
    names = Names([tree for _, tree in read])
    shown: dict[str, list[str]] = {}
    for source, tree in read:
        lines = source.text.split("\n")
        for attempt in attempts(tree, names):
            where = f"{source.place}, line {attempt.line}" if source.numbered else source.place
            text = f"{where}: {lines[attempt.line - 1].strip()[:MAX_LINE]}"
            shown.setdefault(attempt.reason, []).append(text)
    return tuple(
        Finding("tampering", "", REASONS[reason], tuple(dict.fromkeys(shown[reason]))[:MAX_SHOWN])
        for reason in REASONS
        if reason in shown
    )


def of_hand_in(cells: Iterable[str], files: Iterable[tuple[str, Path]]) -> tuple[Finding, ...]:
    """The attempts in the code cells that are not blank, in order, and in the Python files beside them."""
    sources = [Source(f"cell {number}", text) for number, text in enumerate(cells, start=1)]
    for name, path in list(files)[:MAX_FILES]:
        if name.endswith(".py"):
            with path.open(errors="replace") as file:
                sources.append(Source(name, file.read(MAX_SOURCE), numbered=True))
    return findings(sources)


def attempts(tree: ast.Module, names: Names) -> tuple[Attempt, ...]:
    """The attempts in one piece of code, by line."""
    try:
        found = {attempt for node in ast.walk(tree) for attempt in _of_node(node, names)}
    except RecursionError:  # a chain of thousands of attributes
        return ()
    if _words(tree) & set(OUR_NAMES):
        found |= {Attempt("search", line) for line in _searching(tree, names)}
        found |= {Attempt("frames", line) for line in _walking(tree)}
    return tuple(sorted(found, key=lambda attempt: (attempt.line, attempt.reason)))


def parsed(text: str) -> ast.Module | None:
    """The code without its magics, each line where it was; ``None`` where it is no Python."""
    if len(text) > MAX_SOURCE or NOT_PYTHON.match(text):
        return None
    lines = [SHELL.sub(r"\1pass", line) for line in text.split("\n")]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the student's own escapes in strings
            return ast.parse("\n".join(lines))
    except UNREADABLE:
        return None


class Names:
    """What the names of a notebook stand for, as far as imports and plain assignments tell."""

    def __init__(self, trees: Sequence[ast.Module]) -> None:
        self.meaning = dict(USUAL)
        nodes = [node for tree in trees for node in ast.walk(tree)]
        for node in nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    first = alias.name.partition(".")[0]
                    self.meaning[alias.asname or first] = alias.name if alias.asname else first
            elif isinstance(node, ast.ImportFrom) and not node.level:
                for alias in node.names:
                    self.meaning[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        for node in nodes:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                self.meaning.pop(node.name, None)
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute | ast.Call):
                self._assigned(node)

    def _assigned(self, node: ast.Assign) -> None:
        with contextlib.suppress(RecursionError):
            path = self.path(node.value)
            if path.endswith(("get_ipython()", "instance()", ").kernel")):
                self.meaning |= {one.id: path for one in node.targets if isinstance(one, ast.Name)}

    def path(self, node: ast.expr) -> str:
        """A dotted path such as ``numpy.allclose`` or ``get_ipython().kernel``; "" for anything else."""
        if isinstance(node, ast.Name):
            return self.meaning.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            return self._joined(node.value, node.attr)
        if isinstance(node, ast.Call):
            if (
                is_name(node.func, "getattr")
                and len(node.args) > 1
                and isinstance(node.args[1], ast.Constant)
            ):
                return self._joined(node.args[0], str(node.args[1].value))
            before = self.path(node.func)
            return f"{before}()" if before else ""
        return ""

    def _joined(self, owner: ast.expr, name: str) -> str:
        before = self.path(owner)
        return f"{before}.{name}" if before else ""


def is_name(node: ast.expr, name: str) -> bool:
    """Whether an expression is just that name."""
    return isinstance(node, ast.Name) and node.id == name


def _of_node(node: ast.AST, names: Names) -> Iterator[Attempt]:
    if _names_ours(node):
        yield Attempt("ours", getattr(node, "lineno", 1))
    if isinstance(node, ast.Attribute | ast.Call) and _into_kernel(names.path(node)):
        yield Attempt("kernel", node.lineno)
    if isinstance(node, ast.Call):
        if names.path(node.func) in WRITES:
            yield Attempt("memory", node.lineno)
        reason = _setattr_reason(node, names)
        if reason:
            yield Attempt(reason, node.lineno)
    for target in _targets(node):
        reason = _target_reason(target, names)
        if reason:
            yield Attempt(reason, target.lineno)


def _names_ours(node: ast.AST) -> bool:
    """Whether a name, an attribute, an import or a text is one of the grader's."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and (node.value == RECORD or bool(OURS.search(node.value)))
    if isinstance(node, ast.Attribute) and node.attr == RECORD:
        return True
    if isinstance(node, ast.Import):
        return any(OURS.search(alias.name) for alias in node.names)
    words = {
        ast.Name: ("id",), ast.Attribute: ("attr",), ast.ImportFrom: ("module",), ast.keyword: ("arg",),
    }.get(type(node), ())  # fmt: skip
    return any(OURS.search(getattr(node, word) or "") for word in words)


def _into_kernel(path: str) -> bool:
    """Whether a path leads from IPython to a part of its kernel by which messages go."""
    before, _, part = path.rpartition(".")
    return (
        before.endswith(("ip().kernel", "get_ipython().kernel", "instance().kernel")) and part in KERNEL_PARTS
    )


def _targets(node: ast.AST) -> Sequence[ast.expr]:
    """What a statement assigns to."""
    if isinstance(node, ast.Assign):
        return [
            one for target in node.targets
            for one in (target.elts if isinstance(target, ast.Tuple | ast.List) else [target])
        ]  # fmt: skip
    return [node.target] if isinstance(node, ast.AugAssign | ast.AnnAssign) else []


def _target_reason(target: ast.expr, names: Names) -> str:
    if isinstance(target, ast.Attribute):
        if ".from_address()" in names.path(target.value) and target.attr in ("value", "contents"):
            return "memory"
        return _patch_reason(names.path(target.value), target.attr)
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        owner = _dictionary_of(target.value, names)  # np.__dict__["allclose"] = …, vars(np)["allclose"] = …
        return _patch_reason(owner, str(target.slice.value)) if owner else ""
    return ""


def _dictionary_of(node: ast.expr, names: Names) -> str:
    if isinstance(node, ast.Attribute) and node.attr == "__dict__":
        return names.path(node.value)
    if is_name(node, "__builtins__"):
        return "builtins"
    called = isinstance(node, ast.Call) and names.path(node.func) == "vars" and len(node.args) == 1
    return names.path(node.args[0]) if called and isinstance(node, ast.Call) else ""


def _setattr_reason(node: ast.Call, names: Names) -> str:
    if names.path(node.func) != "setattr" or len(node.args) != 3:
        return ""
    name = node.args[1]
    if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
        return ""
    return _patch_reason(names.path(node.args[0]), name.value)


def _patch_reason(owner: str, name: str) -> str:
    """Why putting something else under a name of ``owner`` is an attempt; "" where it is none."""
    if name in ("__code__", "co_code"):
        return "code"
    root, _, rest = owner.partition(".")
    if root in PATCHED and name in PATCHED[root] and "(" not in owner:
        return "library"
    last = rest.rpartition(".")[2]
    if root in KERAS and name in METHODS and last[:1].isupper() and last.isidentifier():
        return "library"
    return ""


def _words(tree: ast.Module) -> set[str]:
    """The texts and the attributes in a piece of code."""
    nodes = list(ast.walk(tree))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return texts | {node.attr for node in nodes if isinstance(node, ast.Attribute)}


def _searching(tree: ast.Module, names: Names) -> Iterator[int]:
    """The lines that ask for all objects in memory."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and names.path(node.func) in SEARCHES:
            yield node.lineno


def _walking(tree: ast.Module) -> Iterator[int]:
    """The loops that go from frame to frame and look at the variables there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.While | ast.For):
            seen = {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
            if {"f_back", "frame"} & seen and {"f_locals", "f_globals"} & seen:
                yield node.lineno
