"""Task P2.3: the eight training cases, recognised in the record of what a notebook trained."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from checks.kit import Failure, Fit, Gone, Student
from checks.kit.model import Model
from checks.project4.vgg_calls import Case, model_for, way_of_calling
from checks.project4.vgg_layers import CONVOLUTIONS, received

LARGE = (128, 128, 3)
STANDARD = Case(LARGE, 9, (64, 128, 256, 512, 512), (4096, 4096, 1000))
NORMALISED = Case(LARGE, 9, (64, 128, 512, 128, 64), (4096, 4096, 1000), batch_norm=True)
HALVED = Case(LARGE, 9, (32, 64, 128, 256, 256), (2048, 2048, 500))
QUARTERED = Case(LARGE, 9, (16, 32, 64, 128, 128), (1024, 1024, 250))
NARROW = Case(LARGE, 9, (64, 128, 512, 128, 64), (4096, 2048, 1000))
KERAS_BATCH = 32  # what Keras takes where no batch size is passed
LOOKS_FOR_GPU = re.compile(r"\bgpus?\b|\bcuda\b|list_physical_devices|list_logical_devices", re.IGNORECASE)
WEIGHTS = {
    "network": 10,
    "learning rate": 3,
    "batch size": 2,
    "epochs": 1,
}  # of a difference, to find the nearest


@dataclass(frozen=True)
class Training:
    """A case of LAB.md's table (P2.2 and P2.3)."""

    number: int
    network: Case
    learning_rate: float
    batch_size: int
    epochs: int

    def text(self) -> str:
        """Its settings in words."""
        return (
            f"{sizes_of_case(self.network).text()}; learning rate {self.learning_rate:g}, batches of "
            f"{self.batch_size}, {self.epochs} epochs"
        )


TRAININGS = (
    Training(1, STANDARD, 1e-3, 128, 20),
    Training(2, NORMALISED, 1e-5, 32, 10),
    Training(3, HALVED, 1e-3, 128, 10),
    Training(4, QUARTERED, 1e-3, 128, 10),
    Training(5, NARROW, 1e-3, 128, 10),
    Training(6, NORMALISED, 1e-3, 128, 10),
    Training(7, STANDARD, 1e-1, 128, 10),
    Training(8, STANDARD, 1e-5, 128, 10),
)


@dataclass(frozen=True)
class Sizes:
    """What tells the networks of the cases apart; all else is the business of P2.2."""

    filters: tuple[int, ...]  # of each convolution
    dense: tuple[int, ...]  # of each dense layer but the last
    batch_norm: bool

    def text(self) -> str:
        """In words, the filters by block where the convolutions lie as in VGG-16."""
        normalised = "with" if self.batch_norm else "without"
        return (
            f"filters {_listed(_by_block(self.filters))}, dense layers {_listed(self.dense)}, {normalised} "
            "batch normalisation"
        )


@dataclass(frozen=True)
class Difference:
    """One setting of a training that is not the case's."""

    setting: str
    expected: str
    received: str

    @property
    def weight(self) -> int:
        """How much it speaks against the training being this case."""
        return WEIGHTS[self.setting]


@dataclass(frozen=True)
class Recognised:
    """A case and the training taken for it, ``None`` where there is none; ``differences`` between the two.

    ``short`` says that it had fewer epochs because the notebook found no graphics card.
    """

    training: Training
    run: Run | None
    differences: tuple[Difference, ...] = ()
    short: bool = False


@dataclass(frozen=True)
class Run:
    """One model's fits that go together: twice ten epochs are twenty."""

    fits: tuple[Fit, ...]
    sizes: Sizes

    @property
    def last(self) -> Fit:
        """The fit that ended it."""
        return self.fits[-1]

    @property
    def batch_size(self) -> int | None:
        """Images of a step, ``None`` where it is not known, as of a data set that makes one batch only."""
        if self.last.source.kind in ("generator", "dataset", "sequence"):
            return self.last.source.batch_size if (self.last.source.batches or 0) > 1 else None
        return KERAS_BATCH if self.last.batch_size is None else self.last.batch_size

    @property
    def epochs(self) -> int | None:
        """Epochs in all, ``None`` where they are not known."""
        known = [fit.epochs for fit in self.fits if fit.epochs is not None]
        return sum(known) if len(known) == len(self.fits) else None

    @property
    def learning_rate(self) -> float | None:
        """That of the optimiser, ``None`` where it is not known."""
        network = self.last.model.network
        return network.compiled.learning_rate if network is not None and network.compiled else None


