"""The built-in pictures: ten classes drawn by rule, for a machine that has no CIFAR-10.

They stand in for CIFAR-10 so that the lab's lessons still show: a small CNN learns them within one
epoch, overfits within twenty, and recognises them worse once they are turned by 90°, because eight of
the ten classes change under that turn. A share of the pictures shows another class than its label,
which caps what any network can reach.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

SIDE = 32
CLASSES = 10
TRAINING, TEST = 10_000, 4_000
MISLABELLED = 0.12  # share of pictures that show another class: no network can be right on these
_CHUNK = 500  # pictures drawn at once: their intermediate arrays stay in the processor's cache


def make_cifar_like(seed: int = 0) -> dict[str, Pixels]:
    """Draw a data set with the shapes and types of CIFAR-10; the same for the same seed.

    Returns ``x_train`` (10000, 32, 32, 3) and ``x_test`` (4000, 32, 32, 3), uint8 in 0–255, and
    ``y_train`` (10000, 1) and ``y_test`` (4000, 1), uint8 in 0–9.
    """
    rng = np.random.default_rng(seed)
    images, labels = _draw_labelled(TRAINING + TEST, rng)
    return {
        "x_train": images[:TRAINING],
        "y_train": labels[:TRAINING],
        "x_test": images[TRAINING:],
        "y_test": labels[TRAINING:],
    }


def _draw_labelled(count: int, rng: np.random.Generator) -> tuple[Pixels, Pixels]:
    """Pictures (count, 32, 32, 3) and labels (count, 1); some pictures show another class."""
    labels = rng.integers(0, CLASSES, count)
    other = (labels + rng.integers(1, CLASSES, count)) % CLASSES
    shown = np.where(rng.random(count) < MISLABELLED, other, labels)
    chunks = [_draw(shown[start : start + _CHUNK], rng) for start in range(0, count, _CHUNK)]
    return np.concatenate(chunks), labels.astype(np.uint8)[:, None]


def _draw(shown: NDArray[np.int64], rng: np.random.Generator) -> Pixels:
    """One picture (32, 32, 3) per class shown: background, shape, something in front, sensor noise."""
    count = len(shown)
    background, ink = _colours(count, rng)
    canvas = background + _texture(count, rng)
    canvas += _coverage(shown, rng)[..., None] * (ink - background)
    hidden = _occluders(count, rng)
    canvas = np.where(hidden[..., None], _column(rng, 0.1, 0.9, (count, 1, 1, 3)), canvas)
    canvas += _column(rng, 0.02, 0.14, (count, 1, 1, 1)) * rng.standard_normal(canvas.shape, np.float32)
    return np.asarray(np.clip(canvas * 255, 0, 255), np.uint8)


def _column(rng: np.random.Generator, low: float, high: float, shape: tuple[int, ...]) -> Floats:
    """Uniform values in [low, high), float32 like everything that is drawn."""
    return (low + (high - low) * rng.random(shape, np.float32)).astype(np.float32)


def _grid() -> tuple[Floats, Floats]:
    """Pixel coordinates x (1, 1, 32) to the right and y (1, 32, 1) downwards."""
    axis = np.arange(SIDE, dtype=np.float32)
    return axis[None, None, :], axis[None, :, None]


def _colours(count: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Background and ink, each (count, 1, 1, 3); lighter or darker ink, never too close."""
    background = _column(rng, 0.25, 0.75, (count, 1, 1, 3))
    contrast = _column(rng, 0.25, 0.55, (count, 1, 1, 1)) * rng.choice([-1, 1], (count, 1, 1, 1))
    tint = _column(rng, -0.15, 0.15, (count, 1, 1, 3))
    return background, (background + contrast + tint).astype(np.float32)


def _texture(count: int, rng: np.random.Generator) -> Floats:
    """A plane wave in any direction (count, 32, 32, 1), so that stripes alone prove nothing."""
    x, y = _grid()
    fx, fy = _column(rng, -0.9, 0.9, (2, count, 1, 1))
    phase = _column(rng, 0, 2 * np.pi, (count, 1, 1))
    height = _column(rng, 0.0, 0.14, (count, 1, 1))
    return np.asarray(height * np.sin(fx * x + fy * y + phase))[..., None]


