"""What was done to the pixels of an image before ResNet50 saw it.

Right is what ``keras.applications.resnet50.preprocess_input`` does: blue, green, red, each channel minus its
mean over ImageNet, without scaling. Each way of going wrong is held against the photograph's own pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from checks.cnn.photographs import Blocks, Match
from checks.kit.student import Array

MEANS = np.array([103.939, 116.779, 123.68])  # blue, green, red; Keras' imagenet_utils, mode "caffe"
TORCH_MEANS, TORCH_DEVIATIONS = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
NEAR = 10.0  # of 255 levels, root mean square: what resizing by another method and JPEG change
DOUBTFUL = 20.0  # above it, a photograph that is known was not preprocessed in the right way
OVERSHOOT = 30.0  # levels by which bicubic and Lanczos resizing leave 0 … 255

Undo = Callable[[Blocks], Blocks]


@dataclass(frozen=True)
class Slip:
    """A wrong preprocessing: what to say of it, and how to get the photograph's pixels back from it."""

    words: str
    hint: str
    undo: Undo


@dataclass(frozen=True)
class Verdict:
    """Why an image is wrong, and what was done to it; ``expected`` and ``received`` are channel means."""

    words: str
    hint: str
    expected: tuple[float, ...]
    received: tuple[float, ...]


def _swap(values: Blocks) -> Blocks:
    return values[:, ::-1]


def undo_right(values: Blocks) -> Blocks:
    """The pixels, red first, 0 to 255, of rightly preprocessed (n, 3) values."""
    return _swap(values + MEANS)


ONCE = (
    "preprocess_input of keras.applications.resnet50 takes pixels from 0 to 255 and does all that is needed."
)
NOT_AT_ALL = "The network was trained on images that went through preprocess_input; apply it before predict."
RESNETS_OWN = (
    "Each network has a preprocess_input of its own: import ResNet50's, from keras.applications.resnet50."
)
NO_SCALING = "ResNet50 wants no scaling: do not divide by 255. " + ONCE
TO_RGB = "cv2.imread gives blue, green, red: convert with cv2.cvtColor(image, cv2.COLOR_BGR2RGB) first."

PIXELS = Slip("were not preprocessed: they are the pixels, 0 to 255", NOT_AT_ALL, lambda v: v)
UNIT = Slip("were scaled to [0, 1] instead of preprocessed", NO_SCALING, lambda v: v * 255)
SIGNED = Slip(
    "lie in [−1, 1]: that is the preprocess_input of another network (MobileNet, Inception, Xception)",
    RESNETS_OWN, lambda v: (v + 1) * 127.5,
)  # fmt: skip
STANDARDISED = Slip(
    "were scaled to [0, 1] and standardised: that is the preprocess_input of another network (DenseNet)",
    RESNETS_OWN, lambda v: (v * TORCH_DEVIATIONS + TORCH_MEANS) * 255,
)  # fmt: skip
SCALED_BEFORE = Slip(
    "were scaled to [0, 1] before preprocess_input", NO_SCALING, lambda v: undo_right(v) * 255
)
TWICE = Slip(
    "were preprocessed twice",
    "preprocess_input was applied two times; it may change the array it is given, so that running a cell "
    "again preprocesses again.",
    lambda v: undo_right(undo_right(v)),
)
TWICE_IN_PLACE = Slip(TWICE.words, TWICE.hint, lambda v: undo_right(v + MEANS))  # the second result was kept
SLIPS = (
    PIXELS, UNIT, SIGNED, STANDARDISED, SCALED_BEFORE, TWICE, TWICE_IN_PLACE,
    Slip(
        "were not preprocessed: they are the pixels, 0 to 255, in the order blue, green, red",
        NOT_AT_ALL, _swap,
    ),
    Slip(f"{UNIT.words}, blue first", NO_SCALING, lambda v: _swap(v) * 255),
    Slip("lie in [−1, 1], blue first: ResNet50 wants no scaling", NO_SCALING, lambda v: _swap(v + 1) * 127.5),
    Slip(
        "went into preprocess_input in the order blue, green, red, so that red and blue are swapped",
        TO_RGB, lambda v: v + MEANS,
    ),
    Slip(
        "have the means subtracted, but red and blue were not swapped",
        f"ResNet50 wants blue, green, red. {ONCE}", lambda v: v + MEANS[::-1],
    ),
    Slip(f"{SCALED_BEFORE.words}, and went into it blue first", NO_SCALING, lambda v: (v + MEANS) * 255),
    Slip("were scaled to [−1, 1] before preprocess_input", NO_SCALING, lambda v: (undo_right(v) + 1) * 127.5),
    Slip("were divided by 255 after preprocess_input", NO_SCALING, lambda v: undo_right(v * 255)),
    Slip("were scaled to [−1, 1] after preprocess_input", NO_SCALING, lambda v: undo_right((v + 1) * 127.5)),
    Slip(
        "were scaled twice: to [0, 1], and by another network's preprocess_input",
        NO_SCALING, lambda v: (v + 1) * 127.5 * 255,
    ),
)  # fmt: skip


