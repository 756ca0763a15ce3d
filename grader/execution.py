"""Running a notebook from its first cell to its last, whatever its cells do.

The only module that knows nbclient. A cell that raises is recorded and the next one runs. A cell
that ends the process, or that cannot be stopped, costs itself only: the notebook is run again
without it.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from checks.kit import Cell, Gone, Raised
from grader import endings, outputs
from grader import limits as units
from grader.endings import Loss
from grader.evidence import Evidence
from grader.kernels import ANSI, Kernel, one_line
from grader.limits import Limits
from grader.records import CellError, Execution, ExecutionStatus

AfterCell = Callable[[Kernel, int], Awaitable[None]]

MAX_CELL_TEXT = 100_000
MAX_RUNS = 4  # the first, and three more without the cells that ended it
INTERRUPT_GRACE_S = 5.0
FORGED = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError)
MAX_NOTES, MAX_NAMED = 5, 12
GRAVEST: tuple[ExecutionStatus, ...] = ("ok", "died", "timeout", "out_of_memory")
ARROW = re.compile(
    r"^Cell In\s?\[\d+\](?:(?!^Cell In|^File ).)*?^-+>\s*\d+\s?([^\n]*)$", re.MULTILINE | re.DOTALL
)


class BoundedClient(NotebookClient):
    """nbclient with a limit on what the outputs may hold, in ``budget``."""

    budget: outputs.Budget
    clears: bool = False

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Leave out what exceeds the limits, and say so once."""
        kind = msg["msg_type"]
        if kind.startswith("comm"):  # widgets: the page shows none, and a notebook could fill us with them
            return None
        try:
            if kind in outputs.SHOWN and not self._may_show(msg, cell, cell_index):
                return None
            result = super().process_message(msg, cell, cell_index)
        except (*FORGED, nbformat.ValidationError):
            return None  # no kernel sends this by itself: the notebook did
        if kind == "clear_output":
            self.clears = bool(msg["content"].get("wait"))
            if not self.clears:
                self.budget.forget(cell_index)
        return result

    def _may_show(self, msg: dict[str, Any], cell: Any, cell_index: int) -> bool:
        if self.clears and msg["msg_type"] != "update_display_data":
            self.clears = False
            self.budget.forget(cell_index)
        before = cell_index in self.budget.cut
        fits = self.budget.take(cell_index, msg)
        if cell_index in self.budget.cut and not before:
            note = nbformat.v4.new_output("stream", name="stderr", text=outputs.LEFT_OUT)
            cell.outputs.append(note)
        return fits


@dataclass
class Run:
    """The state of one notebook's execution.

    ``left_out`` are the cells that may not run again, ``stopped`` those that were interrupted in time,
    ``cut`` those whose output was cut. ``after_cell`` is called with the kernel and the number of each cell
    that ran, once what it left behind is taken in; it must not raise.
    """

    notebook: Any
    cell_timeout_s: float
    deadline: float
    evidence: Evidence
    progress: Callable[[str], None]
    errors: dict[int, CellError] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    left_out: dict[int, Loss] = field(default_factory=dict)
    stopped: dict[int, Loss] = field(default_factory=dict)
    cut: set[int] = field(default_factory=set)
    status: ExecutionStatus = "ok"
    cells_run: int = 0
    out_of_time: bool = False
    after_cell: AfterCell | None = None

    def met(self, loss: Loss) -> None:
        """Note how the run went: of several things that happened the gravest counts."""
        if GRAVEST.index(loss.status) > GRAVEST.index(self.status):
            self.status = loss.status

    @property
    def code_cells(self) -> list[tuple[int, int, Any]]:
        """(number counted from 1, index in the notebook, cell) of every code cell that is not blank."""
        cells = [
            (index, cell)
            for index, cell in enumerate(self.notebook.cells)
            if cell.cell_type == "code" and cell.source.strip()
        ]
        return [(number, index, cell) for number, (index, cell) in enumerate(cells, start=1)]


async def run_notebook(run: Run, start: Callable[[], Awaitable[Kernel]]) -> Kernel | None:
    """Run all cells and return the kernel they leave behind, or ``None`` if none is alive.

    Raises:
        Gone: no kernel could be started at all.
    """
    for attempt in range(MAX_RUNS):
        run.progress("starting the kernel")
        kernel = await start()
        run.evidence.clear()
        run.errors.clear()
        run.stopped.clear()
        run.cells_run = 0
        if await _run_once(run, kernel):
            return kernel
        await kernel.end()
        run.left_out |= run.stopped
        if time.monotonic() > run.deadline or attempt == MAX_RUNS - 1:
            return None
    return None


async def _run_once(run: Run, kernel: Kernel) -> bool:
    """Run every cell that may run; ``False`` when the kernel was lost on the way."""
    client = BoundedClient(
        run.notebook, km=kernel.manager, timeout=None, allow_errors=True, coalesce_streams=False
    )
    client.budget = outputs.Budget(run.limits)
    client.kc = kernel.client
    cells = run.code_cells
    for number, index, cell in cells:
        if number in run.left_out:
            _say_left_out(cell, number, run.left_out[number].why)
            continue
        if time.monotonic() > run.deadline:
            _out_of_time(run, number, cell)
            continue
        run.progress(f"running cell {number} of {len(cells)}")
        lost = await _run_cell(run, kernel, client, number, index, cell)
        cell.outputs = outputs.joined(cell.outputs)
        if index in client.budget.cut:
            run.cut.add(number)
        if lost is None:
            run.cells_run += 1
            lost = await _observe(run, kernel, number)
            if lost is None and run.after_cell is not None:
                started = time.monotonic()
                await run.after_cell(kernel, number)
                run.deadline += time.monotonic() - started  # our own time, not the notebook's
        if lost is not None:
            run.met(lost)
            run.left_out[number] = lost
            return False
    return True


