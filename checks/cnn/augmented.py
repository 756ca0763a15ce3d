"""Tasks 5.1 and 5.2: which images go into the augmented training, and how it is run."""

from __future__ import annotations

import math

import numpy as np

from checks.cnn.cures import cure, sentence
from checks.cnn.flows import Flows, augmented_fits, stopped_cells
from checks.cnn.memo import gallery_for
from checks.cnn.parts import Part, from_test, many, mislabelled, shared_images
from checks.kit import Failure, Fit, Student

LEAST_TRAINED = 0.4  # the share of all images below which training and validation are taken for swapped
CUSTOM = ("train_on_batch", "GradientTape", "fit_generator")  # a training that no fit is recorded for
USUAL_BATCHES = (10, 16, 20, 25, 32, 50, 64, 100, 128, 200, 256, 512)
AS_FLOAT = "'float' object cannot be interpreted as an integer"
CURES = (
    ("fit_generator", "fit_generator is gone in Keras 3; fit itself takes a generator."),
    ("Iterator object", "Import the generator and the layers of the network from the same Keras."),
)


# ---- 5.1: the images ---------------------------------------------------------------------------------


def judge_labels(student: Student, flows: Flows) -> str | None:
    """Raise Failure where images go into the generator without labels, or with those of others."""
    hint = None
    for source, part, name in (
        (flows.train, flows.training_part(student), flows.train_name),
        (flows.validation, flows.validation_part(student), flows.validation_name),
    ):
        if source is None or part is None:
            continue
        if source.kind == "generator" and source.labels is None:
            raise _without_labels(name)
        if not part.known or part.labels is None:
            hint = f"The labels of {name} could not be compared with the images."
            continue
        failure = mislabelled(gallery_for(student), part)
        if failure is not None:
            raise failure
    return hint


def _without_labels(name: str) -> Failure:
    return Failure(
        f"There are no labels in {name}.",
        expected="images and their labels, flow(images, labels, …)",
        received="images only",
        hint="The second argument of flow takes the labels.",
    )


def judge_apart(student: Student, flows: Flows) -> str | None:
    """Raise Failure where an image is used for two of training, validation and test."""
    train, validation = flows.training_part(student), flows.validation_part(student)
    for part, use in ((train, "training"), (validation, "validation")):
        if part is not None and part.known:
            _require_no_test_image(student, part, use)
    if validation is None and flows.validation is None:
        if flows.fit is None:
            return "No generator of validation images was found."
        raise _unvalidated(flows.fit)
    if train is None or validation is None or not (train.known and validation.known):
        return None
    shared = shared_images(gallery_for(student), validation, train)
    if many(shared):
        raise _shared(student, flows, train, validation, shared)
    if len(train.images) < LEAST_TRAINED * (len(train.images) + len(validation.images)):
        raise _swapped(train, validation)
    return None


def _unvalidated(fit: Fit) -> Failure:
    return Failure(
        f"The training in cell {fit.cell} has no validation images.",
        expected="training images in one generator, validation images in another one or in arrays",
        received="fit without validation_data",
        hint="fit takes validation_data=val_flow.",
    )


def _require_no_test_image(student: Student, part: Part, use: str) -> None:
    gallery = gallery_for(student)
    foreign = from_test(gallery, part)
    if not many(foreign):
        return
    row = int(np.argmax(foreign))
    raise Failure(
        f"{int(foreign.sum()):,} of the {len(foreign):,} {use} images are test images.",
        expected=f"{use} images from the 10,000 that are not for testing",
        received=f"{part.name}[{row}] is {gallery.called(int(part.index[row]))}",
        hint="The test set is for the end: what was trained or tuned on cannot test any more.",
        counterexample=f"plt.imshow({part.name}[{row}] / 2 + 0.5)",
    )


def _shared(student: Student, flows: Flows, train: Part, validation: Part, shared: object) -> Failure:
    flags = np.asarray(shared)
    row = int(np.argmax(flags))
    place = int(validation.index[row])
    everything = len(train.images) >= gallery_for(student).training
    if flows.train.settings.get("_validation_split"):
        hint = "validation_split only takes effect with flow(…, subset='training') and subset='validation'."
    elif everything:
        hint = "The images were loaded again: split them again before they go into the generators."
    else:
        hint = "Pass Xtrain to one generator and Xval to the other."
    return Failure(
        f"{int(flags.sum()):,} of the {len(flags):,} validation images are also training images.",
        expected="each image either for training or for validation",
        received=f"{len(train.images):,} training images; {validation.name}[{row}], which is "
        f"{gallery_for(student).called(place)}, is among them",
        hint=hint,
    )


def _swapped(train: Part, validation: Part) -> Failure:
    return Failure(
        "The generators for training and for validation are swapped.",
        expected="most of the images for training",
        received=f"{len(train.images):,} images for training, {len(validation.images):,} for validation",
        hint="Look at which generator, or which subset=, is passed to fit first.",
    )


