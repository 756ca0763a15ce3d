"""Task 2.1: a cell lists the graphics cards, and runs on a machine that has none too."""

from __future__ import annotations

import ast
import re

from checks.cnn.code import LOST, called, cells_with, ename, stopped, tree_of
from checks.kit import Cell, Failure, Student, check

LISTS = re.compile(
    r"list_physical_devices|list_logical_devices|get_visible_devices|gpu_device_name|is_gpu_available"
    r"|list_local_devices|\blist_devices\b|_get_available_gpus|is_built_with_cuda|experimental\.list_"
    r"|torch\.cuda|cuda\.(is_available|device_count|get_device)|jax\.(local_)?devices|jax\.device_count"
    r"|nvidia[-_]smi|rocm-smi|GPUtil|pynvml|\bnvml|mps\.is_available"
)
ASKS = re.compile(r"gpu|device|cuda|graphics|accelerator", re.IGNORECASE)  # in the name of a function
SAYS = re.compile(r"\b(GPUs?|CPU|CUDA|graphics card)\b|/device:|physical_device", re.IGNORECASE)
# What is no fault of the cell's: a package that is missing here, or a cell that the grader ended.
EXCUSED = ("ModuleNotFoundError", "ImportError", "KeyboardInterrupt", *LOST)
MISSPELT = re.compile(r"^AttributeError: .*has no attribute .*(gpu|device)", re.IGNORECASE)
UNDEFINED = re.compile(r"name '(\w+)' is not defined")
TEST_FIRST = (
    "Without a graphics card the list of GPUs is empty, so it has no element 0: test `if gpus:` first, or "
    "write `for gpu in gpus:`."
)
HINTS = {
    "IndexError": TEST_FIRST,
    "AttributeError": "Is the name spelt right? TensorFlow 2 has tf.config.list_physical_devices('GPU').",
    "NameError": "Does the import stand above this line?",
    "RuntimeError": "set_memory_growth and set_visible_devices must come before TensorFlow is used.",
    "ValueError": "set_memory_growth takes one GPU of the list: write `for gpu in gpus:`.",
    "AssertionError": "Print which device is used in place of asserting that there is a graphics card.",
    "FileNotFoundError": "The command nvidia-smi exists only on machines with an NVIDIA card.",
    "CalledProcessError": "The command nvidia-smi works only on machines with an NVIDIA card.",
    "SyntaxError": "Python could not read the cell: look at the line that the message names.",
}


@check(task="2.1")
def device(student: Student) -> str | None:
    """A cell lists the graphics cards, and runs on a machine without one too"""
    asking = [*cells_with(student, LISTS), *(cell for cell in student.cells if _tells(cell))]
    if not asking:
        misspelt = next((cell for cell in student.cells if MISSPELT.search(cell.error)), None)
        raise _stopped(misspelt) if misspelt else _absent()
    if any(not cell.error for cell in asking):
        return None
    excused = next((cell for cell in asking if _is_excused(cell)), None)
    if excused is None:
        raise _stopped(asking[-1])
    return f"{stopped(excused, 'lists the graphics cards')} This cost nothing."


def _tells(cell: Cell) -> bool:
    """Whether the cell calls a function named after devices, perhaps of a helper file, and prints one."""
    asks = any(ASKS.search(name) and name != "device" for name in called(tree_of(cell.source)))
    return asks and not cell.error and bool(SAYS.search(cell.text))


def _is_excused(cell: Cell) -> bool:
    """Whether the error has nothing to do with the graphics cards."""
    missing = UNDEFINED.search(cell.error)
    return ename(cell) in EXCUSED or (missing is not None and _comes_later(cell, missing[1]))


def _comes_later(cell: Cell, name: str) -> bool:
    """Whether the name is first used in a statement below the one that lists the cards."""
    body = tree_of(cell.source).body
    lists = [place for place, part in enumerate(body) if LISTS.search(ast.unparse(part))]
    uses = [place for place, part in enumerate(body) if _uses(part, name)]
    return bool(lists and uses) and lists[0] < uses[0] and not ASKS.search(name)


def _uses(part: ast.AST, name: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(part))


def _absent() -> Failure:
    return Failure(
        "No cell lists the graphics cards of the machine.",
        expected="a cell that lists the GPUs, e.g. with tf.config.list_physical_devices('GPU')",
        received="no such call in any cell",
        hint="Print the list: it is empty on a machine without a graphics card, and that is fine.",
    )


def _stopped(cell: Cell) -> Failure:
    error = ename(cell)
    empty = "gpus = []  # the list of GPUs on a machine without one\ngpus[0]"
    return Failure(
        stopped(cell, "lists the graphics cards"),
        expected="a cell that runs to its end on a machine without a graphics card too",
        received=cell.error,
        hint=HINTS.get(error, "Run the notebook on a machine without a graphics card, or in a fresh kernel."),
        counterexample=empty if error == "IndexError" else None,
    )
