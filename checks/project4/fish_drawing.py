"""Small drawn fish of nine kinds, the same for each seed, to train a small network on."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from checks.kit.student import Array

SIDE = 32  # pixels; five poolings leave one
KINDS = 9
COLOURS = ((215, 60, 50), (60, 160, 70), (60, 90, 210))  # of the body, RGB 0–255; three markings of each
NOISE = 6.0  # standard deviation, of 255


def draw_fish(number: int, seed: int) -> tuple[Array, NDArray[np.intp]]:
    """Draw so many fish, the kinds in turn.

    Returns:
        Images (number, 32, 32, 3) float32 in [-1, 1], and the kind 0–8 of each, (number,).
    """
    rng = np.random.default_rng(seed)
    kinds = np.arange(number) % KINDS
    pictures = np.stack([_fish(int(kind), rng) for kind in kinds])
    return np.asarray(pictures / 127.5 - 1, np.float32), kinds.astype(np.intp)


def _fish(kind: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """One fish on a light ground, somewhere in the picture, swimming to either side."""
    ground = tuple(float(value) for value in rng.uniform(170, 240, 3))
    picture = np.full((SIDE, SIDE, 3), ground, np.float32)
    centre = (int(rng.integers(13, 19)), int(rng.integers(13, 19)))
    length, height = int(rng.integers(9, 12)), int(rng.integers(5, 8))
    light = float(rng.uniform(0.8, 1.1))
    colour = tuple(light * value for value in COLOURS[kind // 3])
    body = np.zeros((SIDE, SIDE), np.uint8)
    cv2.ellipse(body, centre, (length, height), 0, 0, 360, 255, -1)
    tail = np.array([(-length + 2, 0), (-length - 4, -5), (-length - 4, 5)]) + centre
    cv2.fillConvexPoly(body, tail.astype(np.int32), 255)
    picture[body > 0] = colour
    picture[(body > 0) & _marking(kind % 3, centre)] = (245.0, 240.0, 225.0)
    if rng.random() < 0.5:
        picture = picture[:, ::-1]
    noisy = picture + rng.normal(0, NOISE, picture.shape)
    return np.asarray(np.clip(noisy, 0, 255), np.float32)


def _marking(marking: int, centre: tuple[int, int]) -> NDArray[np.bool_]:
    """Where a marking lies: none, bars from top to bottom, or one band from mouth to tail."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    if marking == 0:
        return np.zeros((SIDE, SIDE), bool)
    if marking == 1:
        return np.asarray((columns - centre[0]) % 6 < 3)
    return np.asarray(np.abs(rows - centre[1]) < 2)
