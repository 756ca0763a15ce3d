"""Tasks 5.1 and 5.2: the generators of a notebook, and the training that draws from them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass

from checks.cnn.memo import gallery_for
from checks.cnn.parts import Part, training_part, validation_part
from checks.kit import Fit, NamedSource, Source, Student

LIVE = ("generator", "dataset", "sequence", "other")  # kinds of a source that makes its batches itself
LATER = ("tracker", "search", "weights")  # events of parts 6 to 8, whose trainings answer nothing here
UNNAMED = ("x", "validation_data[0]")  # how a part is called that no variable holds


@dataclass(frozen=True)
class Flows:
    """The images of the augmented training.

    ``fit`` is the training that used them or tried to, ``None`` where there was none. ``train_name`` and
    ``validation_name`` are the notebook's variables, or what to call them.
    """

    train: Source
    validation: Source | None
    fit: Fit | None
    train_name: str
    validation_name: str

    @property
    def as_fit(self) -> Fit:
        """The training, or one that would use the two sources."""
        return self.fit or Fit(
            cell=10**6, flavour="keras", epochs=None, batch_size=None, steps_per_epoch=None,
            source=self.train, validation_source=self.validation,
        )  # fmt: skip

    def training_part(self, student: Student) -> Part | None:
        """The images to train on and their labels, before augmentation."""
        return _called(training_part(student, gallery_for(student), self.as_fit), self.train_name)

    def validation_part(self, student: Student) -> Part | None:
        """The images to validate on and their labels."""
        return _called(validation_part(student, gallery_for(student), self.as_fit), self.validation_name)


def _called(part: Part | None, name: str) -> Part | None:
    if part is None or part.name not in UNNAMED:
        return part
    return dataclasses.replace(part, name=f"{name}.x", called=f"{name}.y")


def flows_of(student: Student) -> Flows | None:
    """The sources of the last augmented training that ran, else of the last that did not, else by name."""
    fits = augmented_fits(student)
    ran = [fit for fit in fits if not fit.error]
    if fits:
        return _of_fit(student, (ran or fits)[-1])
    return _by_name(student)


def augmented_fits(student: Student) -> tuple[Fit, ...]:
    """The fits of 5.2: with a generator, else with layers that augment, else with any other live source."""
    border = min((event.order for event in student.events if event.kind in LATER), default=math.inf)
    before = [fit for fit in student.fits if fit.order < border]
    for fits in (before, list(student.fits)):
        for kinds in (("generator",), ("arrays",), LIVE):
            found = [fit for fit in fits if fit.source.kind in kinds and _may_augment(fit)]
            if found:
                return tuple(found)
    return ()


def _may_augment(fit: Fit) -> bool:
    return fit.source.kind != "arrays" or bool(random_layers(fit))


def random_layers(fit: Fit) -> tuple[str, ...]:
    """The layers of the network that augment, e.g. ``RandomFlip``."""
    layers = fit.model.network.layers if fit.model.network else ()
    return tuple(layer.kind for layer in layers if layer.kind.startswith("Random"))


def _of_fit(student: Student, fit: Fit) -> Flows:
    validation = fit.validation_source
    if validation is None and fit.validation is not None:
        validation = Source("arrays", *fit.validation)
    return Flows(
        train=fit.source,
        validation=validation,
        fit=fit,
        train_name=_name_of(student, fit.source) or "the training generator",
        validation_name=_name_of(student, validation) or "the validation data",
    )


def _name_of(student: Student, source: Source | None) -> str:
    if source is None or not source.identity:
        return ""
    names = [one.name for one in student.sources if one.source.identity == source.identity]
    return names[-1] if names else ""


def _by_name(student: Student) -> Flows | None:
    """Generators that no fit used: told apart by their names; one with batches of 1 is for a figure."""
    for kinds in (("generator",), LIVE):
        found = [one for one in student.sources if one.source.kind in kinds]
        validation = [one for one in found if _is_for_validation(one)]
        train = [one for one in found if one not in validation]
        train = [one for one in train if one.source.batch_size != 1]
        train = [one for one in train if "train" in one.name.lower()] or train
        if train:
            return Flows(
                train=train[-1].source,
                validation=validation[-1].source if validation else None,
                fit=None,
                train_name=train[-1].name,
                validation_name=validation[-1].name if validation else "",
            )
    return None


def _is_for_validation(one: NamedSource) -> bool:
    return any(word in one.name.lower() for word in ("val", "test"))


def stopped_cells(student: Student, *words: str) -> Iterator[tuple[int, str]]:
    """The numbers and errors of cells that stopped and hold one of the words."""
    for cell in student.cells:
        if cell.error and any(word in cell.source for word in words):
            yield cell.number, cell.error
