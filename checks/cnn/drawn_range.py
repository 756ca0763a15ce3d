"""Task 5.1: the values that the network gets from the generator."""

from __future__ import annotations

from collections.abc import Iterator

from checks.cnn.flows import Flows
from checks.cnn.generators import Drawn, bounds, draw
from checks.kit import Failure, Student

Bounds = tuple[float, float]

ALLOWED = (-1.0, 1.0)
ROUNDING = 0.01
SHRUNK = 0.5  # the width of the values, of 2, below which something has scaled them once more
HALF = 1.3  # the width of values that go from 0 to 1, and a little more
SUSPECTS = {
    "rescale": "rescale multiplies what the generator gets, which is scaled already",
    "featurewise_center": "featurewise_center subtracts the mean, which moves the range",
    "featurewise_std_normalization": "featurewise_std_normalization divides by the standard deviation",
    "samplewise_center": "samplewise_center subtracts each image's mean, which moves the range",
    "samplewise_std_normalization": "samplewise_std_normalization divides by the standard deviation",
    "zca_whitening": "zca_whitening replaces the values by others",
}


def judge(student: Student, flows: Flows) -> str | None:
    """Raise Failure where the values leave [−1, 1], or where they were scaled in another way than before."""
    drawn = draw(student, flows)
    for one in _of_draws(flows, drawn):
        if one[0] < ALLOWED[0] - ROUNDING or one[1] > ALLOWED[1] + ROUNDING:
            raise _outside(flows, one)
    values = bounds(flows.train.images) if drawn is None else bounds(drawn.images)
    if values is None or _is_constant_fill(flows):
        return None
    width = values[1] - values[0]
    if width < SHRUNK:
        raise _shrunk(flows, values)
    return _narrow(student, flows, values) if width < HALF else None


def _of_draws(flows: Flows, drawn: Drawn | None) -> Iterator[Bounds]:
    """The ranges of pictures of ours, of a few batches, and where nothing was drawn, of the images."""
    drawn_images = None if drawn is None else drawn.images
    own = None if drawn is not None else flows.train.images
    for images in (drawn_images, flows.train.drawn[0], own):
        found = bounds(images)
        if found is not None:
            yield found


def _is_constant_fill(flows: Flows) -> bool:
    """Whether a fill value of the student's own may widen the range, so that it tells nothing."""
    return flows.train.settings.get("fill_mode") == "constant"


def _outside(flows: Flows, values: Bounds) -> Failure:
    raw = values[1] > 100 and values[0] >= 0
    own = bounds(flows.train.images)
    values = own if raw and own is not None else values  # draws are interpolated, and so a little less
    return Failure(
        f"The images from {flows.train_name} were not preprocessed: their values go up to {values[1]:.4g}."
        if raw
        else f"The images from {flows.train_name} leave the range from −1 to 1.",
        expected="values from −1 to 1, as the network knows them from 3.3",
        received=f"values {_words(values)}",
        hint=_suspect(flows) or (
            "After the reload, images need the steps of 3.3 again." if raw
            else "Which argument of the generator, or which step before it, changes the values?"
        ),
        counterexample=_code(flows),
    )  # fmt: skip


def _shrunk(flows: Flows, values: Bounds) -> Failure:
    return Failure(
        f"The images from {flows.train_name} are scaled twice: almost nothing of their range is left.",
        expected="values from −1 to 1",
        received=f"values {_words(values)}",
        hint=_suspect(flows) or "Scale the values once, either before the generator or in it.",
        counterexample=_code(flows),
    )


def _suspect(flows: Flows) -> str:
    settings = flows.train.settings
    on = [words for name, words in SUSPECTS.items() if _is_on(settings.get(name))]
    filled = settings.get("cval")
    if isinstance(filled, int | float) and abs(filled) > 1 and _is_constant_fill(flows):
        on.append(f"cval={filled:g} fills the corners with a value that no image has")
    return f"{'; '.join(on)}." if on else ""


def _is_on(value: object) -> bool:
    """Whether a setting is a switch that is on, or a factor that changes something."""
    return value if isinstance(value, bool) else value not in (None, 0, 1)


def _words(values: Bounds) -> str:
    low, high = (float(f"{value:.3g}") if abs(value) > 1e-6 else 0.0 for value in values)
    return f"from {low:g} to {high:g}".replace("-", "−")


def _code(flows: Flows) -> str | None:
    if " " in flows.train_name:
        return None
    return f"images, labels = next(iter({flows.train_name})); images.min(), images.max()"


def _narrow(student: Student, flows: Flows, values: Bounds) -> str | None:
    """Values from 0 to 1, say: a hint where 3.3 gave the same, which was judged there.

    Raises:
        Failure: earlier networks were trained on the whole range, or the validation images have it.
    """
    others = [one for one in _others(student, flows) if one is not None]
    if not others or others[0][1] - others[0][0] < HALF:
        return f"The values go {_words(values)}, not from −1 to 1."
    raise Failure(
        "The images that were loaded again are not preprocessed as before.",
        expected=f"values {_words(others[0])}, as in the other images",
        received=f"values {_words(values)}",
        hint="After the reload, images need the same steps as in 3.3.",
    )


def _others(student: Student, flows: Flows) -> Iterator[Bounds | None]:
    """The ranges of the images in the trainings with arrays, and of the validation images."""
    for fit in student.fits:
        if fit.source.kind == "arrays" and not fit.error:
            yield bounds(fit.source.images if fit.train[0] is None else fit.train[0])
    yield None if flows.validation is None else bounds(flows.validation.images)
