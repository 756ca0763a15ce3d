"""Whether two machines would come to the same verdicts: their code, Python and packages."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import platform
from collections.abc import Sequence

import grader
from grader.cluster.parcels import Ground
from grader.provenance import PACKAGES
from grader.resume import code_hash

NAMED = 3  # packages in one sentence


@functools.cache
def own_ground() -> Ground:
    """The ground of this process; what is installed later does not change it."""
    found = sorted({(str(one.metadata["Name"]), one.version) for one in importlib.metadata.distributions()})
    versions = {name.lower().replace("_", "-"): version for name, version in found}
    judging = tuple((name, versions.get(name.lower().replace("_", "-"), "missing")) for name in PACKAGES)
    packages = hashlib.sha256(repr(found).encode()).hexdigest()
    return Ground(grader.__version__, code_hash(), platform.python_version(), judging, packages)


def differences(ours: Ground, theirs: Ground) -> tuple[str, ...]:
    """What keeps a machine from grading for this one, in few words each; not packages that judge nothing."""
    found = []
    if ours.version != theirs.version:
        found.append(f"labgrade {theirs.version} instead of {ours.version}")
    elif ours.code != theirs.code:
        found.append("a changed labgrade of the same version")
    if ours.python != theirs.python:
        found.append(f"Python {theirs.python} instead of {ours.python}")
    other = [
        f"{name} {version} instead of {own}"
        for (name, own), (_, version) in zip(ours.judging, theirs.judging, strict=False)
        if own != version
    ]
    return (*found, *_first(other))


def _first(words: Sequence[str]) -> Sequence[str]:
    rest = len(words) - NAMED
    return [*words[:NAMED], f"{rest} packages more"] if rest > 0 else words
