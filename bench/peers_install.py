"""The other graders, each in a virtual environment of its own, and the surroundings in which they run."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.peers_run import Trouble

STAND_INS = Path(__file__).resolve().parent / "stand_ins"
PINNED = {
    "nbgrader": ("nbgrader==0.9.6",),
    "otter": ("otter-grader[grading]==7.0.0",),
    "nbclient": (),
}
SHARED = ("numpy", "scipy", "matplotlib", "ipykernel", "nbclient", "nbformat")  # in the versions that we use
DONE = "installed.json"
KERNEL = {"argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
          "display_name": "labgrade's Python", "language": "python"}  # fmt: skip


@dataclass(frozen=True)
class Environment:
    """A virtual environment with one of the graders in it."""

    folder: Path

    @property
    def python(self) -> str:
        """Its interpreter."""
        return str(self.folder / "bin/python")

    def program(self, name: str) -> str:
        """A command that it has."""
        return str(self.folder / "bin" / name)

    def activated(self, variables: Mapping[str, str]) -> dict[str, str]:
        """Environment variables in which its commands are found, as nbgrader needs them to be."""
        return {**variables, "PATH": f"{self.folder / 'bin'}{os.pathsep}{variables['PATH']}"}


def requirements(name: str) -> list[str]:
    """What is installed for a grader: itself as pinned here, and what notebooks use as labgrade has it."""
    return [*PINNED[name], *(f"{one}=={importlib.metadata.version(one)}" for one in SHARED)]


def environment(name: str, root: Path) -> Environment:
    """The environment of a grader below ``root``, made where it is missing or holds other versions.

    Raises:
        Trouble: it cannot be made.
    """
    folder, wanted = root / name, requirements(name)
    note = folder / DONE
    if not note.is_file() or json.loads(note.read_text("utf-8")) != wanted:
        print(f"Installing {' '.join(wanted)} into {folder}", file=sys.stderr, flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(folder)], "The virtual environment cannot be made")
        pip = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", *wanted]
        _run(pip, f"{name} cannot be installed: is there a package index?")
        note.write_text(json.dumps(wanted), "utf-8")
    return Environment(folder)


def _run(command: list[str], otherwise: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
        raise Trouble(f"{otherwise} ({last})")


def surroundings(scratch: Path, visible: Path, *, own_kernel: bool) -> dict[str, str]:
    """The environment variables of the other graders: a home of their own, and the lab's data.

    With ``own_kernel`` notebooks run in the Python of labgrade, which has TensorFlow.
    """
    home = scratch / "home"
    home.mkdir(exist_ok=True)
    kernels = scratch / "jupyter"
    if own_kernel:
        (kernels / "kernels/python3").mkdir(parents=True, exist_ok=True)
        (kernels / "kernels/python3/kernel.json").write_text(json.dumps(KERNEL), "utf-8")
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TZ", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "HOME": str(home),
        "PYTHONPATH": str(STAND_INS),
        "LAB_GIVEN": str(visible),
        "CUDA_VISIBLE_DEVICES": "",  # as in our sandbox
        "TF_CPP_MIN_LOG_LEVEL": "3",
        **({"JUPYTER_PATH": str(kernels)} if own_kernel else {}),
    }
