"""Running a notebook from its first cell to its last, whatever its cells do.

The only module that knows nbclient. A cell that raises is recorded and the next one runs. A cell
that ends the process, or that cannot be stopped, costs itself only: the notebook is run again
without it.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from checks.kit import Cell, Gone
from grader.evidence import Evidence
from grader.kernels import ANSI, Kernel, one_line
from grader.records import CellError, Execution, ExecutionStatus

MAX_OUTPUT_BYTES = 1_000_000  # of one cell
MAX_OUTPUTS_BYTES = 20_000_000  # of all cells
MAX_CELL_TEXT = 100_000
MAX_RUNS = 4  # the first, and three more without the cells that ended it
INTERRUPT_GRACE_S = 5.0
ARROW = re.compile(
    r"^Cell In\s?\[\d+\](?:(?!^Cell In|^File ).)*?^-+>\s*\d+\s?([^\n]*)$", re.MULTILINE | re.DOTALL
)


class BoundedClient(NotebookClient):
    """nbclient with a limit on what the outputs may hold."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cell_bytes: dict[int, int] = {}
        self.cut_cells: set[int] = set()

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Leave out what exceeds the limits, and say so once."""
        if msg["msg_type"] in ("stream", "display_data", "execute_result", "error", "update_display_data"):
            size = len(str(msg["content"]))
            used = self.cell_bytes.get(cell_index, 0) + size
            if used > MAX_OUTPUT_BYTES or sum(self.cell_bytes.values()) + size > MAX_OUTPUTS_BYTES:
                if cell_index not in self.cut_cells:
                    self.cut_cells.add(cell_index)
                    note = "\n[labgrade: further output of this cell was left out]\n"
                    cell.outputs.append(nbformat.v4.new_output("stream", name="stderr", text=note))
                return None
            self.cell_bytes[cell_index] = used
        try:
            return super().process_message(msg, cell, cell_index)
        except (KeyError, TypeError, ValueError, AttributeError, nbformat.ValidationError):
            return None  # no kernel sends this by itself: the notebook did


@dataclass
class Run:
    """The state of one notebook's execution. ``left_out`` are the cells that may not run again."""

    notebook: Any
    cell_timeout_s: float
    deadline: float
    evidence: Evidence
    progress: Callable[[str], None]
    errors: dict[int, CellError] = field(default_factory=dict)
    left_out: dict[int, str] = field(default_factory=dict)
    status: ExecutionStatus = "ok"
    cells_run: int = 0
    out_of_time: bool = False

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
        run.cells_run = 0
        if await _run_once(run, kernel):
            return kernel
        await kernel.end()
        run.left_out |= {
            number: error.evalue for number, error in run.errors.items() if error.ename == "Timeout"
        }
        if time.monotonic() > run.deadline or attempt == MAX_RUNS - 1:
            return None
    return None


async def _run_once(run: Run, kernel: Kernel) -> bool:
    """Run every cell that may run; ``False`` when the kernel was lost on the way."""
    client = BoundedClient(
        run.notebook, km=kernel.manager, timeout=None, allow_errors=True, coalesce_streams=True
    )
    client.kc = kernel.client
    cells = run.code_cells
    for number, index, cell in cells:
        if number in run.left_out:
            _say_left_out(cell, number, run.left_out[number])
            continue
        if time.monotonic() > run.deadline:
            _out_of_time(run, number, cell)
            continue
        run.progress(f"running cell {number} of {len(cells)}")
        lost = await _run_cell(run, kernel, client, number, index, cell)
        if lost:
            run.left_out[number] = lost
            return False
        run.cells_run += 1
        try:
            run.evidence.add(number, await kernel.ask("observe", {"cell": number}))
        except Gone as gone:
            run.status = "died"
            run.left_out[number] = f"{gone.reason} after it had run"
            return False
    return True


async def _run_cell(run: Run, kernel: Kernel, client: Any, number: int, index: int, cell: Any) -> str:
    """Run one cell; returns why the kernel is lost, or ``""``."""
    limit = max(1.0, min(run.cell_timeout_s, run.deadline - time.monotonic()))
    task = asyncio.ensure_future(client.async_execute_cell(cell, index))
    done, _ = await asyncio.wait({task}, timeout=limit)
    stopped = not done
    if stopped:
        run.status = "timeout"
        await kernel.manager.interrupt_kernel()
        done, _ = await asyncio.wait({task}, timeout=INTERRUPT_GRACE_S)
    if not done:
        await kernel.manager.shutdown_kernel(now=True)
        await asyncio.wait({task}, timeout=INTERRUPT_GRACE_S)
        task.cancel()
        return f"it ran longer than {limit:.0f} s and could not be interrupted"
    try:
        task.result()
    except DeadKernelError:
        run.status = "died"
        return "it ended the Python process"
    except CellExecutionError:
        pass  # recorded below, from the outputs
    except Exception as problem:  # noqa: BLE001 - nbclient stumbles over what no kernel sends by itself
        run.status = "died"
        return f"it broke the connection to the Python process ({type(problem).__name__})"
    cell.execution_count = number
    error = _error_of(cell, number)
    if stopped:
        error = CellError(number, "Timeout", f"the cell was stopped after {limit:.0f} s", "")
    if error is not None:
        run.errors[number] = error
    return ""


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
    run.status = "timeout"
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
    lost = [CellError(number, "Stopped", why, "") for number, why in sorted(run.left_out.items())]
    errors = tuple(sorted([*run.errors.values(), *lost], key=lambda error: error.cell))
    status: ExecutionStatus = run.status if run.status != "ok" else ("error" if errors else "ok")
    notes = []
    if run.left_out:
        cells = ", ".join(str(number) for number in sorted(run.left_out))
        notes.append(f"The notebook was run again without cell {cells}, so that the other cells count.")
    if run.out_of_time:
        notes.append("The time for the whole notebook was used up before its last cell.")
    return Execution(
        status=status, cells=len(run.code_cells), cells_run=run.cells_run, seconds=round(seconds, 2),
        errors=errors, note=" ".join(notes),
    )  # fmt: skip