def recognise(student: Student) -> tuple[Recognised, ...]:
    """For each case the training that is it, or else the nearest one that is nearer to no other case."""
    runs = tuple(runs_of(student))
    own = own_sizes(student)
    patient = not any(LOOKS_FOR_GPU.search(cell.source) for cell in student.cells)
    pairs = [
        Recognised(case, run, _differences(case, run, own, patient), _fewer(case, run))
        for case in TRAININGS
        for run in runs
    ]
    taken: dict[int, Recognised] = {}
    for pair in sorted(pairs, key=lambda one: sum(difference.weight for difference in one.differences)):
        free = not any(_shares(pair.run, other.run) for other in taken.values())
        if free and pair.training.number not in taken:
            taken[pair.training.number] = pair
    return tuple(taken.get(case.number, Recognised(case, None)) for case in TRAININGS)


def runs_of(student: Student) -> Iterator[Run]:
    """Each fit that ended, alone and with the fits that the same model had before."""
    earlier: dict[int, list[Fit]] = {}
    for fit in student.fits:
        network = fit.model.network
        if fit.error or network is None:
            continue
        sizes = sizes_of(network)
        yield Run((fit,), sizes)
        if fit.model.identity:
            group = earlier.setdefault(fit.model.identity, [])
            group.append(fit)
            if len(group) > 1:
                yield Run(tuple(group), sizes)


def sizes_of(network: Model) -> Sizes:
    """The sizes of a student's network."""
    steps = received(network)
    units = [int(step.get("units") or 0) for step in steps if step.kind == "Dense"]
    return Sizes(
        tuple(int(step.get("filters") or 0) for step in steps if step.kind == "Conv2D"),
        tuple(units[:-1]),
        any(step.kind == "BatchNormalization" for step in steps),
    )


def sizes_of_case(case: Case) -> Sizes:
    """The sizes that the task asks for."""
    filters = tuple(
        number for number, times in zip(case.filters, CONVOLUTIONS, strict=True) for _ in range(times)
    )
    return Sizes(filters, case.dense, case.batch_norm)


def own_sizes(student: Student) -> Mapping[Case, Sizes]:
    """What the student's ``build_vgg16`` makes of each network: a mistake of it is counted in P2.2."""
    found: dict[Case, Sizes] = {}
    try:
        way = way_of_calling(student)
        for case in (STANDARD, NORMALISED, HALVED, QUARTERED, NARROW):
            found[case] = sizes_of(model_for(student, way, case, large=True))
    except (Failure, Gone):
        pass  # P2.2 says what is wrong with it
    return found


def _differences(
    case: Training, run: Run, own: Mapping[Case, Sizes], patient: bool
) -> tuple[Difference, ...]:
    return tuple(_each_difference(case, run, own, patient))


def _each_difference(
    case: Training, run: Run, own: Mapping[Case, Sizes], patient: bool
) -> Iterator[Difference]:
    wanted = sizes_of_case(case.network)
    if run.sizes not in (wanted, own.get(case.network)):
        yield Difference("network", wanted.text(), run.sizes.text())
    rate, batch, epochs = run.learning_rate, run.batch_size, run.epochs
    if rate is not None and not math.isclose(rate, case.learning_rate, rel_tol=1e-3):
        yield Difference("learning rate", f"{case.learning_rate:g}", f"{rate:g}")
    if batch not in (None, case.batch_size):
        yield Difference("batch size", f"{case.batch_size}", f"{batch}")
    stops = any("EarlyStopping" in name for fit in run.fits for name in fit.callbacks)
    if epochs in (None, case.epochs) or (stops and epochs is not None and epochs > case.epochs):
        return
    if patient or not _fewer(case, run):
        yield Difference("epochs", f"{case.epochs}", f"{epochs}")


def _fewer(case: Training, run: Run) -> bool:
    return run.epochs is not None and run.epochs < case.epochs


def _shares(run: Run | None, other: Run | None) -> bool:
    return run is not None and other is not None and any(fit is one for fit in run.fits for one in other.fits)


def _by_block(filters: tuple[int, ...]) -> tuple[int, ...]:
    """One number for each block, or all where the convolutions do not lie as in VGG-16."""
    if len(filters) != sum(CONVOLUTIONS):
        return filters
    starts = [sum(CONVOLUTIONS[:block]) for block in range(len(CONVOLUTIONS))]
    blocks = [filters[start : start + times] for start, times in zip(starts, CONVOLUTIONS, strict=True)]
    return tuple(block[0] for block in blocks) if all(len(set(block)) == 1 for block in blocks) else filters


def _listed(numbers: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, numbers))})"
