"""Task P2.4: the chart of right and wrong predictions, held against the predictions that were made."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from checks.kit import Failure, Student, Use
from checks.kit.student import Array
from checks.project4.fish_sets import UNKNOWN, Gallery, gallery_of
from checks.project4.vgg_cases import Recognised, recognise
from checks.project4.vgg_curves import dictionaries, drawn_otherwise, figures_of, numbers_of
from checks.project4.vgg_tests import nothing_trained, tests_of

WRONG_WORDS = ("incorrect", "wrong", "mis", "false", "error")
RIGHT_WORDS = ("correct", "right", "true")


@dataclass(frozen=True)
class Bars:
    """A set of bars, or the wedges of a pie; ``label`` as the legend has it."""

    label: str
    lengths: tuple[float, ...]

    @property
    def wrong(self) -> bool | None:
        """Whether the label says that it counts wrong predictions; ``None`` where it does not say."""
        text = self.label.lower()
        if any(word in text for word in WRONG_WORDS):
            return True
        return False if any(word in text for word in RIGHT_WORDS) else None


@dataclass(frozen=True)
class Counted:
    """How many test images a case classified correctly, of how many."""

    case: int
    correct: int
    total: int


def judge_chart(student: Student) -> str | None:
    """Raise Failure unless a chart shows right and wrong predictions of the cases.

    Where the numbers of no case are those of its predictions, they may come from ``evaluate``, which the
    grader cuts short: then it is enough that right and wrong are both shown.
    """
    cases = [one for one in recognise(student) if one.run is not None]
    if not cases:
        raise nothing_trained(student)
    bars = tuple(bars_of(student))
    if not bars:
        return _without_bars(student, cases)
    if sum(len(one.lengths) for one in bars) < 2 * len(cases):
        raise _one_sided(bars, len(cases))
    counts = tuple(counts_of(student, cases))
    known = [one for one in counts if _shown(one, bars)]
    if not known:
        return "The numbers of the chart could not be held against predictions, so they were not compared."
    for one in counts:
        if not _shown(one, bars):
            raise _other_numbers(one)
        _require_not_swapped(one, bars)
    return None


def bars_of(student: Student) -> Iterator[Bars]:
    """Every set of bars and every pie that was drawn after the first training began."""
    for axes in figures_of(student):
        for one in dictionaries(axes.get("bars")):
            yield Bars(str(one.get("label", ""))[:80], _lengths(one.get("lengths")))
        if wedges := _lengths(axes.get("wedges")):
            yield Bars("", wedges)


def _lengths(value: object) -> tuple[float, ...]:
    return tuple(number for number in numbers_of(value) if number is not None)


def counts_of(student: Student, cases: Sequence[Recognised]) -> Iterator[Counted]:
    """What the recorded predictions of each case come to, where images and labels are known."""
    gallery = gallery_of(student)
    for case in cases:
        for use in reversed(tests_of(student, case)):
            counted = _counted(student, gallery, case, use)
            if counted is not None:
                yield counted
                break


def _counted(student: Student, gallery: Gallery, case: Recognised, use: Use) -> Counted | None:
    images, result = use.source.images, use.result
    if use.kind == "evaluate" or images is None or result is None or result.ndim != 2 or images.ndim != 4:
        return None
    classes = classes_of(student, gallery, images)
    if classes is None or len(result) != len(classes):
        return None
    return Counted(case.training.number, int(np.sum(result.argmax(axis=1) == classes)), len(classes))


def classes_of(student: Student, gallery: Gallery, images: Array) -> Array | None:
    """The column of each image's class, by the labels of a set with the same images, or ``None``."""
    for use in student.uses:
        labels = use.source.labels
        if labels is not None and use.source.images is not None and _equal(use.source.images, images):
            return _columns(labels)
    for name in ("Ytest", "Yval"):
        for version in reversed(student.versions(name)):
            if version.array is not None and len(version.array) == len(images) and _test_set(gallery, images):
                return _columns(version.array)
    return None


def _columns(labels: Array) -> Array | None:
    if labels.ndim == 2 and labels.shape[1] > 1:
        return np.asarray(labels.argmax(axis=1))
    return np.asarray(labels).reshape(-1) if labels.dtype.kind in "iu" else None


def _equal(one: Array, other: Array) -> bool:
    return one is other or (one.shape == other.shape and bool(np.array_equal(one, other)))


def _test_set(gallery: Gallery, images: Array) -> bool:
    return bool(np.mean(gallery.places(images) != UNKNOWN) > 0)


def _shown(counted: Counted, bars: Sequence[Bars]) -> bool:
    """Whether both numbers are among the bars, as counts, shares or percent."""
    lengths = [length for one in bars for length in one.lengths]
    wanted = (counted.correct, counted.total - counted.correct)
    return any(
        all(
            any(abs(length - number * factor) <= 0.006 * max(1.0, factor) for length in lengths)
            for number in wanted
        )
        for factor in (1.0, 1 / counted.total, 100 / counted.total)
    )


def _require_not_swapped(counted: Counted, bars: Sequence[Bars]) -> None:
    """Raise Failure where the bars that are called correct hold the wrong predictions, and the other way."""
    right = [one for one in bars if one.wrong is False]
    wrong = [one for one in bars if one.wrong is True]
    correct, incorrect = counted.correct, counted.total - counted.correct
    if not right or not wrong or correct == incorrect:
        return
    in_place = any(_holds(one, correct) for one in right) and any(_holds(one, incorrect) for one in wrong)
    swapped = any(_holds(one, incorrect) for one in right) and any(_holds(one, correct) for one in wrong)
    if swapped and not in_place:
        raise Failure(
            f"The chart calls the wrong predictions of case {counted.case} correct.",
            expected=f"{correct} correct, {incorrect} incorrect of {counted.total} test images",
            received=f"{incorrect} under {right[0].label!r}, {correct} under {wrong[0].label!r}",
            hint="Which of the two numbers counts predictions that equal the label?",
        )


def _holds(bars: Bars, number: int) -> bool:
    return any(abs(length - number) < 0.01 for length in bars.lengths)


def _without_bars(student: Student, cases: Sequence[Recognised]) -> str:
    matrices = any(axes.get("images") and axes.get("texts") for axes in figures_of(student))
    if matrices or drawn_otherwise(student, cases):
        return "The chart has no bars that could be held against the predictions."
    raise Failure(
        "No chart of correct and incorrect predictions was drawn.",
        expected="a bar chart that shows, for each case, how many test images were classified correctly and "
        "how many not",
        received="no figure with bars or wedges after the first training",
        hint="Count where the predicted class equals that of the label, and draw both numbers with plt.bar.",
    )


def _one_sided(bars: Sequence[Bars], cases: int) -> Failure:
    shown = list(itertools.chain.from_iterable(one.lengths for one in bars))
    return Failure(
        "The chart does not show correct and incorrect predictions of every case.",
        expected=f"two numbers for each of {cases} cases",
        received=f"{len(shown)} bar{'s' if len(shown) != 1 else ''}",
        hint="For each case one bar for the correct predictions and one for the incorrect ones.",
    )


def _other_numbers(counted: Counted) -> Failure:
    return Failure(
        f"The chart's numbers for case {counted.case} are not those of its predictions.",
        expected=f"{counted.correct} correct, {counted.total - counted.correct} incorrect of "
        f"{counted.total} test images",
        received="bars of other lengths",
        hint="Are the predictions of each case kept, or does the next case overwrite them?",
    )
