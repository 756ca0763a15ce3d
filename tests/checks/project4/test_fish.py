"""Task P2.1: right ways to load fish pass, mistakes are named; sets are traced to the pictures they show."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pytest
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelBinarizer

from checks.kit import Check, Fit, Raised, Reply, Source, Use, Used
from checks.project4 import fish as topic
from checks.project4.faults.fish import FAULTS, REWRITES
from checks.project4.fish_claims import MASK, UNKNOWN, shown
from checks.project4.fish_folders import CLASSES, Folder
from checks.project4.fish_sets import gallery_of
from grader import scenes
from grader.given import Given
from grader.kernel import calls, files
from reference.project4 import fish as reference
from tests.checks.cnn.student import failure_of, text_of
from tests.checks.project4.calling import Calling

Array = Any
CHECKS = [value for value in vars(topic).values() if isinstance(value, Check)]
LOADING = [check for check in CHECKS if check.id not in ("P2.1/split", "P2.1/binarised")]
PER_CLASS = 6


@dataclass(frozen=True)
class Loading(Calling):
    """A notebook whose function is called on real folders, as the kernel does."""

    def ask(self, op: str, arrays: tuple[Any, ...] = (), **arguments: Any) -> Reply:
        """What the kernel would answer."""
        if op != "call_on_files" or arguments["function"] not in self.functions:
            return super().ask(op, arrays, **arguments)
        function = self.functions[arguments["function"]]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the tests make errors of warnings, a kernel does not
                data, found = files.call_on_files(
                    function, list(arrays), arguments["paths"], arguments["arguments"]
                )
        except calls.StudentRaised as raised:
            raise Raised(raised.ename, raised.evalue) from None
        return Reply(data, tuple(found))


def student(load: Callable[..., Any] = reference.load_fish, seed: int = 0) -> Loading:
    return Loading({}, functions={"load_fish": load}, seed=seed)


def plain(root: Any, size: int = 128) -> Any:
    """As students write it, in BGR, and stopped by anything that is no image."""
    images, labels = [], []
    for folder in root.iterdir():
        if not folder.name.endswith(" GT"):
            for path in folder.iterdir():
                images.append(cv2.resize(cv2.imread(str(path)), (size, size)))
                labels.append(folder.name)
    return np.array(images), labels


@pytest.mark.parametrize("check", LOADING, ids=lambda check: check.id)
@pytest.mark.parametrize("seed", [0, 1])
def test_the_reference_passes(check: Check, seed: int) -> None:
    """No check fails the reference, and none gives it a hint."""
    assert check.run(student(seed=seed)) is None


@pytest.mark.parametrize("check", LOADING, ids=lambda check: check.id)
def test_a_plain_way_passes(check: Check) -> None:
    """Files that are no images are worth a hint only."""
    note = check.run(student(plain))
    assert (note is not None) == (check is topic.pictures)


@pytest.mark.parametrize(
    ("check", "change", "words"),
    [
        (topic.loads, lambda images, labels: images, "two things"),
        (topic.loads, lambda images, labels: (images[..., 0], labels), "images and labels"),
        (topic.loads, lambda images, labels: (images, labels[1:]), "labels"),
        (topic.loads, lambda images, labels: (images[:0], np.zeros(0)), "no image"),
        (topic.loads, lambda images, labels: (images, None), "no list of labels"),
        (topic.pictures, lambda images, labels: (images[1:], labels[1:]), "leaves out"),
        (topic.pictures, lambda images, labels: (images[:, ::-1], labels), "do not show"),
        (topic.pictures, lambda images, labels: (np.repeat(images, 2, 0), labels.repeat(2)), "more than"),
        (topic.levels, lambda images, labels: (images / 127.5 - 1, labels), "float64"),
        (topic.pairing, lambda images, labels: (images, labels[::-1]), "belong together"),
        (topic.pairing, lambda images, labels: (images, np.full(len(labels), "fish")), "have too"),
        (topic.names, lambda images, labels: (images, np.unique(labels, return_inverse=True)[1]), "names"),
    ],
)
def test_a_mistake_is_named(check: Check, change: Callable[..., Any], words: str) -> None:
    """The failure says what is wrong, and shows code that makes such a folder."""
    failure = failure_of(check, student(lambda root: change(*reference.load_fish(root))))
    assert words in text_of(failure)
    assert "load_fish(root)" in str(failure.counterexample)


def test_masks_are_told_from_images() -> None:
    """A function that passes nothing over is told so, by the smallest folder that has masks."""

    def everything(root: Any, size: int = 128) -> Any:
        found = sorted(root.glob("*/*.png"))
        images = [cv2.resize(cv2.imread(str(path)), (size, size)) for path in found]
        return np.array(images), [path.parent.name for path in found]

    assert "takes 9 masks" in failure_of(topic.pictures, student(everything)).message


def test_size_is_asked_for() -> None:
    """A fixed size fails its own check alone."""
    fixed = student(lambda root, size=128: reference.load_fish(root))
    assert "(128, 128, 3)" in failure_of(topic.size, fixed).message
    assert topic.pictures.run(fixed) is None


def test_the_folder_may_be_wanted_as_text() -> None:
    """A function that adds texts to the folder's name passes."""
    as_text = student(lambda root, size=128: reference.load_fish(root + "/", size))
    assert all(check.run(as_text) is None for check in LOADING)


def test_a_missing_function_is_named() -> None:
    """The first check says which function is not there."""
    assert "no function `load_fish`" in failure_of(topic.loads, Loading({})).message


