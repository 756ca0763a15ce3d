"""Saved logs and summaries against the images, the batches and the networks of the graded run."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

from checks.cnn.trainings import batch_size
from checks.kit import Doubt, Fit, Saved, Student
from checks.kit.matching import pairs
from checks.kit.model import Model
from checks.kit.saved import Log, Summary, at
from checks.kit.source import line_with

ALL = 10_000  # images for training and validation
USUAL = (5, 8, 10, 16, 20, 25, 30, 32, 40, 50, 60, 64, 80, 100, 128, 150, 200, 250, 256, 500, 512, 1000, 1024)
CUT_TO_ALL = re.compile(r":\s*10_?000\b|\b10_?000\b|\b1e4\b")
FEWEST_EPOCHS = 5  # of which validation accuracies must tell with how many images they were computed
MOST_VALIDATED = 3_000  # images, above which four decimals fit nearly every accuracy
DIGIT = 1e-4
OTHER_METRICS = ("binary", "top", "mean")  # one may be called accuracy, and is no share of the images


def other_steps(student: Student, saved: Saved, _: Mapping[str, str]) -> Iterator[Doubt]:
    """Steps per epoch, or images, that the code's batches and split do not give."""
    for fit, log in pairs(student, saved):
        images = trained_on(fit)
        if images is None:
            continue
        doubt = _other_samples(saved, fit, log, images) or _other_steps(saved, fit, log, images)
        if doubt is not None:
            yield doubt


def trained_on(fit: Fit) -> int | None:
    """The number of images that the code trains on, ``validation_split`` taken off."""
    if fit.source.images is None or fit.source.kind not in ("arrays", "generator"):
        return None
    images = len(fit.source.images)
    split = fit.validation_split if fit.source.kind == "arrays" else 0.0
    return math.floor(images * (1 - split)) if split else images


def _other_samples(saved: Saved, fit: Fit, log: Log, images: int) -> Doubt | None:
    if log.samples is None or log.samples == images or fit.source.kind != "arrays":
        return None
    if log.samples > ALL and not _cuts(saved):
        return None
    leaked = log.samples == ALL and bool(log.validated) and _has_validation(fit)
    told = f", validated on {log.validated:,}" if log.validated else ""
    message = (
        f"The saved log in cell {log.cell} trained on {log.samples:,} images{told}; the code trains on "
        f"{images:,}. "
    )
    return Doubt(
        "leakage" if leaked else "log_mismatch", "", message + (_RELOADED if leaked else _AGAIN),
        (*_code(saved, log, "Xtrain"), at(log.cell, f"output, {_samples_line(saved, log)}")),
    )  # fmt: skip


_RELOADED = (
    "As after loading the data again once they were split: then the validation images were among those "
    "trained on. Run all cells from the top."
)
_AGAIN = "One of the two was changed after the training: run the cells again, and save."


def _samples_line(saved: Saved, log: Log) -> str:
    return line_with(saved.cell(log.cell).text, "samples", last=False) or log.text


def _other_steps(saved: Saved, fit: Fit, log: Log, images: int) -> Doubt | None:
    wanted, batch = wanted_steps(fit, images), batch_size(fit)
    if log.steps is None or wanted is None or not batch or log.steps in (wanted, images):
        return None
    if abs(log.steps - wanted) <= (fit.source.kind == "generator" or fit.steps_per_epoch is not None):
        return None
    shown = log.steps * batch
    if shown > ALL + batch and not _cuts(saved):
        return None  # the whole of CIFAR-10, where the grader's part of it is smaller
    leaked = fit.steps_per_epoch is None and _is_all(log.steps, batch, images) and _has_validation(fit)
    message = (
        f"The saved log in cell {log.cell} has {log.steps:,} steps per epoch; {images:,} images in batches "
        f"of {batch} are {wanted:,}. "
    )
    explained = f"{log.steps:,} batches of {batch} are {ALL:,} images. {_RELOADED}" if leaked else _AGAIN
    other = [size for size in USUAL if math.ceil(images / size) == log.steps]
    explained = f"It is a log with batches of {other[0]}. {_AGAIN}" if other and not leaked else explained
    return Doubt(
        "leakage" if leaked else "log_mismatch", "", message + explained,
        (*_code(saved, log, "batch_size"), at(log.cell, f"output, {log.quote}")),
    )  # fmt: skip


def wanted_steps(fit: Fit, images: int) -> int | None:
    """The steps per epoch that the code asks for, or ``None``."""
    if fit.steps_per_epoch is not None:
        return math.ceil(fit.steps_per_epoch)
    if fit.source.kind == "generator":
        return fit.source.batches
    batch = batch_size(fit)
    return math.ceil(images / batch) if batch else None


def _is_all(steps: int, batch: int, images: int) -> bool:
    """Whether the steps are those of all images, and of no usual batch size with the training images."""
    usual = any(math.ceil(images / size) == steps for size in USUAL)
    return images < ALL and steps == math.ceil(ALL / batch) and not usual


def _has_validation(fit: Fit) -> bool:
    return fit.validation_source is not None or fit.validation is not None


