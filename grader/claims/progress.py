"""Progress logs of Keras 2 and 3, both with bars and without, as records."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from checks.kit.saved import Epoch, Evaluation, Log, SavedCell
from grader.claims.screen import Line, lines_of

HEAD = re.compile(r"^\s*Epoch (\d{1,6})\s*/\s*(\d{1,6})\s*$")
SAMPLES = re.compile(r"^\s*Train on (\d{1,9}) samples(?:, validate on (\d{1,9}) samples)?")
BAR = re.compile(r"^\s*(\d{1,9})/(\d{1,9}|Unknown)(?:\.\d+)?\s+(?=\S)(?P<rest>.*)$")
BARE = re.compile(
    r"^\s*-\s*(?=\d+(?:\.\d+)?m?s\b)(?P<rest>.*)$"
)  # without a count, as Keras 2.2 with verbose=2
METRIC = re.compile(r"^([A-Za-z_]\w{0,79})\s*:\s*(nan|-?inf|-?\d+(?:\.\d*)?(?:e[+-]?\d+)?)$", re.IGNORECASE)
SHOWS_BAR = re.compile(r"^(?:\[[=>.]+\]|[━╸╺─ ]+)")
HALF = re.compile(r"(?:-|:|_)\s*$")
GOES_ON = re.compile(r"^\s*(?:- \w+\s*:|-?\d+\.\d+(?:e[+-]?\d+)?(?: - |$)|\d{1,6} - |\w{1,40}:\s*-?\d)")
HARD_WRAP = 70  # characters, from which on a line may have been broken by its length alone
MAX_EPOCHS = 100_000


@dataclass
class _Draft:
    """A log in the making; ``open`` is the epoch whose end has not been seen."""

    cell: int
    line: Line
    announced: int
    samples: int | None = None
    validated: int | None = None
    steps: set[int] = field(default_factory=set)
    epochs: list[Epoch] = field(default_factory=list)
    open: int = 0
    last: int = 0

    def log(self) -> Log:
        steps = next(iter(self.steps)) if len(self.steps) == 1 else None
        if self.samples is not None and steps == self.samples:
            steps = None
        return Log(
            self.cell, self.line.number, self.line.quote, self.announced, tuple(self.epochs[:MAX_EPOCHS]),
            steps, self.samples, self.validated,
        )  # fmt: skip


@dataclass(frozen=True)
class Progress:
    """What one cell's output tells of trainings and evaluations."""

    logs: tuple[Log, ...]
    evaluations: tuple[Evaluation, ...]


def progress_in(cell: SavedCell, shown: Sequence[Line] | None = None) -> Progress:
    """Read the logs of one cell; what is cut off or garbled is left out."""
    reader = _Reader(cell.number)
    for line in _unwrapped(lines_of(cell.text) if shown is None else shown):
        reader.read(line)
    reader.close()
    return Progress(tuple(reader.logs), tuple(reader.evaluations))


@dataclass
class _Reader:
    cell: int
    logs: list[Log] = field(default_factory=list)
    evaluations: list[Evaluation] = field(default_factory=list)
    draft: _Draft | None = None
    told: tuple[int, int | None] | None = None  # what "Train on …" said, until the next first epoch

    def read(self, line: Line) -> None:
        if found := SAMPLES.match(line.text):
            self.close()
            self.told = int(found[1]), int(found[2]) if found[2] else None
        elif found := HEAD.match(line.text):
            self._head(line, int(found[1]), int(found[2]))
        elif found := BAR.match(line.text):
            self._bar(line, found)
        elif (found := BARE.match(line.text)) and self.draft is not None and self.draft.open:
            self._end_epoch(line, found["rest"])

    def close(self) -> None:
        if self.draft is not None:
            self.logs.append(self.draft.log())
        self.draft = None

    def _head(self, line: Line, number: int, of: int) -> None:
        draft = self.draft
        if draft is None or number <= draft.last or of != draft.announced:
            self.close()
            samples, validated = self.told or (None, None)
            self.told = None
            self.draft = draft = _Draft(self.cell, line, of, samples, validated)
        draft.open = draft.last = number

    def _bar(self, line: Line, found: re.Match[str]) -> None:
        done, of = int(found[1]), found[2]
        if of != "Unknown" and done < int(of):
            return
        draft, values = self.draft, metrics(found["rest"])
        if draft is not None and draft.open:
            if of != "Unknown" and values:
                draft.steps.add(int(of))
            self._end_epoch(line, found["rest"])
        elif draft is not None and draft.epochs and self._completes(draft.epochs[-1], values, of):
            draft.epochs[-1] = _epoch(draft.epochs[-1].number, line, found["rest"])
        elif values and of != "Unknown":
            exact = _is_exact(found["rest"])
            self.evaluations.append(Evaluation(self.cell, line.number, line.quote, int(of), values, exact))

    def _completes(self, epoch: Epoch, values: dict[str, float], of: str) -> bool:
        """Whether a bar is an epoch's once more, now with the validation, where each state has its own "
        "line."""
        new = any(name.startswith("val_") for name in values)
        return new and not any(name.startswith("val_") for name in epoch.values) and of.isdigit()

    def _end_epoch(self, line: Line, rest: str) -> None:
        if self.draft is not None and (values := metrics(rest)):
            self.draft.epochs.append(_epoch(self.draft.open, line, rest))
            self.draft.open = 0 if values else self.draft.open


def _epoch(number: int, line: Line, rest: str) -> Epoch:
    return Epoch(number, metrics(rest), _is_exact(rest), line.number, line.quote)


def _is_exact(rest: str) -> bool:
    bar = SHOWS_BAR.match(rest)
    return bar is None or bar[0].startswith("[")


def metrics(text: str) -> dict[str, float]:
    """The finite metrics of a line such as ``5s 9ms/step - loss: 1.5 - accuracy: 0.45``."""
    found = {}
    for part in text.split(" - ")[:60]:
        match = METRIC.match(part.strip())
        if match and match[1] != "ETA" and math.isfinite(value := float(match[2])):
            found[match[1]] = value
    return found


def _unwrapped(lines: Sequence[Line]) -> Iterator[Line]:
    """The lines with those joined that were broken in the middle of their metrics."""
    waiting: Line | None = None
    for line in lines:
        if waiting is not None and (joined := _join(waiting, line)):
            waiting = joined
            continue
        if waiting is not None:
            yield waiting
        waiting = line
    if waiting is not None:
        yield waiting


def _join(first: Line, second: Line) -> Line | None:
    if (
        not BAR.match(first.text)
        or HEAD.match(second.text)
        or BAR.match(second.text)
        or len(first.text) > 1_000
    ):
        return None
    if HALF.search(first.text) or second.text.lstrip().startswith("- "):
        return Line(first.number, f"{first.text.rstrip()} {second.text.lstrip()}")
    if len(first.text) < HARD_WRAP or not GOES_ON.match(second.text):
        return None
    joined = Line(first.number, first.text + second.text)
    more = len(metrics(joined.text)) > len(metrics(first.text))
    return joined if more else None
