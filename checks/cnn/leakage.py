"""Tasks 4.2 to 4.6: on which images a network was trained, and on which it was validated."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from checks.cnn import loading, scaling, splitting
from checks.cnn.memo import Same, gallery_for
from checks.cnn.parts import (
    Part,
    from_test,
    from_training,
    many,
    mislabelled,
    same_array,
    shared_images,
    training_part,
    used_part,
    validation_part,
)
from checks.cnn.states import bound, total_of, training_cell
from checks.cnn.tracing import Gallery
from checks.cnn.trainings import Training
from checks.kit import Failure, Fit, Student

FEWEST = 0.5  # of all the training images; who splits the training images once more keeps 56 %
APART = "training images for training, and validation images, which are others, for validation"
TEST_LAST = "The test set is for the end: what was trained or chosen with it cannot test any more."


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a training or an evaluation; ``kind`` tells one mistake from another.

    ``earlier`` is the check of Part 3 that has counted the same mistake, or "".
    """

    kind: str
    failure: Failure
    earlier: str = ""


def data_flaw(student: Student, training: Training) -> Flaw | None:
    """The first thing that is wrong with the images of a training, or ``None``.

    What cannot be known, as with images that cannot be traced, is taken for right.
    """
    gallery = gallery_for(student)
    seen: set[tuple[int, int, float]] = set()
    for fit in training.fits:
        images = [source.images for source in (fit.source, fit.validation_source) if source is not None]
        key = (id(images[0]), id(images[-1]), fit.validation_split)
        flaw = next(_flaws(student, gallery, fit), None) if key not in seen else None
        if flaw is not None:
            return flaw
        seen.add(key)
    return None


def _flaws(student: Student, gallery: Gallery, fit: Fit) -> Iterator[Flaw]:
    train, validation = training_part(student, gallery, fit), validation_part(student, gallery, fit)
    rules = (
        ("no-validation", _unvalidated(student, gallery, fit)),
        ("validated-on-test", _validated_on_test(gallery, validation)),
        ("trained-on-test", _trained_on_test(gallery, train)),
        ("leakage", _leaked(gallery, train, validation)),
        ("labels", mislabelled(gallery, train)),
        ("labels", mislabelled(gallery, validation)),
        ("few", _few(student, train)),
    )
    for kind, failure in rules:
        if failure is not None:
            yield Flaw(kind, failure, _counted_before(student, gallery, fit, kind))


# ---- the rules ---------------------------------------------------------------------------------------


def _unvalidated(student: Student, gallery: Gallery, fit: Fit) -> Failure | None:
    if fit.validation_source is not None or fit.validation is not None or fit.validation_split > 0:
        return None
    if any(_validates(student, gallery, fit, number) for number in range(len(student.uses))):
        return None
    return Failure(
        f"The training in cell {fit.cell} was not validated.",
        expected="fit(…, validation_data=(Xval, Yval))",
        received="fit without validation data",
        hint="Without validation images nothing shows during the training how the network does on new ones.",
    )


def _validates(student: Student, gallery: Gallery, fit: Fit, number: int) -> bool:
    """Whether a use of the same model, in a callback or between epochs, looks at validation images."""
    use = student.uses[number]
    if use.model.identity != fit.model.identity or not (use.inside_fit or use.cell == fit.cell):
        return False
    part, train = used_part(student, gallery, use), training_part(student, gallery, fit)
    if part is None or train is None or not part.known:
        return use.inside_fit
    return bool(from_training(gallery, part).mean() > 0.5 and not many(shared_images(gallery, part, train)))


def _validated_on_test(gallery: Gallery, part: Part | None) -> Failure | None:
    if part is None or not part.known or not many(foreign := from_test(gallery, part)):
        return None
    row = int(np.argmax(foreign))
    whole = foreign.mean() > 0.9
    return Failure(
        "The test images were used for validation."
        if whole
        else f"{int(foreign.sum()):,} of the {len(foreign):,} validation images are test images.",
        expected=APART,
        received=f"{part.name}[{row}] is {gallery.called(int(part.index[row]))}",
        hint=TEST_LAST,
        counterexample=f"plt.imshow({part.name}[{row}] / 2 + 0.5)" if part.named else None,
    )


