"""What the saved outputs of a submitted notebook say, as plain records.

Each record names the code cell it stands in (counted from 1, blank ones left out), the line of that cell's
output (from 1, as a terminal shows it) and that line's text. All of it is a claim: it comes from the
student's file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from checks.kit.picture import Picture
from checks.kit.student import Student

QUOTED = 200  # characters of a line that a record keeps


@dataclass(frozen=True)
class SavedCell:
    """A code cell as it was handed in.

    ``count`` is its execution count, ``None`` where it has none. ``text`` is what it shows as text; ``cut``
    says that there was more. ``pictures`` counts the stored images, ``error`` is the name of a stored error.
    """

    number: int
    source: str
    count: int | None = None
    text: str = ""
    cut: bool = False
    pictures: int = 0
    error: str = ""


@dataclass(frozen=True)
class Epoch:
    """One epoch of a log. ``values`` are its metrics by name; of NaN and infinity there are none.

    ``exact`` says that those of the training are what ``fit`` returned: the bar of Keras 3 shows others,
    since it takes the mean of running means. Values that begin with ``val_`` are exact always.
    """

    number: int
    values: Mapping[str, float]
    exact: bool
    line: int
    text: str


@dataclass(frozen=True)
class Log:
    """The progress of one ``fit``.

    ``announced`` is the N of ``Epoch 1/N``. ``steps`` are those of an epoch, ``None`` where the log counts
    images, or nothing. ``samples`` and ``validated`` are the numbers of images that an old Keras tells.
    """

    cell: int
    line: int
    text: str
    announced: int
    epochs: tuple[Epoch, ...]
    steps: int | None = None
    samples: int | None = None
    validated: int | None = None

    @property
    def whole(self) -> bool:
        """Whether all epochs are there, each to its end."""
        return [one.number for one in self.epochs] == [*range(1, self.announced + 1)]

    @property
    def quote(self) -> str:
        """The line that tells the most of the settings."""
        return next((one.text for one in reversed(self.epochs)), self.text)


@dataclass(frozen=True)
class Evaluation:
    """The progress of one ``evaluate``: a bar outside of any epoch, with metrics; ``exact`` as in "
    "``Epoch``."""

    cell: int
    line: int
    text: str
    steps: int
    values: Mapping[str, float]
    exact: bool


@dataclass(frozen=True)
class Summary:
    """A table of ``model.summary()``; counts are ``None`` where the table lacks them.

    ``convolutions`` counts its rows of the kind Conv2D. ``input_shape`` is that of its first row, without
    the batch.
    """

    cell: int
    line: int
    text: str
    name: str
    total: int | None
    trainable: int | None
    frozen: int | None
    convolutions: int = 0
    input_shape: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Score:
    """A printed number with its label, as in ``Test accuracy: 0.5230``.

    ``label`` is in lower case; ``evaluate`` for the list that ``evaluate`` returns, whose second is meant.
    ``value`` is a fraction also where a percentage was printed; ``digits`` are its decimals as a fraction.
    """

    cell: int
    line: int
    text: str
    label: str
    value: float
    digits: int


@dataclass(frozen=True)
class Dump:
    """A printed ``history.history``: the values of each metric, epoch by epoch."""

    cell: int
    line: int
    values: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True)
class Carbon:
    """A report of CarbonTracker: predicted or actual, for how many epochs, energy in kWh, CO2 in g."""

    cell: int
    line: int
    text: str
    predicted: bool
    epochs: int
    energy_kwh: float | None = None
    co2_g: float | None = None


@dataclass(frozen=True)
class Decoded:
    """One class of ``decode_predictions``: WordNet id, name, probability in [0, 1]."""

    cell: int
    line: int
    wordnet: str
    name: str
    probability: float


@dataclass(frozen=True)
class Saved:
    """All that was read from the saved outputs of one notebook, in order."""

    cells: tuple[SavedCell, ...] = ()
    logs: tuple[Log, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    summaries: tuple[Summary, ...] = ()
    scores: tuple[Score, ...] = ()
    dumps: tuple[Dump, ...] = ()
    carbon: tuple[Carbon, ...] = ()
    decoded: tuple[Decoded, ...] = ()
    numbers: frozenset[float] = field(default=frozenset(), repr=False)  # every number in any output

    def cell(self, number: int) -> SavedCell:
        """The cell with that number.

        Raises:
            KeyError: there is none.
        """
        if not 1 <= number <= len(self.cells):
            raise KeyError(number)
        return self.cells[number - 1]

    def logs_in(self, cell: int) -> tuple[Log, ...]:
        """The logs of one cell."""
        return tuple(log for log in self.logs if log.cell == cell)

    @property
    def cut(self) -> bool:
        """Whether there was more output than was read."""
        return any(cell.cut for cell in self.cells)


@dataclass(frozen=True)
class Doubt:
    """Two places of a submission that do not fit together; ``evidence`` quotes both."""

    kind: str
    task: str
    message: str
    evidence: tuple[str, ...]


# A lab's rule: the notebook as it ran, its saved outputs, and the answers by the ids of their questions.
TrustRule = Callable[[Student, Saved, Mapping[str, str]], Iterable[Doubt]]


@dataclass(frozen=True)
class Shown:
    """A picture for the feedback, under the first of these checks that has a result."""

    checks: tuple[str, ...]
    picture: Picture


# A lab's rule on what to show: the notebook as it ran and its saved outputs; never asked for a verdict.
PictureRule = Callable[[Student, Saved], Iterable[Shown]]


def quoted(text: str) -> str:
    """A line as a record keeps it: blanks joined, cut in length."""
    line = " ".join(text[: 20 * QUOTED].split())
    return line if len(line) <= QUOTED else f"{line[: QUOTED - 1]}…"


def at(cell: int, text: str) -> str:
    """A piece of evidence: ``cell 31: Epoch 20/20``."""
    return f"cell {cell}: {quoted(text)}"


def cells_of(records: Iterable[Log | Evaluation | Score]) -> frozenset[int]:
    """The cells in which some records stand."""
    return frozenset(record.cell for record in records)
