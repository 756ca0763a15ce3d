"""Part 7 of the reference: ResNet50's facts, its weights, and photographs good and bad."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from types import SimpleNamespace

import h5py
import keras
import numpy as np
import pytest
from keras.src.legacy.saving import legacy_h5_format
from PIL import Image

from reference.cnn import resnet50

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_photos = pytest.mark.skipif(
    not (SHARED / "photos").is_dir(), reason="the real photographs (../shared/data) are not here"
)


@pytest.fixture(autouse=True)
def keras_cache(tmp_path, monkeypatch) -> Path:
    """An empty Keras cache, so that what this machine has in its own does not count."""
    cache = tmp_path / "keras"
    (cache / "models").mkdir(parents=True)
    monkeypatch.setenv("KERAS_HOME", str(cache))
    return cache / "models"


@pytest.fixture(scope="module")
def random_network() -> resnet50.ResNet50:
    """What is built where there are no weights."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        patch.setenv("KERAS_HOME", "/nowhere")
        warnings.simplefilter("ignore")
        return resnet50.load_resnet50()


def save(path: Path, mode: str = "RGB", size: tuple[int, int] = (60, 40)) -> Path:
    """A picture of one colour: red, as far as the mode has it."""
    Image.new("RGB", size, (255, 0, 0)).convert(mode).save(path)
    return path


# ---- the network


def test_the_parameter_facts(random_network):
    """Parameters and convolutions are those of the lab's description, and so are input and output."""
    facts = resnet50.parameter_facts(random_network.model)
    assert (facts.total, facts.trainable, facts.non_trainable) == (25_636_712, 25_583_592, 53_120)
    assert (facts.convolutions, facts.main_path_convolutions, facts.shortcut_convolutions) == (53, 49, 4)
    assert random_network.model.input_shape == (None, 224, 224, 3)
    assert random_network.model.output_shape == (None, 1000)


def test_without_weights_a_warning_says_that_predictions_mean_nothing(monkeypatch, tmp_path):
    """The warning names the file and the folders; the network is marked as not pre-trained, and seeded."""
    built = []

    def build(weights):
        built.append((weights, float(keras.random.uniform(()))))
        return SimpleNamespace()

    monkeypatch.setattr(keras.applications, "ResNet50", build)
    for seed in (7, 7, 8):
        with pytest.warns(UserWarning, match="mean nothing: resnet50_weights.* nor in .*keras.models"):
            network = resnet50.load_resnet50(tmp_path, seed)
        assert not network.is_pretrained
    assert built[0] == built[1] != built[2]


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("place", ["folder", "folder/models", "cache"])
def test_weights_are_found_and_loaded(place, random_network, tmp_path, keras_cache, monkeypatch):
    """Weights in the folder given, in its `models`, or in the Keras cache are loaded, with no warning."""
    folder = tmp_path / "folder"
    (folder / "models").mkdir(parents=True)
    path = {"folder": folder, "folder/models": folder / "models", "cache": keras_cache}[place]
    path /= resnet50.WEIGHTS_FILE
    if place == "folder":  # all of it, once: the others differ only in where the file lies
        with h5py.File(path, "w") as file:
            legacy_h5_format.save_weights_to_hdf5_group(file, random_network.model)
    else:
        path.touch()
        monkeypatch.setattr(keras.applications, "ResNet50", lambda weights: weights)
    keras.utils.set_random_seed(99)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        network = resnet50.load_resnet50(folder)
    assert network.is_pretrained
    assert network.weights == path
    if place == "folder":
        for ours, saved in zip(network.model.weights, random_network.model.weights, strict=True):
            assert np.array_equal(ours.numpy(), saved.numpy())
        path.unlink()
    else:
        assert network.model == str(path)


def test_damaged_weights_are_named(tmp_path):
    """A file that is no weights is an error with its name and the cure, not random weights."""
    path = tmp_path / resnet50.WEIGHTS_FILE
    path.write_bytes(b"<html>404</html>")
    with pytest.raises(ValueError, match=rf"{resnet50.WEIGHTS_FILE} does not hold .* Delete it"):
        resnet50.load_resnet50(tmp_path)


# ---- photographs


@pytest.mark.parametrize(
    ("mode", "suffix", "size"),
    [
        ("RGB", "png", (224, 224)),
        ("RGB", "jpg", (60, 400)),
        ("RGBA", "png", (300, 20)),
        ("P", "gif", (1, 1)),
        ("CMYK", "jpg", (50, 50)),
    ],
)
def test_a_picture_of_any_kind_becomes_224_by_224_in_colour(mode, suffix, size, tmp_path):
    """Any size, shape, format and number of channels becomes (1, 224, 224, 3), and red stays red."""
    photos = resnet50.load_photos([save(tmp_path / f"red.{suffix}", mode, size)])
    assert photos.names == (f"red.{suffix}",)
    assert (photos.images.shape, photos.images.dtype) == ((1, 224, 224, 3), np.float32)
    assert np.allclose(photos.images, (255, 0, 0), atol=3)


