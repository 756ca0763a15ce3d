"""What the images of a drawn folder show, and what is wrong with what ``load_fish`` returned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from checks.kit import Failure
from checks.kit.student import Array
from checks.project4.fish_folders import SIZE, Folder
from checks.project4.fish_loading import FUNCTION, Loaded

MASK, UNKNOWN = -2, -1
CLOSE = 24.0  # of 255, how far the colours of a resized picture may be from its own
ROWS = ((0.30, 0.45), (0.55, 0.70))  # where colours are read: right however the border was cut or filled


def shown(folder: Folder, images: Array) -> tuple[int, ...]:
    """For each image the place of its picture, ``MASK`` for a mask, or ``UNKNOWN``; RGB and BGR are equal."""
    colours = [picture.colours() for picture in folder.pictures()]
    known = np.array([*colours, np.full((2, 2, 3), 255)], np.float64).reshape(-1, 4, 3)
    seen = _colours(_levels(images)).reshape(len(images), 4, 3)
    distances = [_distances(seen[..., order], known) for order in ([0, 1, 2], [2, 1, 0])]
    best = min(distances, key=lambda found: float(found.min(axis=1).sum()))
    nearest, close = best.argmin(axis=1), best.min(axis=1) < CLOSE
    places = np.where(nearest == len(colours), MASK, nearest)
    return tuple(int(place) for place in np.where(close, places, UNKNOWN))


def _distances(seen: NDArray[np.float64], known: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.abs(seen[:, None] - known[None]).mean(axis=(2, 3)), np.float64)


def _levels(images: Array) -> NDArray[np.float64]:
    """The images in 0–255, where they were scaled to 0–1 or −1–1."""
    values = np.nan_to_num(np.asarray(images, np.float64))
    if values.size and values.max() <= 1.5:
        return (values + 1) * 127.5 if values.min() < -0.01 else values * 255
    return values


def _colours(images: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean colour in the middle of each quarter, (n, 2, 2, 3)."""
    sides = [[slice(int(a * side), int(b * side) + 1) for a, b in ROWS] for side in images.shape[1:3]]
    quarters = [images[:, rows, columns].mean(axis=(1, 2)) for rows in sides[0] for columns in sides[1]]
    return np.stack(quarters, axis=1).reshape(len(images), 2, 2, 3)


# ---- claims


def require_form(folder: Folder, loaded: Loaded) -> None:
    """Raise Failure unless there are images of the right size and as many labels."""
    size = folder.size or SIZE
    shape = loaded.images.shape
    if shape[1:] != (size, size, 3):
        raise Failure(
            f"The images are of shape {shape[1:]}.",
            expected=f"(n, {size}, {size}, 3)",
            received=f"{shape}",
            hint="Resize each image to (size, size), and read it in colour.",
        )
    if not shape[0]:
        raise Failure(
            f"`{FUNCTION}` finds no image.",
            expected=f"{len(folder.pictures())} images",
            received="none",
            hint="The images lie in one folder per class right below the folder that is given.",
        )
    if len(loaded.labels) != shape[0]:
        raise Failure(
            f"There are {shape[0]} images and {len(loaded.labels)} labels.",
            expected="one label for each image",
            received=f"{shape[0]} and {len(loaded.labels)}",
            hint="Append the label where the image is appended.",
        )


def require_pictures(folder: Folder, loaded: Loaded) -> None:
    """Raise Failure unless each picture is there once, and nothing else is."""
    places = shown(folder, loaded.images)
    pictures = folder.pictures()
    counts = Counter(places)
    if counts[MASK]:
        raise Failure(
            f"`{FUNCTION}` takes {counts[MASK]} masks as images.",
            expected=f"{len(pictures)} images, those of the nine classes",
            received=f"{len(places)}, {counts[MASK]} of them from folders whose names end in GT",
            hint="Folders `… GT` hold the masks of the fish; they are not images to learn from.",
        )
    if counts[UNKNOWN]:
        raise Failure(
            f"{counts[UNKNOWN]} of {len(places)} images do not show what their files do.",
            expected="the pictures as they are, resized",
            received=f"image {places.index(UNKNOWN)} has other colours, or its parts are in other places",
            hint="Show one with plt.imshow beside its file.",
        )
    lost = [picture.path for place, picture in enumerate(pictures) if not counts[place]]
    if lost:
        raise Failure(
            f"`{FUNCTION}` leaves out {len(lost)} of {len(pictures)} images.",
            expected=f"{len(pictures)} images",
            received=f"no image of {_listed(lost)}",
            hint="Every image of every class folder is asked for.",
        )
    twice = [picture.path for place, picture in enumerate(pictures) if counts[place] > 1]
    if twice:
        raise Failure(
            f"`{FUNCTION}` returns {len(twice)} images more than once.",
            expected=f"{len(pictures)} images, each once",
            received=f"{len(places)}, among them more than one of {_listed(twice)}",
            hint="Read each file once.",
        )


def require_pairs(folder: Folder, loaded: Loaded) -> None:
    """Raise Failure unless images have equal labels exactly where they are of one class."""
    pictures = folder.pictures()
    kinds = [pictures[place].kind for place in shown(folder, loaded.images)]
    label_of: dict[str, str] = {}
    kind_of: dict[str, str] = {}
    for place, (kind, label) in enumerate(zip(kinds, loaded.labels, strict=True)):
        if label_of.setdefault(kind, label) == label and kind_of.setdefault(label, kind) == kind:
            continue
        raise Failure(
            "Images and labels do not belong together.",
            expected="one label for each class, the same for all its images",
            received=f"image {place}, of the folder {kind}, has the label {label!r}, which "
            + (
                f"images of {kind_of[label]} have too"
                if kind_of.get(label, kind) != kind
                else f"another image of {kind} has not: {label_of[kind]!r}"
            ),
            hint="Append image and label in the same loop, and sort or shuffle both in the same way.",
        )


def require_names(folder: Folder, loaded: Loaded) -> None:
    """Raise Failure unless each label is the name of its image's folder."""
    pictures = folder.pictures()
    for place, label in zip(shown(folder, loaded.images), loaded.labels, strict=True):
        if label != pictures[place].kind:
            raise Failure(
                "The labels are not the names of the class folders.",
                expected=f"{pictures[place].kind!r} for the images of that folder",
                received=f"{label!r}",
                hint="The label of an image is its folder's name; the LabelBinarizer makes numbers of it.",
            )


def require_levels(_folder: Folder, loaded: Loaded) -> None:
    """Raise Failure unless the images are uint8 in 0–255."""
    kind = loaded.images.dtype.name
    if kind != "uint8" or loaded.images.max(initial=0) < 2:
        raise Failure(
            f"The images are {kind}, from {loaded.images.min():g} to {loaded.images.max():g}.",
            expected="uint8, from 0 to 255",
            received=kind,
            hint="Scale the images after they have been split; load_fish returns them as they are.",
        )


def _listed(paths: Sequence[str]) -> str:
    rest = f" and {len(paths) - 2} more" if len(paths) > 2 else ""
    return ", ".join(paths[:2]) + rest
