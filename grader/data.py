"""Where the data come from: a folder, the Keras cache or the built-in pictures, made into one prepared set.

A prepared set is two folders. ``visible`` is what the sandbox may read: 10,000 training and 2,000 test
images and the staircase picture as ``.npy`` files, frames and fish under ``lab``, files of pre-trained
networks under ``models``. ``hidden`` is what no submission ever sees: 2,000 further test images and
their labels, on which the grader computes accuracy, and the truth masks of the frames. Sets are kept in
a cache, each under a name made from its sources; a set is built beside its place and renamed there when
it is whole.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import platformdirs

from grader import pictures
from grader.data_files import TEST, TRAINING, Array, file_identity, read_ascent, read_batches, read_npz
from grader.data_parts import Part, find_parts
from grader.errors import UsageProblem

Announce = Callable[[str], None]

SHOWN = 2_000  # test images that are the students'; the rest is hidden
LENGTHS = "lengths.json"  # beside the two folders of a set: the length of each of its files in bytes
KEPT = 6  # prepared sets in the cache, about 65 MiB each
IN_USE_S = 3600.0  # a set or a half-built folder touched within this time may be another process's

LAYOUT = {
    "visible/cifar10/x_train.npy": (TRAINING, 32, 32, 3),
    "visible/cifar10/y_train.npy": (TRAINING, 1),
    "visible/cifar10/x_test.npy": (SHOWN, 32, 32, 3),
    "visible/cifar10/y_test.npy": (SHOWN, 1),
    "visible/ascent.npy": (512, 512),
    "hidden/cifar10/x_test.npy": (TEST - SHOWN, 32, 32, 3),
    "hidden/cifar10/y_test.npy": (TEST - SHOWN, 1),
}


@dataclass(frozen=True)
class PreparedData:
    """A prepared set: its name for people, and its two folders.

    ``visible`` holds cifar10/x_train, y_train, x_test, y_test and ascent as uint8 ``.npy`` files, the
    folder ``lab`` with ``highway`` and ``fish``, and ``models`` where there are any. ``hidden`` holds
    cifar10/x_test and y_test, the test images 2,000–3,999, and lab/highway_truth where there is one.
    """

    label: str
    visible: Path
    hidden: Path


@dataclass(frozen=True)
class Source:
    """One of the two sources of arrays: what tells its content from any other, and how to read it."""

    identity: str
    read: Callable[[], dict[str, Array]]


def prepare_data(
    folder: Path | None, *, cache: Path | None = None, announce: Announce = lambda _: None
) -> PreparedData:
    """Find the data, prepare it unless that was done before, and say where it lies.

    Args:
        folder: holds any of ``cifar10.npz``, ``ascent.dat``, ``highway/``, ``fish/`` and the files of
            ResNet50, the latter perhaps in ``models/``. ``None``: ``$LABGRADE_DATA``, else the Keras
            cache, else the built-in pictures.
        cache: where prepared sets are kept; ``None``: the user's cache folder. Where it cannot be
            written, a temporary folder that lasts as long as this process.
        announce: called with one sentence where something is missing or takes a while.

    Raises:
        UsageProblem: if the folder named does not exist or a file in it cannot be used.
    """
    named = folder or _from_environment()
    names = _names_in(named)
    ascent = _ascent_source(named if "ascent.dat" in names else None)
    parts = find_parts(named, _keras_home())
    prepare = functools.partial(_prepare, ascent=ascent, parts=parts, cache=cache, announce=announce)
    if named is not None and "cifar10.npz" in names:
        return prepare(str(named), _npz_source(named / "cifar10.npz"))
    if named is not None:
        announce(f"{named} has no cifar10.npz: using the built-in pictures instead.")
    elif (batches := _keras_cache()) is not None:
        try:
            return prepare("Keras cache", _keras_source(batches))
        except UsageProblem as problem:
            announce(f"{problem} Using the built-in pictures instead.")
    else:
        announce("No CIFAR-10 on this machine: using the built-in pictures. --data DIR names a folder.")
    return prepare("built-in pictures", _built_in_source())


def look_for(folder: Path | None) -> dict[str, Path | None]:
    """Where each of the labs' data is, by its name for people; ``None`` where something stands in for it.

    Raises:
        UsageProblem: the folder named does not exist, or something in it cannot be used.
    """
    named = folder or _from_environment()
    own = named / "cifar10.npz" if named is not None and "cifar10.npz" in _names_in(named) else None
    cifar10 = own or (_keras_cache() if named is None else None)
    return {"CIFAR-10": cifar10, **{part.name: part.place for part in find_parts(named, _keras_home())}}


# ---- the sources -------------------------------------------------------------------------------------


def _from_environment() -> Path | None:
    value = os.environ.get("LABGRADE_DATA")
    return Path(value).expanduser() if value else None


def _names_in(folder: Path | None) -> set[str]:
    if folder is None:
        return set()
    try:
        return {entry.name for entry in folder.iterdir()}
    except OSError as problem:
        raise UsageProblem(
            f"The data folder {folder} cannot be read: {problem.strerror}. "
            "Name a folder that holds cifar10.npz, with --data or LABGRADE_DATA, or neither."
        ) from problem


def _built_in_source() -> Source:
    return Source(_drawn_identity(), lambda: dict(pictures.make_cifar_like()))


def _npz_source(path: Path) -> Source:
    return Source(file_identity(path), lambda: read_npz(path))


def _keras_source(folder: Path) -> Source:
    names = ("data_batch_1", "test_batch")  # the first batch is the lab's 10,000 training images
    identity = "".join(file_identity(folder / name) for name in names)
    return Source(identity, lambda: read_batches(*(folder / name for name in names)))


def _ascent_source(folder: Path | None) -> Source:
    """The staircase picture: the folder's, else the one SciPy has downloaded, else the drawn one."""
    if folder is not None:
        own = folder / "ascent.dat"
        return Source(file_identity(own), lambda: {"ascent": read_ascent(own)})
    downloaded = Path(platformdirs.user_cache_dir("scipy-data")) / "ascent.dat"
    if downloaded.is_file():
        return Source(file_identity(downloaded), lambda: {"ascent": _read_or_draw(downloaded)})
    return Source(_drawn_identity(), lambda: {"ascent": pictures.make_ascent_like()})