@pytest.mark.parametrize("scale", [lambda x: x, lambda x: x / 255, lambda x: x / 127.5 - 1])
def test_pictures_are_known_however_they_were_scaled(scale: Callable[[Array], Array]) -> None:
    """Channel order and scale do not matter; masks and noise are no pictures."""
    folder = Folder((3,) * len(CLASSES))
    images = np.array([cv2.resize(one.pixels(), (32, 32)) for one in folder.pictures()])
    others = np.stack([np.full((32, 32, 3), 255), np.zeros((32, 32, 3))]).astype(np.uint8)
    mixed = np.concatenate([images, others])[..., ::-1]
    assert shown(folder, scale(mixed.astype(float))) == (*range(27), MASK, UNKNOWN)


# ---- the sets


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Given:
    """The drawn fish."""
    folder = tmp_path_factory.mktemp("given")
    scenes.make_fish(folder / "lab", PER_CLASS)
    return Given(folder)


@pytest.fixture(scope="module")
def data(given: Given) -> dict[str, Array]:
    """A right split, scaled and binarised."""
    images, labels = reference.load_fish(given.folder / "lab" / "fish")
    parts = train_test_split(
        images / 127.5 - 1, LabelBinarizer().fit_transform(labels), test_size=0.3, random_state=1
    )
    return dict(zip(("Xtrain", "Xtest", "Ytrain", "Ytest"), parts, strict=True))


def notebook(given: Given, data: dict[str, Array], **changed: Array) -> Loading:
    values = {name: [(1, value)] for name, value in {**data, **changed}.items() if value is not None}
    return Loading(values, given=given)


def test_each_image_is_traced_to_its_picture(given: Given, data: dict[str, Array]) -> None:
    """All are found, each once, and mirrored ones too."""
    gallery = gallery_of(notebook(given, data))
    images = np.concatenate([data["Xtrain"], data["Xtest"]])
    places = gallery.places(images)
    assert sorted(places) == list(range(9 * PER_CLASS))
    np.testing.assert_array_equal(gallery.places(images[:, :, ::-1]), places)


def test_right_sets_pass(given: Given, data: dict[str, Array]) -> None:
    """A split and binarised labels have nothing wrong."""
    right = notebook(given, data)
    assert topic.split.run(right) is None
    assert topic.binarised.run(right) is None


def test_images_in_both_sets_are_named(given: Given, data: dict[str, Array]) -> None:
    """Copies and mirror images of training pictures are no test images."""
    for copies in (data["Xtrain"][:6], data["Xtrain"][:6, :, ::-1]):
        images = np.concatenate([data["Xtest"][:5], copies])
        failure = failure_of(topic.split, notebook(given, data, Xtest=images, Ytest=None))
        assert "6 of 11 images in Xtest are in Xtrain" in failure.message


def test_fits_tell_what_variables_do_not(given: Given, data: dict[str, Array]) -> None:
    """Sets without names are judged by the fit; testing on the whole training set is no leakage."""
    X, Y = data["Xtrain"], data["Ytrain"]
    model = Used(identity=1)
    fit = Fit(1, "keras", 1, 32, None, (X[:20], Y[:20]), (X[20:], Y[20:]), model)
    use = Use("evaluate", 2, model, Source("arrays", X[:20], Y[:20]))
    tested = Loading({}, given=given, fits=(fit,), uses=(use,))
    assert topic.split.run(tested) is None
    assert topic.binarised.run(tested) is None
    leaking = Fit(1, "keras", 1, 32, None, (X, Y), (X[20:], Y[20:]), model)
    assert "validation images of the fit in cell 1" in text_of(
        failure_of(topic.split, Loading({}, given=given, fits=(leaking,)))
    )


def test_a_look_at_training_images_is_no_leakage(given: Given, data: dict[str, Array]) -> None:
    """Some training images may be evaluated beside the test images, but not in their place."""
    X, Y = data["Xtrain"], data["Ytrain"]
    model = Used(identity=1)
    fit = Fit(1, "keras", 1, 32, None, (X, Y), None, model)
    some = Use("evaluate", 2, model, Source("arrays", X[:9], Y[:9]))
    test = Use("evaluate", 3, model, Source("arrays", data["Xtest"], data["Ytest"]))
    assert topic.split.run(Loading({}, given=given, fits=(fit,), uses=(some, test))) is None
    failure = failure_of(topic.split, Loading({}, given=given, fits=(fit,), uses=(some,)))
    assert "9 of 9 images" in failure.message


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (lambda Y: Y.argmax(axis=1), "shape"),
        (lambda Y: Y[:, :8], "shape"),
        (lambda Y: Y * 2 - 1, "one-hot"),
        (lambda Y: Y[:-1], "labels in Xtrain"),
        (lambda Y: np.roll(Y, 1, axis=0), "another class"),
    ],
)
def test_wrong_labels_are_named(
    given: Given, data: dict[str, Array], labels: Callable[[Array], Array], words: str
) -> None:
    """Numbers, missing columns, missing rows and labels of other images are told apart."""
    wrong = notebook(given, data, Ytrain=labels(data["Ytrain"]))
    assert words in text_of(failure_of(topic.binarised, wrong))


def test_nothing_made_is_said(given: Given) -> None:
    """A notebook without sets fails both checks."""
    assert "no training set" in failure_of(topic.split, Loading({}, given=given)).message
    assert "no binarised labels" in failure_of(topic.binarised, Loading({}, given=given)).message


def test_there_are_many_faults_and_rewrites() -> None:
    """The task has its share of what the audit asks of the lab."""
    assert len(FAULTS) >= 25
    assert len(REWRITES) >= 12
