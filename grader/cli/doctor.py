"""``labgrade doctor``: what this machine has, and the command that mends what it lacks."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from grader.cli.options import DataOption
from grader.cli.text import one_line
from grader.errors import UsageProblem

OLDEST, TOO_NEW = (3, 11), (3, 14)  # TensorFlow has builds for what lies between
GIB = 2**30
DISK_GIB, MEMORY_GIB = 2.0, 2.5
NEEDED = (
    "tensorflow", "keras", "tf_keras", "numpy", "scipy", "scikit-learn", "opencv-python", "ipykernel",
    "nbclient", "nbformat", "jupyter_client", "hypothesis", "jinja2", "nh3",
)  # fmt: skip
INSTALL = f"{Path(sys.executable).name} -m pip install"
PYTHON = f"run: {Path(sys.executable).name} -c"
NAMES_AT = "https://storage.googleapis.com/download.tensorflow.org/data/imagenet_class_index.json"
WITHOUT = {  # what stands in for data that are not here, and how to get them
    "CIFAR-10": (
        "none, so built-in pictures stand in",
        f'{PYTHON} "from keras.datasets import cifar10; cifar10.load_data()"',
    ),
    "highway frames": (
        "none, so drawn ones stand in",
        "put the frames of a video into DIR/highway and name DIR with --data",
    ),
    "fish images": (
        "none, so drawn ones stand in",
        "put a folder of images per class into DIR/fish and name DIR with --data",
    ),
    "ResNet50 weights": (
        "none, so random ones stand in",
        f'{PYTHON} "from keras.applications import ResNet50; ResNet50()"',
    ),
    "ImageNet class names": (
        "none, so numbered ones stand in",
        f"{PYTHON} \"from keras.utils import get_file; get_file(None, '{NAMES_AT}', cache_subdir='models')\"",
    ),
}


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's: what was looked for, whether it is there, and how to mend it.

    Grading works without what is not ``needed``.
    """

    name: str
    ok: bool
    detail: str
    cure: str = ""
    needed: bool = True


def doctor(
    *,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="The folder for results, to see its disk.")
    ] = Path("grades"),
    data: DataOption = None,
) -> int:
    """Say what this machine lacks for grading.

    Each line is ok or missing, with the command that mends it. Nothing is changed, nothing is
    downloaded. Exit status: 0 this machine can grade, 1 it cannot.

    \b
    Examples:
      labgrade doctor
      labgrade doctor --data ~/cifar10 --out /mnt/grades
    """
    able = True
    for finding in examine(out, data):
        mark = "ok     " if finding.ok else "missing" if finding.needed else "without"
        line = f"{mark}  {finding.name}: {one_line(finding.detail)}"
        print(line if finding.ok or not finding.cure else f"{line}; {finding.cure}", flush=True)
        able = able and (finding.ok or not finding.needed)
    print("This machine can grade." if able else "This machine cannot grade yet.")
    return 0 if able else 1


def examine(out: Path, data: Path | None) -> Iterator[Finding]:
    """Look at everything, one finding after the other."""
    yield _python()
    yield from map(_package, NEEDED)
    yield _gpu()
    yield _bubblewrap()
    yield from _data(data)
    yield from _disk(out)
    yield _memory()
    yield _cores()


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    fits = OLDEST <= sys.version_info[:2] < TOO_NEW
    return Finding("Python", fits, version, "make the virtual environment with Python 3.11, 3.12 or 3.13")


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, False, "not installed", f"run: {INSTALL} {name}")


def _gpu() -> Finding:
    cure = "not needed: training is cut short while grading"
    program = shutil.which("nvidia-smi")
    if program is None:
        there = Path("/dev/nvidia0").exists()
        return Finding("GPU", False, "a device without nvidia-smi" if there else "none", cure, needed=False)
    query = [program, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return Finding("GPU", False, "nvidia-smi does not answer", cure, needed=False)
    cards = "; ".join(done.stdout.strip().splitlines())
    return Finding("GPU", done.returncode == 0 and bool(cards), cards or "none", cure, needed=False)


def _bubblewrap() -> Finding:
    from grader import sandbox  # noqa: PLC0415 - `--help` need not wait for it

    try:
        sandbox.choose("bubblewrap")
    except UsageProblem as problem:
        return Finding("sandbox", False, str(problem), needed=False)
    return Finding("sandbox", True, "bubblewrap works")


def _data(folder: Path | None) -> Iterator[Finding]:
    """The folder that was named, and which of the labs' data are real here."""
    from grader.data import look_for  # noqa: PLC0415 - `--help` need not wait for it

    named = folder or (Path(os.environ["LABGRADE_DATA"]) if os.environ.get("LABGRADE_DATA") else None)
    if named is None:
        yield Finding("data", True, "no folder named, so the Keras cache, and what is built in")
    else:
        there = named.expanduser().is_dir()
        yield Finding("data", there, str(named), "name a folder with --data or $LABGRADE_DATA")
        if not there:
            return
    try:
        found = look_for(named.expanduser() if named is not None else None)
    except UsageProblem as problem:
        yield Finding("data files", False, str(problem), "replace it or move it away")
        return
    for name, place in found.items():
        without, cure = WITHOUT.get(name, ("none", ""))
        yield Finding(name, place is not None, str(place or without), cure, needed=False)


def _disk(out: Path) -> Iterator[Finding]:
    import platformdirs  # noqa: PLC0415 - `--help` need not wait for it

    places = {
        "results": out.absolute(),
        "cache": Path(platformdirs.user_cache_dir("labgrade")),
        "temporary files": Path(tempfile.gettempdir()),
    }
    for name, folder in places.items():
        nearest = next(place for place in (folder, *folder.parents) if place.is_dir())
        free = shutil.disk_usage(nearest).free / GIB
        yield Finding(
            f"disk for {name}",
            free >= DISK_GIB,
            f"{free:.1f} GiB free",
            f"free {DISK_GIB:.0f} GiB in {nearest}",
        )


def _memory() -> Finding:
    import psutil  # noqa: PLC0415 - `--help` need not wait for it

    memory = psutil.virtual_memory()
    detail = f"{memory.available / GIB:.1f} of {memory.total / GIB:.1f} GiB free"
    cure = f"close other programs: one notebook needs {MEMORY_GIB} GiB"
    return Finding("memory", memory.available >= MEMORY_GIB * GIB, detail, cure)


def _cores() -> Finding:
    from grader.batch import default_jobs  # noqa: PLC0415 - `--help` need not wait for it

    return Finding("cores", True, f"{os.cpu_count()}; {default_jobs(10_000)} notebooks at a time")
