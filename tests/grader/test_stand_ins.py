"""Data sets come from the grader's files without a network, and the handouts' imports work."""

from __future__ import annotations

import time

import numpy as np
import pytest

CIFAR = {
    "keras": "from keras.datasets import cifar10",
    "tensorflow.keras": "from tensorflow.keras.datasets import cifar10",
    "tf.keras": "import tensorflow as tf; cifar10 = tf.keras.datasets.cifar10",
    "tf_keras": "from tf_keras.datasets import cifar10",
}
LOAD = """
import numpy as np
(X, Y), (Xtest, Ytest) = cifar10.load_data()
given = {folder!r}
def read(name):
    return np.load(given + "/cifar10/" + name + ".npy")
told = {{
    "shapes": [part.shape for part in (X, Y, Xtest, Ytest)],
    "dtypes": [str(part.dtype) for part in (X, Y, Xtest, Ytest)],
    "same": [
        bool(np.array_equal(X[:10000], read("x_train"))), bool(np.array_equal(Y[:10000], read("y_train"))),
        bool((Xtest[:2000] == read("x_test")).all()), bool((Ytest[:2000] == read("y_test")).all()),
    ],
    "writeable": bool(X.flags.writeable and Y.flags.writeable and Xtest.flags.writeable),
    "paired": bool((X[10000:20000] == X[:10000]).all() and (Y[10000:20000] == Y[:10000]).all()),
    "document": (cifar10.load_data.__name__, "CIFAR10" in cifar10.load_data.__doc__),
}}
del X, Y, Xtest, Ytest
"""


@pytest.mark.parametrize("flavour", CIFAR)
def test_cifar10(live, given, flavour):
    """``load_data`` of each flavour has the real one's form, and the grader's images come first."""
    told = live.tell(CIFAR[flavour], LOAD.format(folder=str(given)))
    assert told["shapes"] == [[50_000, 32, 32, 3], [50_000, 1], [10_000, 32, 32, 3], [10_000, 1]]
    assert told["dtypes"] == ["uint8"] * 4
    assert told["same"] == [True] * 4
    assert told["writeable"]
    assert told["paired"]
    assert told["document"] == ["load_data", True]


@pytest.mark.parametrize(
    "source",
    [
        "from scipy import datasets; image = datasets.ascent()",
        "import scipy; image = scipy.datasets.ascent()",
        "from scipy.datasets import ascent; image = ascent()",
    ],
)
def test_ascent(live, given, source):
    """The staircase picture is the grader's, without pooch and without a network."""
    shape, total = live.tell(source, "told = [image.shape, int(image.astype(int).sum())]")
    picture = np.load(given / "ascent.npy")
    assert shape == [512, 512]
    assert total == int(picture.astype(int).sum())


@pytest.mark.parametrize(
    "source",
    [
        "from sklearn.model_selection import train_test_split",
        "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()",
        "%matplotlib inline",
        "import cv2; cv2.cvtColor(np.zeros((4, 4, 3), 'uint8'), cv2.COLOR_BGR2GRAY)",
        "from scipy import signal; signal.convolve2d(np.ones((3, 3)), np.ones((2, 2)))",
        "from keras.utils import to_categorical, plot_model; to_categorical([1, 2], 3)",
        "from tensorflow.keras.utils import to_categorical; to_categorical([1, 2], 3)",
        "from tf_keras.utils import to_categorical; to_categorical([1, 2], 3)",
        "from tensorflow.keras.preprocessing.image import ImageDataGenerator",
        "from tf_keras.preprocessing.image import ImageDataGenerator",
        "from keras.src.legacy.preprocessing.image import ImageDataGenerator",
        "from tensorflow.keras.optimizers import Adam, SGD; from keras.losses import CategoricalCrossentropy",
        "from tf_keras.applications.resnet50 import ResNet50, preprocess_input, decode_predictions",
        "from keras.datasets import mnist",
        "gpus = tf.config.list_physical_devices('GPU')\n"
        "for gpu in gpus: tf.config.experimental.set_memory_growth(gpu, True)",
        "import pandas, PIL.Image, pathlib, pickle, warnings; warnings.filterwarnings('ignore')",
    ],
)  # fmt: skip
def test_the_handouts_imports_work(live, source):
    """What the notebooks import and call first works in the sandbox as it stands."""
    assert live.run("import numpy as np, tensorflow as tf", source).errors == ()


def test_a_data_set_that_is_not_here_says_so(live):
    """A data set that the lab does not use raises the library's error at once, for want of a network."""
    started = time.monotonic()
    student = live.run("from keras.datasets import fashion_mnist; fashion_mnist.load_data()")
    assert len(student.errors) == 1
    assert time.monotonic() - started < 20


def test_carbontracker(live):
    """CarbonTracker starts and stops around an epoch within seconds, without a network and without a card."""
    started = time.monotonic()
    student = live.run(
        "from carbontracker.tracker import CarbonTracker",
        "tracker = CarbonTracker(epochs=1)",
        "tracker.epoch_start()\nsum(range(10**6))\ntracker.epoch_end()",
        "tracker.stop()",
    )
    assert student.errors == ()
    assert time.monotonic() - started < 30