def _keras_cache() -> Path | None:
    """The folder of CIFAR-10 batches that ``cifar10.load_data()`` has left, of Keras 3 or older."""
    home = _keras_home() / "datasets"
    inner = "cifar-10-batches-py"
    for batches in (home / f"{inner}-target" / inner, home / inner):
        if (batches / "data_batch_1").is_file() and (batches / "test_batch").is_file():
            return batches
    return None


def _keras_home() -> Path:
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras").expanduser()


def _drawn_identity() -> str:
    return hashlib.sha256(Path(pictures.__file__).read_bytes()).hexdigest()


def _read_or_draw(path: Path) -> Array:
    try:
        return read_ascent(path)
    except UsageProblem:
        return pictures.make_ascent_like()


# ---- the cache of prepared sets ----------------------------------------------------------------------


def _prepare(
    label: str, cifar: Source, *, ascent: Source, parts: Sequence[Part], cache: Path | None,
    announce: Announce,
) -> PreparedData:  # fmt: skip
    identity = "\0".join(("2", cifar.identity, ascent.identity, *(part.identity() for part in parts)))
    key = hashlib.sha256(identity.encode()).hexdigest()[:32]

    def build(folder: Path) -> None:
        announce(f"Preparing the data once ({label}).")
        _save(folder, _laid_out(cifar.read() | ascent.read()))
        for part in parts:
            part.write(folder)

    for root in _roots(cache):
        try:
            place = _whole_set(root, key, build)
            _drop_old(root, keep=place)
        except OSError:
            continue
        return PreparedData(label, place / "visible", place / "hidden")
    raise UsageProblem(
        "The prepared data cannot be written: make room on the disk, or set TMPDIR or XDG_CACHE_HOME."
    )


def _roots(cache: Path | None) -> Iterator[Path]:
    yield (cache or Path(platformdirs.user_cache_dir("labgrade"))) / "data"
    temporary = tempfile.mkdtemp(prefix="labgrade-data-")
    atexit.register(shutil.rmtree, temporary, ignore_errors=True)
    yield Path(temporary)


def _laid_out(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The content of each file of LAYOUT."""
    parts = {"visible": slice(0, SHOWN), "hidden": slice(SHOWN, TEST)}
    return {
        file: arrays[Path(file).stem][parts[file.split("/")[0]] if "test" in file else ...] for file in LAYOUT
    }


def _whole_set(root: Path, key: str, build: Callable[[Path], None]) -> Path:
    """The set's folder, built where it is missing. One that a power cut has spoilt is passed over."""
    root.mkdir(parents=True, exist_ok=True)
    for attempt in range(KEPT):
        place = root / f"{key}-{attempt}"
        if not place.exists():
            _build_at(place, build)
        if _is_whole(place):
            with contextlib.suppress(OSError):  # another user's cache can be read all the same
                os.utime(place)
            return place
    raise OSError(f"no whole set could be written to {root}")


def _is_whole(place: Path) -> bool:
    """Whether every file is there with its full length; mapping a shorter array fails."""
    try:
        lengths = json.loads((place / LENGTHS).read_bytes())
        if any((place / file).stat().st_size != length for file, length in lengths.items()):
            return False
        return all(np.load(place / file, mmap_mode="r").shape == shape for file, shape in LAYOUT.items())
    except (OSError, ValueError, EOFError, AttributeError):
        return False


def _build_at(place: Path, build: Callable[[Path], None]) -> None:
    """Write the files beside ``place`` and rename them there; another process may come first."""
    building = Path(tempfile.mkdtemp(prefix=".building-", dir=place.parent))
    try:
        build(building)
        _note_lengths(building)
        building.chmod(0o755)
        building.rename(place)
    except OSError:
        if not place.exists():
            raise
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _save(folder: Path, contents: Mapping[str, Array]) -> None:
    for file, array in contents.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        np.save(folder / file, array, allow_pickle=False)


def _note_lengths(folder: Path) -> None:
    """Write down how long each file is, once all have reached the disk."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    lengths = {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}
    (folder / LENGTHS).write_text(json.dumps(lengths), "utf-8")
    if os.name == "nt":  # which flushes only what was opened for writing
        return
    for path in (*files, folder / LENGTHS):
        with path.open("rb") as stream:
            os.fsync(stream.fileno())


def _drop_old(root: Path, *, keep: Path) -> None:
    """Remove sets beyond the newest KEPT and left-over builds, but nothing used within the hour."""
    by_age = sorted((place for place in root.iterdir() if place.is_dir()), key=_last_use, reverse=True)
    sets = [place for place in by_age if not place.name.startswith(".")]
    builds = [place for place in by_age if place.name.startswith(".building-")]
    for place in [*sets[KEPT:], *builds]:
        if place != keep and time.time() - _last_use(place) > IN_USE_S:
            shutil.rmtree(place, ignore_errors=True)


def _last_use(place: Path) -> float:
    try:
        return place.stat().st_mtime
    except FileNotFoundError:
        return time.time()  # another process is removing it
