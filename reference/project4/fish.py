"""Part P2.1: load the fish images, set validation and test images aside, encode the classes.

The images are "A Large-Scale Fish Dataset" (Ulucan, Karakaya and Turkan, 2020): nine classes, each a
folder, and beside it a folder `… GT` with the masks of its fish, which are not images to learn from.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelBinarizer

SIZE = 128
RANDOM_STATE = 42
IMAGES = (".png", ".jpg", ".jpeg", ".bmp")
MASKS = " GT"  # a folder whose name ends so holds masks

Images = NDArray[np.uint8]
Names = NDArray[np.str_]


class Fish(NamedTuple):
    """All images and the class of each."""

    images: Images  # (n, size, size, 3), uint8 in 0–255, RGB
    labels: Names  # (n,)


@dataclass(frozen=True)
class Split:
    """Images and labels, still paired: each image is in one of the three parts."""

    Xtrain: Images
    Xval: Images
    Xtest: Images
    Ytrain: Names
    Yval: Names
    Ytest: Names


@dataclass(frozen=True)
class Binarised:
    """The labels of the three parts as rows that are 1 in the column of their class and 0 elsewhere."""

    classes: tuple[str, ...]  # the class of each column
    Ytrain: NDArray[np.int64]  # (n, n_classes)
    Yval: NDArray[np.int64]
    Ytest: NDArray[np.int64]


def load_fish(root: str | Path, size: int = SIZE) -> Fish:
    """Read all images of a folder that has one folder per class, without the masks.

    Args:
        root: holds `<class>/*.png`, or `<class>/<class>/*.png` as in the archive. Folders `… GT` are
            passed over.
        size: height and width to which each image is brought, whatever its own shape.

    Returns:
        ``images`` (n, size, size, 3) uint8 in 0–255, RGB, and ``labels`` (n,), the name of each
        image's class folder; classes and images in the order of their names. A file that cannot be
        read as an image is left out, with one warning that counts and names all of these.

    Raises:
        FileNotFoundError: if there is no such folder, or it has no images in class folders.
        ValueError: if ``size`` is below 1.
    """
    if size < 1:
        raise ValueError(f"size should be at least 1 pixel. Received: size={size}")
    root = Path(root)
    files = _image_files(root)
    if not files:
        raise FileNotFoundError(
            f"{root} holds no images. It should hold one folder per class, as in {root}/Trout/00001.png"
        )
    images = np.empty((len(files), size, size, 3), np.uint8)
    labels: list[str] = []
    unreadable: list[str] = []
    for file in files:
        image = _read(file)
        if image is None:
            unreadable.append(str(file.relative_to(root)))
        else:
            images[len(labels)] = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
            labels.append(file.relative_to(root).parts[0])
    if unreadable:
        warnings.warn(
            f"{len(unreadable)} of {len(files)} images cannot be read and are left out; copy or download "
            f"them again: {', '.join(unreadable)}",
            stacklevel=2,
        )
    return Fish(images[: len(labels)], np.array(labels, np.str_))


def _image_files(root: Path) -> list[Path]:
    """The images of the class folders, sorted; never a mask."""
    if not root.is_dir():
        raise FileNotFoundError(f"{root} does not exist. Name the folder that holds one folder per class.")
    classes = [folder for folder in root.iterdir() if folder.is_dir() and not folder.name.endswith(MASKS)]
    folders = [place for folder in classes for place in (folder, folder / folder.name) if place.is_dir()]
    return sorted(file for place in folders for file in place.iterdir() if file.suffix.lower() in IMAGES)


def _read(file: Path) -> Images | None:
    """An image (height, width, 3) RGB uint8, or ``None`` if it is damaged or cut off."""
    content = file.read_bytes()
    if not content:
        return None
    # cv2.imread would return a JPEG that was cut off, its rest grey; imdecode refuses it.
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    return None if image is None else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)


def split(
    images: Images,
    labels: Names,
    test_size: float = 0.2,
    val_size: float = 0.2,
    random_state: int = RANDOM_STATE,
) -> Split:
    """Set a share of each class aside for testing, and a share of the rest for validation.

    Args:
        images: (n, height, width, 3).
        labels: (n,), the class of each, in the same order.
        test_size: share of all images for testing, between 0 and 1.
        val_size: share of the remaining ones for validation, between 0 and 1.
        random_state: the same number gives the same split.

    Raises:
        ValueError: if the two differ in length, or a class is too small to be in all three parts.
    """
    X, Xtest, Y, Ytest = train_test_split(
        images, labels, test_size=test_size, stratify=labels, random_state=random_state
    )
    Xtrain, Xval, Ytrain, Yval = train_test_split(
        X, Y, test_size=val_size, stratify=Y, random_state=random_state
    )
    return Split(Xtrain, Xval, Xtest, Ytrain, Yval, Ytest)


def binarise(parts: Split) -> Binarised:
    """Encode the names of the classes, learned from the training part, with scikit-learn's LabelBinarizer.

    Raises:
        ValueError: if there are fewer than three classes, for which scikit-learn gives one column, or
            if another part has a class that the training part has not.
    """
    binarizer = LabelBinarizer().fit(parts.Ytrain)
    known = set(parts.Ytrain.tolist())
    unknown = {*parts.Yval.tolist(), *parts.Ytest.tolist()} - known
    if len(known) < 3 or unknown:
        raise ValueError(
            "There should be three classes or more, all of them in the training part. "
            f"Received: {sorted(known)} in training, {sorted(unknown)} only in the other parts"
        )
    rows = (binarizer.transform(labels) for labels in (parts.Ytrain, parts.Yval, parts.Ytest))
    return Binarised(tuple(map(str, binarizer.classes_)), *rows)


def preprocess(images: Images) -> NDArray[np.float32]:
    """Scale images of any shape from 0–255 to [-1, 1], float32, so that 0 becomes -1 and 255 becomes 1.

    Centred values matter here: with [0, 1] this deep network often does not start to learn.

    Raises:
        TypeError: if the images are not uint8, which mostly means that they have been scaled before.
    """
    if images.dtype != np.uint8:
        raise TypeError(f"Images should be uint8 and not yet scaled. Received: dtype={images.dtype}")
    return images.astype(np.float32) / np.float32(127.5) - np.float32(1)
