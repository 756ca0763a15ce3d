"""Task 7: right ways to classify photographs pass, however they were resized; each fault is named."""

from __future__ import annotations

import dataclasses
import functools
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from checks.cnn.faults import HAND_IN
from checks.cnn.faults.resnet50 import FAULTS, REWRITES
from checks.cnn.resnet50 import decoded, network, photos, predicted, preprocessing
from checks.kit import Cell, Check, Event, NamedModel, Source, Use, Used
from checks.kit.fault import edited
from checks.kit.model import Layer, Model
from grader import stand_in_photos
from tests.checks.cnn.student import Notebook, drawn_cifar, failure_of, real_cifar, text_of
from tests.conftest import Teller
from tests.live import judge

CHECKS = (network, predicted, preprocessing, photos, decoded)
MEANS = np.array([103.939, 116.779, 123.68])
NAMES = ("cat.jpg", "dog.jpg", "car.jpg", "boat.jpg", "house.jpg")
CELL = 50

Array = np.ndarray[Any, Any]
Preprocess = Callable[[Array], Array]


def layer(kind: str) -> Layer:
    return Layer(kind, kind.lower(), {}, "", {}, None, 0, 0)


def resnet(*first: str, parameters: int = 25_636_712) -> Model:
    layers = tuple(layer(kind) for kind in (*first, "ZeroPadding2D", "Conv2D", "Dense"))
    return Model("keras", True, (224, 224, 3), layers, parameters, 25_583_592, None)


@functools.cache
def pictures() -> tuple[Image.Image, ...]:
    return tuple(Image.open(io.BytesIO(content)) for content in stand_in_photos._contents())


def caffe(rgb: Array) -> Array:
    """What ResNet50's preprocess_input gives."""
    return rgb[..., ::-1] - MEANS


def stretched(picture: Image.Image, method: Image.Resampling = Image.Resampling.NEAREST) -> Array:
    return np.asarray(picture.resize((224, 224), method), np.float32)


def middle(picture: Image.Image) -> Array:
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    part = picture.crop((left, top, left + side, top + side))
    return np.asarray(part.resize((224, 224), Image.Resampling.BILINEAR), np.float32)


def recipe(picture: Image.Image) -> Array:
    """Shorter side 256, then the middle 224."""
    share = 256 / min(picture.size)
    larger = picture.resize((round(picture.width * share), round(picture.height * share)))
    left, top = (larger.width - 224) // 2, (larger.height - 224) // 2
    return np.asarray(larger.crop((left, top, left + 224, top + 224)), np.float32)