def judge_known(found: Match) -> Verdict | None:
    """What is wrong with an image whose photograph is known; ``None`` where it is right or in doubt."""
    values = found.image
    if values.shape[1] != 3 or not np.isfinite(values).all():
        return None
    right = _distance(undo_right(values), found.original)
    distances = [_distance(slip.undo(values), found.original) for slip in SLIPS]
    best = int(np.argmin(distances))
    if right <= NEAR or right <= 2 * distances[best]:
        return None
    expected = _swap(found.original) - MEANS
    if distances[best] <= NEAR:
        return _verdict(SLIPS[best], expected, values)
    if right <= DOUBTFUL:
        return None
    return _verdict(_other(values), expected, values)


def judge_unknown(image: Array) -> Verdict | None:
    """The same for an image that comes from no photograph we know: by its values alone."""
    values = np.asarray(image, np.float64).reshape(-1, image.shape[-1])
    if values.shape[1] != 3 or not np.isfinite(values).all() or np.ptp(values) == 0:
        return None
    slip = _slip_by_range(float(values.min()), float(values.max()), values)
    return None if slip is None else _verdict(slip, None, values)


def _slip_by_range(low: float, high: float, values: Blocks) -> Slip | None:
    if low >= -3 and high <= 3:
        return UNIT if low >= 0 and high <= 1.01 else SIGNED if max(-low, high) <= 1.01 else STANDARDISED
    if low >= 0 and high <= 256 and (high > 255 - MEANS.min() + OVERSHOOT or not (values % 1).any()):
        return PIXELS
    once = undo_right(values)
    if once.min() >= -0.5 and once.max() <= 1.5:
        return SCALED_BEFORE
    if once.min() >= -OVERSHOOT and once.max() <= 255 + OVERSHOOT:
        return None
    twice = undo_right(once)
    return TWICE if twice.min() >= -OVERSHOOT and twice.max() <= 255 + OVERSHOOT else None


def _other(values: Blocks) -> Slip:
    low, high = float(values.min()), float(values.max())
    words = f"were preprocessed in another way: the means of their parts lie in [{low:.4g}, {high:.4g}]"
    return Slip(words, ONCE, undo_right)


def _verdict(slip: Slip, expected: Blocks | None, values: Blocks) -> Verdict:
    wanted = () if expected is None else tuple(float(mean) for mean in expected.mean(axis=0))
    return Verdict(slip.words, slip.hint, wanted, tuple(float(mean) for mean in values.mean(axis=0)))


def _distance(pixels: Blocks, original: Blocks) -> float:
    """The root mean square of the difference, in levels of 255."""
    return float(np.sqrt(np.mean((pixels - original) ** 2)))
