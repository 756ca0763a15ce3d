"""Photographs in the sandbox: missing ones are stood in for however they are read, and all are recorded."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from grader import stand_in_photos
from grader.kernel.observe import Store
from grader.kernel.photos import Album
from grader.kernel.recording import Log
from tests.conftest import WATCH, Teller

SHAPE = "told = list(np.asarray({}).shape)"


@pytest.fixture(scope="module")
def kernel(given):
    """A kernel of its own, since other tests change the files beside the notebook."""
    kernel = Teller(given, WATCH)
    sources = ("import keras, tf_keras, tensorflow as tf, numpy as np, os, glob", "from pathlib import Path")
    assert not kernel.run(*sources).errors
    yield kernel
    kernel.close()


READS = {
    "keras": "keras.utils.load_img('NAME.jpg')",
    "keras-preprocessing": "keras.preprocessing.image.load_img('photos/NAME.JPEG')",
    "tensorflow-keras": "tf.keras.utils.load_img('./my photos/NAME.png')",
    "tf-keras": "tf_keras.utils.load_img(Path('bilder') / 'NAME.webp')",
    "pillow": "__import__('PIL.Image').Image.open('C:\\\\Users\\\\me\\\\NAME.jpg')",
    "pillow-home": "__import__('PIL.Image').Image.open(os.path.expanduser('~/Pictures/NAME.jpg'))",
    "colab": "keras.utils.load_img('/content/drive/MyDrive/NAME.jpg')",
    "opencv": "__import__('cv2').imread('NAME.jpg')",
    "opencv-absolute": "__import__('cv2').imread('/home/me/NAME.png')",
    "opencv-bytes": "__import__('cv2').imdecode(np.fromfile('/home/me/NAME.png', np.uint8), 1)",
    "matplotlib": "__import__('matplotlib.pyplot').pyplot.imread('NAME.png')",
    "tensorflow": "tf.io.decode_jpeg(tf.io.read_file('/nowhere/NAME.jpg'))",
    "tensorflow-set": "next(iter(tf.data.Dataset.from_tensor_slices(['/a/NAME.jpg']).map("
    "lambda name: tf.io.decode_jpeg(tf.io.read_file(name), channels=3))))",
    "plain-open": "__import__('PIL.Image').Image.open(__import__('io').BytesIO(open('NAME.jpg', 'rb').read()))",
    "path-bytes": "tf.io.decode_image(Path('/x/NAME.bmp').read_bytes())",
    "get-file": "keras.utils.load_img(keras.utils.get_file('NAME.jpg', 'https://example.org/a/NAME.jpg'))",
    "tf-keras-get-file": "tf_keras.utils.load_img(tf_keras.utils.get_file(origin='https://example.org/NAME.jpg'))",
    "urlopen": "__import__('PIL.Image').Image.open(__import__('urllib.request').request.urlopen("
    "'https://example.org/NAME.jpg?w=9'))",
    "requests": "__import__('PIL.Image').Image.open(__import__('io').BytesIO(__import__('requests').get("
    "'https://example.org/NAME.jpg').content))",
    "requests-stream": "__import__('PIL.Image').Image.open(__import__('requests').get("
    "'https://example.org/NAME.jpg', stream=True).raw)",
}


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_a_missing_photograph_is_stood_in_for(kernel, read: str) -> None:
    """However a missing picture is read, there is one, in colour, and the record says whose it is."""
    name = f"cat{kernel.fresh()}"
    shape, student = kernel.tell_all(SHAPE.format(read.replace("NAME", name)))
    assert len(shape) == 3
    assert min(shape[:2]) > 100
    photo = next(event for event in student.events if event.kind == "photo")
    assert name in photo.data["path"]
    assert photo.data["stand_in"] is True
    assert [photo.data["height"], photo.data["width"]] == shape[:2]


LISTS = {
    "listdir": "os.listdir('FOLDER')",
    "listdir-absolute": "os.listdir('/content/FOLDER')",
    "glob": "glob.glob('FOLDER/*.jpg')",
    "glob-absolute": "glob.glob('/content/FOLDER/*.jpg')",
    "glob-below": "glob.glob('FOLDER/**/*.jpg', recursive=True)",
    "path-glob": "list(Path('FOLDER').glob('*.jpg'))",
    "path-glob-absolute": "list(Path('/content/FOLDER').glob('*.jpg'))",
    "path-glob-from-here": "list(Path('.').glob('FOLDER/*.jpg'))",
    "iterdir": "list(Path('FOLDER').iterdir())",
    "made-and-empty": "(os.makedirs('FOLDER'), os.listdir('FOLDER'))[1]",
    "walk": "[file for _, _, files in os.walk('FOLDER') for file in files]",
    "scandir": "[entry.name for entry in os.scandir('FOLDER')]",
}


@pytest.mark.parametrize("listing", LISTS.values(), ids=LISTS.keys())
def test_a_missing_folder_shows_five_photographs(kernel, listing: str) -> None:
    """However a folder of photographs is listed that was not handed in, five different ones are in it."""
    folder = f"photos{kernel.fresh()}"
    told = kernel.tell(
        f"names = {listing.replace('FOLDER', folder)}",
        f"place = '/content/{folder}' if '/content' in {listing!r} else '{folder}'",
        "told = [float(np.asarray(keras.utils.load_img(os.path.join(place, os.path.basename(str(name))))).mean())"
        " for name in names]",
    )
    assert len(set(told)) == 5


def test_names_get_photographs_of_their_own(kernel) -> None:
    """Five missing names get five different photographs; the same name gets the same one again."""
    number = kernel.fresh()
    sums = kernel.tell(
        "def total(name): return float(np.asarray(keras.utils.load_img(name), 'float64').sum())",
        f"told = [total(f'{{name}}-{number}.jpg') for name in ('a', 'b', 'c', 'd', 'e', 'a', 'f')]",
    )
    assert len(set(sums[:5])) == 5
    assert sums[5] == sums[0]
    assert sums[6] in sums[:5]


def test_asking_first_finds_it(kernel) -> None:
    """A notebook that looks whether its photograph is there finds that it is."""
    asked = "os.path.exists('asked.jpg'), os.path.isfile('/x/asked.png'), Path('/y/asked.jpg').exists()"
    assert kernel.tell(f"told = [{asked}, Path('asked2.jpg').is_file(), os.path.exists('asked.txt')]") == [
        True, True, True, True, False,
    ]  # fmt: skip


def test_a_photograph_that_was_handed_in_is_used(kernel) -> None:
    """A file that lies beside the notebook is read, also where the path names another computer's folder."""
    picture = Image.fromarray(np.full((600, 400, 3), (200, 10, 10), np.uint8))
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    (kernel.room.lab / "Mine.png").write_bytes(stream.getvalue())
    shape, student = kernel.tell_all(SHAPE.format("keras.utils.load_img('/content/drive/My Drive/mine.png')"))
    assert shape == [600, 400, 3]
    (photo,) = student.events
    assert photo.data["stand_in"] is False
    assert photo.arrays[0].dtype == np.uint8
    assert photo.arrays[0].shape == (200, 134, 3)
    assert photo.arrays[0][50, 50].tolist() == [200, 10, 10]


