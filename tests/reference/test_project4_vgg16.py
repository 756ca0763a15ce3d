"""VGG-16, held against every number of the lab's table P2.2."""

from __future__ import annotations

import gc
import math
import re
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from reference.project4 import vgg16

PROJECT = Path(vgg16.__file__).parent
MODULES = ("fish.py", "flow.py", "training.py", "vgg16.py", "video.py")
SMALL = {"input_shape": (32, 32, 3), "filters": (2, 3, 4, 5, 6), "dense": (12, 11, 10)}


def parameters(weights):
    """How many numbers these weights of a Keras model hold."""
    return sum(math.prod(weight.shape) for weight in weights)


@pytest.mark.parametrize(
    ("cases", "total", "trainable", "non_trainable"),
    [
        ((1, 7, 8), 69_160_537, 69_160_537, 0),
        ((2, 6), 31_698_597, 31_693_599, 4_998),
        ((3,), 17_296_177, 17_296_177, 0),
        ((4,), 4_327_069, 4_327_069, 0),
        ((5,), 21_249_945, 21_249_945, 0),
    ],
)
def test_parameters(cases, total, trainable, non_trainable):
    """The network of each case has exactly the parameters of the table, and its record says so."""
    network = vgg16.network_of(cases[0])
    assert network.cases == cases
    assert (network.total, network.trainable, network.non_trainable) == (total, trainable, non_trainable)
    model = network.build()
    assert parameters(model.trainable_weights) == trainable
    assert parameters(model.non_trainable_weights) == non_trainable
    assert model.count_params() == total
    assert (model.input_shape, model.output_shape) == ((None, 128, 128, 3), (None, 9))
    del model
    gc.collect()


def test_the_standard_network_is_what_the_defaults_build():
    """`build_vgg16()` needs no argument for case 1."""
    standard = vgg16.Network(cases=(1, 7, 8), total=69_160_537)
    assert vgg16.network_of(1) == standard
    assert vgg16.build_vgg16.__defaults__ == (
        (128, 128, 3),
        9,
        standard.filters,
        standard.dense,
        standard.batch_norm,
    )


def test_every_case_has_one_network():
    """Each of the cases 1 to 8 stands in one record."""
    assert sorted(case for network in vgg16.NETWORKS for case in network.cases) == list(range(1, 9))


def kinds(model):
    return [type(layer) for layer in model.layers if not isinstance(layer, layers.InputLayer)]


@pytest.mark.parametrize("batch_norm", [False, True])
def test_the_order_of_the_layers(batch_norm):
    """Five blocks of 2, 2, 3, 3, 3 convolutions end in a pooling; normalisation comes before the relu."""
    model = vgg16.build_vgg16(**SMALL, batch_norm=batch_norm)
    normalise = [layers.BatchNormalization] * batch_norm
    convolution = [layers.Conv2D, *normalise, layers.ReLU]
    blocks = [kind for n in (2, 2, 3, 3, 3) for kind in [*convolution * n, layers.MaxPooling2D]]
    assert kinds(model) == [*normalise, *blocks, layers.Flatten, *[layers.Dense] * 4]


def test_the_settings_of_the_layers():
    """Convolutions 3×3 'same' with the filters of their block, pooling 2×2/2, dense relu, then softmax."""
    model = vgg16.build_vgg16(**SMALL, n_classes=7)
    of = {kind: [layer for layer in model.layers if isinstance(layer, kind)] for kind in set(kinds(model))}
    assert [layer.filters for layer in of[layers.Conv2D]] == [2, 2, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6]
    assert {(layer.kernel_size, layer.strides, layer.padding) for layer in of[layers.Conv2D]} == {
        ((3, 3), (1, 1), "same")
    }
    assert {(layer.pool_size, layer.strides) for layer in of[layers.MaxPooling2D]} == {((2, 2), (2, 2))}
    assert [(layer.units, layer.activation.__name__) for layer in of[layers.Dense]] == [
        (12, "relu"),
        (11, "relu"),
        (10, "relu"),
        (7, "softmax"),
    ]


@pytest.mark.parametrize(("size", "left"), [(32, 1), (63, 1), (64, 2), (128, 4)])
def test_each_pooling_halves_the_map(size, left):
    """Five of them leave size // 32 pixels each way, times the filters of the last block."""
    model = vgg16.build_vgg16(**{**SMALL, "input_shape": (size, size, 3)})
    flatten = next(layer for layer in model.layers if isinstance(layer, layers.Flatten))
    assert flatten.output.shape == (None, left * left * 6)


def test_a_prediction_is_a_distribution():
    """(batch, height, width, 3) becomes (batch, 9), each row in [0, 1] with the sum 1."""
    images = np.random.default_rng(0).random((4, 32, 32, 3), np.float32)
    predicted = keras.ops.convert_to_numpy(vgg16.build_vgg16(**SMALL)(images))
    assert predicted.shape == (4, 9)
    assert predicted.min() >= 0
    assert predicted.sum(axis=1) == pytest.approx(np.ones(4), abs=1e-5)


def test_the_signal_does_not_fade():
    """Before any training the last block of case 4 still answers about as strongly as the first one.

    With Keras' default initialiser it is about fifty times weaker.
    """
    keras.utils.set_random_seed(0)
    model = vgg16.network_of(4).build()
    poolings = [layer.output for layer in model.layers if isinstance(layer, layers.MaxPooling2D)]
    watched = keras.Model(model.inputs, [poolings[0], poolings[-1]])
    images = np.random.default_rng(0).random((2, 128, 128, 3), np.float32)
    first, last = (float(keras.ops.std(answer)) for answer in watched([images]))
    assert 0.1 < last / first < 10


def test_every_build_starts_anew():
    """Two networks of one record share no weights."""
    one, two = (vgg16.build_vgg16(**SMALL) for _ in range(2))
    assert not np.array_equal(one.get_weights()[0], two.get_weights()[0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: vgg16.build_vgg16(filters=(64, 128)), r"five numbers.*\(64, 128\)"),
        (lambda: vgg16.build_vgg16((31, 128, 3)), r"under 32×32.*\(31, 128, 3\)"),
        (lambda: vgg16.network_of(0), "1 to 8.*case=0"),
        (lambda: vgg16.network_of(9), "1 to 8.*case=9"),
    ],
    ids=["two blocks", "image too small", "case 0", "case 9"],
)
def test_bad_arguments(call, message):
    """Each is refused with a sentence that shows what was received."""
    with pytest.raises(ValueError, match=message):
        call()


def test_the_solution_is_free_of_any_backend():
    """Nothing imports TensorFlow, so that the same code trains under KERAS_BACKEND=jax or torch."""
    for module in map(PROJECT.joinpath, MODULES):
        assert not re.search(r"\b(tensorflow|tf_keras|tf\.)", module.read_text("utf-8")), module.name


def test_modules_stand_alone():
    """No module imports another of ours: they are handed in side by side, not as a package."""
    for module in map(PROJECT.joinpath, MODULES):
        text = module.read_text("utf-8")
        assert not re.search(r"^\s*(from|import) (reference|\.|flow|fish|vgg16|training|video)\b", text, re.M)