# ---- 5.2: the training -------------------------------------------------------------------------------


def judge_training(student: Student, flows: Flows | None) -> str | None:
    """Raise Failure where no network was trained on augmented images."""
    fits = augmented_fits(student)
    if any(not fit.error for fit in fits):
        return None
    if fits:
        raise _stopped(fits[-1].cell, fits[-1].error)
    if any(way in cell.source and not cell.error for cell in student.cells for way in CUSTOM):
        return "Your own training loop could not be followed; it is taken to be right."
    raise _not_trained(student, flows)


def _stopped(cell: int, error: str) -> Failure:
    as_float = AS_FLOAT in error
    return Failure(
        f"The training with the generator, cell {cell}, stopped with {sentence(error)}."
        + (" steps_per_epoch is a float there, and Keras 3 takes whole numbers only." if as_float else ""),
        expected="a training that runs to its end",
        received=sentence(error),
        hint=(
            "A division with / gives a float even where it comes out even. Round len(Xtrain) / batch_size up "
            "with int(np.ceil(…)), or leave steps_per_epoch out: the generator knows its own length."
            if as_float
            else next((words for text, words in CURES if text in error), "")
            or cure(error) or "Run this cell alone and read the last line of the error."
        ),
    )  # fmt: skip


def _not_trained(student: Student, flows: Flows | None) -> Failure:
    name = flows.train_name if flows is not None else "train_flow"
    words = ["fit_generator"] if " " in name else ["fit_generator", f"fit({name}", f"fit(x={name}", name]
    for cell, error in stopped_cells(student, *words):
        if "fit" in next(one.source for one in student.cells if one.number == cell):
            return _stopped(cell, error)
    plain = [fit for fit in student.fits if not fit.error and "model6" in fit.model.names]
    if plain:
        return Failure(
            f"model6 was trained on the images as they are, not from the generator (cell {plain[-1].cell}).",
            expected="fit with the generator of augmented images",
            received="fit with arrays",
            hint=f"fit takes a generator in place of images and labels: fit({name}, …).",
        )
    return Failure(
        "No network was trained from the generator of augmented images.",
        expected="a new network, trained with fit from the generator",
        received="no such fit",
        hint="fit takes a generator in place of images and labels.",
    )


def judge_newness(student: Student, fit: Fit) -> None:
    """Raise Failure where the network had been trained on images as they are before."""
    earlier = [
        one
        for one in student.fits
        if one.order < fit.order and one.model.identity == fit.model.identity and fit.model.identity
    ]
    first = next((one for one in earlier if not one.error and one.source.kind == "arrays"), None)
    if first is None or fit.model.fits_before == 0:
        return
    now, before = (next(iter(one.model.names), "the model") for one in (fit, first))
    new = [name for name in fit.model.names if name not in first.model.names]
    now = new[0] if new else now
    raise Failure(
        f"{now} is not a new network: it is {before}, which was trained in cell {first.cell} already."
        if now != before
        else f"{now} is not a new network: it was trained in cell {first.cell} already.",
        expected="a new network, built for the training with augmented images",
        received=f"the same network as in cell {first.cell}, trained further",
        hint="A = B gives the same object a second name; call build_CNN again for a new network.",
        counterexample=f"{now} is {before}  # True" if now != before else None,
    )


# ---- 5.2: the steps ----------------------------------------------------------------------------------


def judge_steps(student: Student, flows: Flows, fit: Fit) -> str | None:
    """Raise Failure where an epoch has not as many steps as there are batches, rounded up or down."""
    steps, part = fit.steps_per_epoch, flows.training_part(student)
    batch = fit.source.batch_size or fit.batch_size
    if steps is None or part is None or not batch:  # a generator knows its own length
        return None
    images = len(part.images)
    if abs(steps - images / batch) <= 1:  # // + 1 counts one too many where the division comes out even
        return None
    both = images + len(validation.images) if (validation := flows.validation_part(student)) else images
    wanted = math.ceil(images / batch)
    if abs(steps - both / batch) <= 1:
        return (
            f"{steps:g} steps per epoch are those of all {both:,} images; the {images:,} for training "
            f"fill {wanted} batches."
        )
    raise Failure(
        f"An epoch has {steps:g} steps, but the generator has {wanted} batches.",
        expected=f"{images:,} images / {batch} per batch = {wanted} steps",
        received=f"steps_per_epoch={steps:g}" + _explained(steps, images, batch),
        hint="One epoch shows each training image once: divide their number by the generator's batch size.",
        counterexample=f"len({flows.train_name})  # {wanted}" if " " not in flows.train_name else None,
    )


def _explained(steps: float, images: int, batch: int) -> str:
    if steps == images:
        return ", the number of images"
    if steps == batch:
        return ", the batch size"
    others = [size for size in USUAL_BATCHES if size != batch and abs(steps - images / size) < 1]
    return f", as for batches of {others[0]}; the generator's hold {batch}" if others else ""
