"""Part 7: classify any photographs with ResNet50, pre-trained on ImageNet."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras.applications.resnet50 import preprocess_input
from numpy.typing import NDArray
from PIL import Image

SIZE = (224, 224)
WEIGHTS_FILE = "resnet50_weights_tf_dim_ordering_tf_kernels.h5"  # the name Keras downloads them under
CLASSES_FILE = "imagenet_class_index.json"  # likewise
SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp")

# What Pillow raises for a file that is missing, is no picture, is cut off, is damaged, or is too large.
UNREADABLE = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)


@dataclass(frozen=True)
class ResNet50:
    """The network (n, 224, 224, 3) → (n, 1000), and the file of its weights."""

    model: keras.Model
    weights: Path | None  # None where there were none, so that predictions mean nothing

    @property
    def is_pretrained(self) -> bool:
        """Whether predictions mean anything."""
        return self.weights is not None


@dataclass(frozen=True)
class ParameterFacts:
    """How many parameters and Conv2D layers a ResNet has."""

    total: int
    trainable: int
    non_trainable: int
    main_path_convolutions: int
    shortcut_convolutions: int

    @property
    def convolutions(self) -> int:
        """All Conv2D layers."""
        return self.main_path_convolutions + self.shortcut_convolutions


@dataclass(frozen=True)
class Photos:
    """Photographs that could be read, as one batch, and the names of those that could not."""

    names: tuple[str, ...]
    images: NDArray[np.float32]  # (n, 224, 224, 3), red, green and blue in 0-255
    skipped: tuple[str, ...]


@dataclass(frozen=True)
class Guess:
    """One of the thousand classes, and how probable the network takes it to be, 0 to 1."""

    name: str
    probability: float


@dataclass(frozen=True)
class Classified:
    """A photograph's file name, and what the network takes it for, the most probable class first."""

    photo: str
    guesses: tuple[Guess, ...]


def load_resnet50(folder: Path | None = None, seed: int = 0) -> ResNet50:
    """Build ResNet50 with its ImageNet weights, which are never downloaded.

    Args:
        folder: where to look for the weights, before the Keras cache.
        seed: for the random weights of a machine that has none. Sets the seed of all random numbers.

    Returns:
        The network. Where there are no weights, a warning says so and where they belong.

    Raises:
        ValueError: if the file of weights is damaged, or holds those of another network.
    """
    path = _find(WEIGHTS_FILE, folder)
    if path is None:
        warnings.warn(
            f"ResNet50 has random weights, so its predictions mean nothing: {WEIGHTS_FILE} is neither in the "
            f"folder given nor in {_keras_models()}. keras.applications.ResNet50(weights='imagenet') puts it "
            f"there on a machine with a network.",
            stacklevel=2,
        )
        keras.utils.set_random_seed(seed)
        return ResNet50(keras.applications.ResNet50(weights=None), None)
    try:
        return ResNet50(keras.applications.ResNet50(weights=str(path)), path)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(
            f"{path} does not hold ResNet50's weights. Delete it, and download it again. {error}"
        ) from error


