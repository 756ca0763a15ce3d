"""Tasks 3.1 to 3.4: the data are loaded, split, scaled, and their labels encoded."""

from __future__ import annotations

from checks.cnn import encoding, loading, scaling, splitting
from checks.cnn.memo import gallery_for
from checks.kit import Student, check


@check(task="3.1")
def loaded(student: Student) -> str | None:
    """X, Y, Xtest and Ytest are the lab's images with their own labels"""
    loading.require_variables(student)
    return loading.judge(student, gallery_for(student))


@check(task="3.2")
def split(student: Student) -> None:
    """The split gives training and validation images and labels"""
    splitting.judge_form(student)


@check(task="3.2", needs=split)
def sizes(student: Student) -> str | None:
    """A quarter of the images is for validation, all others for training"""
    return splitting.judge_sizes(student)


@check(task="3.2", needs=split)
def apart(student: Student) -> str | None:
    """No image is in two sets, or twice in one"""
    return splitting.judge_apart(student, gallery_for(student))


@check(task="3.2", needs=split)
def paired(student: Student) -> str | None:
    """Each image has kept its own label"""
    return splitting.judge_pairs(student, gallery_for(student))


@check(task="3.3", needs=split)
def range(student: Student) -> None:  # noqa: A001 - the check's id is 3.3/range
    """The pixels of all three sets go from 0 … 255 to −1 … 1, once"""
    scaling.judge_range(student, gallery_for(student))


@check(task="3.3", needs=split)
def dtype(student: Student) -> None:
    """The images of all three sets are float32"""
    scaling.judge_dtype(student)


@check(task="3.4", needs=split)
def one_hot(student: Student) -> None:
    """The labels of all three sets are one-hot with 10 columns"""
    encoding.judge(student)
