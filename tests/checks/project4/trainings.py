"""Made-up records of the eight trainings, without a kernel."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from checks.kit import Cell, Event, Failure, Fit, Source, Use, Used
from checks.kit.model import Compiled, Layer, Model
from checks.project4 import training
from checks.project4.vgg_cases import TRAININGS, Training
from checks.project4.vgg_layers import CONVOLUTIONS
from tests.checks.cnn.student import Notebook

RNG = np.random.default_rng(3)
TRAIN, TEST = (RNG.normal(size=(size, 8, 8, 3)).astype(np.float32) for size in (40, 18))
LABELS = {size: np.eye(9, dtype=np.float32)[np.arange(size) % 9] for size in (40, 18)}


def network(case: Training, **compiled: Any) -> Model:
    """The network of a case as the kernel would describe it, with what tells the cases apart."""

    def layer(kind: str, activation: str = "", **settings: Any) -> Layer:
        return Layer(kind, kind.lower(), settings, activation, {}, None, 10, 10)

    layers = []
    for filters, times in zip(case.network.filters, CONVOLUTIONS, strict=True):
        for _ in range(times):
            layers.append(layer("Conv2D", filters=filters))
            layers += [layer("BatchNormalization")] if case.network.batch_norm else []
            layers.append(layer("ReLU", "relu"))
        layers.append(layer("MaxPooling2D"))
    layers += [layer("Dense", "relu", units=units) for units in case.network.dense]
    layers.append(layer("Dense", "softmax", units=9))
    count = sum(one.parameters for one in layers)
    how = Compiled("Adam", ("Adam",), case.learning_rate, "categorical_crossentropy", {}, ("accuracy",))
    how = dataclasses.replace(how, **compiled)
    return Model("keras", False, (128, 128, 3), tuple(layers), count, count, how)


@dataclass
class Made:
    """A notebook in the making."""

    fits: list[Fit] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    texts: tuple[str, ...] = ()
    order: int = 0

    def tick(self) -> int:
        """The next place in the record."""
        self.order += 1
        return self.order

    def train(self, case: Training, identity: int, tested: bool = True, **changes: Any) -> None:
        """Train a case, by default as the task asks, and test it."""
        compiled = changes.pop("compiled", {})
        model = Used(identity, ("model",), changes.pop("network", None) or network(case, **compiled))
        draw = np.random.default_rng(identity)
        history = {
            name: tuple(draw.uniform(0, 1, case.epochs).tolist())
            for name in ("loss", "accuracy", "val_loss", "val_accuracy")
        }
        fit = Fit(
            cell=20, flavour="keras", epochs=case.epochs, batch_size=case.batch_size, steps_per_epoch=None,
            train=(TRAIN, LABELS[40]), model=model, source=Source("arrays", TRAIN, LABELS[40]),
            order=self.tick(), ended=self.tick(), history=history,
        )  # fmt: skip
        self.fits.append(dataclasses.replace(fit, **changes))
        if tested:
            images = Source("arrays", TEST, LABELS[18])
            result = np.roll(LABELS[18], 1, axis=0)
            result[:identity] = LABELS[18][:identity]  # as many are right as the number says
            scores = (1.0 / identity, identity / 10)
            self.uses.append(Use("evaluate", 20, model, images, order=self.tick(), scores=scores))
            self.uses.append(Use("predict", 20, model, Source("arrays", TEST), result, order=self.tick()))

    def draw(self, *axes: dict[str, Any]) -> None:
        """One figure."""
        self.events.append(Event("figure", 30, self.tick(), {"axes": list(axes)}))

    def draw_curves(self, *names: str) -> None:
        """A figure of each training."""
        for fit in self.fits:
            self.draw({"lines": [{"label": name, "y": list(fit.history[name])} for name in names]})

    def draw_chart(self, swapped: bool = False) -> None:
        """Bars of the right and the wrong predictions of each case."""
        predictions = [use for use in self.uses if use.result is not None]
        classes = LABELS[18].argmax(axis=1)
        right = [
            int((use.result.argmax(axis=1) == classes).sum()) for use in predictions if use.result is not None
        ]
        wrong = [18 - number for number in right]
        labels = ("incorrect", "correct") if swapped else ("correct", "incorrect")
        bars = [
            {"label": label, "lengths": lengths}
            for label, lengths in zip(labels, (right, wrong), strict=True)
        ]
        self.draw({"bars": bars})

    def student(self) -> Notebook:
        """The notebook as a check sees it."""
        return Notebook(
            {}, fits=tuple(self.fits), uses=tuple(self.uses), events=tuple(self.events),
            cells=tuple(self.cells), texts=self.texts,
        )  # fmt: skip


def right() -> Made:
    """All eight cases as asked for, drawn and named."""
    made = Made()
    for case in TRAININGS:
        made.train(case, case.number)
    made.draw_curves("loss", "val_loss")
    made.draw_chart()
    made.cells.append(Cell(31, "print(best)", text="the best is case 8 with 0.8"))
    return made


def outcomes(made: Made) -> dict[str, str]:
    """The failures' messages by check; ``learns`` needs a kernel and is left out."""
    failed = {}
    for name in (
        *(f"case_{number}" for number in range(1, 9)),
        "compiled",
        "tested",
        "curves",
        "chart",
        "winner",
    ):
        try:
            getattr(training, name).run(made.student())
        except Failure as failure:
            failed[name] = failure.message
    return failed
