"""What is the same for all hand-ins of a run, as hashes made once; each process of the run gets it."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import grader
from checks import kit
from checks.kit import Lab
from grader import labs
from grader.cache import loaded
from grader.cache.keys import digest
from grader.cache.sources import file_hash, folder_hash, sources_of
from grader.cache.store import Store
from grader.pages import templates_folder
from grader.records import Settings
from grader.resume import code_hash, packages
from grader.sandbox import CARDS

# What runs a notebook and takes in what it leaves: beside these, all of grader/kernel goes into the sandbox.
RUNNING = (
    "grader.attachments", "grader.cache.evidence", "grader.cache.runs", "grader.evidence",
    "grader.execution", "grader.fonts", "grader.kernels", "grader.notebooks", "grader.scoring",
)  # fmt: skip
JUDGING = ("grader.cache.memory", "grader.session")
SHOWING = ("grader.output",)
OTHERWISE_KNOWN = ("rubric.toml",)  # what checks see of it is in their keys
CODE = (".py", ".pyc")


@dataclass(frozen=True)
class Plan:
    """The store, and the hashes of everything but the hand-ins; picklable.

    ``code`` is that of all our code, which a process must have loaded to take part. ``modules`` holds, by
    dotted name, the hash of each judging module of a lab with all it imports, ``tables`` by lab that of
    its other files.
    """

    store: Store
    data: str
    hidden: str
    machine: tuple[str, ...]
    packages: tuple[tuple[str, str], ...]
    code: str
    running: str
    judging: str
    showing: str
    modules: Mapping[str, str]
    tables: Mapping[str, str]

    def fits_here(self) -> bool:
        """Whether this process has loaded the plan's code, on a machine of the plan's kind."""
        return self.code == loaded.CODE and self.machine == machine_here()

    def source_of(self, lab: Lab, module: str) -> str:
        """The hash of a judging module of a lab, its imports, and the lab's tables; none has the name ""."""
        return digest([self.modules[f"checks.{lab.id}.{module}"] if module else "", self.tables[lab.id]])


def plan_for(settings: Settings, store: Store) -> Plan:
    """The plan of a run.

    Raises:
        OSError: the data or our own files cannot be read.
    """
    own = Path(grader.__file__).parent
    sources = sources_of(own, Path(kit.__file__).parents[1])
    chosen = [labs.load_lab(lab) for lab in ([settings.lab] if settings.lab else labs.lab_ids())]
    session = sources.files["grader.session"].read_text("utf-8")  # it decides how a notebook is run, too
    return Plan(
        store=store,
        data=folder_hash(settings.visible),
        hidden=folder_hash(settings.hidden) if settings.hidden else "",
        machine=machine_here(),
        packages=tuple(packages()),
        code=code_hash(),
        running=digest([sources.hash_of(RUNNING), folder_hash(own / "kernel"), session]),
        judging=sources.hash_of(JUDGING),
        showing=digest([sources.hash_of(SHOWING), folder_hash(templates_folder())]),
        modules={name: sources.hash_of([name]) for lab in chosen for name in _judging_modules(lab)},
        tables={lab.id: _tables_hash(lab) for lab in chosen},
    )


def machine_here() -> tuple[str, ...]:
    """What a run depends on of a machine: its architecture, its Python, and whether it has graphics cards."""
    hidden = os.environ.get(CARDS) in ("", "-1")
    has_card = not hidden and any(Path("/dev").glob("nvidia[0-9]*"))
    return (platform.machine(), sys.version, "graphics card" if has_card else "")


def _judging_modules(lab: Lab) -> list[str]:
    named = (*lab.modules, lab.trust, lab.shows, lab.accuracies)
    return [f"checks.{lab.id}.{module}" for module in named if module]


def _tables_hash(lab: Lab) -> str:
    """The hash of what a lab's checks may read beside their code: every file that is no Python."""
    folder = labs.folder_of(lab.id)
    return digest(
        [
            (path.relative_to(folder).as_posix(), file_hash(path))
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.suffix not in CODE and path.name not in OTHERWISE_KNOWN
        ]
    )