def bad_photo(kind: str, path: Path) -> None:
    good = save(path, size=(400, 400)).read_bytes()
    path.write_bytes(
        {"cut off": good[: len(good) // 2], "empty": b"", "a text": b"not a picture"}.get(kind, good)
    )
    if kind == "missing":
        path.unlink()
    elif kind == "a folder":
        path.unlink()
        path.mkdir()


@pytest.mark.parametrize("kind", ["cut off", "empty", "a text", "missing", "a folder", "too large"])
def test_an_unreadable_photo_is_named_and_skipped(kind, tmp_path, monkeypatch):
    """One bad file among good ones is named in a warning and counted, and the others are kept."""
    first, second = save(tmp_path / "a.png", size=(9, 9)), save(tmp_path / "c.png", size=(9, 9))
    bad_photo(kind, tmp_path / "bad.jpg")
    if kind == "too large":
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.warns(UserWarning, match=r"^bad.jpg is skipped"):
        photos = resnet50.load_photos([first, tmp_path / "bad.jpg", second])
    assert photos.names == ("a.png", "c.png")
    assert photos.images.shape == (2, 224, 224, 3)
    assert photos.skipped == ("bad.jpg",)


@pytest.mark.filterwarnings("ignore:bad.jpg is skipped")
def test_no_readable_photo_is_an_error(tmp_path):
    """Where nothing can be read there is nothing to classify, and the error names the files."""
    bad_photo("a text", tmp_path / "bad.jpg")
    with pytest.raises(ValueError, match=r"Received: \['bad.jpg'\]"):
        resnet50.load_photos([tmp_path / "bad.jpg"])


def test_pictures_of_a_folder(tmp_path):
    """Pictures are listed by name, whatever the case of their ending, and other files are not."""
    for name in ("b.JPG", "a.png", "notes.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in resnet50.photographs_in(tmp_path)] == ["a.png", "b.JPG"]


@pytest.mark.parametrize("name", ["nowhere", "keras"], ids=["missing", "empty"])
def test_a_folder_without_pictures_is_an_error(name, tmp_path):
    """A missing or an empty folder is named, and which files would do is said."""
    with pytest.raises(FileNotFoundError, match=rf"{name} has no picture. Files should end in .jpg"):
        resnet50.photographs_in(tmp_path / name)


# ---- predictions


def test_the_network_gets_preprocessed_photos(tmp_path):
    """Red arrives as blue, green, red minus ImageNet's means, unscaled; the photographs stay as they were."""
    seen = []

    def predict(images, **_):
        seen.append(images)
        return np.eye(1000)[[3]]

    photos = resnet50.load_photos([save(tmp_path / "red.png")])
    kept = photos.images.copy()
    network = resnet50.ResNet50(SimpleNamespace(predict=predict), None)
    (found,) = resnet50.classify(network, photos, [f"class {n}" for n in range(1000)], top=1)
    assert np.allclose(seen[0][0, 0, 0], (-103.939, -116.779, 255 - 123.68))
    assert np.array_equal(photos.images, kept)
    assert found == resnet50.Classified("red.png", (resnet50.Guess("class 3", 1.0),))


def test_the_best_guesses_come_first():
    """Guesses are in falling order of probability, as many as asked for."""
    probabilities = np.array([0.1, 0.4, 0.05, 0.45], np.float32)
    found = resnet50.decode(probabilities, ["cat", "dog", "fox", "owl"], top=3)
    assert [guess.name for guess in found] == ["owl", "dog", "cat"]
    assert [guess.probability for guess in found] == pytest.approx([0.45, 0.4, 0.1])


def test_decoding_agrees_with_keras(keras_cache, monkeypatch):
    """Names and order are those of Keras's own `decode_predictions`."""
    index = {str(number): [f"n{number}", f"name{number}"] for number in range(1000)}
    path = keras_cache / resnet50.CLASSES_FILE
    path.write_text(json.dumps(index))
    monkeypatch.setattr("keras.src.applications.imagenet_utils.CLASS_INDEX", index)
    predictions = np.random.default_rng(0).random((1, 1000), np.float32)
    theirs = keras.applications.resnet50.decode_predictions(predictions, top=7)[0]
    ours = resnet50.decode(predictions[0], resnet50.class_names(), top=7)
    assert [(guess.name, guess.probability) for guess in ours] == [(name, float(p)) for _, name, p in theirs]


def test_without_names_classes_are_numbered(tmp_path):
    """Where the names are nowhere, a warning says so, and classes are called by number."""
    with pytest.warns(UserWarning, match="imagenet_class_index.json is neither"):
        names = resnet50.class_names(tmp_path)
    assert (len(names), names[0], names[999]) == (1000, "class 0", "class 999")


@pytest.mark.skipif(not (SHARED / resnet50.CLASSES_FILE).exists(), reason="the real class names are not here")
def test_the_real_class_names():
    """Class 1 is the goldfish and class 340 the zebra, and every class has a name."""
    names = resnet50.class_names(SHARED)
    assert (names[1], names[340]) == ("goldfish", "zebra")
    assert all(names)


@needs_photos
@pytest.mark.filterwarnings("ignore:Classes have numbers")
def test_the_real_photos_go_all_the_way(random_network):
    """All 18 real photographs are read, and two of them get five guesses each, in falling order."""
    photos = resnet50.load_photos(resnet50.photographs_in(SHARED / "photos"))
    assert photos.images.shape == (18, 224, 224, 3)
    assert photos.skipped == ()
    two = resnet50.Photos(photos.names[:2], photos.images[:2], ())
    found = resnet50.classify(random_network, two, resnet50.class_names(SHARED))
    assert [each.photo for each in found] == list(photos.names[:2])
    for each in found:
        probabilities = [guess.probability for guess in each.guesses]
        assert len(probabilities) == 5
        assert probabilities == sorted(probabilities, reverse=True)
