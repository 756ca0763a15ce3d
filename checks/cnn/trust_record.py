"""Leakage that the graded run shows: images of one set in another, and a trained network trained on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from checks.cnn.augmented import judge_newness
from checks.cnn.choosing import chosen, free_choice
from checks.cnn.flows import flows_of
from checks.cnn.leakage import Flaw, data_flaw
from checks.cnn.memo import gallery_for
from checks.cnn.parts import from_test, many, shared_images
from checks.cnn.trainings import Training
from checks.kit import Doubt, Failure, Fit, Saved, Student
from checks.kit.saved import at
from checks.kit.source import line_with

LEAKS = ("leakage", "validated-on-test", "trained-on-test")
SETS = ("Xtrain", "Xval", "Xtest")
SHOWN = 4  # pieces of evidence


def leaks(student: Student, saved: Saved, _: Mapping[str, str]) -> Iterator[Doubt]:
    """The trainings of 4.2 to 4.6 whose images were traced to two of training, validation and test."""
    found: dict[tuple[str, str], list[tuple[str, Training, Flaw]]] = {}
    for task, training in answering(student):
        flaw = data_flaw(student, training)
        if flaw is not None and flaw.kind in LEAKS:
            found.setdefault((flaw.kind, flaw.failure.message), []).append((task, training, flaw))
    for group in found.values():
        task, training, flaw = group[0]
        cells = dict.fromkeys(one.last.cell for _, one, _ in group)
        evidence = [at(cell, _fit_line(student, cell)) for cell in cells]
        evidence += [f"traced: {flaw.failure.received}", *_where_made(student, training.last)]
        yield Doubt(
            "leakage", task.rstrip("ab"), flaw.failure.message, tuple(dict.fromkeys(evidence))[: SHOWN + 2]
        )


def answering(student: Student) -> Iterator[tuple[str, Training]]:
    """Each training that answers one of 4.2 to 4.6, with the task."""
    for task, choice in chosen(student).items():
        if choice.training is not None:
            yield task, choice.training
    own = free_choice(student)
    if own is not None:
        yield "4.6", own


def augmented_leaks(student: Student, saved: Saved, _: Mapping[str, str]) -> Iterator[Doubt]:
    """Images of one set in another in the training with augmented images."""
    flows = flows_of(student)
    if flows is None or flows.fit is None:
        return
    gallery = gallery_for(student)
    train, validation = flows.training_part(student), flows.validation_part(student)
    for part, use in ((train, "training"), (validation, "validation")):
        if part is not None and part.known and many(foreign := from_test(gallery, part)):
            message = f"{int(foreign.sum()):,} of the {len(foreign):,} {use} images of 5.2 are test images."
            yield _augmented(student, flows.fit, message)
    if train is not None and validation is not None and train.known and validation.known:
        shared = shared_images(gallery, validation, train)
        if many(shared):
            both = f"{int(shared.sum()):,} of the {len(shared):,} validation images of 5.2"
            message = f"{both} are training images, too."
            yield _augmented(student, flows.fit, message)


def _augmented(student: Student, fit: Fit, message: str) -> Doubt:
    evidence = (at(fit.cell, _fit_line(student, fit.cell)), *_where_made(student, fit))
    return Doubt("leakage", "5.2", message, tuple(dict.fromkeys(evidence))[:SHOWN])


def _where_made(student: Student, fit: Fit) -> Iterator[str]:
    """The cells that set the images as they were when the training began."""
    for name in SETS:
        made = [version.cell for version in student.versions(name) if version.cell < fit.cell]
        source = next((cell.source for cell in student.cells if made and cell.number == made[-1]), "")
        if source:
            yield at(made[-1], line_with(source, name, last=False) or source.strip().split("\n")[0])


def reused(student: Student, saved: Saved, _: Mapping[str, str]) -> Iterator[Doubt]:
    """The network of 5.2 is one that was trained on images as they are before."""
    flows = flows_of(student)
    fit = flows.fit if flows is not None else None
    if fit is None or fit.error:
        return
    try:
        judge_newness(student, fit)
    except Failure as failure:
        message = f"{failure.message} So what 5.2 says of augmentation also says what that training did."
        yield Doubt("leakage", "5.2", message, tuple(dict.fromkeys(_both_trainings(student, fit))))


def _both_trainings(student: Student, fit: Fit) -> Iterator[str]:
    same = [one for one in student.fits if one.model.identity == fit.model.identity and one.order < fit.order]
    first = next((one for one in same if one.source.kind == "arrays"), None)
    if first is not None:
        yield at(first.cell, _fit_line(student, first.cell))
    for cell in student.cells:
        for line in cell.source.split("\n"):
            found = re.match(r"\s*(\w+)\s*=\s*(\w+)\s*(?:#.*)?$", line)
            if found and set(found.groups()) <= set(fit.model.names) | _names(same):
                yield at(cell.number, line)
    yield at(fit.cell, _fit_line(student, fit.cell))


def _names(fits: list[Fit]) -> set[str]:
    return {name for fit in fits for name in fit.model.names}


def _fit_line(student: Student, number: int) -> str:
    source = next((cell.source for cell in student.cells if cell.number == number), "")
    return line_with(source, "fit") or (source.strip().split("\n")[-1] if source.strip() else "fit")
