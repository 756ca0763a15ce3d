"""Drawn scenes for a machine without the real data: a highway with its masks, and nine classes of fish.

They stand in for CDnet 2014's `highway` and for "A Large-Scale Fish Dataset" (Ulucan, Karakaya and Turkan,
2020), under their names and in their folders. The same seed draws the same pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

BACKGROUND, SHADOW, OUTSIDE, UNKNOWN, MOVING = 0, 50, 85, 170, 255  # CDnet's values of a truth mask


# ---- the highway

HEIGHT, WIDTH = 240, 320
HORIZON = 40  # rows above it are trees, outside the region that is judged
LANES = ((78, -1), (110, -1), (160, 1), (200, 1))  # row of the middle, direction along x
TRACK = WIDTH + 200  # pixels after which a car comes back
SENSOR_NOISE = 2.5  # standard deviation, of 255


@dataclass(frozen=True)
class Highway:
    """Where the frames `in000001.jpg` … and their masks `gt000001.png` … lie."""

    frames: Path
    truth: Path


@dataclass(frozen=True)
class Car:
    """A car in BGR; its speed in pixels per frame is negative to the left."""

    row: int
    start: float
    speed: float
    length: int
    width: int
    colour: tuple[float, float, float]

    def left(self, frame: int) -> float:
        """The column of its left end, which may lie outside the picture."""
        return (self.start + self.speed * frame) % TRACK - 100


def make_highway(folder: Path, frames: int = 120, seed: int = 0, suffix: str = ".jpg") -> Highway:
    """Draw a static camera's view of a highway into ``folder/highway`` and ``folder/highway_truth``.

    Cars drive both ways, each at its own speed of 2 to 7 pixels per frame, with shadows; the background
    is textured and every frame has sensor noise. Frames are 320×240, JPEG or PNG as ``suffix`` says.
    Masks are PNG, one channel: 0 background, 50 shadow, 85 outside the region, 170 unknown (the edge of
    a car), 255 moving.

    Raises:
        ValueError: if ``frames`` is below 1.
    """
    if frames < 1:
        raise ValueError(f"frames should be at least 1. Received: frames={frames}")
    scene = Highway(folder / "highway", folder / "highway_truth")
    for path in (scene.frames, scene.truth):
        path.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    background, cars = _road(rng), _traffic(rng)
    quality = [cv2.IMWRITE_JPEG_QUALITY, 92] if suffix == ".jpg" else []
    for number in range(frames):
        picture, truth = _view(background, cars, number)
        noisy = picture + SENSOR_NOISE * rng.standard_normal(picture.shape, np.float32)
        _write(scene.frames / f"in{number + 1:06d}{suffix}", noisy, quality)
        _write(scene.truth / f"gt{number + 1:06d}.png", truth)
    return scene


def _road(rng: np.random.Generator) -> Floats:
    """The static background (240, 320, 3) in 0–255: trees, grass, two carriageways with lane marks."""
    picture = np.empty((HEIGHT, WIDTH, 3), np.float32)
    picture[:] = (70, 105, 85)
    picture[:HORIZON] = (50, 75, 55)
    for top, bottom in ((60, 128), (142, 220)):
        picture[top:bottom] = (118, 120, 122)
        picture[[top + 2, bottom - 3]] = 205
        picture[(top + bottom) // 2 - 1 : (top + bottom) // 2 + 1, np.arange(WIDTH) % 40 < 18] = 210
    coarse = cv2.GaussianBlur(rng.standard_normal((HEIGHT, WIDTH), np.float32), (0, 0), 2)
    fine = rng.standard_normal((HEIGHT, WIDTH), np.float32)
    return np.asarray(picture + (60 * coarse + 6 * fine)[..., None], np.float32)


def _traffic(rng: np.random.Generator) -> tuple[Car, ...]:
    """Two cars per lane, so far apart and so equally fast that they never meet."""
    cars = []
    for row, direction in LANES:
        speed = float(direction * rng.uniform(2, 7))
        first = float(rng.uniform(0, TRACK))
        for start in (first, first + rng.uniform(0.4, 0.6) * TRACK):
            length, width = int(rng.integers(44, 64)), int(rng.integers(20, 25))
            blue, green, red = (float(value) for value in rng.uniform(20, 235, 3))
            cars.append(Car(row, float(start), speed, length, width, (blue, green, red)))
    return tuple(cars)


def _view(background: Floats, cars: tuple[Car, ...], frame: int) -> tuple[Floats, Pixels]:
    """One picture (240, 320, 3) in 0–255 without noise, and its mask (240, 320)."""
    picture = background.copy()
    truth = np.full((HEIGHT, WIDTH), BACKGROUND, np.uint8)
    for car in cars:
        left, top = car.left(frame), car.row - car.width / 2
        shadow = (left + 4, top + car.width - 3, car.length, 9)
        near, shade = _around(*shadow), _box(*shadow)
        picture[near] *= 1 - 0.45 * shade[near][..., None]
        truth[shade > 0.5] = SHADOW
    for car in cars:
        _draw_car(picture, car, car.left(frame))
        body = _box(car.left(frame), car.row - car.width / 2, car.length, car.width)
        edge = cv2.dilate(body, np.ones((3, 3), np.uint8)) > cv2.erode(body, np.ones((3, 3), np.uint8))
        truth[body > 0.5] = MOVING
        truth[edge] = UNKNOWN
    truth[:HORIZON] = OUTSIDE
    return picture, truth


def _box(left: float, top: float, length: float, width: float) -> Floats:
    """How far each pixel (240, 320) is covered by a rectangle, 0–1: it may lie between pixels."""
    x, y = np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32)
    across = np.clip(np.minimum(x + 1 - left, left + length - x), 0, 1)
    down = np.clip(np.minimum(y + 1 - top, top + width - y), 0, 1)
    return np.asarray(down[:, None] * across[None, :], np.float32)


def _around(left: float, top: float, length: float, width: float) -> tuple[slice, slice]:
    """The pixels that a rectangle may cover: all others need not be touched."""
    rows = slice(max(int(top) - 1, 0), max(int(top + width) + 2, 0))
    return rows, slice(max(int(left) - 1, 0), max(int(left + length) + 2, 0))


def _draw_car(picture: Floats, car: Car, left: float) -> None:
    """Paint a car over the picture: body, windows, lamps, and stripes that move along with it."""
    top = car.row - car.width / 2
    parts: list[tuple[float, float, float, float, tuple[float, ...]]] = [
        (0, 0, car.length, car.width, car.colour),
        (0.22 * car.length, 3, 0.14 * car.length, car.width - 6, (40, 35, 30)),
        (0.62 * car.length, 3, 0.12 * car.length, car.width - 6, (50, 45, 40)),
        (0.42 * car.length, 5, 0.12 * car.length, car.width - 10, tuple(255 - c for c in car.colour)),
        (1, 2, 3, 4, (200, 240, 250)),
        (1, car.width - 6, 3, 4, (200, 240, 250)),
        (car.length - 4, 2, 3, 4, (60, 60, 220)),
        (car.length - 4, car.width - 6, 3, 4, (60, 60, 220)),
    ]
    for behind, down, length, width, colour in parts:
        right = behind if car.speed < 0 else car.length - behind - length
        near = _around(left + right, top + down, length, width)
        cover = _box(left + right, top + down, length, width)[near][..., None]
        picture[near] = picture[near] * (1 - cover) + cover * np.array(colour, np.float32)


def _write(path: Path, picture: Floats | Pixels, options: list[int] | None = None) -> None:
    """Save a picture in 0–255."""
    pixels = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    done, content = cv2.imencode(path.suffix, pixels, options or [])
    if not done:
        raise OSError(f"OpenCV cannot encode {path.name}")
    path.write_bytes(content.tobytes())


# ---- the fish

FISH_HEIGHT, FISH_WIDTH = 150, 200
Pattern = Callable[[Floats, Floats], Floats]  # where a marking lies, 0–1, of u along and v across the fish


def _plain(u: Floats, v: Floats) -> Floats:
    return np.zeros_like(u + v)


def _back(u: Floats, v: Floats) -> Floats:
    return np.asarray(v < -0.25, np.float32)


def _lengthwise(u: Floats, v: Floats) -> Floats:
    return np.asarray(np.sin(16 * v) > 0.2, np.float32)


def _bars(u: Floats, v: Floats) -> Floats:
    return np.asarray((np.sin(15 * u) > 0.3) & (v < 0.3), np.float32)


def _dots(u: Floats, v: Floats) -> Floats:
    return np.asarray(np.sin(21 * u) * np.sin(17 * v) > 0.45, np.float32)


def _midline(u: Floats, v: Floats) -> Floats:
    return np.asarray(np.abs(v) < 0.12, np.float32)


def _brow(u: Floats, v: Floats) -> Floats:
    return np.asarray(np.hypot(u + 0.62, v + 0.2) < 0.18, np.float32)


def _rings(u: Floats, v: Floats) -> Floats:
    return np.asarray(np.sin(24 * u + 5 * v * v) > 0.5, np.float32)


@dataclass(frozen=True)
class Kind:
    """How a class of fish looks: colours in BGR 0–255, lengths as a share of half its length."""

    name: str
    height: float
    body: tuple[float, float, float]
    marking: tuple[float, float, float]
    pattern: Pattern
    fork: float = 0.3  # how deep the tail is cut
    bend: float = 0.0  # how far it is curled


KINDS = (
    Kind("Black Sea Sprat", 0.20, (190, 185, 175), (120, 80, 45), _back, fork=0.5),
    Kind("Gilt-Head Bream", 0.50, (165, 165, 160), (40, 190, 220), _brow, fork=0.4),
    Kind("Hourse Mackerel", 0.26, (170, 175, 165), (70, 95, 60), _midline, fork=0.6),
    Kind("Red Mullet", 0.30, (120, 120, 215), (90, 90, 190), _plain, fork=0.4),
    Kind("Red Sea Bream", 0.52, (135, 140, 220), (110, 80, 190), _bars, fork=0.4),
    Kind("Sea Bass", 0.32, (160, 155, 145), (105, 95, 80), _back, fork=0.15),
    Kind("Shrimp", 0.24, (150, 170, 225), (110, 120, 200), _rings, fork=0.1, bend=0.35),
    Kind("Striped Red Mullet", 0.30, (125, 125, 210), (70, 190, 225), _lengthwise, fork=0.4),
    Kind("Trout", 0.34, (125, 150, 140), (45, 50, 70), _dots, fork=0.1),
)


def make_fish(folder: Path, per_class: int = 100, seed: int = 0) -> Path:
    """Draw nine classes of fish into ``folder/fish`` and return that folder.

    Images are `fish/<class>/00001.png` …, BGR 200×150; their masks, 255 on the fish and 0 beside it,
    lie under the same names in `fish/<class> GT/`. The classes differ in shape, colour and markings;
    within a class place, size, angle, side, colour, light and ground vary.

    Raises:
        ValueError: if ``per_class`` is below 1.
    """
    if per_class < 1:
        raise ValueError(f"per_class should be at least 1. Received: per_class={per_class}")
    for number, kind in enumerate(KINDS):
        rng = np.random.default_rng((seed, number))
        images, masks = folder / "fish" / kind.name, folder / "fish" / f"{kind.name} GT"
        images.mkdir(parents=True, exist_ok=True)
        masks.mkdir(parents=True, exist_ok=True)
        for index in range(1, per_class + 1):
            picture, inside = _draw_fish(kind, rng)
            _write(images / f"{index:05d}.png", picture)
            _write(masks / f"{index:05d}.png", 255 * (inside > 0.5).astype(np.uint8))
    return folder / "fish"


def _draw_fish(kind: Kind, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """One picture (150, 200, 3) in 0–255, and how far each pixel is covered by the fish, 0–1."""
    u, v, half_length = _pose(rng)
    v = v - kind.bend * (u * u - 0.4)
    height = kind.height * rng.uniform(0.9, 1.1)
    profile = height * np.sqrt(np.clip(1 - (u / 0.8) ** 2, 0, None)) * (1 - 0.25 * u)
    profile -= 3 * np.clip(np.abs(u) - 0.8, 0, None)  # the body ends there, instead of thinning out
    tail_v = 0.16 + 0.9 * (u - 0.75)
    tail = np.minimum(np.minimum(u - 0.6, 1 - u - kind.fork * (0.4 - np.abs(v))), tail_v - np.abs(v))
    inside = np.clip(np.maximum(profile - np.abs(v), tail) * half_length + 0.5, 0, 1)

    body, marking = (np.array(colour) + rng.normal(0, 10, 3) for colour in (kind.body, kind.marking))
    marked = kind.pattern(u, v / height)[..., None]
    fish = (body * (1 - marked) + marking * marked) * (1.05 - 0.35 * np.clip(v / height, -1, 1))[..., None]
    fish[np.hypot(u + 0.6, v + 0.2 * height) < 0.045] = 25  # the eye
    picture = _ground(rng) * (1 - inside[..., None]) + fish * inside[..., None]
    picture = picture * rng.uniform(0.75, 1.15) + rng.normal(0, 5, picture.shape)
    return np.asarray(picture, np.float32), np.asarray(inside, np.float32)


def _pose(rng: np.random.Generator) -> tuple[Floats, Floats, float]:
    """Coordinates of a fish somewhere in the picture: u from its mouth at −0.8 to its tail at 1, v across.

    Both are (150, 200); with them comes half its length in pixels.
    """
    half_length = float(rng.uniform(50, 68))
    x = np.arange(FISH_WIDTH, dtype=np.float32)[None, :] - FISH_WIDTH / 2 - rng.uniform(-14, 14)
    y = np.arange(FISH_HEIGHT, dtype=np.float32)[:, None] - FISH_HEIGHT / 2 - rng.uniform(-9, 9)
    angle, side = rng.uniform(-0.35, 0.35), rng.choice([-1, 1])
    u = side * (x * np.cos(angle) + y * np.sin(angle)) / half_length
    v = (y * np.cos(angle) - x * np.sin(angle)) / half_length
    return u.astype(np.float32), v.astype(np.float32), half_length


def _ground(rng: np.random.Generator) -> Floats:
    """What the fish lies on (150, 200, 3): a cloth of any light colour, unevenly lit."""
    colour = rng.uniform(110, 230) + rng.normal(0, 14, 3)
    light = cv2.GaussianBlur(rng.standard_normal((FISH_HEIGHT, FISH_WIDTH), np.float32), (0, 0), 18)
    return np.asarray(colour + 350 * light[..., None], np.float32)
