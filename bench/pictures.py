"""How hard are the built-in pictures? Trains the lab's 4.2 network on them and prints what it reaches.

    python -m bench.pictures [--seeds 5] [--epochs 20]

One epoch must give at least 0.40 on every seed, many epochs must stay below 0.95, and the training
accuracy must end clearly above the test accuracy.
"""

from __future__ import annotations

import argparse
import time

import keras
import numpy as np
from numpy.typing import NDArray

from grader.pictures import make_cifar_like
from reference.cnn.network import build_CNN

Floats = NDArray[np.float32]


def prepared() -> tuple[Floats, Floats, Floats, Floats]:
    start = time.perf_counter()
    data = make_cifar_like()
    print(f"drawn in {time.perf_counter() - start:.1f} s")
    images = [data[name].astype(np.float32) / 127.5 - 1 for name in ("x_train", "x_test")]
    labels = [keras.utils.to_categorical(data[name], 10) for name in ("y_train", "y_test")]
    return images[0][:7500], labels[0][:7500], images[1], labels[1]


def accuracy(model: keras.Model, images: Floats, labels: Floats) -> float:
    return float(model.evaluate(images, labels, batch_size=500, verbose=0)[1])


def trained(seed: int, epochs: int, images: Floats, labels: Floats, **configuration: int) -> keras.Model:
    keras.utils.set_random_seed(seed)
    model = build_CNN((32, 32, 3), "categorical_crossentropy", **configuration)
    model.fit(images, labels, batch_size=20, epochs=epochs, verbose=0)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=20)
    options = parser.parse_args()
    x_train, y_train, x_test, y_test = prepared()

    for seed in range(options.seeds):
        model = trained(seed, 1, x_train, y_train)
        print(f"seed {seed}, 1 epoch: test {accuracy(model, x_test, y_test):.3f}", flush=True)
    for name, configuration in (("4.2", {}), ("4.3b", {"n_conv_layers": 4, "n_dense_layers": 1})):
        model = trained(0, options.epochs, x_train, y_train, **configuration)
        turned = np.rot90(x_test, axes=(1, 2))
        print(
            f"{name}, {options.epochs} epochs: train {accuracy(model, x_train, y_train):.3f} "
            f"test {accuracy(model, x_test, y_test):.3f} turned by 90° {accuracy(model, turned, y_test):.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
