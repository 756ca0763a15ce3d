"""Tasks 4.2 to 4.6: which of a notebook's trainings is the answer to which task."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from checks.cnn.building import CASE_DEFAULTS, Case, model_for, way_of_calling
from checks.cnn.evaluations import evaluation_flaw
from checks.cnn.leakage import data_flaw
from checks.cnn.memo import Same
from checks.cnn.trainings import (
    Configuration,
    Shape,
    Training,
    augmented_trainings,
    counted,
    dense_text,
    trainings,
)
from checks.kit import Failure, Gone, Raised, Student
from checks.kit.architecture import operations
from checks.kit.model import Model

RATE = 0.5  # of the dropout in 4.5
FREE = 1.5  # how much closer a training counts that answers no other task
NEAR = 2  # the distance up to which a network may be an attempt at the one asked for


@dataclass(frozen=True)
class Wish:
    """A network that a task asks to train; ``filters`` is ``None`` where their number is free."""

    convolutions: int
    dense: tuple[int, ...] = ()
    filters: int | None = None
    dropout: bool = False

    def text(self) -> str:
        """In words: ``4 convolutional layers, 1 intermediate dense layer of 50 nodes, Dropout(0.5)``."""
        words = [counted(self.convolutions, "convolutional layer")]
        words += [counted(self.filters, "filter")] if self.filters else []
        return ", ".join([*words, dense_text(self.dense), *([f"Dropout({RATE:g})"] if self.dropout else [])])

    def distance(self, shape: Shape) -> int:
        """How far a network is from the one wished for: 0 for that one, 1 or 2 for one slip."""
        rates = all(abs(rate - RATE) < 1e-6 for rate in shape.dropout)
        noise = 2 * (bool(shape.dropout) != self.dropout) or int(self.dropout and not rates)
        return (
            3 * abs(shape.convolutions - self.convolutions)
            + 3 * abs(len(shape.dense) - len(self.dense))
            + (len(shape.dense) == len(self.dense) and shape.dense != self.dense)
            + (self.filters is not None and shape.filters not in (None, self.filters))
            + noise
        )

    @property
    def case(self) -> Case:
        """The call of ``build_CNN`` that gives it."""
        return Case(
            input_shape=CASE_DEFAULTS.input_shape,
            n_conv_layers=self.convolutions,
            n_dense_layers=len(self.dense),
            use_dropout=self.dropout,
        )


WISHES: Mapping[str, Wish] = {
    "4.2": Wish(2, filters=16),
    "4.3a": Wish(2, (50,)),
    "4.3b": Wish(4, (50,)),
    "4.5": Wish(4, (50,), dropout=True),
}  # fmt: skip
USUAL = Configuration(Shape(2, 16, (), ()), batch_size=20, epochs=20, learning_rate=0.01, optimizer="Adam")


@dataclass(frozen=True)
class Choice:
    """What answers a task.

    ``training`` is the best of those that fit. ``own`` says that it fits only because the student's
    ``build_CNN`` makes no other network of the right call, which 4.1 counts. ``nearest`` is what comes
    closest where none fits.
    """

    wish: Wish
    training: Training | None = None
    own: bool = False
    nearest: Training | None = None


def chosen(student: Student) -> Mapping[str, Choice]:
    """The choice for each of 4.2, 4.3a, 4.3b and 4.5; made once for one submission."""
    return _chosen(Same(student))


@functools.lru_cache(maxsize=1)
def _chosen(same: Same[Student]) -> Mapping[str, Choice]:
    student = same.value
    all_ = trainings(student)
    found = {
        task: Choice(wish, best(student, [one for one in all_ if wish.distance(one.shape) == 0]))
        for task, wish in WISHES.items()
    }
    for task, choice in found.items():
        if choice.training is None:
            found[task] = _by_own_network(student, choice.wish, _free_models(all_, found))
    for task, choice in found.items():
        if choice.training is None:
            found[task] = Choice(choice.wish, nearest=_nearest(choice.wish, all_, found))
    return found


def best(student: Student, candidates: list[Training]) -> Training | None:
    """The training with the fewest faults; among equals the latest."""
    return min(
        candidates, key=lambda one: (fault_count(student, one), -one.last.order, len(one.fits)), default=None
    )


def fault_count(student: Student, training: Training) -> int:
    """How much is wrong with a training and its evaluation, unusual settings included."""
    flaws = (data_flaw(student, training), evaluation_flaw(student, training))
    return 2 * sum(flaw is not None for flaw in flaws) + len(unusual(training.configuration))


def unusual(configuration: Configuration) -> tuple[str, ...]:
    """Which settings are not those of 4.2, in words; what is not known is taken for usual."""
    rate, batch, epochs = configuration.learning_rate, configuration.batch_size, configuration.epochs
    words = []
    if batch not in (None, USUAL.batch_size):
        words.append(f"batches of {batch}")
    if epochs not in (None, USUAL.epochs):
        words.append(counted(epochs or 0, "epoch"))
    if rate is not None and abs(rate - 0.01) > 1e-6:
        words.append(f"the learning rate {rate:g}")
    return tuple(words)


# ---- where no training fits ---------------------------------------------------------------------------


def own_network(student: Student, wish: Wish) -> Model | None:
    """What the student's ``build_CNN`` makes of the right call, or ``None`` where it makes nothing."""
    try:
        return model_for(student, way_of_calling(student), wish.case)
    except (Failure, Raised, Gone):
        return None


