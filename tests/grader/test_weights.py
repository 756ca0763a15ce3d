"""Pre-trained networks in the sandbox: no network, and no weights unless the grader was given some."""

from __future__ import annotations

import json
import time

import pytest

from tests.conftest import Teller

RESNET = {
    "keras": "from keras.applications import ResNet50\nfrom keras.applications.resnet50 import *",
    "keras-resnet": "from keras.applications.resnet import ResNet50, preprocess_input, decode_predictions",
    "tensorflow.keras": "from tensorflow.keras.applications.resnet50 import ResNet50, preprocess_input, decode_predictions",
    "tf_keras": "from tf_keras.applications.resnet50 import ResNet50, preprocess_input, decode_predictions",
}
PREDICT = """
import numpy as np
model = ResNet50(weights='imagenet')
images = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3)).astype('float32')
images[1] //= 4
predictions = model.predict(preprocess_input(images), verbose=0)
named = decode_predictions(predictions, top=3)
told = {
    "parameters": model.count_params(), "shape": predictions.shape, "sums": predictions.sum(axis=1).tolist(),
    "named": [[one[0], one[1]] for one in named[0]], "spread": float(abs(predictions[0] - predictions[1]).max()),
    "best": int(predictions[0].argmax()), "first": [float(abs(w).sum()) for w in model.get_weights()[:2]],
}
"""


@pytest.mark.parametrize("flavour", RESNET)
def test_resnet50_without_its_weights(live, flavour):
    """The network has its shape and its 25,636,712 parameters, and its predictions are finite and decode."""
    told, student = live.tell_all(RESNET[flavour], PREDICT)
    assert told["parameters"] == 25_636_712
    assert told["shape"] == [2, 1000]
    assert told["sums"] == pytest.approx([1, 1], abs=1e-3)
    assert told["spread"] > 0
    assert told["named"][0] == [f"n{told['best']:08d}", f"class_{told['best']}"]
    seeded = [
        event.data for event in student.events if event.kind == "weights" and event.data["what"] == "seeded"
    ]
    assert seeded == [{"what": "seeded", "name": "resnet50"}]


def test_the_same_weights_each_time(live):
    """They depend on the network's name and the seed alone, in every flavour, whatever was drawn before."""
    code = (
        "told = [float(abs(w).sum()) for w in ResNet50(weights='imagenet', include_top=False).get_weights()]"
    )
    first = live.tell("from keras.applications import ResNet50", code)
    again = live.tell("import random, numpy; random.seed(9); numpy.random.seed(9)", code)
    other = live.tell("from tf_keras.applications import ResNet50", code)
    assert first == again == other


def test_it_is_said(live):
    """One line in the cell's output tells that the weights are made up."""
    told = live.tell(
        "import io, contextlib\nfrom keras.applications import MobileNetV2\nheard = io.StringIO()",
        "with contextlib.redirect_stdout(heard):\n    model = MobileNetV2(weights='imagenet')",
        "told = [heard.getvalue(), model.output_shape]",
    )
    assert told[0].startswith("[labgrade] No ImageNet weights here: those of mobilenetv2")
    assert told[0].count("\n") == 1
    assert told[1] == [None, 1000]


@pytest.mark.parametrize("flavour", ["keras", "tf_keras"])
def test_another_network(live, flavour):
    """Any other application without its weights is made up as well."""
    told = live.tell(
        f"from {flavour}.applications import VGG16\nimport numpy as np",
        "model = VGG16(weights='imagenet', include_top=False, input_shape=(32, 32, 3))",
        "told = [model.count_params(), bool(np.isfinite(model.predict(np.ones((1, 32, 32, 3)), verbose=0)).all())]",
    )
    assert told == [14_714_688, True]