def padded(picture: Image.Image) -> Array:
    share = 224 / max(picture.size)
    small = picture.resize((round(picture.width * share), round(picture.height * share)))
    canvas = Image.new("RGB", (224, 224))
    canvas.paste(small, ((224 - small.width) // 2, (224 - small.height) // 2))
    return np.asarray(canvas, np.float32)


def photo(number: int, picture: Image.Image, *, stand_in: bool = True) -> Event:
    small = picture.reduce(-(-max(picture.size) // 256))
    data = {"path": f"photos/{NAMES[number]}", "stand_in": stand_in}
    return Event("photo", CELL, number, data, (np.asarray(small),))


def use(batch: Array, result: Array | None = None, *, error: str = "", model: Model | None = None) -> Use:
    made = np.full((len(batch), 1000), 0.001) if result is None and not error else result
    return Use(
        "predict",
        CELL,
        Used(3, ("model8",), model or resnet()),
        Source("arrays", images=batch),
        made,
        20,
        error,
    )


def student(
    batches: list[Array], *, model: Model | None = None, recorded: bool = True, text: str = "tabby 0.46",
    events: tuple[Event, ...] | None = None, given: Any = None,
) -> Notebook:  # fmt: skip
    uses = tuple(use(batch, model=model) for batch in batches)
    seen = tuple(photo(number, picture) for number, picture in enumerate(pictures())) if recorded else ()
    decodings = (
        (Event("decoded", CELL, 30, {"error": "", "names": ["tabby"]}, (uses[0].result,)),) if uses else ()
    )
    named = (NamedModel("model8", CELL - 1, Used(3, ("model8",), model or resnet())),)
    cells = (Cell(CELL, "preds = model8.predict(x)\nprint(decode_predictions(preds))", text=text),)
    return Notebook(
        {}, uses=uses, events=seen + (decodings if events is None else events), models=named, cells=cells,
        given=given or drawn_cifar(),
    )  # fmt: skip


def one_by_one(preprocess: Preprocess, form: Callable[[Image.Image], Array] = stretched) -> list[Array]:
    return [preprocess(form(picture))[None].astype(np.float32) for picture in pictures()]


RESIZED: dict[str, Callable[[Image.Image], Array]] = {
    "nearest": stretched,
    "bilinear": lambda picture: stretched(picture, Image.Resampling.BILINEAR),
    "bicubic": lambda picture: stretched(picture, Image.Resampling.BICUBIC),
    "box": lambda picture: stretched(picture, Image.Resampling.BOX),
    "middle": middle,
    "recipe": recipe,
    "padded": padded,
    "turned": lambda picture: stretched(picture.transpose(Image.Transpose.ROTATE_90)),
}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
@pytest.mark.parametrize("form", RESIZED.values(), ids=RESIZED.keys())
def test_every_way_of_resizing_passes(check: Check, form: Callable[[Image.Image], Array]) -> None:
    """Rightly preprocessed photographs pass, one by one, however they were brought to 224 × 224."""
    check.run(student(one_by_one(caffe, form)))


RIGHT: dict[str, Notebook | Callable[[], Notebook]] = {
    "one-batch": lambda: student([np.concatenate(one_by_one(caffe))]),
    "float64": lambda: student([batch.astype(np.float64) for batch in one_by_one(caffe)]),
    "unknown-pictures": lambda: student(one_by_one(caffe), recorded=False),
    "rounded-means": lambda: student(one_by_one(lambda rgb: rgb[..., ::-1] - [104, 117, 124])),
    "inside-the-model": lambda: student(one_by_one(lambda rgb: rgb), model=resnet("InputLayer", "Lambda")),
    "with-and-without": lambda: student([*one_by_one(lambda rgb: rgb), *one_by_one(caffe)]),
    "no-description": lambda: dataclasses.replace(
        student([]), models=(), uses=tuple(
            dataclasses.replace(use(batch), model=Used(3)) for batch in one_by_one(caffe)
        ), events=(Event("decoded", CELL, 30, {"error": ""}, ()),),
    ),
    "cut-anywhere": lambda: student([
        caffe(np.asarray(picture.crop((13, 40, 170, 190)).resize((224, 224)), np.float32))[None]
        for picture in pictures()
    ]),
}  # fmt: skip


@pytest.mark.parametrize("made", RIGHT.values(), ids=RIGHT.keys())
def test_right_ways_pass(made: Callable[[], Notebook]) -> None:
    """Other right ways, and those that cannot be judged, pass every check."""
    for check in CHECKS:
        check.run(made())


def test_the_labs_own_images_pass() -> None:
    """Enlarged test images are known as well: right ones pass, and wrong ones are named."""
    given = real_cifar()
    large = [
        np.asarray(Image.fromarray(image).resize((224, 224)), np.float32)
        for image in given["cifar10/x_test"][:5]
    ]
    right = student([caffe(image)[None] for image in large], recorded=False, given=given)
    for check in CHECKS:
        assert check.run(right) is None
    wrong = student([caffe(image[..., ::-1])[None] for image in large], recorded=False, given=given)
    text = text_of(failure_of(preprocessing, wrong))
    assert "test image 0" in text
    assert "red and blue are swapped" in text


TORCH = (np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225]))
WRONG: dict[str, tuple[Preprocess, str]] = {
    "none": (lambda x: x, "not preprocessed"),
    "none-cv2": (lambda x: x[..., ::-1], "not preprocessed"),
    "unit": (lambda x: x / 255, "[0, 1]"),
    "mobilenet": (lambda x: x / 127.5 - 1, "another network"),
    "densenet": (lambda x: (x / 255 - TORCH[0]) / TORCH[1], "DenseNet"),
    "twice": (lambda x: caffe(caffe(x)), "twice"),
    "cv2": (lambda x: caffe(x[..., ::-1]), "red and blue are swapped"),
    "means-only": (lambda x: x - MEANS[::-1], "not swapped"),
    "unit-before": (lambda x: caffe(x / 255), "before preprocess_input"),
    "unit-before-cv2": (lambda x: caffe(x[..., ::-1] / 255), "before preprocess_input"),
    "unit-after": (lambda x: caffe(x) / 255, "after preprocess_input"),
    "signed-before": (lambda x: caffe(x / 127.5 - 1), "[−1, 1] before"),
    "unit-mobilenet": (lambda x: x / 255 / 127.5 - 1, "scaled twice"),
    "standardised": (lambda x: (x - x.mean()) / x.std(), "another"),
}


@pytest.mark.parametrize("form", [stretched, recipe, padded], ids=["stretched", "recipe", "padded"])
@pytest.mark.parametrize(("wrong", "words"), WRONG.values(), ids=WRONG.keys())
def test_wrong_preprocessing_is_named(
    wrong: Preprocess, words: str, form: Callable[[Image.Image], Array]
) -> None:
    """Each wrong preprocessing fails one check, with its name, the photograph and where it came from."""
    made = student(one_by_one(wrong, form))
    failure = failure_of(preprocessing, made)
    assert words in failure.message
    assert "cat.jpg" in failure.message
    assert "not handed in" in failure.message
    for check in (network, predicted, photos, decoded):
        check.run(made)


UNKNOWN = {key: WRONG[key] for key in ("none", "unit", "mobilenet", "twice", "unit-before")}


@pytest.mark.parametrize(("wrong", "words"), UNKNOWN.values(), ids=UNKNOWN.keys())
def test_wrong_values_of_an_unknown_picture_are_named(wrong: Preprocess, words: str) -> None:
    """What the values alone show is named, also where the photograph was never recorded."""
    assert words in failure_of(preprocessing, student(one_by_one(wrong), recorded=False)).message


def test_right_photographs_of_any_colours_pass() -> None:
    """Dark, bright, grey and plain photographs pass, and unprocessed ones do not, except plain ones."""
    draw = np.random.default_rng(5)
    base = draw.integers(0, 256, (8, 8, 3)).repeat(28, 0).repeat(28, 1).astype(np.float64)
    for image in (base * 0.2, base * 0.2 + 200, base.mean(axis=2, keepdims=True).repeat(3, 2), base * 0 + 90):
        thumbnail = np.rint(image[::2, ::2]).astype(np.uint8)
        event = Event("photo", CELL, 1, {"path": "own.jpg", "stand_in": False}, (thumbnail,))
        for recorded in ((event,), ()):
            right = dataclasses.replace(student([caffe(image)[None]] * 5), events=recorded)
            assert preprocessing.run(right) is None
        if np.ptp(image):
            wrong = dataclasses.replace(student([image[None]] * 5), events=(event,))
            assert "not preprocessed" in failure_of(preprocessing, wrong).message


def test_too_few_photographs() -> None:
    """Fewer than five different pictures fail with their number and names; the same one counts once."""
    three = one_by_one(caffe)[:3]
    failure = failure_of(photos, student([*three, three[0], three[1]]))
    assert "3 of 5" in failure.message
    assert "not handed in" in failure.message
    assert "dog.jpg" in failure.received


def test_stand_ins_are_told() -> None:
    """A passing check says which photographs were the grader's."""
    note = photos.run(student(one_by_one(caffe)))
    assert note is not None
    assert all(name in note for name in NAMES)
    assert "nothing is lost" in note


SHAPES = {
    "no-batch-axis": ((224, 224, 3), "batch axis"),
    "other-size": ((1, 299, 299, 3), "299"),
    "grey": ((1, 224, 224, 1), "channels"),
    "two-axes-too-many": ((1, 1, 224, 224, 3), "more than once"),
}


@pytest.mark.parametrize(("shape", "words"), SHAPES.values(), ids=SHAPES.keys())
def test_a_wrong_shape_is_named(shape: tuple[int, ...], words: str) -> None:
    """Where predict stopped, the shape says why."""
    broken = use(np.zeros(shape, np.float32), error="ValueError: Input 0 of layer is incompatible")
    failure = failure_of(predicted, dataclasses.replace(student([]), uses=(broken,)))
    assert words in failure.message
    assert str(shape) in failure.received


def test_nothing_was_predicted() -> None:
    """Without a predict the cell that stopped is named."""
    cells = (Cell(7, "x = preprocess_input(x)\nmodel8.predict(x)", "NameError: name 'x' is not defined"),)
    failure = failure_of(predicted, dataclasses.replace(student([]), cells=cells))
    assert "cell 7" in failure.message
    assert "NameError" in failure.message
    assert "No photograph" in failure_of(predicted, student([])).message


NETWORKS = {
    "vgg16": (138_357_544, "VGG16"),
    "without-top": (23_587_712, "include_top"),
    "resnet101": (44_707_176, "ResNet101"),
    "own": (1_000, "No ResNet50"),
}


@pytest.mark.parametrize(("parameters", "words"), NETWORKS.values(), ids=NETWORKS.keys())
def test_another_network_is_named(parameters: int, words: str) -> None:
    """A network that is not ResNet50 is named where it is a known one."""
    assert (
        words in failure_of(network, student(one_by_one(caffe), model=resnet(parameters=parameters))).message
    )


def test_random_weights_are_a_fault_only_where_the_code_says_so() -> None:
    """weights=None fails, unless other code loads weights."""

    def made(*sources: str) -> Notebook:
        return dataclasses.replace(
            student(one_by_one(caffe)),
            cells=tuple(Cell(number, source) for number, source in enumerate(sources, 1)),
        )

    for source in ("m = ResNet50(weights=None)", "m = keras.applications.ResNet50(True, None)"):
        assert "random weights" in failure_of(network, made(source)).message
    assert network.run(made("m = ResNet50(weights=None)\nm.load_weights('w.h5')")) is None
    assert network.run(made("m = ResNet50(weights=None)", "m = ResNet50()")) is None
    assert network.run(made("%matplotlib inline\nm = ResNet50(weights='imagenet')")) is None
    assert network.run(made("m = load(")) is None


def test_a_cell_that_stopped_is_named() -> None:
    """Where ResNet50 could not be loaded, the cell and its error are told."""
    cells = (Cell(9, "model8 = ResNet50(weight='imagenet')", "TypeError: unexpected keyword"),)
    failure = failure_of(network, Notebook({}, cells=cells))
    assert "cell 9" in failure.message
    assert "TypeError" in failure.message


BAR = "1/1 ━━━━━━━━━━━━━━━━━━━━ 2s 2s/step\n"
SHOWN = {
    "decoded": ("[[('n02123045', 'tabby', 0.46)]]", True, True),
    "nothing": (BAR, True, False),
    "nothing-keras-2": ("1/1 [==============================] - 2s 2s/step\n", True, False),
    "by-hand": ("cat.jpg: class 669 0.46, class 12 0.20", False, True),
    "percent": (BAR + "goldfish (97.3 %)", False, True),
    "raw": ("[[0.0012 0.0034 1.2e-05\n 0.1]]", False, False),
    "raw-with-words": ("Predicted: [[0.0012 0.0034 0.1]]", False, False),
    "log-only": (
        "I0000 00:00:1795321639.926792 2 port.cc:153] oneDNN custom operations are on",
        False,
        False,
    ),
    "number-only": (BAR + "669", False, False),
}


@pytest.mark.parametrize(("text", "called", "passes"), SHOWN.values(), ids=SHOWN.keys())
def test_names_are_shown(text: str, called: bool, passes: bool) -> None:
    """decode_predictions and something shown pass, and names found by hand; raw numbers do not."""
    made = student(one_by_one(caffe), text=text, events=None if called else ())
    if passes:
        decoded.run(made)
    else:
        assert ("never shown" if called else "not decoded") in failure_of(decoded, made).message


def test_decoding_that_stopped() -> None:
    """An error of decode_predictions is told with the shape it was given; it costs no other check."""
    event = Event("decoded", CELL, 30, {"error": "ValueError: expects a batch"}, (np.zeros(1000),))
    made = student(one_by_one(caffe)[:1], events=(event,))
    failure = failure_of(decoded, made)
    assert "(1000,)" in failure.received
    assert "ValueError" in failure.message
    photos.run(made)


def test_every_check_has_faults() -> None:
    """Each check is caught out by at least three seeded faults."""
    for check in CHECKS:
        assert sum(fault.caught_by == check.id for fault in FAULTS) >= 3


LIVE = {"as-written": ("photos-as-written", None), "blue-first": ("photos-blue-first", preprocessing)}


@pytest.mark.parametrize(("name", "failing"), LIVE.values(), ids=LIVE.keys())
def test_in_a_real_kernel(given, name: str, failing: Check | None) -> None:
    """A hand-in without its photographs passes every check in a real kernel; a fault in it costs one."""
    case = next(case for case in (*FAULTS, *REWRITES) if case.name == name)
    cells = [cell.source for cell in edited(HAND_IN, case.edits).cells if cell.kind == "code"]
    part = [source for source in cells if "ResNet50(" in source or "# Classify five photos" in source]
    kernel = Teller(given)
    try:
        made = kernel.run("import numpy as np\nimport matplotlib.pyplot as plt", *part)
        results = {check.id: judge(check, made) for check in CHECKS}
    finally:
        kernel.close()
    wrong = {failing.id} if failing else set()
    assert {key for key, result in results.items() if result.status != "passed"} == wrong
    assert "nothing is lost" in results[photos.id].message
