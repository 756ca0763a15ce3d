"""Arrays come back bit by bit, and the forms of the same images share their bytes."""

import numpy as np
import pytest

from grader.cache.arrays import Lost, keep_array, kept_array
from grader.cache.store import open_store

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 3), dtype=np.uint8)
ARRAYS = {
    "bytes": IMAGES,
    "scaled": IMAGES.astype("float32") / 127.5 - 1,
    "double": IMAGES / 255,
    "standardised": (IMAGES.astype("float32") - 120.7) / 64.1,
    "noise": np.random.default_rng(1).random((40, 8, 8, 3), dtype=np.float32),
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
    "columns": np.asfortranarray(IMAGES.astype("float32").reshape(40, -1)),
    "strided": (IMAGES.astype("float32") / 255)[::2, ::-1],
}


@pytest.fixture
def store(tmp_path):
    return open_store(tmp_path)


@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS)
def test_every_bit_comes_back(store, array):
    """Values, dtype and shape are those that were kept, NaN and the sign of zero included."""
    found = kept_array(store, keep_array(store, array))
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert found.tobytes() == np.ascontiguousarray(array).tobytes()
    assert found.flags.c_contiguous


def test_scaled_images_are_kept_as_their_bytes(store):
    """Images, and the same scaled in single and double precision, take the room of the bytes alone."""
    references = [keep_array(store, ARRAYS[name]) for name in ("bytes", "scaled", "double", "standardised")]
    assert len({one.get("array", one.get("codes")) for one in references}) == 1


@pytest.mark.parametrize("array", [np.array([object()]), np.array(["a"]), np.array([b"a"])])
def test_objects_are_refused(store, array):
    """Nothing is kept that would need pickle to come back."""
    with pytest.raises(ValueError, match="not kept"):
        keep_array(store, array)


def test_a_pickle_is_not_read(store):
    """An array of objects that somebody put into the folder is taken for lost."""
    import io

    file = io.BytesIO()
    np.save(file, np.array([{"a": 1}]), allow_pickle=True)
    with pytest.raises(Lost):
        kept_array(store, {"array": store.add("arrays", file.getvalue())})


@pytest.mark.parametrize("reference", [{}, {"array": "ab" * 32}, {"codes": "ab" * 32, "table": "cd" * 32}])
def test_what_is_gone_is_lost(store, reference):
    """A reference to nothing says so."""
    with pytest.raises(Lost):
        kept_array(store, reference)