def parameter_facts(model: keras.Model) -> ParameterFacts:
    """Count a ResNet's parameters and its Conv2D layers.

    Keras names a block's layers 1 to 3 along the main path, and 0 on a shortcut that has a convolution.

    Example:
        >>> parameter_facts(keras.applications.ResNet50(weights=None))  # doctest: +NORMALIZE_WHITESPACE
        ParameterFacts(total=25636712, trainable=25583592, non_trainable=53120,
                       main_path_convolutions=49, shortcut_convolutions=4)
    """
    convolutions = [layer.name for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    shortcuts = [name for name in convolutions if name.endswith("_0_conv")]
    return ParameterFacts(
        total=model.count_params(),
        trainable=_size(model.trainable_weights),
        non_trainable=_size(model.non_trainable_weights),
        main_path_convolutions=len(convolutions) - len(shortcuts),
        shortcut_convolutions=len(shortcuts),
    )


def photographs_in(folder: Path) -> list[Path]:
    """The pictures of a folder, by name.

    Raises:
        FileNotFoundError: if the folder is not there, or has no file that is named like a picture.
    """
    paths = sorted(path for path in folder.glob("*") if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise FileNotFoundError(f"{folder} has no picture. Files should end in {', '.join(SUFFIXES)}.")
    return paths


def load_photos(paths: Sequence[Path]) -> Photos:
    """Load photographs of any size, shape and number of channels as one batch of colour images.

    Each is resized to 224×224. One that cannot be read is named in a warning and left out.

    Raises:
        ValueError: if none can be read.
    """
    names, images, skipped = [], [], []
    for path in paths:
        try:
            photo = keras.utils.load_img(path, target_size=SIZE, interpolation="bilinear")
        except UNREADABLE as error:
            warnings.warn(
                f"{path.name} is skipped, since it cannot be read as a picture: {error}", stacklevel=2
            )
            skipped.append(path.name)
        else:
            names.append(path.name)
            images.append(keras.utils.img_to_array(photo, dtype="float32"))
    if not images:
        raise ValueError(f"No photograph could be read. Received: {[path.name for path in paths]}")
    return Photos(tuple(names), np.stack(images), tuple(skipped))


def class_names(folder: Path | None = None) -> list[str]:
    """The names of ImageNet's thousand classes, looked for in a folder and in the Keras cache.

    Where they are in neither, a warning says so and the names are ``class 0`` to ``class 999``.
    """
    path = _find(CLASSES_FILE, folder)
    if path is None:
        warnings.warn(
            f"Classes have numbers for names: {CLASSES_FILE} is neither in the folder given nor in "
            f"{_keras_models()}. keras.applications.resnet50.decode_predictions puts it there on a machine "
            f"with a network.",
            stacklevel=2,
        )
        return [f"class {number}" for number in range(1000)]
    index = json.loads(path.read_text(encoding="utf-8"))
    return [index[str(number)][1] for number in range(1000)]


def classify(network: ResNet50, photos: Photos, names: Sequence[str], top: int = 5) -> tuple[Classified, ...]:
    """Classify photographs.

    Args:
        network: from ``load_resnet50``.
        photos: from ``load_photos``. They are left as they are.
        names: of the classes, from ``class_names``.
        top: how many guesses to keep of each.
    """
    # Blue, green, red, minus each channel's mean, and not scaled. It changes its argument, hence the copy.
    images = preprocess_input(photos.images.copy())
    predictions = network.model.predict(images, verbose=0)
    return tuple(
        Classified(name, decode(probabilities, names, top))
        for name, probabilities in zip(photos.names, predictions, strict=True)
    )


def decode(probabilities: NDArray[np.float32], names: Sequence[str], top: int = 5) -> tuple[Guess, ...]:
    """The most probable classes, as ``decode_predictions`` finds them, but without a network.

    Args:
        probabilities: (1000,), one for each class.
        names: of the classes.
        top: how many to return.

    Example:
        >>> decode(np.array([0.25, 0.75]), ["cat", "dog"], top=1)
        (Guess(name='dog', probability=0.75),)
    """
    best = np.argsort(-probabilities, kind="stable")[:top]
    return tuple(Guess(names[number], float(probabilities[number])) for number in best)


def _size(variables: Sequence[keras.Variable]) -> int:
    """How many numbers these variables hold."""
    return sum(int(np.prod(variable.shape)) for variable in variables)


def _keras_models() -> Path:
    """Where Keras keeps what it downloads for its applications."""
    return Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser() / "models"


def _find(name: str, folder: Path | None) -> Path | None:
    """A file in the folder given, else in the Keras cache, else None."""
    folders = [_keras_models()] if folder is None else [folder, folder / "models", _keras_models()]
    return next((place / name for place in folders if (place / name).is_file()), None)