def _trained_on_test(gallery: Gallery, part: Part | None) -> Failure | None:
    if part is None or not part.known or not many(foreign := from_test(gallery, part)):
        return None
    row = int(np.argmax(foreign))
    return Failure(
        f"The network was trained on {int(foreign.sum()):,} test images.",
        expected=APART,
        received=f"{part.name}[{row}] is {gallery.called(int(part.index[row]))}",
        hint=TEST_LAST,
    )


def _leaked(gallery: Gallery, train: Part | None, validation: Part | None) -> Failure | None:
    if train is None or validation is None or not (train.known and validation.known):
        return None
    shared = shared_images(gallery, validation, train)
    if not many(shared):
        return None
    row = int(np.argmax(shared))
    place = int(validation.index[row])
    groups = gallery.group[np.maximum(train.index, 0)]
    other = int(np.argmax((groups == gallery.group[place]) & (train.index >= 0)))
    names = f"{validation.name}[{row}]", f"{train.name}[{other}]"
    same = np.array_equal(validation.images[row], train.images[other])
    named = train.named and validation.named
    return Failure(
        "The network was validated on the images that it was trained on."
        if same_array(train.images, validation.images)
        else f"{int(shared.sum()):,} of the {len(shared):,} validation images are among the training images.",
        expected=APART,
        received=f"{names[0]} is {gallery.called(place)}, and so is {names[1]}; trained on "
        f"{len(train.images):,} images, validated on {len(validation.images):,}",
        hint="What a network has learned by heart says nothing of how it does on new images. Was a cell that "
        "loads or splits the data run again, or was the wrong variable passed?",
        counterexample=f"np.array_equal({names[0]}, {names[1]})  # True" if same and named else None,
    )


def _few(student: Student, train: Part | None) -> Failure | None:
    total = total_of(student)
    if train is None or not train.known or len(train.images) >= FEWEST * total:
        return None
    return Failure(
        f"The network was trained on {len(train.images):,} images only.",
        expected=f"all training images, {total * 3 // 4:,} (or {total * 7 // 10:,})",
        received=f"{len(train.images):,} images",
        hint="Pass the whole of Xtrain and Ytrain to fit.",
        counterexample=f"len({train.name})" if train.named else None,
    )


# ---- what Part 3 has counted already -----------------------------------------------------------------


def _counted_before(student: Student, gallery: Gallery, fit: Fit, kind: str) -> str:
    """The check of Part 3 that fails for the very same images, so that one mistake costs once."""
    cell = training_cell(student)
    train, validation = training_part(student, gallery, fit), validation_part(student, gallery, fit)
    parts = {"Xtrain": train, "Xval": validation}
    for name, part in parts.items():
        array = bound(student, name, cell)
        if array is None or part is None or not same_array(array, part.images):
            return ""
    wanted = {"labels": ("3.2/paired", "3.1/loaded"), "few": ("3.2/sizes", "3.1/loaded")}
    names = ("3.2/split", *wanted.get(kind, ("3.2/apart", "3.1/loaded")))
    return next((name for name in names if failed_before(student, name)), "")


def failed_before(student: Student, check_id: str) -> bool:
    """Whether a check of Part 3 fails; asked once for one submission."""
    return _failed_before(Same(student), check_id)


@functools.lru_cache(maxsize=16)
def _failed_before(same: Same[Student], check_id: str) -> bool:
    student = same.value
    gallery = gallery_for(student)
    judges: dict[str, Callable[[], object]] = {
        "3.1/loaded": lambda: loading.judge(student, gallery),
        "3.2/split": lambda: splitting.judge_form(student),
        "3.2/sizes": lambda: splitting.judge_sizes(student),
        "3.2/apart": lambda: splitting.judge_apart(student, gallery),
        "3.2/paired": lambda: splitting.judge_pairs(student, gallery),
        "3.3/range": lambda: scaling.judge_range(student, gallery),
    }
    try:
        judges[check_id]()
    except Failure:
        return True
    return False
