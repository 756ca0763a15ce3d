"""Notebooks whose trainings are made up: networks, fits and evaluates without a kernel."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from checks.cnn import training
from checks.kit import Cell, Check, Event, Failure, Fit, NamedModel, Source, Student, Use, Used
from checks.kit.model import Compiled, Layer, Model
from tests.checks.cnn.preparation import Lab, right
from tests.checks.cnn.student import Notebook

Array = np.ndarray[Any, Any]
FIRST = 12  # the cell of the first training
CELLS = {"4.2": 12, "4.3a": 15, "4.3b": 18, "4.4": 20, "4.5": 22, "4.6": 25}


def layer(kind: str, activation: str = "", parameters: int = 0, **settings: Any) -> Layer:
    return Layer(kind, kind.lower(), settings, activation, {}, None, parameters, parameters)


def network(
    convolutions: int = 2,
    filters: int = 16,
    dense: tuple[int, ...] = (),
    dropout: float = 0.0,
    rate: float = 0.01,
    optimizer: str = "Adam",
) -> Model:
    """A network as 4.1 asks for it; ``dropout`` 0 is none."""
    layers = []
    for stage in range(convolutions):
        layers += [
            layer("Conv2D", "relu", 100 + stage, filters=filters * 2**stage),
            layer("BatchNormalization", "", 64),
            layer("MaxPooling2D"),
        ]
    layers.append(layer("Flatten"))
    for nodes in dense:
        layers += [layer("Dense", "relu", 5_000, units=nodes), layer("BatchNormalization", "", 200)]
        layers += [layer("Dropout", rate=dropout)] if dropout else []
    layers.append(layer("Dense", "softmax", 510, units=10))
    count = sum(one.parameters for one in layers)
    compiled = Compiled(optimizer, (optimizer,), rate, "categorical_crossentropy", {}, ("accuracy",))
    return Model("keras", False, (32, 32, 3), tuple(layers), count, count, compiled)


@dataclass
class Trained:
    """A notebook in the making: the data of 3.1 to 3.4, then what ran."""

    lab: Lab
    fits: list[Fit] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    models: list[NamedModel] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    order: int = 0

    def data(self, name: str) -> Array:
        """A variable as it was when training started; the same object each time."""
        found = self.lab.at(name, FIRST)
        assert isinstance(found, np.ndarray)
        return found

    def tick(self) -> int:
        """The place of the next call or event."""
        self.order += 1
        return self.order

    def fit(self, cell: int, model: Used, **changes: Any) -> Used:
        """One fit, by default as 4.2 asks for it."""
        source, validation = arrays(self, "train"), arrays(self, "val")
        fit = Fit(
            cell=cell, flavour="keras", epochs=20, batch_size=20, steps_per_epoch=None,
            train=(source.images, source.labels), validation=(validation.images, validation.labels), model=model,
            source=source, validation_source=validation, order=self.tick(), ended=self.tick(),
        )  # fmt: skip
        self.fits.append(dataclasses.replace(fit, **changes))
        return dataclasses.replace(model, fits_before=model.fits_before + 1)

    def evaluate(self, cell: int, model: Used, source: Source | None = None, **changes: Any) -> None:
        """One evaluate, by default on the test images."""
        use = Use("evaluate", cell, model, source or arrays(self, "test"), order=self.tick())
        self.uses.append(dataclasses.replace(use, **changes))

    def summary(self, cell: int, model: Used) -> None:
        """One printed summary."""
        self.events.append(Event("summary", cell, self.tick(), {"model": model.identity}))

    def student(self) -> Notebook:
        """The notebook as a check sees it."""
        base = self.lab.student()
        return dataclasses.replace(
            base, fits=tuple(self.fits), uses=tuple(self.uses), events=tuple(self.events),
            models=tuple(self.models), cells=tuple(self.cells),
        )  # fmt: skip


def arrays(trained: Trained, part: str) -> Source:
    """The images and labels of a set."""
    return Source("arrays", trained.data(f"X{part}"), trained.data(f"Y{part}"))


@functools.cache
def data() -> Lab:
    """The handout's own way through 3.1 to 3.4; arrays that are told apart by their identity."""
    lab = right()
    for name in ("Xtrain", "Xval", "Xtest", "Ytrain", "Yval", "Ytest"):
        lab.at(name, FIRST).flags.writeable = False
    return lab


def prepared() -> Trained:
    """Right data, and nothing trained yet; all notebooks share the arrays."""
    shared = data()
    return Trained(Lab(shared.given, {name: list(entries) for name, entries in shared.values.items()}))


TRAIN, VAL, TEST = (arrays(prepared(), name) for name in ("train", "val", "test"))
NETWORKS: dict[str, Callable[[], Model]] = {
    "4.2": network,
    "4.3a": lambda: network(dense=(50,)),
    "4.3b": lambda: network(4, dense=(50,)),
    "4.5": lambda: network(4, dense=(50,), dropout=0.5),
    "4.6": lambda: network(dense=(32,), dropout=0.5),
}
NAMES = {"4.2": "model1", "4.3a": "model1b", "4.3b": "model2", "4.5": "model3", "4.6": "model4"}


def right_way(
    changed: Mapping[str, Mapping[str, Any]] | None = None, leave_out: tuple[str, ...] = ()
) -> Trained:
    """All trainings, evaluates and the summary as asked for.

    ``changed`` has for a task what differs: ``network``, ``evaluate`` (a source, or ``None``), or fields
    of the fit.
    """
    trained = prepared()
    for number, (task, make) in enumerate(NETWORKS.items(), start=1):
        if task in leave_out:
            continue
        changes = dict((changed or {}).get(task, {}))
        model = Used(number, (NAMES[task],), changes.pop("network", None) or make())
        tested = changes.pop("evaluate", arrays(trained, "test"))
        model = trained.fit(CELLS[task], model, **changes)
        if tested is not None:
            trained.evaluate(CELLS[task] + 1, model, tested)
        if task == "4.3b":
            trained.summary(CELLS["4.4"], model)
    return trained


CHECKS = tuple(one for one in vars(training).values() if isinstance(one, Check) and not one.full)
BY_ID = {check.id: check for check in CHECKS}


def outcome(trained: Trained | Student) -> tuple[dict[str, str], set[str]]:
    """The hints of the checks that pass, and the ids of those that fail; what needs a failed one is left out."""
    student = trained.student() if isinstance(trained, Trained) else trained
    hints: dict[str, str] = {}
    failed: set[str] = set()
    skipped: set[str] = set()
    for check in CHECKS:
        if any(need.id in failed | skipped for need in check.needs):
            skipped.add(check.id)
            continue
        try:
            hints[check.id] = check.run(student) or ""
        except Failure:
            failed.add(check.id)
    return hints, failed