def _cuts(saved: Saved) -> bool:
    """Whether some cell cuts the images to the lab's number, so that the grader's part of them is all "
    "there is."""
    return any(CUT_TO_ALL.search(cell.source) for cell in saved.cells)


def _code(saved: Saved, log: Log, word: str) -> Iterator[str]:
    """The fit, and the last line above that sets a word."""
    source = saved.cell(log.cell).source
    yield at(log.cell, line_with(source, "fit") or source.strip().split("\n")[-1])
    for cell in reversed(saved.cells[: log.cell]):
        lines = [
            one.strip()
            for one in cell.source.split("\n")
            if re.match(rf"\s*[\w, ]*\b{word}\b[\w, ]*=[^=]", one)
        ]
        if lines:
            yield at(cell.number, lines[-1])
            return


# ---- what the validation accuracies tell --------------------------------------------------------------


def other_validation(student: Student, saved: Saved, _: Mapping[str, str]) -> Iterator[Doubt]:
    """Validation accuracies that are no shares of the number of images that the code validates on."""
    for fit, log in pairs(student, saved):
        images = _validated_on(fit)
        values = [(one, one.values["val_accuracy"]) for one in log.epochs if "val_accuracy" in one.values]
        if (
            images is None
            or not 0 < images <= MOST_VALIDATED
            or len(values) < FEWEST_EPOCHS
            or not _cuts(saved)
        ):
            continue
        if "validation_" in saved.cell(log.cell).source.replace("validation_data", ""):
            continue  # validation_steps: not all of the images
        wrong = [epoch for epoch, value in values if not is_share_of(value, images)]
        if 2 * len(wrong) > len(values):
            yield Doubt(
                "log_mismatch", "",
                f"The code validates on {images:,} images in cell {log.cell}, but the validation "
                f"accuracies in its saved log are no shares of {images:,}: "
                f"{wrong[0].values['val_accuracy']:.4f} would be "
                f"{wrong[0].values['val_accuracy'] * images:,.2f} images. {_AGAIN}",
                (*_code(saved, log, "Xval"), at(log.cell, f"output, {wrong[0].text}")),
            )  # fmt: skip


def _validated_on(fit: Fit) -> int | None:
    if fit.validation_split or fit.source.kind != "arrays" or fit.validation_source is None:
        return None
    compiled = fit.model.network.compiled if fit.model.network is not None else None
    metrics = compiled.metrics if compiled is not None else ()
    if any(word in name.lower() for name in metrics for word in OTHER_METRICS):
        return None
    images = fit.validation_source.images
    return len(images) if images is not None and fit.validation_source.kind == "arrays" else None


def is_share_of(value: float, images: int) -> bool:
    """Whether an accuracy with four decimals can be that of so many images."""
    correct = round(value * images)
    return any(abs(value - one / images) <= 0.5 * DIGIT + 2e-6 for one in (correct - 1, correct, correct + 1))


# ---- summaries ---------------------------------------------------------------------------------------


def other_summary(student: Student, saved: Saved, _: Mapping[str, str]) -> Iterator[Doubt]:
    """A saved summary of a network that the code does not build, in a cell that shows one when it is run."""
    networks = _networks(student)
    known = {(one.trainable, one.parameters - one.trainable) for one in networks.values()}
    for cell in saved.cells:
        tables = [one for one in saved.summaries if one.cell == cell.number]
        shown = [
            networks.get(event.data.get("model", 0))
            for event in student.events
            if event.kind == "summary" and event.cell == cell.number
        ]
        stopped = any(one.error for one in student.cells if one.number <= cell.number)
        if not tables or len(tables) != len(shown) or stopped:
            continue
        for table, network in zip(tables, shown, strict=True):
            if network is not None and _differs(table, known):
                yield _other_table(saved, table, network)


def _differs(table: Summary, known: set[tuple[int, int]]) -> bool:
    if not table.trainable or table.frozen is None or any(min(pair) < 0 for pair in known):
        return False
    totals = {trainable + frozen for trainable, frozen in known}  # layers may be frozen for a while
    return (table.trainable, table.frozen) not in known and table.trainable + table.frozen not in totals


def _networks(student: Student) -> Mapping[int, Model]:
    """The network of each model object that was seen."""
    used = [one.model for one in student.fits] + [one.model for one in student.uses]
    used += [one.model for one in student.models]
    return {one.identity: one.network for one in used if one.network is not None and one.identity}


def _other_table(saved: Saved, table: Summary, network: Model) -> Doubt:
    return Doubt(
        "log_mismatch", "",
        f"The saved summary in cell {table.cell} has {table.trainable:,} trainable parameters; the network "
        f"that the code builds there has {network.trainable:,}, and no other network of this notebook has "
        f"as many. {_AGAIN}",
        (
            at(table.cell, line_with(saved.cell(table.cell).source, "summary") or "summary"),
            f"when run again: {network.trainable:,} trainable parameters",
            at(table.cell, f"output, {table.text}"),
        ),
    )  # fmt: skip
