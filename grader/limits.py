"""What one submission may use, set in a rubric's ``[limits]`` or on the command line."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

MIB = 2**20


@dataclass(frozen=True)
class Limits:
    """What one submission may use, with the unit of each limit at the end of its name.

    ``cell_s`` and ``notebook_s`` are wall time: of one cell, and of all, further runs included.
    ``memory_mib`` is that of all its processes together, with TensorFlow, /tmp and /dev/shm.
    ``processes`` counts threads too. ``disk_mib`` is for what it writes to its home and to /tmp.
    ``output_mib`` is what one cell may show, ``outputs_mib`` what all may. ``notebook_mib`` is the
    size of the notebook file, ``files_mib`` that of all files handed in with it.
    """

    cell_s: float = 300.0
    notebook_s: float = 1200.0
    memory_mib: float = 4096.0
    processes: float = 1000.0
    disk_mib: float = 2048.0
    output_mib: float = 1.0
    outputs_mib: float = 20.0
    notebook_mib: float = 200.0
    files_mib: float = 200.0


NAMES = tuple(field.name for field in dataclasses.fields(Limits))
LEAST = {"cell_s": 1.0, "notebook_s": 1.0, "memory_mib": 256.0, "processes": 50.0, "disk_mib": 1.0}
LEAST_SIZE = 0.01  # of what LEAST does not name
MOST = {"notebook_mib": 200.0, "files_mib": 1000.0}  # more is never read
LARGEST = 1e9  # of what MOST does not name: a larger number is a slip
IN_FULL = {"cell_s": 3600.0, "notebook_s": 14_400.0}  # lab cnn alone trains for ten minutes on two cores


def least(name: str) -> float:
    """The smallest value that makes sense for a limit: below it no kernel starts."""
    return LEAST.get(name, LEAST_SIZE)


def most(name: str) -> float:
    """The largest value that makes sense for a limit."""
    return MOST.get(name, LARGEST)


def in_effect(*layers: Mapping[str, float]) -> Limits:
    """The defaults, with what each layer sets laid over what came before it."""
    changes = {name: float(value) for layer in layers for name, value in layer.items()}
    return dataclasses.replace(Limits(), **changes)


def for_training(training: str) -> Mapping[str, float]:
    """What takes the place of the defaults where networks are trained for as long as the notebook says."""
    return IN_FULL if training == "full" else {}


def seconds(value: float) -> str:
    """A length of time for people.

    >>> seconds(600), seconds(60), seconds(90), seconds(2.5)
    ('10 minutes', '1 minute', '90 seconds', '2.5 seconds')
    """
    if value >= 60 and value % 60 == 0:
        return "1 minute" if value == 60 else f"{value / 60:,.0f} minutes"
    return "1 second" if value == 1 else f"{value:,.4g} seconds"


def mib(value: float) -> str:
    """A size for people.

    >>> mib(4096), mib(1536), mib(200), mib(0.5)
    ('4 GB', '1.5 GB', '200 MB', '0.5 MB')
    """
    return f"{value / 1024:,.4g} GB" if value >= 1024 else f"{value:,.4g} MB"
