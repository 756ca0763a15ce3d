"""What CarbonTrackers measured: the trainings that lie between their ``epoch_start`` and ``epoch_end``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from checks.kit import Event, Fit


@dataclass(frozen=True)
class Span:
    """One epoch as a tracker sees it: the places of its start and its end among all calls."""

    start: int
    end: int

    def measures(self, fit: Fit) -> bool:
        """Whether a training lies inside, or this span inside the training, where a callback makes it."""
        around = self.start < fit.order and fit.ended < self.end
        within = fit.order < self.start and self.end < fit.ended
        return around or within


@dataclass(frozen=True)
class Tracker:
    """One CarbonTracker: ``epochs`` as it was told, the ``cell`` that made it, the ``cells`` that used it."""

    epochs: int | None
    cell: int
    cells: frozenset[int]
    starts: int
    spans: tuple[Span, ...]
    stopped: bool

    @property
    def ended(self) -> bool:
        """Whether it measured anything at all."""
        return bool(self.spans)

    def spans_of(self, fit: Fit) -> tuple[Span, ...]:
        """The epochs that a training belongs to, or that belong to it."""
        return tuple(span for span in self.spans if span.measures(fit))

    def measured(self, fits: Sequence[Fit]) -> tuple[Fit, ...]:
        """The trainings that it measured and that ran to their end, in order."""
        return tuple(fit for fit in fits if not fit.error and self.spans_of(fit))

    def is_once(self, fits: Sequence[Fit]) -> bool:
        """Whether it took all these trainings for one single epoch."""
        return len({span for fit in fits for span in self.spans_of(fit)}) == 1


def read_trackers(events: Sequence[Event]) -> tuple[Tracker, ...]:
    """Every CarbonTracker that was made, in order."""
    told = [event for event in events if event.kind == "tracker"]
    numbers = [event.data.get("tracker") for event in told if event.data.get("what") == "init"]
    return tuple(_tracker([event for event in told if event.data.get("tracker") == one]) for one in numbers)


def _tracker(events: Sequence[Event]) -> Tracker:
    epochs = events[0].data.get("epochs")
    calls = [event.data.get("what") for event in events]
    return Tracker(
        epochs=epochs if isinstance(epochs, int) else None,
        cell=events[0].cell,
        cells=frozenset(event.cell for event in events),
        starts=calls.count("epoch_start"),
        spans=_spans(events),
        stopped="stop" in calls,
    )


def _spans(events: Sequence[Event]) -> tuple[Span, ...]:
    """From each start to the end that follows; a start that another start follows was never ended."""
    spans: list[Span] = []
    open_at: int | None = None
    for event in events:
        what = event.data.get("what")
        if what == "epoch_start":
            open_at = event.order if open_at is None else open_at
        elif what == "epoch_end" and open_at is not None:
            spans.append(Span(open_at, event.order))
            open_at = None
        elif what == "stop":
            open_at = None
    return tuple(spans)
