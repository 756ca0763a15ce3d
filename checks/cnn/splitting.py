"""Task 3.2: training and validation images that share nothing, each with its own label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from checks.cnn.labels import Labels, decoded, integers, said
from checks.cnn.loading import Flags, labels_fit
from checks.cnn.states import (
    KNOWN,
    LABELS,
    SPLIT,
    Followed,
    bound,
    follow,
    listed,
    rows,
    split_cell,
    total_of,
    training_cell,
)  # fmt: skip
from checks.cnn.tracing import Gallery, Indices, trace
from checks.kit import Failure, Student
from checks.kit.student import Array

SHARE = (0.24, 0.31)  # of all images; the handout says 25 % in one place and 30 % in another
ORDER = "train_test_split gives four results: look up in which order, and compare the four shapes."
WORDS = {"Xtrain": "training", "Xval": "validation"}


# ---- the four variables ------------------------------------------------------------------------------


def judge_form(student: Student) -> None:
    """Raise Failure unless images and labels of both sets are there and look like it."""
    cell = split_cell(student)
    if cell is None:
        raise _missing(student)
    faults = [_form_fault(student, at) for at in (training_cell(student), cell)]
    if None not in faults:
        raise faults[-1] or AssertionError("unreachable: None is not among the faults")


def _missing(student: Student) -> Failure:
    absent = next((name for name in SPLIT if not student.versions(name)), None)
    if absent:
        return Failure(
            student.why_missing(absent),
            expected=f"{', '.join(SPLIT)}",
            received=f"no variable {absent}",
            hint="train_test_split makes all four at once.",
        )
    types = {name: student.versions(name)[-1].type for name in SPLIT}
    return Failure(
        "The four results of the split were never all arrays at the same time.",
        expected=f"arrays {', '.join(SPLIT)}",
        received=", ".join(f"{name}: {type_}" for name, type_ in types.items()),
        hint="Print the type of each after the cell that splits.",
    )


def _form_fault(student: Student, cell: int) -> Failure | None:
    shapes = {name: array.shape for name in SPLIT if (array := bound(student, name, cell)) is not None}
    picture = student.given["cifar10/x_train"].shape[1:]
    wrong = [name for name in SPLIT if (shapes.get(name, ())[1:] == picture) != (name in WORDS)]
    if not wrong and len(shapes) == len(SPLIT):
        return None
    sizes = ", ".join(str(shape) for shape in shapes.values())
    mixed = any(name not in WORDS for name in wrong)
    return Failure(
        "Images and labels are mixed up among the four results of the split."
        if mixed
        else f"Not all of {listed(list(WORDS))} hold images of 32×32 pixels in 3 colours.",
        expected=f"Xtrain and Xval of shape (n, {', '.join(map(str, picture))}), Ytrain and Yval of n labels",
        received=", ".join(f"{name} {shape}" for name, shape in shapes.items()),
        hint=ORDER if mixed else "The network needs images with their four axes: image, row, column, colour.",
        counterexample=f"{', '.join(f'{name}.shape' for name in shapes)}  # {sizes}",
    )


# ---- sizes -------------------------------------------------------------------------------------------


def judge_sizes(student: Student) -> str | None:
    """Raise Failure where images are lost or too many, or where the validation share is wrong."""
    cell = training_cell(student)
    train, validation = (rows(bound(student, name, cell)) for name in WORDS)
    together, total = train + validation, total_of(student)
    evidence = f"len(Xtrain), len(Xval)  # {train}, {validation}"
    received = f"{train:,} training and {validation:,} validation images"
    loaded = rows(bound(student, "X", split_cell(student) or cell))
    if together not in (total, loaded):
        raise Failure(
            f"Training and validation have {together:,} images together, not {total:,}.",
            expected=f"{total:,} images in all, each in one of the two",
            received=received,
            hint="Each image is either for training or for validation; none is lost, none is in both.",
            counterexample=evidence,
        )
    share = validation / together if together else 0.0
    if not SHARE[0] <= share <= SHARE[1]:
        swapped = SHARE[0] <= 1 - share <= SHARE[1]
        raise Failure(
            f"The validation set has {share:.0%} of the images"
            + (": training and validation are swapped." if swapped else ", not 25 % (or 30 %)."),
            expected=f"{total * 3 // 4:,} training and {total // 4:,} validation images",
            received=received,
            hint=ORDER if swapped else "Which argument of train_test_split sets the share?",
            counterexample=evidence,
        )
    return None


# ---- no image twice ----------------------------------------------------------------------------------


def judge_apart(student: Student, gallery: Gallery) -> str | None:
    """Raise Failure where an image is in both sets, twice in one, or a test image."""
    sets = [found for name in WORDS if (found := follow(student, gallery, name)) is not None]
    hint = _untraceable(student, gallery, sets)
    _require_no_test_image(gallery, sets)
    uses = _uses(gallery, sets)
    used = np.bincount(uses.group, minlength=len(gallery.group))
    repeated = np.flatnonzero(used > np.bincount(gallery.group, minlength=len(gallery.group)))
    if len(repeated):
        raise _repeated(gallery, sets, repeated, uses)
    return hint


@dataclass(frozen=True)
class Uses:
    """One entry for each traced image of all sets: the image's group, its set's place and its row there."""

    group: Indices
    owner: Indices
    row: Indices


def _uses(gallery: Gallery, sets: list[Followed]) -> Uses:
    index = np.concatenate([one.trace.index for one in sets])
    owner = np.concatenate([np.full(len(one.trace.index), place) for place, one in enumerate(sets)])
    row = np.concatenate([np.arange(len(one.trace.index)) for one in sets])
    known = index >= 0
    return Uses(gallery.group[index[known]], owner[known], row[known])


def _require_no_test_image(gallery: Gallery, sets: list[Followed]) -> None:
    for one in sets:
        index = one.trace.index
        foreign = (index >= gallery.training) & (gallery.copies[np.maximum(index, 0)] == 0)
        if foreign.any():
            row = int(np.argmax(foreign))
            raise Failure(
                f"{one.name} holds {int(foreign.sum()):,} test images.",
                expected=f"{WORDS[one.name]} images from X only",
                received=f"{one.name}[{row}] is {gallery.called(int(index[row]))}",
                hint="The test set is for the end: what was trained or tuned on cannot test any more.",
                counterexample=f"plt.imshow(({one.name}[{row}] - {one.name}.min()) / np.ptp({one.name}))",
            )


def _repeated(gallery: Gallery, sets: list[Followed], repeated: Indices, uses: Uses) -> Failure:
    owners = [np.intersect1d(repeated, uses.group[uses.owner == place]) for place in range(len(sets))]
    shared = np.intersect1d(owners[0], owners[-1]) if len(sets) > 1 else np.zeros(0, np.intp)
    group = int((shared if len(shared) else repeated)[0])
    one, *_, other = np.flatnonzero(uses.group == group)
    members = [(sets[uses.owner[use]], int(uses.row[use])) for use in (one, other)]
    first, second = (f"{found.name}[{row}]" for found, row in members)
    where = "both in training and in validation" if len(shared) else f"more than once in {members[0][0].name}"
    same = np.array_equal(*(found.array[row] for found, row in members))
    return Failure(
        f"{len(shared) or len(repeated):,} images are {where}.",
        expected="each image once, in one of the two sets",
        received=f"{first} and {second} are both {gallery.called(group)}",
        hint="A network that is validated on images it was trained on looks better than it is.",
        counterexample=f"np.array_equal({first}, {second})  # True" if same else None,
    )


def _untraceable(student: Student, gallery: Gallery, sets: list[Followed]) -> str | None:
    """A hint where preprocessing before the split destroyed the images: that is the fault of 3.3.

    Raises:
        Failure: the images are not known and never were.
    """
    lost = [one for one in sets if one.trace.share == 0]
    if not lost:
        return None
    plain = [one.name for one in lost if _is_plain(one.array)]
    raw = (v.array for name in ("X", "Xtrain") for v in student.versions(name)[:3] if v.array is not None)
    if plain or not any(trace(array, gallery).share >= KNOWN for array in raw):
        name = (plain or [lost[0].name])[0]
        raise Failure(
            f"{name} holds none of the given images"
            + (": all of its values are the same." if plain else "."),
            expected=f"{WORDS[name]} images from X",
            received="images that belong to none of the given ones",
            hint=f"Look at a few of them with plt.imshow({name}[0]).",
            counterexample=f"{name}.min(), {name}.max()",
        )
    names = " and ".join(one.name for one in lost)
    return f"The images in {names} could not be followed: their preprocessing changed them too much."


def _is_plain(images: Array) -> bool:
    """Whether there is nothing to see: no numbers, or only one."""
    return images.dtype.kind not in "biuf" or not images.size or bool(images.min() == images.max())


# ---- labels ------------------------------------------------------------------------------------------


def judge_pairs(student: Student, gallery: Gallery) -> str | None:
    """Raise Failure where an image has another image's label."""
    hints: list[str] = []
    for name in WORDS:
        found = follow(student, gallery, name)
        if found is None or found.trace.share == 0:
            hints.append(f"The labels of {name} could not be compared: its images are not known.")
            continue
        candidates = _labels_for(student, found)
        if not candidates:
            hints.append(f"The labels of {name} could not be compared: {LABELS[name]} says no classes.")
            continue
        wrong = [~labels_fit(gallery, found.trace, labels) for labels in candidates]
        fewest = min(range(len(wrong)), key=lambda place: int(wrong[place].sum()))
        if wrong[fewest].any():
            raise _mispaired(gallery, found, candidates[fewest], wrong[fewest])
    return " ".join(hints) or None


