"""Part 4.1: the convolutional network. Students hand this in as ``utilities.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import layers

N_CLASSES = 10

Loss = str | keras.losses.Loss | Callable[[Any, Any], Any]
Optimizer = str | keras.optimizers.Optimizer


def build_CNN(  # noqa: N802 - the handout's name and argument order
    input_shape: tuple[int, int, int],
    loss: Loss,
    n_conv_layers: int = 2,
    n_filters: int = 16,
    n_dense_layers: int = 0,
    n_nodes: int = 50,
    use_dropout: bool = False,
    learning_rate: float = 0.01,
    act_fun: str = "relu",
    optimizer: Optimizer = "adam",
    print_summary: bool = False,
) -> keras.Model:
    """Build and compile a CNN that tells ten classes of images apart.

    Args:
        input_shape: (height, width, channels) of one image.
        loss: anything that ``compile`` takes, for instance ``"categorical_crossentropy"``.
        n_conv_layers: how many stages of convolution, normalisation and pooling. Each halves the
            map, so at most log2 of the smaller side.
        n_filters: filters of the first convolution; each later one has twice as many.
        n_dense_layers: dense layers between the flattened map and the output layer.
        n_nodes: nodes of each of these.
        use_dropout: whether each of these is followed by dropout of half its nodes.
        learning_rate: step size of an optimizer given by name.
        act_fun: activation of the convolutions and the intermediate dense layers.
        optimizer: an optimizer, or its Keras name.
        print_summary: whether to print the table of layers.

    Returns:
        A compiled model from (batch, height, width, channels), float32 in [-1, 1], to
        (batch, 10), float32 in [0, 1], each row summing to 1. It reports accuracy.

    Raises:
        ValueError: if ``n_conv_layers`` poolings would leave nothing of the map.

    Example:
        >>> model = build_CNN((32, 32, 3), "categorical_crossentropy", n_conv_layers=4, n_dense_layers=1)
        >>> model.count_params()
        124760
    """
    if min(input_shape[:2]) < 2**n_conv_layers:
        raise ValueError(
            f"{n_conv_layers} poolings shrink a map of {input_shape[0]}x{input_shape[1]} to nothing. "
            f"Use fewer convolutional layers or larger images. Received: input_shape={input_shape}"
        )

    model = keras.Sequential([keras.Input(shape=input_shape)])

    # For each convolutional layer a convolution, batch normalisation and pooling; twice the filters each time
    # BEGIN SOLUTION
    for i in range(n_conv_layers):
        model.add(layers.Conv2D(n_filters * 2**i, kernel_size=(3, 3), padding="same", activation=act_fun))
        model.add(layers.BatchNormalization())
        model.add(layers.MaxPooling2D(pool_size=(2, 2)))
    # END SOLUTION

    model.add(layers.Flatten())

    # The dense layers between, each with batch normalisation and, if wanted, dropout of half its nodes
    # BEGIN SOLUTION
    for _ in range(n_dense_layers):
        model.add(layers.Dense(n_nodes, activation=act_fun))
        model.add(layers.BatchNormalization())
        if use_dropout:
            model.add(layers.Dropout(0.5))
    # END SOLUTION
    model.add(layers.Dense(N_CLASSES, activation="softmax"))

    # Compile with the loss, the optimizer at this learning rate, and accuracy as a metric
    # BEGIN SOLUTION
    if isinstance(optimizer, str):
        config = {"class_name": optimizer, "config": {"learning_rate": learning_rate}}
        optimizer = keras.optimizers.deserialize(config)
    model.compile(loss=loss, optimizer=optimizer, metrics=["accuracy"])
    # END SOLUTION

    if print_summary:
        model.summary()
    return model
