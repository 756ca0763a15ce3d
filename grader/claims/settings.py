"""Hyper-parameters that the code sets and never uses."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from checks.kit.saved import Doubt, SavedCell, at
from checks.kit.source import calls, constant, constants, keyword, line_with, loaded, parsed, stored

SETTINGS = re.compile(
    r"(?:my_|best_|init(?:ial)?_)?(?:"
    r"learning_?rate|lr|batch_?size|bs|(?:n_|num_|max_|nb_)?epochs?|dropout(?:_?rate)?|use_dropout|momentum|weight_decay"
    r"|l[12](?:_reg\w*|_lambda)?|patience|n_conv_layers|n_dense_layers|n_filters|n_nodes"
    r")(?:_?\d{1,2})?",
    re.IGNORECASE,
)
BY_NAME = re.compile(r"\b(?:globals|locals|vars|eval|exec|getattr|run_line_magic)\s*\(")
MAGIC_USE = re.compile(r"[$%!{]")  # where a magic or a shell command may read a name


@dataclass(frozen=True)
class _Set:
    """A plain assignment of a setting at the top level of a cell."""

    name: str
    value: object
    place: tuple[int, int]  # cell, line
    text: str


def unused_settings(cells: Sequence[SavedCell]) -> tuple[Doubt, ...]:
    """One finding for each hyper-parameter that is assigned a plain value which no code reads.

    A name that a function reads counts as used wherever it is set. Nothing is said where names may be read
    in ways that cannot be seen, such as ``eval`` or ``globals()``.
    """
    if any(BY_NAME.search(cell.source) for cell in cells):
        return ()
    trees = {cell.number: tree for cell in cells if (tree := parsed(cell.source)) is not None}
    opaque = "\n".join(_unparsed(cell, cell.number in trees) for cell in cells)
    sets = [one for cell in cells if cell.number in trees for one in _sets(cell, trees[cell.number])]
    found = []
    for one in sets:
        if re.search(rf"\b{re.escape(one.name)}\b", opaque):
            continue
        if not _is_read(one, trees) and not _passed_alike(one, trees):
            found.append(one)
    return tuple(_doubt(one, cells) for one in _weighty(found, sets, trees))


def _unparsed(cell: SavedCell, known: bool) -> str:
    """The lines of a cell that the syntax tree leaves out."""
    lines = cell.source.split("\n")
    return cell.source if not known else "\n".join(line for line in lines if MAGIC_USE.match(line.lstrip()))


def _sets(cell: SavedCell, tree: ast.Module) -> Iterator[_Set]:
    lines = cell.source.split("\n")
    for name, value, line in constants(tree):
        if SETTINGS.fullmatch(name):
            yield _Set(name, value, (cell.number, line), lines[line - 1].strip())


def _is_read(one: _Set, trees: dict[int, ast.Module]) -> bool:
    """Whether the value can be read: below, before it is set anew at the top level, or in a function."""
    name = one.name
    for number, tree in sorted(trees.items()):
        for node in tree.body:
            if _reads_late(node, name):
                return True
        if number < one.place[0]:
            continue
        for node in tree.body:
            if number == one.place[0] and node.lineno <= one.place[1]:
                continue
            if name in loaded(node):
                return True
            if isinstance(node, ast.Assign | ast.AnnAssign) and name in stored(node):
                return False
    return False


def _reads_late(node: ast.stmt, name: str) -> bool:
    """Whether a function or class reads the name whenever it is called, or deletes or exports it."""
    inner = [
        part
        for part in ast.walk(node)
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef)
    ]
    return any(name in loaded(part) for part in inner)


def _passed_alike(one: _Set, trees: dict[int, ast.Module]) -> bool:
    """Whether a call passes the very value, under that name or by its place, so that nothing is lost."""
    plain = re.sub(r"_?\d+$", "", one.name)
    every = [
        node for number, tree in trees.items() if number >= one.place[0] for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    ]  # fmt: skip
    named = [keyword(call, name) for call in every for name in {one.name, plain}]
    placed = [argument for call in every if len(call.args) > 2 for argument in call.args]
    return any(value is not None and constant(value) == one.value for value in [*named, *placed])


def _weighty(found: Sequence[_Set], sets: Sequence[_Set], trees: dict[int, ast.Module]) -> Iterator[_Set]:
    """Each name once, where a training follows before the name is set anew, so that the loss matters."""
    seen: set[str] = set()
    fits = [(number, call.lineno) for number, tree in trees.items() for call in calls(tree, "fit")]
    for one in found:
        later = [other.place for other in sets if other.name == one.name and other.place > one.place]
        end = min(later, default=(max(trees) + 1, 0))
        if one.name not in seen and any(one.place < fit < end for fit in fits):
            seen.add(one.name)
            yield one


def _doubt(one: _Set, cells: Sequence[SavedCell]) -> Doubt:
    number = one.place[0]
    evidence = [at(number, one.text)]
    for cell in cells[number - 1 :]:
        tree = parsed(cell.source)
        if tree is not None and (found := calls(tree, "fit")):
            evidence.append(at(cell.number, _call_text(cell, found[0])))
            break
    return Doubt(
        "unused_setting", "",
        f"{one.name} is set to {one.value!r} and then not used: nothing below it reads this value, so it "
        f"changes nothing. Pass it on where the network is built or trained, as {one.name}={one.name}.",
        tuple(evidence),
    )  # fmt: skip


def _call_text(cell: SavedCell, call: ast.Call) -> str:
    end = call.end_lineno or call.lineno
    text = " ".join(line.strip() for line in cell.source.split("\n")[call.lineno - 1 : end])
    return text or line_with(cell.source, "fit")