def _by_own_network(student: Student, wish: Wish, free: list[Training]) -> Choice:
    network = own_network(student, wish) if free else None
    if network is None:
        return Choice(wish)
    fitting = [one for one in free if operations(one.network) == operations(network)]
    return Choice(wish, best(student, fitting), own=bool(fitting))


def _free_models(all_: tuple[Training, ...], found: Mapping[str, Choice]) -> list[Training]:
    """The trainings of models that answer no task yet."""
    taken = {choice.training.identity for choice in found.values() if choice.training is not None}
    return [one for one in all_ if one.identity not in taken]


def _nearest(wish: Wish, all_: tuple[Training, ...], found: Mapping[str, Choice]) -> Training | None:
    """The closest training, rather one that answers no other task."""
    taken = tuple(_answers(found))
    return min(
        all_,
        key=lambda one: (wish.distance(one.shape) - FREE * (not one.shares(taken)), -one.last.order),
        default=None,
    )


def _answers(found: Mapping[str, Choice]) -> Iterator[Training]:
    """The trainings that answer a task, and those that are a plain attempt at one."""
    for choice in found.values():
        if choice.training is not None:
            yield choice.training
        elif choice.nearest is not None and _is_attempt(choice.wish, choice.nearest):
            yield choice.nearest


def _is_attempt(wish: Wish, training: Training) -> bool:
    """Whether a network with one slip was trained just as the task says, so that it is no free choice."""
    return wish.distance(training.shape) <= NEAR and not unusual(training.configuration)


# ---- 4.6 ---------------------------------------------------------------------------------------------


def free_choice(student: Student) -> Training | None:
    """The training of 4.6: the best of those that are left, or ``None``.

    A new model object counts whatever its settings, one that has answered another task only where its
    settings are new. Of trainings with augmented images the last one belongs to 5.2.
    """
    taken = tuple(_answers(chosen(student)))
    models = {one.identity: one for one in augmented_trainings(student)}
    left = [*trainings(student), *list(models.values())[:-1]]
    return best(student, [one for one in left if not one.shares(taken) and _is_new(one, taken)])


def _is_new(training: Training, taken: tuple[Training, ...]) -> bool:
    same = [other for other in taken if other.identity == training.identity]
    return all(training.configuration != other.configuration for other in same)