def _labels_for(student: Student, found: Followed) -> list[Labels]:
    """The labels at the same moment, as they are and as the numbers that they were made from.

    Raises:
        Failure: there are more or fewer labels than images.
    """
    name, count = LABELS[found.name], len(found.array)
    now = bound(student, name, found.cell)
    if now is not None and rows(now) != count:
        raise Failure(
            f"{found.name} and {name} have different lengths.",
            expected=f"{count:,} labels for {count:,} images",
            received=f"{rows(now):,} labels",
            hint="Split images and labels in one call, so that both are cut at the same place.",
            counterexample=f"len({found.name}), len({name})  # {count}, {rows(now)}",
        )
    before = [version.array for version in student.versions(name) if version.cell <= found.cell]
    numbers = [labels for array in before if (labels := integers(array)) is not None and len(labels) == count]
    return [labels for labels in (decoded(now), *numbers[-1:]) if labels is not None]


def _mispaired(gallery: Gallery, found: Followed, labels: Labels, wrong: Flags) -> Failure:
    row = int(np.argmax(wrong))
    name, label = found.name, LABELS[found.name]
    place = int(found.trace.index[row])
    own, says = said(int(gallery.labels[place])), said(int(labels[row]))
    shown = f"({name}[{row}] - {name}.min()) / np.ptp({name})"
    return Failure(
        f"{int(wrong.sum()):,} of {len(labels):,} {WORDS[name]} images have the label of another image.",
        expected=f"{label}[{row}] says {own}",
        received=f"{name}[{row}] is {gallery.called(place)}, whose label is {own}; "
        f"{label}[{row}] says {says}",
        hint="Images and labels must be split, and shuffled, together.",
        counterexample=f"plt.imshow({shown}); plt.title({label}[{row}])",
    )
