"""What makes a package under ``checks/`` a lab."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Marker:
    """A regular expression that tells this lab's notebooks from others, and how much it says.

    Searched in the notebook's text (code and markdown), ignoring case.
    """

    pattern: str
    weight: float = 1.0


@dataclass(frozen=True)
class Lab:
    """One lab: ``checks/<id>/__init__.py`` binds one of these to ``LAB``.

    ``watch`` maps each variable that the checks follow through the notebook to the spellings that
    count as it. ``modules`` are the topic modules in the order in which feedback shows them. ``trust`` is the
    module, if there is one, whose ``RULES`` say what of a submission's own numbers does not fit together;
    ``shows`` is the one whose ``PICTURES`` show what was seen of it.
    ``accuracies`` is the one with ``rows(student)``, the accuracies and where they come from, and
    ``probes(student, fit)``, the hidden images that a network is asked for after its full training.
    """

    id: str
    title: str
    markers: tuple[Marker, ...]
    watch: tuple[tuple[str, tuple[str, ...]], ...]
    modules: tuple[str, ...]
    trust: str = ""
    shows: str = ""
    accuracies: str = ""
