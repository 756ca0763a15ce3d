"""The reference solution of the lab `cnn`, held against the numbers of the lab's specification."""

from __future__ import annotations

import pickle
import re
import sys
from pathlib import Path

import jupytext
import keras
import nbformat
import numpy as np
import pytest
from scipy.signal import convolve2d

from grader.pictures import make_ascent_like
from reference.cnn import convolutions, data, device, network, training

ROOT = Path(__file__).resolve().parents[2]
ASCENT = ROOT.parent / "shared" / "data" / "ascent.dat"
NOTEBOOK = ROOT / "reference" / "cnn" / "notebook.py"
SHAPE = (32, 32, 3)
LOSS = "categorical_crossentropy"


# ---- convolutions


@pytest.mark.skipif(not ASCENT.exists(), reason="the real staircase picture (../shared/data) is not here")
def test_the_gaussian_response_of_the_real_picture():
    """With mode 'valid' the response has the first and last three values of the lab's description."""
    response = convolutions.responses(pickle.loads(ASCENT.read_bytes())).gauss
    assert response.flat[:3] == pytest.approx([82.87161342, 82.86641452, 82.87018658], abs=1e-8)
    assert response.flat[-3:] == pytest.approx([61.80283448, 63.06664188, 65.68779465], abs=1e-8)


@pytest.mark.parametrize(
    ("mode", "gauss", "sobel"),
    [("full", 526, 514), ("same", 512, 512), ("valid", 498, 510)],
)
def test_the_sizes_of_the_responses(mode, gauss, sobel):
    """The three responses have the lab's sizes, and the rule of task 1.2 foretells them."""
    found = convolutions.responses(make_ascent_like(), mode)
    assert found.gauss.shape == (gauss, gauss)
    assert found.sobel_x.shape == found.sobel_y.shape == (sobel, sobel)
    assert convolutions.response_size(512, 15, mode) == gauss
    assert convolutions.response_size(512, 3, mode) == sobel


def test_an_unknown_mode_has_no_size():
    """Neither the rule nor the convolution guesses at a mode it does not know."""
    with pytest.raises(ValueError, match="Received: mode='reflect'"):
        convolutions.response_size(512, 3, "reflect")
    with pytest.raises(ValueError, match="mode"):
        convolutions.responses(make_ascent_like(), "reflect")


def test_the_gaussian_kernel_is_symmetric_and_sums_to_one():
    """15×15, equal under transposition and mirroring, largest in the middle, sum 1."""
    kernel = convolutions.gaussian_kernel()
    assert kernel.shape == (15, 15)
    assert kernel.sum() == pytest.approx(1, abs=1e-12)
    assert np.array_equal(kernel, kernel.T)
    assert np.array_equal(kernel, kernel[::-1])
    assert np.unravel_index(kernel.argmax(), kernel.shape) == (7, 7)
    assert kernel[7, 11] / kernel[7, 7] == pytest.approx(np.exp(-0.5))  # one sigma from the middle


def test_tiny_values_of_the_gaussian_are_zero():
    """As in fspecial, what is below epsilon times the largest value is set to zero, and nothing else."""
    kernel = convolutions.gaussian_kernel(41, 2.0)
    assert kernel[0, 0] == 0
    assert kernel[kernel > 0].min() >= np.finfo(float).eps * kernel.max()


@pytest.mark.parametrize(("size", "sigma"), [(0, 4.0), (15, 0.0), (15, -1.0)])
def test_a_kernel_without_extent_is_refused(size, sigma):
    """A size below 1 or a sigma of 0 or less is named in the error."""
    with pytest.raises(ValueError, match="Received: size="):
        convolutions.gaussian_kernel(size, sigma)


def test_the_sobel_responses_are_convolutions():
    """An increase to the right is positive under Sobel X, an increase downwards under Sobel Y."""
    ramp = np.arange(20) * np.ones((20, 1))
    assert np.all(convolutions.responses(ramp).sobel_x == 8)
    assert np.all(convolutions.responses(ramp).sobel_y == 0)
    assert np.all(convolutions.responses(ramp.T).sobel_y == 8)
    assert np.all(convolve2d(ramp, convolutions.SOBEL_X[::-1, ::-1], "valid") == -8)


# ---- data


@pytest.fixture
def cifar10(monkeypatch) -> data.Cifar10:
    """What `load` gives where CIFAR-10 is 50,000 and 10,000 images that each hold their own number."""

    def numbered(count: int) -> tuple[np.ndarray, np.ndarray]:
        images = np.zeros((count, 32, 32, 3), np.uint8)
        images[:, 0, 0, 0], images[:, 0, 0, 1] = np.divmod(np.arange(count), 256)
        return images, (np.arange(count) % 10).astype(np.uint8)[:, None]

    monkeypatch.setattr(keras.datasets.cifar10, "load_data", lambda: (numbered(12_000), numbered(3_000)))
    return data.load()


