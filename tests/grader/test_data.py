"""Where the data come from, and what becomes of broken files."""

from __future__ import annotations

import io
import os
import pickle
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import platformdirs
import pytest

from grader import data, data_parts
from grader.errors import UsageProblem

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT.parent / "shared" / "data"
needs_real_data = pytest.mark.skipif(
    not (REAL / "cifar10.npz").exists(), reason="the real CIFAR-10 images (../shared/data) are not here"
)


def small_cifar() -> dict[str, np.ndarray]:
    """CIFAR-10 in shape, though not in content: each image holds its own number."""
    rng = np.random.default_rng(0)
    arrays = {}
    for name, count in (("train", 10_000), ("test", 4_000)):
        images = np.zeros((count, 32, 32, 3), np.uint8)
        images[:, 0, 0, 0], images[:, 0, 0, 1] = np.divmod(np.arange(count), 256)
        arrays |= {f"x_{name}": images, f"y_{name}": rng.integers(0, 10, (count, 1), np.uint8)}
    return arrays


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch, tmp_path):
    """No LABGRADE_DATA, no Keras cache, no SciPy download, a cache folder of the test's own, few drawings."""
    monkeypatch.setattr(data_parts, "FRAMES", 2)
    monkeypatch.setattr(data_parts, "PER_CLASS", 1)
    monkeypatch.delenv("LABGRADE_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(tmp_path / "caches" / name))


@pytest.fixture
def folder(tmp_path) -> Path:
    place = tmp_path / "data"
    place.mkdir()
    np.savez_compressed(place / "cifar10.npz", **small_cifar())
    return place


def number_of(image: np.ndarray) -> int:
    return int(image[0, 0, 0]) * 256 + int(image[0, 0, 1])


def load(place: Path, name: str) -> np.ndarray:
    return np.load(place / f"{name}.npy")


# ---- what is prepared


def test_the_hidden_images_are_the_test_images_from_2000_on(folder, tmp_path):
    """Visible are training images 0–9,999 and test images 0–1,999; hidden are 2,000–3,999 with labels."""
    prepared = data.prepare_data(folder, cache=tmp_path / "c")
    assert load(prepared.visible, "cifar10/x_train").shape == (10_000, 32, 32, 3)
    shown, hidden = load(prepared.visible, "cifar10/x_test"), load(prepared.hidden, "cifar10/x_test")
    assert [number_of(shown[0]), number_of(shown[-1]), len(shown)] == [0, 1_999, 2_000]
    assert [number_of(hidden[0]), number_of(hidden[-1]), len(hidden)] == [2_000, 3_999, 2_000]
    assert np.array_equal(load(prepared.hidden, "cifar10/y_test"), small_cifar()["y_test"][2_000:])
    assert np.array_equal(load(prepared.visible, "cifar10/y_test"), small_cifar()["y_test"][:2_000])


def test_nothing_hidden_lies_under_the_visible_folder(folder, tmp_path):
    """The visible folder holds five arrays, and neither folder lies inside the other."""
    prepared = data.prepare_data(folder, cache=tmp_path / "c")
    files = {path.relative_to(prepared.visible).as_posix() for path in prepared.visible.rglob("*.npy")}
    cifar = {f"cifar10/{name}.npy" for name in ("x_train", "y_train", "x_test", "y_test")}
    assert files == cifar | {"ascent.npy"}
    assert prepared.visible not in prepared.hidden.parents
    assert prepared.hidden not in prepared.visible.parents


def test_longer_arrays_and_flat_labels_are_cut_to_size(tmp_path):
    """The full CIFAR-10, 50,000 and 10,000 images with labels of shape (n,), is used as well."""
    arrays = small_cifar()
    longer = {name: np.concatenate([array, array[:500]]) for name, array in arrays.items()}
    longer["y_train"] = longer["y_train"][:, 0].astype(np.int64)
    np.savez(tmp_path / "cifar10.npz", **longer)
    prepared = data.prepare_data(tmp_path, cache=tmp_path / "c")
    labels = load(prepared.visible, "cifar10/y_train")
    assert labels.dtype == np.uint8
    assert np.array_equal(labels, arrays["y_train"])


@needs_real_data
def test_the_real_data_keep_their_class_counts(tmp_path):
    """The lab's 10,000 training images have LAB.md's class counts, and ascent its mean."""
    prepared = data.prepare_data(REAL, cache=tmp_path)
    counts = np.bincount(load(prepared.visible, "cifar10/y_train")[:, 0])
    assert counts.tolist() == [1005, 974, 1032, 1016, 999, 937, 1030, 1001, 1025, 981]
    assert load(prepared.visible, "ascent").mean() == pytest.approx(87.4798, abs=1e-3)


# ---- which source is used


def test_a_bare_machine_uses_the_built_in_pictures(tmp_path):
    """With no folder, no variable and no download, the drawn pictures are used, and it is said."""
    said = []
    prepared = data.prepare_data(None, cache=tmp_path / "c", announce=said.append)
    assert prepared.label == "built-in pictures"
    assert "built-in pictures" in said[0]
    assert load(prepared.visible, "ascent").shape == (512, 512)


def test_the_variable_names_the_folder(folder, tmp_path, monkeypatch):
    """$LABGRADE_DATA counts where no folder is given, before the Keras cache."""
    write_keras_cache(tmp_path / "keras/datasets/cifar-10-batches-py")
    monkeypatch.setenv("LABGRADE_DATA", str(folder))
    assert data.prepare_data(None, cache=tmp_path / "c").label == str(folder)


def test_a_folder_without_cifar10_says_so_and_keeps_its_staircase(tmp_path):
    """The pictures fall back to the built-in ones with a word; the folder's ascent.dat is still used."""
    (tmp_path / "ascent.dat").write_bytes(pickle.dumps(np.full((512, 512), 7, np.uint8)))
    said = []
    prepared = data.prepare_data(tmp_path, cache=tmp_path / "c", announce=said.append)
    assert prepared.label == "built-in pictures"
    assert "no cifar10.npz" in said[0]
    assert np.unique(load(prepared.visible, "ascent")).tolist() == [7]


def test_the_staircase_that_scipy_downloaded_is_used(folder, tmp_path):
    """A folder without ascent.dat takes SciPy's download where there is one."""
    downloaded = tmp_path / "caches/scipy-data/ascent.dat"
    downloaded.parent.mkdir(parents=True)
    downloaded.write_bytes(pickle.dumps(np.full((512, 512), 9, np.uint8)))
    assert np.unique(load(data.prepare_data(folder).visible, "ascent")).tolist() == [9]


@pytest.mark.parametrize("inner", ["cifar-10-batches-py-target/cifar-10-batches-py", "cifar-10-batches-py"])
def test_the_keras_cache_is_read_as_keras_reads_it(inner, tmp_path):
    """Batches pickled by Python 2, planes of red, green and blue, come out as images and labels."""
    write_keras_cache(tmp_path / "keras/datasets" / inner)
    prepared = data.prepare_data(None, cache=tmp_path / "c")
    assert prepared.label == "Keras cache"
    images = load(prepared.hidden, "cifar10/x_test")
    assert [number_of(image) for image in images[[0, 1, -1]]] == [2_000, 2_001, 3_999]
    assert load(prepared.hidden, "cifar10/y_test")[:4, 0].tolist() == [0, 1, 2, 3]


def test_a_harmful_keras_cache_is_not_obeyed(tmp_path):
    """A pickle that would run a command runs nothing; the built-in pictures are used and it is said."""
    batches = tmp_path / "keras/datasets/cifar-10-batches-py"
    write_keras_cache(batches)
    (batches / "test_batch").write_bytes(pickle.dumps({b"data": Harmful(tmp_path / "run")}))
    said = []
    assert data.prepare_data(None, cache=tmp_path / "c", announce=said.append).label == "built-in pictures"
    assert any("test_batch cannot be used" in line for line in said)
    assert not (tmp_path / "run").exists()


class Harmful:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def write_keras_cache(place: Path) -> None:
    """Ten thousand images per batch, in the very opcodes that Python 2 and NumPy 1 wrote."""
    place.mkdir(parents=True)
    planes = np.zeros((10_000, 3, 32, 32), np.uint8)
    planes[:, 0, 0, 0], planes[:, 1, 0, 0] = np.divmod(np.arange(10_000), 256)
    labels = "".join(f"I{number % 10}\na" for number in range(10_000)).encode()
    batch = (
        b"\x80\x02}U\x06labels]" + labels
        + b"sU\x04datacnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        + b"(K\x01M\x10'M\x00\x0c\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R"
        + b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89"
        + b"T" + struct.pack("<i", planes.size) + planes.tobytes() + b"tbs."
    )  # fmt: skip
    for name in ("data_batch_1", "test_batch"):
        (place / name).write_bytes(batch)


# ---- what is wrong with a folder


def broken_npz(**changes: np.ndarray | None) -> bytes:
    arrays = {name: array for name, array in (small_cifar() | changes).items() if array is not None}
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def one_byte_wrong() -> bytes:
    content = bytearray(broken_npz())
    content[len(content) // 2] ^= 0xFF
    return bytes(content)


NPZ = {
    "empty": (lambda: b"", "end is missing"),
    "not a zip": (lambda: b"hello" * 1000, "not an .npz"),
    "cut short": (lambda: broken_npz()[:-100], "end is missing"),
    "one byte wrong": (one_byte_wrong, "cannot be used"),
    "no y_test": (lambda: broken_npz(y_test=None), "no array y_test"),
    "too few images": (
        lambda: broken_npz(x_train=np.zeros((9_999, 32, 32, 3), np.uint8)),
        "(9999, 32, 32, 3)",
    ),
    "channels first": (
        lambda: broken_npz(x_test=np.zeros((4_000, 3, 32, 32), np.uint8)),
        "(4000, 3, 32, 32)",
    ),
    "floats": (lambda: broken_npz(x_test=np.zeros((4_000, 32, 32, 3), np.float32)), "float32"),
    "objects": (lambda: broken_npz(y_test=np.full((4_000, 1), None)), "cannot be used"),
    "one number": (lambda: broken_npz(y_test=np.array(3)), "of ()"),
    "label 10": (lambda: broken_npz(y_train=np.full((10_000, 1), 10)), "0 to 9"),
}


@pytest.mark.parametrize(("make", "says"), NPZ.values(), ids=NPZ)
def test_a_broken_npz_is_named_in_one_line(make, says, tmp_path):
    """The message names the file, what is wrong and what to do, and nothing is prepared from it."""
    (tmp_path / "cifar10.npz").write_bytes(make())
    with pytest.raises(UsageProblem) as caught:
        data.prepare_data(tmp_path, cache=tmp_path / "c")
    line = str(caught.value)
    assert "cifar10.npz cannot be used" in line
    assert says in line
    assert "Replace it" in line
    assert "\n" not in line
    assert not list((tmp_path / "c").rglob("*.npy"))


ASCENT = {
    "harmful": lambda tmp_path: Harmful(tmp_path / "run"),
    "wrong shape": lambda _: np.zeros((3, 3), np.uint8),
    "floats": lambda _: np.zeros((512, 512)),
    "too bright": lambda _: np.full((512, 512), 300),
    "objects": lambda _: np.full((512, 512), None),
    "a list": lambda _: ["not a picture"],
}


@pytest.mark.parametrize("make", ASCENT.values(), ids=ASCENT)
def test_a_broken_ascent_is_named_in_one_line(make, folder, tmp_path):
    """Whatever the pickle holds but the picture is refused, and nothing in it runs."""
    (folder / "ascent.dat").write_bytes(pickle.dumps(make(tmp_path)))
    with pytest.raises(UsageProblem, match=r"ascent\.dat cannot be used: .*Replace it"):
        data.prepare_data(folder, cache=tmp_path / "c")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("kind", ["missing", "file"])
def test_a_folder_that_is_none_is_refused(kind, tmp_path):
    """A path that does not exist or is a file is named, with what to do."""
    place = tmp_path / "here"
    if kind == "file":
        place.write_text("")
    with pytest.raises(UsageProblem, match=r"data folder .*here cannot be read: .* Name a folder"):
        data.prepare_data(place, cache=tmp_path / "c")


# ---- the cache


def test_the_second_call_reads_nothing(folder, tmp_path, monkeypatch):
    """The same source is prepared once; a changed file is prepared anew, in another place."""
    first = data.prepare_data(folder, cache=tmp_path / "c")
    monkeypatch.setattr(data, "read_npz", lambda path: pytest.fail("read again"))
    assert data.prepare_data(folder, cache=tmp_path / "c") == first
    monkeypatch.undo()
    os.utime(folder / "cifar10.npz", (0, 0))
    assert data.prepare_data(folder, cache=tmp_path / "c").visible != first.visible


@pytest.mark.parametrize("damage", ["cut", "missing"])
@pytest.mark.parametrize(
    "victim", ["visible/lab/highway/in000002.png", "hidden/lab/highway_truth/gt000001.png"]
)
def test_a_set_with_a_spoilt_picture_is_not_used(damage, victim, folder, tmp_path):
    """A picture that is short or gone sends the call to a fresh set as well."""
    spoilt = data.prepare_data(folder, cache=tmp_path / "c").visible.parent / victim
    if damage == "cut":
        spoilt.write_bytes(spoilt.read_bytes()[:-1])
    else:
        spoilt.unlink()
    assert data.prepare_data(folder, cache=tmp_path / "c").visible.parent not in spoilt.parents


@pytest.mark.parametrize("damage", ["cut", "missing", "zeros"])
def test_a_set_that_a_power_cut_spoilt_is_not_used(damage, folder, tmp_path):
    """A file that is short, gone or full of zeros sends the call to a fresh set."""
    spoilt = data.prepare_data(folder, cache=tmp_path / "c")
    victim = spoilt.hidden / "cifar10" / "x_test.npy"
    whole = victim.read_bytes()
    victim.unlink()
    if damage != "missing":
        victim.write_bytes(whole[:-1] if damage == "cut" else bytes(len(whole)))
    fresh = data.prepare_data(folder, cache=tmp_path / "c")
    assert fresh.hidden != spoilt.hidden
    assert (fresh.hidden / "cifar10" / "x_test.npy").read_bytes() == whole


def test_two_processes_at_once_agree(folder, tmp_path):
    """Processes that prepare the same data at the same time all end with one whole set and no litter."""
    code = "import sys; from pathlib import Path; from grader.data import prepare_data as p\n"
    code += "print(p(Path(sys.argv[1]), cache=Path(sys.argv[2])).visible)"
    command = [sys.executable, "-c", code, str(folder), str(tmp_path / "c")]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(4)]
    places = {run.communicate(timeout=120)[0].strip() for run in runs}
    assert [run.returncode for run in runs] == [0] * 4
    assert len(places) == 1
    assert [path.name for path in (tmp_path / "c/data").iterdir()] == [Path(places.pop()).parent.name]


def test_old_sets_are_dropped_but_none_in_use(folder, tmp_path):
    """Six sets stay, the newest; a seventh goes when it is old, and so does a build left by a crash."""
    root = tmp_path / "c/data"
    old = [root / f"old{number}" for number in range(8)] + [root / ".building-crashed"]
    recent = root / "recent"
    for age, place in enumerate([*old, recent]):
        place.mkdir(parents=True)
        when = time.time() - (60 if place is recent else 7_200 + age)
        os.utime(place, (when, when))
    prepared = data.prepare_data(folder, cache=tmp_path / "c")
    left = {path.name for path in root.iterdir()}
    assert left == {prepared.visible.parent.name, "recent", "old0", "old1", "old2", "old3"}


def test_a_cache_that_cannot_be_written_gives_way_to_a_temporary_folder(folder, tmp_path):
    """Where the cache folder is a file, the data are prepared elsewhere all the same."""
    (tmp_path / "c").write_text("")
    prepared = data.prepare_data(folder, cache=tmp_path / "c")
    assert load(prepared.hidden, "cifar10/y_test").shape == (2_000, 1)


def test_no_tensorflow_is_loaded():
    """Preparing the data needs NumPy only, so that the command line starts quickly."""
    code = (
        "import sys, grader.data; sys.exit(any(m in sys.modules for m in ('tensorflow', 'keras', 'scipy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