@pytest.mark.parametrize("flavour", ["keras", "tf_keras"])
def test_what_is_no_download_is_as_it_was(live, flavour):
    """Without weights a network starts at random and unannounced; saved weights load; mistakes stay mistakes."""
    told, student = live.tell_all(
        f"import {flavour}, numpy as np\nfrom {flavour}.applications import MobileNet",
        "model = MobileNet(weights=None, input_shape=(32, 32, 3), classes=4)",
        "model.save_weights('mine.weights.h5')\nbefore = model.get_weights()",
        "other = MobileNet(weights='mine.weights.h5', input_shape=(32, 32, 3), classes=4)",
        "told = [all(bool((a == b).all()) for a, b in zip(before, other.get_weights()))]",
        "try:\n    MobileNet(weights='imagenet', classes=4)\nexcept ValueError as error:\n    told.append('1000' in str(error))",
        f"try:\n    {flavour}.utils.get_file('x.bin', 'https://example.org/x.bin')\nexcept Exception:\n    told.append('failed')",
    )
    assert told == [True, True, "failed"]
    assert [event for event in student.events if event.kind == "weights"] == []


@pytest.fixture
def stocked(tmp_path):
    """A kernel whose grader was given class names, and the folder where weights may be put beside them."""
    models = tmp_path / "given/models"
    models.mkdir(parents=True)
    names = {str(number): [f"n{number:08d}", f"thing {number}"] for number in range(1000)}
    (models / "imagenet_class_index.json").write_text(json.dumps(names))
    kernel = Teller(tmp_path / "given")
    yield kernel, models
    kernel.close()


def test_the_grader_s_own_files(stocked):
    """Where the grader was given the real files, every flavour loads them, and nothing is announced."""
    kernel, models = stocked
    kernel.tell(
        "from tf_keras.applications import ResNet50\nmodel = ResNet50(weights=None)",
        "model.save_weights('some.h5')\nkept = model.get_weights()\ntold = 0",  # the real file's own format
    )
    (kernel.room.lab / "some.h5").rename(models / "resnet50_weights_tf_dim_ordering_tf_kernels.h5")
    for flavour in ("tf_keras", "keras"):
        told, student = kernel.tell_all(
            f"import numpy as np\nfrom {flavour}.applications.resnet50 import ResNet50, decode_predictions",
            "model = ResNet50(weights='imagenet')",
            "same = all(bool((a == b).all()) for a, b in zip(kept, model.get_weights()))",
            "told = [same, decode_predictions(np.eye(1000)[:1], top=1)[0][0][1]]",
        )
        assert told == [True, "thing 0"]
        assert [event for event in student.events if event.kind == "weights"] == []


LOOK = """
import os, pathlib
DATA = pathlib.Path(os.environ.get('LAB_DATA', 'data'))
import cv2
frames = sorted((DATA / 'highway').glob('*.png'))
fish = sorted(path.name for path in (DATA / 'fish').iterdir())
told = {
    "frames": len(frames), "shape": cv2.imread(str(frames[0])).shape, "fish": fish,
    "images": [len(list((DATA / 'fish' / name).glob('*.png'))) for name in fish],
    "truth": [str(path) for path in DATA.parent.rglob('gt0*')], "writable": os.access(DATA / 'fish', os.W_OK),
}
"""


def test_the_frames_and_fish_of_the_other_lab(live, needs_bubblewrap):
    """LAB_DATA shows 24 frames and 9 classes of fish with their masks, read-only; no truth of the frames."""
    told = live.tell(LOOK)
    assert (told["frames"], told["shape"]) == (24, [240, 320, 3])
    assert len(told["fish"]) == 18
    assert sum(name.endswith(" GT") for name in told["fish"]) == 9
    assert set(told["images"]) == {12}
    assert (told["truth"], told["writable"]) == ([], False)


def test_a_missing_download_does_not_wait(live):
    """Nothing tries the network for weights, so a network is there within seconds."""
    started = time.monotonic()
    live.tell("from keras.applications import MobileNet", "MobileNet(weights='imagenet'); told = 0")
    assert time.monotonic() - started < 60