def number_of(images: np.ndarray) -> np.ndarray:
    return images[:, 0, 0, 0].astype(int) * 256 + images[:, 0, 0, 1]


def test_the_first_images_are_loaded(cifar10):
    """10,000 training and 2,000 test images, the first ones, with their labels."""
    assert (cifar10.X.shape, cifar10.Y.shape) == ((10_000, *SHAPE), (10_000, 1))
    assert (cifar10.Xtest.shape, cifar10.Ytest.shape) == ((2_000, *SHAPE), (2_000, 1))
    assert np.array_equal(number_of(cifar10.X), np.arange(10_000))


def test_the_split_keeps_images_and_labels_paired(cifar10):
    """7,500 and 2,500 images, no image in both parts or in none, each with its own label."""
    parts = data.split(cifar10.X, cifar10.Y)
    train, val = number_of(parts.Xtrain), number_of(parts.Xval)
    assert (len(train), len(val)) == (7_500, 2_500)
    assert np.array_equal(np.sort(np.concatenate([train, val])), np.arange(10_000))
    assert np.array_equal(parts.Ytrain[:, 0], train % 10)
    assert np.array_equal(parts.Yval[:, 0], val % 10)
    assert not np.array_equal(val, np.sort(val))


def test_preprocessing_maps_the_ends_to_minus_one_and_one():
    """0 becomes -1 and 255 becomes 1, evenly in between, as float32."""
    scaled = data.preprocess(np.arange(256, dtype=np.uint8))
    assert scaled.dtype == np.float32
    assert (scaled[0], scaled[255]) == (-1, 1)
    assert np.allclose(np.diff(scaled), 2 / 255, atol=1e-6)


def test_preprocessing_twice_is_refused():
    """Scaled images are not scaled again."""
    with pytest.raises(TypeError, match="Received: dtype=float32"):
        data.preprocess(data.preprocess(np.zeros((1, *SHAPE), np.uint8)))


@pytest.mark.parametrize("shape", [(4, 1), (4,)])
def test_one_hot_rows_have_their_one_in_the_column_of_the_label(shape):
    """Labels (n, 1) and (n,) both give (n, 10), with 1 where the label says and 0 elsewhere."""
    labels = np.array([3, 0, 9, 3], np.uint8)
    assert np.array_equal(data.one_hot(labels.reshape(shape)), np.eye(10)[labels])


def test_a_label_beyond_the_classes_is_refused():
    """Label 10 of ten classes is named in the error."""
    with pytest.raises(ValueError, match="Received: 0 to 10"):
        data.one_hot(np.array([[0], [10]], np.uint8))


# ---- network


@pytest.mark.parametrize(
    ("configuration", "total", "trainable"),
    [
        ({"n_conv_layers": 4, "n_dense_layers": 1}, 124_760, 124_180),
        ({"n_conv_layers": 4, "n_dense_layers": 1, "use_dropout": True}, 124_760, 124_180),
        ({}, 25_770, 25_674),
    ],
    ids=["4.3b", "4.5 with dropout", "4.2"],
)
def test_the_parameter_counts(configuration, total, trainable):
    """Total, trainable and non-trainable parameters are those of the lab's description."""
    model = network.build_CNN(SHAPE, LOSS, **configuration)
    assert model.count_params() == total
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == trainable


def test_the_layers_of_the_deep_network():
    """Each stage is convolution, normalisation, pooling; then flatten, dense, normalisation, softmax."""
    model = network.build_CNN(SHAPE, LOSS, n_conv_layers=4, n_dense_layers=1)
    stage = ["Conv2D", "BatchNormalization", "MaxPooling2D"]
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == stage * 4 + ["Flatten", "Dense", "BatchNormalization", "Dense"]
    counts = [layer.count_params() for layer in model.layers if layer.count_params()]
    assert counts == [448, 64, 4_640, 128, 18_496, 256, 73_856, 512, 25_650, 200, 510]
    maps = [layer.output.shape[1] for layer in model.layers if "pooling" in layer.name]
    assert maps == [16, 8, 4, 2]


def test_dropout_follows_each_intermediate_dense_stage():
    """With two dense layers there are two dropouts of one half, and none without `use_dropout`."""
    for use_dropout, rates in ((True, [0.5, 0.5]), (False, [])):
        model = network.build_CNN(SHAPE, LOSS, n_dense_layers=2, use_dropout=use_dropout)
        assert [layer.rate for layer in model.layers if hasattr(layer, "rate")] == rates