def test_nothing_else_changes(kernel) -> None:
    """Files that are no pictures stay missing, what is written stays written, and folders stay empty."""
    tries = ("open('data.csv')", "os.listdir('nothing')", "np.load('x.npy')", "Path('a.txt').read_text()")
    student = kernel.run(*tries)
    assert [error.ename for error in student.errors] == ["FileNotFoundError"] * 4
    told, student = kernel.tell_all(
        "import PIL.Image; PIL.Image.new('RGB', (7, 5)).save('own.png'); open('own.jpg', 'wb').write(b'no picture')",
        "told = [list(np.asarray(PIL.Image.open('own.png')).shape), open('own.jpg', 'rb').read().decode(), "
        "[name for name in os.listdir('/tmp') if name.endswith('.jpg')]]",
    )
    assert told == [[5, 7, 3], "no picture", []]
    assert [event.data["stand_in"] for event in student.events] == [False]


def test_a_file_is_recorded_once(kernel) -> None:
    """A loop over the same photograph leaves one record."""
    _, student = kernel.tell_all("for _ in range(20): keras.utils.load_img('again.jpg')\ntold = 1")
    assert len(student.events) == 1


def test_decoding_is_recorded(kernel) -> None:
    """decode_predictions is recorded with what it was given; its own errors reach the notebook."""
    student = kernel.run(
        "from keras.applications.resnet50 import decode_predictions",
        "decode_predictions(np.zeros((2, 10)))",
    )
    assert [error.ename for error in student.errors] == ["ValueError"]
    (event,) = student.events
    assert event.kind == "decoded"
    assert event.data["error"].startswith("ValueError")
    assert event.arrays[0].shape == (2, 10)


def test_our_photographs_are_five_different_ones(tmp_path) -> None:
    """The five files are colour photographs, no two alike, and the same each time."""
    stand_in_photos.write(tmp_path / "a")
    stand_in_photos.write(tmp_path / "b")
    files = sorted((tmp_path / "a").iterdir())
    assert [file.name for file in files] == [f"{number}.jpg" for number in range(1, 6)]
    assert len({file.read_bytes() for file in files}) == 5
    for file in files:
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()
        with Image.open(file) as picture:
            assert picture.mode == "RGB"
            assert min(picture.size) >= 180


def test_the_next_notebook_begins_anew(tmp_path) -> None:
    """In a kernel that is used again, the same cell of another notebook is recorded, with the same stand-in."""
    lab = tmp_path / "home" / "lab"
    lab.mkdir(parents=True)
    stand_in_photos.write(tmp_path / "photos")
    log = Log(Store())
    album = Album(tmp_path / "photos", lab, tmp_path / "given", log)
    digests = []
    for _ in range(2):
        album.read(str(lab / "b.jpg"))
        digests.append((lab / "b.jpg").read_bytes())
        assert len(log.events) == 1
        (lab / "b.jpg").unlink()
        vars(log).update(vars(Log(Store())))
    assert digests[0] == digests[1]
