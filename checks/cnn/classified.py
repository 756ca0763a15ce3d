"""Task 7: the images that reached ResNet50: their shape, their pixels and their number."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from checks.cnn.cures import sentence
from checks.cnn.memo import Same
from checks.cnn.photographs import Match, Views, match, match_given, photographs_of, stand_in_note, views_of
from checks.cnn.pretrained import preprocesses, uses_of
from checks.cnn.resnet_input import MEANS, Verdict, judge_known, judge_unknown
from checks.kit import Cell, Failure, Student, Use
from checks.kit.student import Array

ASKED = 5  # photographs
SIZE = (224, 224)
MOST = 200  # images that are looked at
EXPECTED_SHAPE = "a batch of shape (n, 224, 224, 3)"


@dataclass(frozen=True)
class Seen:
    """One image that reached the network, (height, width, 3): what it shows, if known, and what is wrong."""

    use: Use
    image: Array
    match: Match | None
    verdict: Verdict | None

    @property
    def shows(self) -> object:
        """What tells this picture from the others."""
        return self.match.place if self.match is not None else self.image.tobytes()


def images_of(use: Use) -> Array | None:
    """What the network was given, or as much of it as is known."""
    return use.source.images if use.source.images is not None else use.source.drawn[0]


def seen_images(student: Student) -> tuple[Seen, ...]:
    """Every image that went through ResNet50 without an error, in order."""
    return _seen(Same(student))


@functools.lru_cache(maxsize=1)
def _seen(student: Same[Student]) -> tuple[Seen, ...]:
    views = views_of(photographs_of(student.value))
    images = list(_images(student.value))[:MOST]
    return tuple(_look(student.value, use, image, views) for use, image in images)


def _images(student: Student) -> Iterator[tuple[Use, Array]]:
    for use in uses_of(student):
        batch = images_of(use)
        if not use.error and batch is not None and batch.ndim == 4 and batch.shape[-1] == 3:
            for image in batch[:MOST]:
                yield use, image


def _look(student: Student, use: Use, image: Array, views: Views) -> Seen:
    found = match(image, views) or match_given(image, student.given)
    if preprocesses(use.model.network):
        return Seen(use, image, found, None)
    verdict = judge_known(found) if found is not None else judge_unknown(image)
    return Seen(use, image, found, verdict)


# ---- the shape ---------------------------------------------------------------------------------------


def judge_shape(student: Student) -> None:
    """Raise Failure unless at least one predict ran to its end."""
    uses = uses_of(student)
    if any(not use.error for use in uses):
        return
    broken = next((use for use in uses if use.error), None)
    if broken is not None:
        raise _refused(broken)
    stopped = _stopped(student)
    error = sentence(stopped.error) if stopped else ""
    why = f": cell {stopped.number}, which was to do it, stopped with {error}" if stopped else ""
    raise Failure(
        f"No photograph was put through the network{why}.",
        expected=f"predict of {EXPECTED_SHAPE}",
        received=error or "no call of predict of that network",
        hint="Load a photograph, resize it to 224 × 224, add the batch axis, preprocess it, then predict.",
    )


def _stopped(student: Student) -> Cell | None:
    words = ("predict(", "preprocess_input(", "load_img(", "decode_predictions(")
    return next((cell for cell in student.cells if cell.error and any(w in cell.source for w in words)), None)


def _refused(use: Use) -> Failure:
    """Why the network did not take what it was given."""
    images = images_of(use)
    shape = () if images is None else tuple(images.shape)
    message, hint = "The network stopped with an error.", "Print the shape of what goes into predict."
    if len(shape) == 3:
        message = "The batch axis is missing: predict was given one image, not a batch of images."
        hint = "np.expand_dims(x, axis=0) makes a batch of one image."
    elif len(shape) == 4 and shape[1:3] != SIZE:
        message = f"The photographs are {shape[1]} × {shape[2]} pixels, and ResNet50 takes 224 × 224."
        hint = "load_img takes target_size=(224, 224)."
    elif len(shape) == 4 and shape[3] != 3:
        message = f"The images have {shape[3]} channels, and ResNet50 takes 3: red, green and blue."
        hint = "A PNG may be transparent or grey: load_img with color_mode='rgb' makes it a colour image."
    elif len(shape) > 4:
        message = f"The images have {len(shape)} axes: the batch axis was added more than once."
        hint = "np.expand_dims(x, axis=0) is needed once; stacking images adds the axis as well."
    return Failure(
        f"{message} Cell {use.cell}, which calls predict, stopped.",
        expected=EXPECTED_SHAPE,
        received=f"{shape}: {sentence(use.error)}" if shape else sentence(use.error),
        hint=hint,
        counterexample=f"x.shape  # {shape}; (1, 224, 224, 3) is right" if shape else None,
    )


# ---- the pixels --------------------------------------------------------------------------------------


def judge_pixels(student: Student) -> str | None:
    """Raise Failure where a picture was never preprocessed in the right way."""
    seen = seen_images(student)
    right = {one.shows for one in seen if one.verdict is None}
    wrong = [one for one in seen if one.verdict is not None and one.shows not in right]
    if wrong and len(right) < ASKED:
        raise _unlike(student, wrong, len({one.shows for one in seen}))
    if not seen:
        return "The images that reached the network could not be looked at."
    return None


def _unlike(student: Student, wrong: list[Seen], total: int) -> Failure:
    first = wrong[0]
    verdict = first.verdict
    assert verdict is not None  # only those with one are wrong
    name = first.match.name if first.match is not None else "a photograph"
    count = len({one.shows for one in wrong})
    others = f" This holds for {count} of {total} photographs." if count > 1 else ""
    means = ", ".join(f"{mean:g}" for mean in MEANS)
    right = f": on average {_spelled(verdict.expected)}" if verdict.expected else ""
    about = f"; about {_spelled(verdict.expected)} is right" if verdict.expected else ""
    received = _spelled(verdict.received)
    return Failure(
        _together(f"The values of {name} {verdict.words}.{others}", stand_in_note(student)),
        expected=f"blue, green and red, each minus its mean ({means}), and not scaled{right}",
        received=f"in the three channels on average {received} (cell {first.use.cell})",
        hint=verdict.hint,
        counterexample=f"x[0].mean(axis=(0, 1))  # {received}{about}",
    )


def _spelled(means: tuple[float, ...]) -> str:
    return ", ".join(f"{mean:.4g}" for mean in means)


def _together(*sentences: str) -> str:
    return " ".join(part for part in sentences if part)


# ---- the number --------------------------------------------------------------------------------------


def judge_number(student: Student) -> str | None:
    """Raise Failure where fewer than five different pictures went through the network."""
    seen = seen_images(student)
    different = list(dict.fromkeys(one.shows for one in seen))
    note = stand_in_note(student)
    if not seen or len(different) >= ASKED:
        return note or None
    if any(event.kind == "decoded" and event.data.get("error") for event in student.events):
        return _together("How many photographs there are cannot be said, since decoding stopped.", note)
    names = list(dict.fromkeys(one.match.name if one.match else "an unknown picture" for one in seen))
    cell = next((cell for cell in student.cells if cell.number == seen[-1].use.cell and cell.error), None)
    why = f" Cell {cell.number} stopped with {sentence(cell.error)}." if cell else ""
    raise Failure(
        _together(f"Only {len(different)} of {ASKED} photographs went through the network.{why}", note),
        expected="five different colour photographs",
        received=f"{len(different)}: {', '.join(names)}",
        hint="The same photograph twice counts once; a loop over the five file names saves writing.",
    )
