"""Pictures of task 7: each photograph with the five classes that the network finds most probable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from checks.cnn.classified import ASKED, Seen, seen_images
from checks.cnn.photographs import photographs_of
from checks.kit import Event, Saved, Shown, Student
from checks.kit.picture import Guess, Ranking, Rankings, Tile
from checks.kit.student import Array
from checks.kit.tiles import tile

BEST = 5
NAME = 60  # characters of a class name or file name
SAME = 1e-4  # between predictions of one image


def photographs(student: Student, saved: Saved) -> Iterator[Shown]:
    """The photographs whose predictions were decoded, once each."""
    found: dict[str, Ranking] = {}
    taken: set[int] = set()
    for event in student.events:
        if event.kind == "decoded" and event.arrays and event.arrays[0] is not None:
            for row, guesses in _guesses(event):
                picture = _picture(student, event.arrays[0], row, taken)
                if picture is not None and guesses:
                    found.setdefault(picture.png, Ranking(picture, guesses))
    if found:
        yield Shown(
            ("7/decoded", "7/predicted"),
            Rankings("What the network sees", tuple(found.values())[: 2 * ASKED], _note(student)),
        )


def _note(student: Student) -> str:
    seeded = any(event.kind == "weights" and event.data.get("what") == "seeded" for event in student.events)
    return (
        "ImageNet's weights were not there: random ones stood in, so the classes mean nothing."
        if seeded
        else ""
    )


def _guesses(event: Event) -> Iterator[tuple[int, tuple[Guess, ...]]]:
    """For each row that was decoded its best classes, as the kernel told them."""
    best = event.data.get("best")
    for row, entries in enumerate(best if isinstance(best, list) else []):
        pairs = entries if isinstance(entries, list) else []
        yield row, tuple(guess for entry in pairs[:BEST] if (guess := _guess(entry)) is not None)


def _guess(entry: Any) -> Guess | None:
    if not isinstance(entry, list) or len(entry) != 2 or not isinstance(entry[1], int | float):
        return None
    share = float(entry[1])
    return (
        Guess(str(entry[0])[:NAME].replace("_", " "), min(1.0, max(0.0, share)))
        if np.isfinite(share)
        else None
    )


def _picture(student: Student, predictions: Array, row: int, taken: set[int]) -> Tile | None:
    """The photograph behind a row of predictions, or what was put into the network.

    ``taken`` are the images that were found before, and gets this one.
    """
    if predictions.ndim != 2 or row >= len(predictions):
        return None
    seen = _seen(student, predictions[row], taken)
    if seen is None:
        return None
    for photo in photographs_of(student):
        if seen.match is not None and photo.path == seen.match.place:
            name = f"{photo.name[:NAME]}{', in its place one of ours' if photo.stand_in else ''}"
            return tile(photo.pixels, name, low=0, high=255)
    return tile(seen.image, "what the network was given")


def _seen(student: Student, prediction: Array, taken: set[int]) -> Seen | None:
    """The image whose prediction this is; of several with the same prediction one that was not found yet."""
    places: Counter[int] = Counter()  # images so far, by the use's id
    alike = []
    for number, seen in enumerate(seen_images(student)):
        place, result = places[id(seen.use)], seen.use.result
        places[id(seen.use)] += 1
        if result is None or place >= len(result) or result[place].shape != prediction.shape:
            continue
        if float(np.abs(result[place] - prediction).max(initial=0.0)) < SAME:
            alike.append((number, seen))
    chosen = next((one for one in alike if one[0] not in taken), alike[0] if alike else None)
    if chosen is None:
        return None
    taken.add(chosen[0])
    return chosen[1]
