"""Task 6: whatever is between a tracker's calls passes; a tracker that measures nothing is named."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace

import pytest

from checks.cnn.carbon import tracked
from checks.kit import Cell, Event, Fit, NamedModel, Used
from tests.checks.cnn.student import Notebook, failure_of, text_of


@dataclass
class Lab:
    """Writes down what happened, in order; everything in cell 5."""

    fits: list[Fit] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    models: list[NamedModel] = field(default_factory=list)
    source: str = "tracker = CarbonTracker(epochs=5)"
    error: str = ""
    trackers: int = 0

    def __post_init__(self) -> None:
        self.orders = itertools.count(1)

    def call(self, what: str, epochs: int | None = None) -> None:
        """A call of the latest tracker; ``init`` makes one."""
        self.trackers += what == "init"
        data = {"what": what, "tracker": self.trackers, "epochs": epochs}
        self.events.append(Event("tracker", 5, next(self.orders), data))

    def fit(self, epochs: int = 1, model: int = 7, error: str = "", callback: bool = False) -> None:
        """A training, tracked by a callback if asked for."""
        order = next(self.orders)
        for _ in range(epochs if callback else 0):
            self.call("epoch_start")
            self.call("epoch_end")
        before = sum(fit.model.identity == model for fit in self.fits)
        used = Used(identity=model, fits_before=before)
        self.fits.append(
            Fit(5, "keras", epochs, 20, None, model=used, order=order, ended=next(self.orders), error=error)
        )

    def student(self) -> Notebook:
        """The notebook."""
        cells = (Cell(5, self.source, self.error),)
        return Notebook(
            {}, fits=tuple(self.fits), events=tuple(self.events), models=tuple(self.models), cells=cells
        )


def looped(told: int = 5, run: int = 5, model: int = 7) -> Lab:
    """A loop of ``fit(epochs=1)``."""
    lab = Lab()
    lab.call("init", told)
    for _ in range(run):
        lab.call("epoch_start")
        lab.fit(model=model)
        lab.call("epoch_end")
    lab.call("stop")
    return lab


def around(told: int, epochs: int) -> Lab:
    """One start and one end around a whole ``fit``."""
    lab = Lab()
    lab.call("init", told)
    lab.call("epoch_start")
    lab.fit(epochs)
    lab.call("epoch_end")
    return lab


def by_callback(told: int, epochs: int) -> Lab:
    """A callback inside one ``fit``."""
    lab = Lab()
    lab.call("init", told)
    lab.fit(epochs, callback=True)
    return lab


@pytest.mark.parametrize(
    "lab", [looped(), looped(1, 1), around(1, 1), around(1, 20), by_callback(5, 5), by_callback(1, 1)]
)
def test_right_ways_pass_without_a_hint(lab):
    """In a loop, by a callback, and around a training that is said to be one epoch."""
    assert tracked.run(lab.student()) is None


@pytest.mark.parametrize(
    ("lab", "words"),
    [
        (around(20, 20), ("once around 20 epochs", "too high")),
        (looped(20, 5), ("predicts 20 epochs", "but 5 were trained")),
        (by_callback(1, 5), ("predicts 1 epochs", "but 5 were trained")),
    ],
)
def test_a_wrong_number_of_epochs_is_a_hint(lab, words):
    """It passes, and the hint says why the prediction is off."""
    hint = tracked.run(lab.student())
    assert all(word in hint for word in words)


def test_an_older_model_is_a_hint():
    """Where model7 is built and never trained, the hint names it and the model that is trained."""
    lab = Lab()
    lab.fit(model=6)
    lab.events, later = [], looped(model=6)
    shifted = [replace(fit, model=replace(fit.model, fits_before=1)) for fit in later.fits]
    lab = replace(later, fits=shifted)
    lab.models = [NamedModel("model6", 4, Used(6)), NamedModel("model7", 5, Used(7))]
    assert tracked.run(lab.student()) == "model7 is built, but fit trains model6, which was trained before."
    lab.fits.append(Fit(9, "keras", 1, 20, None, model=Used(7), order=90, ended=91))
    assert tracked.run(lab.student()) is None


def nothing(*calls: str, fit: str = "") -> Lab:
    """A tracker with these calls; ``fit`` among them is a training."""
    lab = Lab()
    lab.call("init", 5)
    for one in calls:
        lab.fit() if one == "fit" else lab.call(one)
    return lab


@pytest.mark.parametrize(
    ("lab", "words"),
    [
        (Lab(source="model7.fit(Xtrain)"), ("No CarbonTracker was made",)),
        (Lab(source="# CarbonTracker"), ("No CarbonTracker was made",)),
        (Lab(source="from carbontracker.tracker import CarbonTracker"), ("no tracker is made",)),
        (Lab(error="NameError: name 'CarbonTracker' is not defined"), ("Cell 5", "NameError")),
        (
            Lab(source="from codecarbon import X", error="ModuleNotFoundError: No module named 'codecarbon'"),
            ("another library", "CarbonTracker", "ModuleNotFoundError"),
        ),
        (nothing("fit"), ("never called",)),
        (nothing("epoch_start", "fit"), ("epoch_end() never was",)),
        (nothing("epoch_start", "fit", "stop"), ("epoch_end() never was", "stop() throws away")),
        (nothing("fit", "epoch_start", "epoch_end"), ("No training runs between", "runs before")),
        (nothing("epoch_start", "epoch_end", "fit"), ("No training runs between", "runs after")),
        (nothing("epoch_start", "epoch_end"), ("No training runs between", "no fit runs in between")),
    ],
)
def test_what_measures_nothing_is_named(lab, words):
    """Each failure says what is missing, and where."""
    failure = failure_of(tracked, lab.student())
    assert all(word in text_of(failure) for word in words)
    assert failure.hint


def test_a_training_that_stopped_is_named():
    """Where fit raised, its error is the message, not that nothing was measured."""
    lab = Lab()
    lab.call("init", 1)
    lab.call("epoch_start")
    lab.fit(error="ValueError: the shapes differ")
    lab.call("epoch_end")
    failure = failure_of(tracked, lab.student())
    assert "cell 5" in failure.message
    assert "ValueError: the shapes differ" in failure.message


def test_a_loop_of_ones_own_passes():
    """Training batch by batch cannot be followed, and counts."""
    lab = nothing("epoch_start", "epoch_end")
    lab.source = "tracker.epoch_start()\nmodel.train_on_batch(x, y)\ntracker.epoch_end()"
    assert "your own" in tracked.run(lab.student())


def test_one_tracker_that_measures_is_enough():
    """A tracker that was started in vain before does not count."""
    lab = nothing("epoch_start")
    lab.call("init", 1)
    lab.call("epoch_start")
    lab.fit()
    lab.call("epoch_end")
    assert tracked.run(lab.student()) is None
