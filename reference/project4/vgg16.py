"""Part P2.2: VGG-16 and its variants (after Simonyan and Zisserman, 2014), and the size of each."""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers

CONVOLUTIONS = (2, 2, 3, 3, 3)  # in each of the five blocks
FILTERS = (64, 128, 256, 512, 512)
DENSE = (4096, 4096, 1000)
# He et al. (2015), made for deep relu networks. With Keras' default the signal fades from layer to layer, and
# without batch normalisation hundreds of steps may pass before the loss leaves log(n_classes).
INITIALIZER = "he_normal"


def build_vgg16(
    input_shape: tuple[int, int, int] = (128, 128, 3),
    n_classes: int = 9,
    filters: tuple[int, ...] = FILTERS,
    dense: tuple[int, ...] = DENSE,
    batch_norm: bool = False,
) -> keras.Model:
    """Build VGG-16; not compiled. Its dense part differs from ``keras.applications.VGG16``.

    Args:
        input_shape: (height, width, channels) of one image, at least 32 × 32.
        n_classes: nodes of the last layer.
        filters: filters of the convolutions in each of the five blocks.
        dense: nodes of the dense layers before the last.
        batch_norm: whether to normalise the input and, before its activation, each convolution.

    Returns:
        A model from (batch, height, width, channels), float32 in [-1, 1], to (batch, n_classes),
        float32 in [0, 1], each row summing to 1.

    Raises:
        ValueError: if ``filters`` are not five, or five poolings would leave nothing of the image.

    Example:
        >>> build_vgg16(filters=(16, 32, 64, 128, 128), dense=(1024, 1024, 250)).count_params()
        4327069
    """
    if len(filters) != len(CONVOLUTIONS):
        raise ValueError(f"filters should be five numbers, one per block. Received: filters={filters}")
    if min(input_shape[:2]) < 2 ** len(CONVOLUTIONS):
        raise ValueError(
            f"Five poolings shrink an image under 32×32 to nothing. Received: input_shape={input_shape}"
        )
    model = keras.Sequential([keras.Input(shape=input_shape)], name="vgg16")
    if batch_norm:
        model.add(layers.BatchNormalization())
    for convolutions, n_filters in zip(CONVOLUTIONS, filters, strict=True):
        for _ in range(convolutions):
            _add_convolution(model, n_filters, batch_norm)
        model.add(layers.MaxPooling2D(pool_size=(2, 2), strides=(2, 2)))

    model.add(layers.Flatten())
    for n_nodes in dense:
        model.add(layers.Dense(n_nodes, activation="relu", kernel_initializer=INITIALIZER))
    model.add(layers.Dense(n_classes, activation="softmax"))
    return model


def _add_convolution(model: keras.Sequential, n_filters: int, batch_norm: bool) -> None:
    """Add a 3 × 3 convolution, its normalisation if asked for, and relu."""
    model.add(layers.Conv2D(n_filters, (3, 3), padding="same", kernel_initializer=INITIALIZER))
    if batch_norm:
        model.add(layers.BatchNormalization())
    model.add(layers.ReLU())


@dataclass(frozen=True)
class Network:
    """A variant of the lab's table, the cases that train it, and the parameters it has for 128×128×3."""

    cases: tuple[int, ...]
    total: int
    non_trainable: int = 0
    filters: tuple[int, ...] = FILTERS
    dense: tuple[int, ...] = DENSE
    batch_norm: bool = False

    @property
    def trainable(self) -> int:
        """Parameters that training changes."""
        return self.total - self.non_trainable

    def build(self) -> keras.Model:
        """Build it anew, for images 128×128×3 and nine classes, with weights drawn at random."""
        return build_vgg16(filters=self.filters, dense=self.dense, batch_norm=self.batch_norm)


NETWORKS = (
    Network(cases=(1, 7, 8), total=69_160_537),
    Network(
        cases=(2, 6),
        total=31_698_597,
        non_trainable=4_998,  # the running mean and variance of each normalised channel
        filters=(64, 128, 512, 128, 64),
        batch_norm=True,
    ),
    Network(cases=(3,), total=17_296_177, filters=(32, 64, 128, 256, 256), dense=(2048, 2048, 500)),
    Network(cases=(4,), total=4_327_069, filters=(16, 32, 64, 128, 128), dense=(1024, 1024, 250)),
    Network(cases=(5,), total=21_249_945, filters=(64, 128, 512, 128, 64), dense=(4096, 2048, 1000)),
)


def network_of(case: int) -> Network:
    """Return the network that one of the eight training cases trains.

    Raises:
        ValueError: if there is no such case.
    """
    for network in NETWORKS:
        if case in network.cases:
            return network
    raise ValueError(f"The cases are numbered 1 to 8. Received: case={case}")
