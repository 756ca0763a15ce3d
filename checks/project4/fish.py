"""Task P2.1: ``load_fish`` on drawn folders, and the sets that the notebook makes of the fish."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from checks.kit import Failure, Student, check, falsify
from checks.project4.asking import with_code
from checks.project4.fish_claims import (
    require_form,
    require_levels,
    require_names,
    require_pairs,
    require_pictures,
)
from checks.project4.fish_folders import Folder, folders, sized
from checks.project4.fish_loading import Loaded, loader_of
from checks.project4.fish_sets import gallery_of, parts_of
from checks.project4.fish_split import require_apart, require_columns, require_one_hot

EXAMPLES = 6  # distinct folders; each is written and read once
SIZES = (16, 32, 48, 100)
Claim = Callable[[Folder, Loaded], None]


def _search(student: Student, require: Claim, cases: SearchStrategy[Folder], examples: int) -> None:
    """Raise the simplest failure of a claim about what comes back."""
    loader = loader_of(student)

    def claim(folder: Folder) -> None:
        loaded = loader.load(folder)
        with_code(loader.code(folder), lambda: require(folder, loaded))

    failure = falsify(claim, cases, examples=examples, seed=student.seed)
    if failure is not None:
        raise failure


@check(task="P2.1")
def loads(student: Student) -> None:
    """load_fish returns images (n, 128, 128, 3) in one array, and a label for each"""
    _search(student, require_form, folders(), EXAMPLES)


@check(task="P2.1", needs=loads)
def pictures(student: Student) -> str | None:
    """load_fish takes every image of the nine classes, each once, and none of the masks"""
    _search(student, require_pictures, folders(), EXAMPLES)
    return _advice(student)


def _advice(student: Student) -> str | None:
    """A hint where files that are no images stop the function, which nobody asked it to stand."""
    loader = loader_of(student)
    folder = Folder(dirt=True)
    try:
        require_pictures(folder, loader.load(folder))
    except Failure as problem:
        return (
            "A README, a Thumbs.db or a damaged image in the folder would disturb load_fish "
            f"({str(problem)[:200]}). Leaving out what cannot be read, with a warning, is safer."
        )
    return None


@check(task="P2.1", needs=loads)
def levels(student: Student) -> None:
    """The images are uint8 from 0 to 255, not yet scaled"""
    _search(student, require_levels, folders(), 2)


@check(task="P2.1", needs=loads)
def size(student: Student) -> None:
    """load_fish brings the images to the size that it is asked for"""
    if not loader_of(student).signature.takes("size"):
        raise Failure(
            "`load_fish` has no argument `size`.",
            expected="the handout's arguments root and size",
            received="a function without `size`",
            hint="Keep the arguments of the handout; you may add others after them.",
        )
    asked = st.builds(sized, st.just(Folder()), st.sampled_from(SIZES))
    _search(student, require_form, asked, len(SIZES))


@check(task="P2.1", needs=pictures)
def pairing(student: Student) -> None:
    """Images of one class have one label, which no other class has"""
    _search(student, require_pairs, folders(), EXAMPLES)


@check(task="P2.1", needs=pairing)
def names(student: Student) -> None:
    """The label of an image is the name of its class folder"""
    _search(student, require_names, folders(), 2)


@check(task="P2.1")
def split(student: Student) -> str | None:
    """No picture is both in the training set and in a set that the network is tested with"""
    parts = parts_of(student)
    sides = {part.side for part in parts} | set(_sides_without_arrays(student))
    if "train" not in sides or len(sides) < 2:
        raise Failure(
            "There is no training set with a validation or test set beside it.",
            expected="images such as Xtrain and Xtest, made by train_test_split",
            received=f"only {' and '.join(sorted(sides))} images" if sides else "none",
            hint=f"Xtrain: {student.why_missing('Xtrain')}. Xtest: {student.why_missing('Xtest')}.",
        )
    if not require_apart(gallery_of(student), parts):
        return "The sets could not be compared with the pictures of the data, so this was not judged."
    return None


def _sides_without_arrays(student: Student) -> Iterator[str]:
    """The kinds of sets that there are, though what they hold is not known, or not meant for testing."""
    if any(fit.validation_split for fit in student.fits):
        yield "val"
    if any(use.kind in ("evaluate", "predict") for use in student.uses):
        yield "test"


@check(task="P2.1")
def binarised(student: Student) -> None:
    """The labels are binarised: a row for each image, with a 1 in the column of its class"""
    gallery, parts = gallery_of(student), parts_of(student)
    if not require_one_hot(gallery, parts):
        raise Failure(
            "There are no binarised labels.",
            expected="labels such as Ytrain and Ytest, (n, 9), made by a LabelBinarizer",
            received="none",
            hint=f"Ytrain: {student.why_missing('Ytrain')}.",
        )
    require_columns(gallery, parts)