def test_the_network_is_compiled_as_asked():
    """Adam with the learning rate given, the loss given, and accuracy beside the loss."""
    model = network.build_CNN(SHAPE, LOSS, learning_rate=0.003)
    assert isinstance(model.optimizer, keras.optimizers.Adam)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.003)
    assert model.loss == LOSS
    probabilities = model.predict(np.zeros((2, *SHAPE), np.float32), verbose=0)
    assert probabilities.sum(axis=1) == pytest.approx([1, 1])
    scores = model.evaluate(np.zeros((2, *SHAPE), np.float32), np.eye(10)[:2], verbose=0, return_dict=True)
    assert set(scores) == {"loss", "accuracy"}


def test_other_optimizers_and_odd_sizes_are_built():
    """An optimizer may be an object, an activation any name, and the map's size odd."""
    model = network.build_CNN((45, 33, 1), LOSS, act_fun="tanh", optimizer=keras.optimizers.SGD(0.1))
    assert isinstance(model.optimizer, keras.optimizers.SGD)
    assert model.layers[0].activation is keras.activations.tanh
    assert model.get_layer(index=6).output.shape == (None, 11 * 8 * 32)


def test_a_map_that_would_vanish_is_refused():
    """Six poolings of 32 pixels leave nothing, five leave one pixel."""
    with pytest.raises(ValueError, match="6 poolings shrink a map of 32x32 to nothing"):
        network.build_CNN(SHAPE, LOSS, n_conv_layers=6)
    assert network.build_CNN(SHAPE, LOSS, n_conv_layers=5, n_filters=2).layers[-1].output.shape == (None, 10)


# ---- notebook


def test_the_notebook_runs_and_binds_the_labs_names(monkeypatch, cifar10):
    """Run up to 4.2 beside its helpers, it binds every name of the lab, with the right shapes."""
    monkeypatch.setitem(sys.modules, "convolutions", convolutions)
    monkeypatch.setitem(sys.modules, "device", device)
    monkeypatch.setitem(sys.modules, "data", data)
    monkeypatch.setitem(sys.modules, "utilities", network)
    monkeypatch.setitem(sys.modules, "training", training)
    monkeypatch.setattr("scipy.datasets.ascent", make_ascent_like)
    monkeypatch.setattr("matplotlib.pyplot.show", lambda: None)
    fit = keras.Model.fit
    monkeypatch.setattr(
        keras.Model, "fit", lambda self, *a, **k: fit(self, *a, **k | {"epochs": 1, "batch_size": 500})
    )
    names: dict[str, object] = {}
    cells = jupytext.read(NOTEBOOK).cells
    end = next(number for number, cell in enumerate(cells) if cell.source.startswith("## 4.3"))
    for cell in cells[:end]:
        if cell.cell_type == "code":
            exec(compile(cell.source, "notebook", "exec"), names)
    shapes = {name: names[name].shape for name in ("X", "Xtrain", "Xval", "Xtest", "Ytrain", "Yval", "Ytest")}
    assert shapes["X"] == (10_000, *SHAPE)
    assert [shapes["Xtrain"], shapes["Xval"], shapes["Xtest"]] == [
        (7_500, *SHAPE),
        (2_500, *SHAPE),
        (2_000, *SHAPE),
    ]
    assert [shapes["Ytrain"], shapes["Yval"], shapes["Ytest"]] == [(7_500, 10), (2_500, 10), (2_000, 10)]
    assert names["filterResponseGauss"].shape == (498, 498)
    assert names["filterResponseSobelX"].shape == names["filterResponseSobelY"].shape == (510, 510)
    assert names["model1"].count_params() == 25_770
    assert set(names["history1"].history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert len(names["score"]) == 2


def test_the_notebook_follows_the_handout():
    """It is a valid notebook whose parts and questions stand in the handout's order."""
    notebook = jupytext.read(NOTEBOOK)
    nbformat.validate(notebook)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    headings = re.findall(r"^#+ (?:Part )?([\d.]+)", text, re.MULTILINE)
    shown = "1 1.1 1.2 2 2.1 3 3.1 3.2 3.3 3.4 4 4.1 4.2 4.3 4.4 4.5 4.6 5 5.0 5.1 5.2 5.3 6 7 8"
    assert " ".join(headings) == shown
    questions = re.findall(r"\*\*Question (\w+):\*\*", text)
    assert questions == [*map(str, range(1, 30)), "28b", "29b", *map(str, range(30, 36))]
    assert text.count("**Answer:**") == len(questions)


def test_the_solution_is_free_of_any_backend():
    """Nothing in the reference imports TensorFlow, so that it runs on any Keras backend."""
    for module in sorted((ROOT / "reference" / "cnn").glob("*.py")):
        assert not re.search(r"\b(tensorflow|tf_keras|tf\.)", module.read_text(encoding="utf-8")), module.name