async def _observe(run: Run, kernel: Kernel, number: int) -> Loss | None:
    """Take in what a cell left behind; what went wrong if the kernel cannot tell."""
    try:
        run.evidence.add(number, await kernel.ask("observe", {"cell": number}))
    except Raised:  # nothing of a student's runs while the kernel looks: this answer is forged
        return Loss("Stopped", "stopped", "it answered for the grader after it had run", "died")
    except Gone as gone:
        if not await kernel.manager.is_alive():
            return await kernel.loss()
        return Loss("Stopped", "stopped", f"{gone.reason} after it had run", "died")
    return None


async def _run_cell(run: Run, kernel: Kernel, client: Any, number: int, index: int, cell: Any) -> Loss | None:
    """Run one cell; returns what it did where the kernel is lost."""
    left = run.deadline - time.monotonic()
    limit = max(1.0, min(run.cell_timeout_s, left))
    task = asyncio.ensure_future(client.async_execute_cell(cell, index))
    done, _ = await asyncio.wait({task}, timeout=limit)
    stopped = not done
    if stopped:
        await kernel.manager.interrupt_kernel()
        done, _ = await asyncio.wait({task}, timeout=INTERRUPT_GRACE_S)
    late = endings.timeout(limit, run.limits, whole=left < run.cell_timeout_s, killed=not done)
    if not done:
        await kernel.end()
        await asyncio.wait({task}, timeout=INTERRUPT_GRACE_S)
        task.cancel()
        return late
    try:
        task.result()
    except DeadKernelError:
        return await kernel.loss()
    except CellExecutionError:
        pass  # recorded below, from the outputs
    except Exception as problem:  # noqa: BLE001 - nbclient stumbles over what no kernel sends by itself
        how = f"it broke the connection to the Python process ({type(problem).__name__})"
        return Loss("Stopped", "stopped", how, "died")
    cell.execution_count = number
    error = _error_of(cell, number)
    if stopped:
        run.met(late)
        run.stopped[number] = late
        error = CellError(number, late.ename, late.why, "")
    if error is not None:
        run.errors[number] = error
    return None


def _error_of(cell: Any, number: int) -> CellError | None:
    for output in cell.outputs:
        if output.output_type == "error":
            trace = ANSI.sub("", "\n".join(str(line) for line in output.get("traceback", [])))
            arrow = next(iter(reversed(list(ARROW.finditer(trace[-20_000:])))), None)
            return CellError(
                number, str(output.get("ename", ""))[:200], one_line(str(output.get("evalue", ""))),
                arrow.group(1).strip()[:300] if arrow else "",
            )  # fmt: skip
    return None


def _say_left_out(cell: Any, number: int, why: str) -> None:
    note = f"[labgrade: cell {number} was left out of the run that counts: {why}]\n"
    cell.outputs = [nbformat.v4.new_output("stream", name="stderr", text=note)]
    cell.execution_count = None


def _out_of_time(run: Run, number: int, cell: Any) -> None:
    run.met(Loss("Timeout", "", "", "timeout"))
    run.out_of_time = True
    _say_left_out(cell, number, "the time for the whole notebook was used up")


def cells(run: Run, summary: Execution) -> tuple[Cell, ...]:
    """The code cells as they ran, for the checks."""
    errors = {error.cell: f"{error.ename}: {error.evalue}" for error in summary.errors}
    return tuple(
        Cell(
            number, str(cell.source), errors.get(number, ""), _text_of(cell)[:MAX_CELL_TEXT],
            sum("image/png" in output.get("data", {}) for output in cell.outputs),
        )
        for number, _, cell in run.code_cells
    )  # fmt: skip


def _text_of(cell: Any) -> str:
    """What a cell printed or showed as text."""
    parts = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs]
    return ANSI.sub("", "\n".join(part if isinstance(part, str) else "".join(part) for part in parts))


def summary(run: Run, seconds: float) -> Execution:
    """How the notebook ran, as a record."""
    lost = [CellError(number, one.ename, one.why, "") for number, one in sorted(run.left_out.items())]
    errors = tuple(sorted([*run.errors.values(), *lost], key=lambda error: error.cell))
    status: ExecutionStatus = run.status if run.status != "ok" else ("error" if errors else "ok")
    return Execution(
        status=status, cells=len(run.code_cells), cells_run=run.cells_run, seconds=round(seconds, 2),
        errors=errors, note=" ".join(_notes(run)),
    )  # fmt: skip


def _notes(run: Run) -> list[str]:
    """What a student must know beside the errors, as sentences."""
    met = sorted((run.stopped | run.left_out).items())
    notes = [one.sentence(number) for number, one in met[:MAX_NOTES]]
    if run.left_out:
        notes.append(
            f"The notebook was run again without {_named(run.left_out)}, so that the other cells count."
        )
    if run.out_of_time:
        notes.append(
            f"The time for the whole notebook, {units.seconds(run.limits.notebook_s)}, was used up before "
            "its last cell."
        )
    if run.cut:
        most = f"{units.mib(run.limits.output_mib)} from one cell, {units.mib(run.limits.outputs_mib)} in all"
        notes.append(f"The output of {_named(run.cut)} was cut: at most {most} is kept.")
    return notes


def _named(cells: Iterable[int]) -> str:
    numbers = sorted(cells)
    return f"cell {', '.join(map(str, numbers[:MAX_NAMED]))}{', …' if len(numbers) > MAX_NAMED else ''}"
