"""Tasks 4.2 to 4.6: the trainings of a notebook, read from the record of its calls of ``fit``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from checks.cnn.network_diff import OTHER_CONVOLUTIONS
from checks.kit import Event, Fit, Source, Student
from checks.kit.architecture import operations
from checks.kit.model import Model

KERAS_BATCH = 32  # what Keras takes where no batch size is passed
AUGMENTATIONS = (
    "rotation_range", "width_shift_range", "height_shift_range", "brightness_range", "shear_range",
    "zoom_range", "channel_shift_range", "horizontal_flip", "vertical_flip",
)  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """What tasks 4.2 to 4.5 ask of a network; all else is the business of 4.1.

    ``filters`` are those of the first convolution, ``dense`` the nodes of the intermediate dense layers,
    ``dropout`` the rates of the dropout layers between the first dense layer and the last.
    """

    convolutions: int
    filters: int | None
    dense: tuple[int, ...]
    dropout: tuple[float, ...]

    def text(self) -> str:
        """In words: ``2 convolutional layers, 16 filters, no intermediate dense layer``."""
        return ", ".join([counted(self.convolutions, "convolutional layer"), *self._details()])

    def _details(self) -> Iterator[str]:
        if self.filters is not None:
            yield counted(self.filters, "filter")
        yield dense_text(self.dense)
        yield from (f"Dropout({rate:g})" for rate in self.dropout)


def shape_of(network: Model) -> Shape:
    """What counts of a network, whatever else it consists of."""
    steps = operations(network)
    convolutions = [step for step in steps if step.kind in ("Conv2D", *OTHER_CONVOLUTIONS)]
    places = [place for place, step in enumerate(steps) if step.kind == "Dense"]
    between = steps[places[0] : places[-1]] if places else ()
    filters = convolutions[0].get("filters") if convolutions else None
    return Shape(
        convolutions=len(convolutions),
        filters=filters if isinstance(filters, int) else None,
        dense=tuple(int(steps[place].get("units") or 0) for place in places[:-1]),
        dropout=tuple(float(step.get("rate") or 0) for step in between if "Dropout" in step.kind),
    )


@dataclass(frozen=True)
class Configuration:
    """How a network was trained; ``None`` stands for "not known"."""

    shape: Shape
    batch_size: int | None
    epochs: int | None
    learning_rate: float | None
    optimizer: str


@dataclass(frozen=True)
class Training:
    """One fit of a model, or its first fits together: 20 epochs in two halves are 20 epochs."""

    fits: tuple[Fit, ...]
    network: Model
    shape: Shape

    @property
    def last(self) -> Fit:
        """The fit that ended it."""
        return self.fits[-1]

    @property
    def identity(self) -> int:
        """Which model object was trained."""
        return self.last.model.identity

    @property
    def cells(self) -> str:
        """Where it happened: ``cell 31``."""
        numbers = sorted({fit.cell for fit in self.fits})
        return f"cell {numbers[0]}" if len(numbers) == 1 else f"cells {numbers[0]} to {numbers[-1]}"

    @property
    def called(self) -> str:
        """The model's variable in the notebook, or ``model``."""
        return next((name for fit in reversed(self.fits) for name in fit.model.names), "model")

    @property
    def configuration(self) -> Configuration:
        """Its free and its fixed settings."""
        epochs = [fit.epochs for fit in self.fits if fit.epochs is not None]
        compiled = self.network.compiled
        return Configuration(
            shape=self.shape,
            batch_size=batch_size(self.last),
            epochs=sum(epochs) if len(epochs) == len(self.fits) else None,
            learning_rate=compiled.learning_rate if compiled else None,
            optimizer=compiled.optimizer if compiled else "",
        )

    def shares(self, others: tuple[Training, ...]) -> bool:
        """Whether one of its fits belongs to another training, too."""
        taken = {fit.order for other in others for fit in other.fits}
        return any(fit.order in taken for fit in self.fits)


def batch_size(fit: Fit) -> int | None:
    """How many images a step took: the batch size passed, that of the generator, or Keras' own."""
    if fit.source.kind in ("generator", "dataset", "sequence"):
        return fit.source.batch_size
    return KERAS_BATCH if fit.batch_size is None else fit.batch_size


def trainings(student: Student) -> tuple[Training, ...]:
    """Every training that may answer tasks 4.2 to 4.6, in order.

    Left out are fits that raised, those with augmented images (5.2), those whose energy was tracked (6),
    and those of a search for hyper-parameters (8).
    """
    return tuple(_grouped(fit for fit in _ended(student) if not augmented(fit.source)))


def augmented_trainings(student: Student) -> tuple[Training, ...]:
    """The same for fits with augmented images."""
    return tuple(_grouped(fit for fit in _ended(student) if augmented(fit.source)))


def undescribed(student: Student) -> bool:
    """Whether a network was trained whose layers could not be read."""
    return any(fit.model.network is None and not augmented(fit.source) for fit in _ended(student))


def augmented(source: Source) -> bool:
    """Whether a generator changes its images at random."""
    return source.kind == "generator" and any(_is_on(source.settings, name) for name in AUGMENTATIONS)


def _is_on(settings: Mapping[str, object], name: str) -> bool:
    value = settings.get(name)
    return value not in (None, False, 0, [], [0, 0], [1, 1])  # Keras keeps a zoom of 0 as [1, 1]


def _ended(student: Student) -> Iterator[Fit]:
    trackers = [event for event in student.events if event.kind == "tracker"]
    searches = {event.cell for event in student.events if event.kind == "search"}
    for fit in student.fits:
        if not (fit.error or fit.cell in searches or _tracked(fit, trackers)):
            yield fit


def _tracked(fit: Fit, trackers: list[Event]) -> bool:
    """Whether a carbon tracker ran in the same cell, in a callback, or was between start and end."""
    if any(event.cell == fit.cell or fit.order <= event.order <= fit.ended for event in trackers):
        return True
    before = [event for event in trackers if event.order < fit.order]
    return bool(before) and before[-1].data.get("what") == "epoch_start"


def _grouped(fits: Iterator[Fit]) -> Iterator[Training]:
    """Each fit alone and, where a model went on with the same network, all of its fits so far."""
    earlier: dict[int, list[Fit]] = {}
    for fit in fits:
        network = fit.model.network
        if network is None:
            continue
        shape = shape_of(network)
        yield Training((fit,), network, shape)
        if not fit.model.identity:
            continue
        group = earlier.setdefault(fit.model.identity, [])
        if group and group[0].model.network is not None and shape_of(group[0].model.network) != shape:
            group.clear()
        group.append(fit)
        if len(group) > 1:
            yield Training(tuple(group), network, shape)


def dense_text(nodes: tuple[int, ...]) -> str:
    """The intermediate dense layers in words."""
    if not nodes:
        return "no intermediate dense layer"
    if len(nodes) == 1:
        return f"1 intermediate dense layer of {counted(nodes[0], 'node')}"
    return f"{len(nodes)} intermediate dense layers of {', '.join(map(str, nodes))} nodes"


def counted(number: int, noun: str) -> str:
    """``no filter``, ``1 filter``, ``2 filters``."""
    return f"{number or 'no'} {noun}{'' if number in (0, 1) else 's'}"
