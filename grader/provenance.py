"""What a report says of how it was made: versions, settings, and what the training was."""

from __future__ import annotations

import dataclasses
import functools
import importlib.metadata

import grader
from grader.limits import Limits
from grader.records import Provenance, Settings

PACKAGES = (
    "tensorflow",
    "keras",
    "tf_keras",
    "numpy",
    "scipy",
    "scikit-learn",
    "opencv-python",
    "hypothesis",
)
TRAINING_NOTES = {
    "budget": "Training was cut short while grading: each fit ran a step in each of its first two "
    "epochs, or one step on a few images where the network is very large; the other epochs of its history "
    "repeat the last one's numbers. So the accuracies in the executed "
    "notebook are not those of a full training, and no point depends on them.",
    "full": "Training ran in full, as submitted, and the grader scored each trained network on images that "
    "no submission has seen.",
    "claimed": "Nothing was trained while grading: each fit only looked at two images, and its history "
    "repeats what the untrained network scores on them. So the accuracies in the executed notebook say "
    "nothing, and what only a training can show is left to a person, beside what the notebook claims.",
    "none": "Nothing was trained in this run: each fit only looked at two images, and its history repeats "
    "what the untrained network scores on them.",
}


@functools.cache
def _packages() -> tuple[tuple[str, str], ...]:
    found = []
    for name in PACKAGES:
        try:
            found.append((name, importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            found.append((name, "missing"))
    return tuple(found)


def provenance_of(settings: Settings, rubric_sha256: str, limits: Limits | None = None) -> Provenance:
    """What a report's verdicts depend on; ``limits`` are those in effect, ``None`` where nothing ran."""
    return Provenance(
        version=grader.__version__, rubric_sha256=rubric_sha256, seed=settings.seed,
        training=settings.training, sandbox=settings.sandbox, data=settings.data, packages=_packages(),
        limits=tuple(sorted(dataclasses.asdict(limits).items())) if limits else (),
    )  # fmt: skip
