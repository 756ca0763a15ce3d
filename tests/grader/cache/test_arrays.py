"""Arrays come back bit by bit, and the forms of the same images share their bytes."""

import base64

import numpy as np
import pytest

from grader.cache.arrays import Arrays, Lost
from grader.cache.store import open_store

IMAGES = np.random.default_rng(0).integers(0, 256, (60, 8, 8, 3), dtype=np.uint8)
ARRAYS = {
    "bytes": IMAGES,
    "scaled": IMAGES.astype("float32") / 127.5 - 1,
    "double": IMAGES / 255,
    "standardised": (IMAGES.astype("float32") - 120.7) / 64.1,
    "noise": np.random.default_rng(1).random((60, 8, 8, 3), dtype=np.float32),
    "half": IMAGES.astype("float16"),
    "nan": np.where(IMAGES > 3, IMAGES, np.nan),
    "infinite": np.where(IMAGES > 3, IMAGES, np.inf),
    "minus-zero": np.where(IMAGES > 128, np.float32(-0.0), IMAGES.astype("float32")),
    "constant": np.full((5000,), 2.5),
    "huge": np.linspace(-1e308, 1e308, 5000),
    "number": np.array(3.5),
    "empty": np.zeros((0, 4)),
    "flags": IMAGES > 7,
    "complex": np.array([1 + 2j]),
    "big-endian": IMAGES.astype(">f4"),
    "columns": np.asfortranarray(IMAGES.astype("float32").reshape(60, -1)),
    "strided": (IMAGES.astype("float32") / 255)[::2, ::-1],
}


@pytest.fixture
def arrays(tmp_path):
    """A store, and data in which the images are."""
    (tmp_path / "data").mkdir()
    np.save(tmp_path / "data/images.npy", IMAGES[::-1])
    np.save(tmp_path / "data/others.npy", IMAGES[:, :4])
    return Arrays(open_store(tmp_path / "cache"), tmp_path / "data")


@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS)
def test_every_bit_comes_back(arrays, array):
    """Values, dtype and shape are those that were kept, NaN and the sign of zero included."""
    found = arrays.take(arrays.keep(array))
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert found.tobytes() == np.ascontiguousarray(array).tobytes()
    assert found.flags.c_contiguous


def test_images_of_the_data_are_kept_as_their_numbers(arrays):
    """Images, shuffled or scaled in single and double precision, take next to no room of their own."""
    order = np.random.default_rng(2).permutation(len(IMAGES))
    for name in ("bytes", "scaled", "double", "standardised"):
        assert "rows" in str(arrays.keep(ARRAYS[name][order]))
    stored = [path for path in arrays.store.folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in stored) < ARRAYS["bytes"].nbytes / 2


def test_other_images_of_the_same_size_are_kept_whole(arrays):
    """One image that is none of the data's, and all are kept as they are; forms of it share their bytes."""
    other = IMAGES.copy()
    other[3, 0, 0] ^= 1
    references = [arrays.keep(one) for one in (other, other.astype("float32") / 127.5 - 1, other / 255)]
    assert len({str(one.get("array", one.get("codes", {}).get("array"))) for one in references}) == 1
    assert np.array_equal(arrays.take(references[0]), other)


def test_small_arrays_are_no_files(arrays):
    """A notebook's many small arrays are parts of their references, so that they are not hundreds of files."""
    small = np.arange(100.0)
    assert np.array_equal(arrays.take(arrays.keep(small)), small)
    assert not [path for path in arrays.store.folder.rglob("*") if path.is_file()]


def test_without_data(tmp_path):
    """Where no data are named, images are kept as they are."""
    arrays = Arrays(open_store(tmp_path))
    assert np.array_equal(arrays.take(arrays.keep(IMAGES)), IMAGES)


def test_rows_that_are_not_there(arrays, tmp_path):
    """A number beyond the data's images, or data without any, is a loss and no error."""
    reference = arrays.keep(IMAGES)
    with pytest.raises(Lost):
        Arrays(arrays.store).take(reference)


@pytest.mark.parametrize("array", [np.array([object()]), np.array(["a"]), np.array([b"a"])])
def test_objects_are_refused(arrays, array):
    """Nothing is kept that would need pickle to come back."""
    with pytest.raises(ValueError, match="not kept"):
        arrays.keep(array)


def test_a_pickle_is_not_read(arrays):
    """An array of objects that somebody put into the folder is taken for lost."""
    import io

    file = io.BytesIO()
    np.save(file, np.array([{"a": 1}]), allow_pickle=True)
    with pytest.raises(Lost):
        arrays.take({"array": arrays.store.add("arrays", file.getvalue())})
    with pytest.raises(Lost):
        arrays.take({"inline": base64.b64encode(file.getvalue()).decode()})


@pytest.mark.parametrize(
    "reference",
    [
        {},
        {"array": "ab" * 32},
        {"rows": {"array": "ab" * 32}, "shape": [8]},
        {"codes": {}, "table": {}},
        {"inline": "!"},
        {"inline": "AAAA"},
    ],
)
def test_what_is_gone_is_lost(arrays, reference):
    """A reference to nothing says so."""
    with pytest.raises(Lost):
        arrays.take(reference)