def _occluders(count: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Where a rectangle of 3 to 12 pixels each way hides the picture, (count, 32, 32)."""
    x, y = _grid()
    left, top = _column(rng, 0, SIDE - 4, (2, count, 1, 1))
    width, height = _column(rng, 3, 12, (2, count, 1, 1))
    return np.asarray((x >= left) & (x < left + width) & (y >= top) & (y < top + height), np.bool_)


def _coverage(shown: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    """How far each pixel is covered by its picture's shape, 0–1, (count, 32, 32)."""
    count = len(shown)
    x, y = _grid()
    left, top = _column(rng, 10, 22, (2, count, 1, 1))
    radius = _column(rng, 6, 13, (count, 1, 1))
    lean = (0.16 * rng.standard_normal((count, 1, 1), np.float32)).astype(np.float32)
    along, across = (x - left) / radius, (y - top) / radius
    u, v = along * np.cos(lean) - across * np.sin(lean), along * np.sin(lean) + across * np.cos(lean)
    inside = np.empty((count, SIDE, SIDE), np.float32)
    for number, shape in enumerate(SHAPES):
        chosen = shown == number
        inside[chosen] = shape(u[chosen], v[chosen])
    return np.asarray(np.clip(inside * radius + 0.5, 0, 1), np.float32)


# A shape takes coordinates in which it fills about −1 to 1 (u right, v down), and returns how deep a
# point lies inside it: positive inside, negative outside.


def _stripes(u: Floats) -> Floats:
    return np.asarray(np.sin(u * 6.5) * 0.3)


def _square(u: Floats, v: Floats) -> Floats:
    return np.asarray(1 - np.maximum(np.abs(u), abs(v)))


def _lying_stripes(u: Floats, v: Floats) -> Floats:
    return np.minimum(_stripes(v), _square(u, v))


def _standing_stripes(u: Floats, v: Floats) -> Floats:
    return np.minimum(_stripes(u), _square(u, v))


def _rising_stripes(u: Floats, v: Floats) -> Floats:
    return np.minimum(_stripes((u + v) * np.float32(0.7)), _square(u, v))


def _falling_stripes(u: Floats, v: Floats) -> Floats:
    return np.minimum(_stripes((u - v) * np.float32(0.7)), _square(u, v))


def _disc(u: Floats, v: Floats) -> Floats:
    return np.asarray(0.9 - np.hypot(u, v))


def _ring(u: Floats, v: Floats) -> Floats:
    return np.asarray(0.25 - abs(np.hypot(u, v) - 0.75))


def _roof(u: Floats, v: Floats) -> Floats:
    return np.asarray(np.minimum(0.8 - v, (v + 1 - 1.8 * np.abs(u)) / 2))


def _funnel(u: Floats, v: Floats) -> Floats:
    return _roof(u, -v)


def _corner(u: Floats, v: Floats) -> Floats:
    return np.asarray(np.minimum(_square(u, v), np.maximum(-0.45 - u, v - 0.45)))


def _tee(u: Floats, v: Floats) -> Floats:
    return np.asarray(np.minimum(_square(u, v), np.maximum(0.22 - np.abs(u), -0.5 - v)))


SHAPES: tuple[Callable[[Floats, Floats], Floats], ...] = (
    _lying_stripes,
    _standing_stripes,
    _rising_stripes,
    _falling_stripes,
    _disc,
    _ring,
    _roof,
    _funnel,
    _corner,
    _tee,
)


def make_ascent_like() -> Pixels:
    """Draw a staircase (512, 512) uint8 in 0–255, with edges in all directions; always the same.

    Stands in for ``scipy.datasets.ascent()``. It has no symmetry, so that the responses to the lab's
    three filters, their transposes and their mirror images all differ.
    """
    rng = np.random.default_rng(1959)
    axis = np.arange(512, dtype=np.float32)
    x, y = axis[None, :], axis[:, None]
    steps = 24 * np.floor((y + 0.18 * x) / 61) + 0.35 * ((y + 0.18 * x) % 61)
    picture = 20 + steps + 26 * np.floor((x - 0.4 * y + 220) / 97 % 2)
    picture = np.where(np.hypot(x - 352, y - 143) < 88, 214 - 0.5 * (y - 55), picture)
    picture = np.where(abs(np.hypot(x - 131, y - 318) - 74) < 9, 33, picture)
    for offset in (0, 61, 149):  # the handrail and its bars
        picture = np.where(abs(y - 0.83 * x - 40 + 2 * offset) < 5, 240 - offset, picture)
    picture = np.where((abs(x % 86 - 43) < 3) & (y > 0.7 * x + 120), 12, picture)
    picture = picture + 14 * np.sin(x / 3.1 + y / 7.7) + 9 * np.sin((x * y) / 2600)
    return np.asarray(np.clip(picture + 6 * rng.standard_normal((512, 512)), 0, 255), np.uint8)
