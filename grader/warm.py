"""A sandboxed kernel that judges one hand-in after another, with TensorFlow loaded once."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import gc
import sys
import time
from typing import Any

import nbformat
import psutil

from checks.kit import Check, Gone, Raised
from checks.kit.falsify import fewer_examples
from grader import execution, fonts, grading, kernels, labs, limits, scratch, session
from grader.audit import Case, Trial
from grader.evidence import Evidence
from grader.records import CheckResult, Settings

CASES_PER_KERNEL = 60  # Keras keeps a little of every model that it has traced
CASES_PER_CLEARING = 10


class WarmKernel:
    """Judges cases of one lab. ``close`` ends the kernel and removes its folder."""

    def __init__(self, lab: str, settings: Settings) -> None:
        self.settings = settings
        self.lab = labs.load_lab(lab)
        self.rubric = labs.load_rubric(self.lab, settings.rubric)
        self.limits = limits.in_effect(self.rubric.limits, settings.limits)
        self.checks = {check.id: check for check in labs.load_checks(self.lab, settings.training)}
        self.base, self.room = kernels.make_room(settings.visible, fonts.folder(), settings.threads)
        self.runner = asyncio.Runner()
        self.idle: kernels.Kernel | None = None
        self.handed_out: kernels.Kernel | None = None
        self.cases = 0

    def judge(self, case: Case) -> Trial:
        """Run the case's cells in a kernel that is as good as fresh, and judge what they leave behind."""
        started, busy = time.monotonic(), self._busy_s()
        self._exchange_files(case)
        cells = [nbformat.v4.new_code_cell(source) for source in case.sources]
        run = execution.Run(
            nbformat.v4.new_notebook(cells=cells), self.limits.cell_s, started + self.limits.notebook_s,
            Evidence(self.base / "evidence"), _silent, limits=self.limits,
        )  # fmt: skip
        try:
            trial = self._judged(case, run, started)
        except BaseException:
            if self.handed_out is not None:
                self.runner.run(self.handed_out.end())
            raise
        # A kernel that was ended takes its account with it, so this is a lower bound.
        return dataclasses.replace(trial, busy_s=round(max(0.0, self._busy_s() - busy), 2))

    def _busy_s(self) -> float:
        """Processor time so far of this process and of the kernel that is alive, in seconds."""
        total = time.process_time()
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    times = child.cpu_times()
                    total += times.user + times.system
        return total

    def close(self) -> None:
        """End the kernel and remove its folder."""
        if self.idle is not None:
            self.runner.run(self.idle.end())
        self.runner.close()
        scratch.remove(self.base)

    def _judged(self, case: Case, run: execution.Run, started: float) -> Trial:
        kernel = self.runner.run(execution.run_notebook(run, self._ready))
        summary = execution.summary(run, time.monotonic() - started)
        settings = dataclasses.replace(self.settings, seed=self.settings.seed + case.seed)
        student = session.student_of(
            run.evidence, run, summary, settings, self.rubric, session.put_to(kernel, self.runner.run)
        )
        with fewer_examples(case.share):
            results = self._results(case.first, student)
            if case.others and not any(result.status == "failed" for result in results):
                results = self._results(case.others, student)
        self._put_back(kernel, lost=bool(student.gone or run.evidence.honesty.changed))
        _forget_caches()
        raised = tuple(f"{error.ename}: {error.evalue}" for error in summary.errors)
        return Trial(results, raised, seconds=round(time.monotonic() - started, 2))

    def _results(self, ids: tuple[str, ...], student: Any) -> tuple[CheckResult, ...]:
        chosen: list[Check] = [self.checks[one] for one in ids]
        tasks = grading.grade(chosen, self.rubric, student, _silent)
        return tuple(result for task in tasks for result in task.checks)

    def _exchange_files(self, case: Case) -> None:
        """Put the case's files in the place of the last one's."""
        (self.base / "evidence").mkdir(exist_ok=True)
        for folder in (self.base / "evidence", self.room.lab):
            for path in folder.iterdir():
                if path.is_dir() and not path.is_symlink():
                    scratch.remove(path)
                else:
                    path.unlink()
        for name, text in case.files.items():
            target = self.room.lab / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")

    async def _ready(self) -> kernels.Kernel:
        """The idle kernel with everything forgotten, or a new one."""
        kernel, self.idle = self.idle, None
        self.cases += 1
        if kernel is not None and self.cases <= CASES_PER_KERNEL:
            try:
                thorough = self.cases % CASES_PER_CLEARING == 0
                await kernel.ask("reset", {"seed": self.settings.seed, "thorough": thorough})
            except (Gone, Raised):
                pass  # a case may leave anything behind; the next one gets a new kernel
            else:
                self.handed_out = kernel
                return kernel
        if kernel is not None:
            await kernel.end()
        self.cases = 1
        config = session.kernel_config(self.lab, self.settings, self.room)
        self.handed_out = await kernels.start(self.room, self.settings.sandbox, config, self.limits)
        return self.handed_out

    def _put_back(self, kernel: kernels.Kernel | None, *, lost: bool) -> None:
        if kernel is not None and lost:
            self.runner.run(kernel.end())
        elif kernel is not None:
            self.idle = kernel


def _forget_caches() -> None:
    """Empty what the checks remember of a submission: it keeps hundreds of megabytes of arrays alive."""
    for name, module in list(sys.modules.items()):
        if name.startswith("checks."):
            for value in list(vars(module).values()):
                if hasattr(value, "cache_clear"):
                    value.cache_clear()
    gc.collect()


def _silent(_text: str) -> None:
    pass
