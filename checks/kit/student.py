"""The evidence a check may ask for: plain data that came back from the student's kernel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from numpy.typing import NDArray

from checks.kit.model import Model

if TYPE_CHECKING:
    from checks.kit.saved import Saved

Array = NDArray[Any]
Json = Any


@dataclass(frozen=True)
class Version:
    """One value that a watched variable had, as seen when a cell had ended.

    ``cell`` counts the code cells that are not blank, from 1. ``array`` is read-only, or ``None``
    where the value was no array (then ``type`` says what it was).
    """

    name: str
    cell: int
    type: str
    array: Array | None


@dataclass(frozen=True)
class Source:
    """What a ``fit``, ``evaluate`` or ``predict`` took its images from.

    ``kind`` is ``arrays``, ``generator`` (an iterator of Keras' ``ImageDataGenerator``), ``dataset``,
    ``sequence`` or ``other``. ``images`` (n, …) and ``labels`` are all the rows it draws from, before any
    augmentation; ``None`` where they are not known. The rest says what a generator or data set is like:
    ``settings`` are an ``ImageDataGenerator``'s (``rotation_range``, ``horizontal_flip`` …), ``batches``
    how many batches make an epoch, ``drawn`` a few batches as the network gets them. ``identity`` tells one
    object from another; it is 0 for arrays.
    """

    kind: str
    images: Array | None = None
    labels: Array | None = None
    batch_size: int | None = None
    batches: int | None = None
    shuffled: bool | None = None
    settings: Mapping[str, Json] = field(default_factory=dict)
    drawn: tuple[Array | None, Array | None] = (None, None)
    identity: int = 0


@dataclass(frozen=True)
class Used:
    """A model at the moment when it was used.

    ``identity`` tells one model object from another; a model that was seen earlier has a lower one.
    ``names`` are the notebook's variables that held it at the end of that cell. ``network`` is its
    description, ``None`` where it could not be described. ``fits_before`` counts the fits that this
    object had gone through, or tried, before.
    """

    identity: int = 0
    names: tuple[str, ...] = ()
    network: Model | None = None
    fits_before: int = 0


@dataclass(frozen=True)
class Fit:
    """What the student asked of one ``fit``, before the grader cut it short.

    ``train`` and ``validation`` are ``(images, labels)`` where they were arrays, else ``None``; ``source``
    and ``validation_source`` tell more, of generators too. ``order`` is the call's place among all
    recorded calls and events, ``ended`` the place of its end. ``error`` is ``TypeError: …`` where it raised.
    ``history`` is what the cut fit returned, by name (``loss``, ``val_accuracy`` …); ``None`` for NaN.
    """

    cell: int
    flavour: str
    epochs: int | None
    batch_size: int | None
    steps_per_epoch: float | None
    train: tuple[Array | None, Array | None] = (None, None)
    validation: tuple[Array | None, Array | None] | None = None
    model: Used = Used()
    source: Source = Source("other")
    validation_source: Source | None = None
    validation_split: float = 0.0
    callbacks: tuple[str, ...] = ()
    order: int = 0
    ended: int = 0
    error: str = ""
    history: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Use:
    """One ``evaluate`` or ``predict`` (``kind``), or a model called like a function (``call``).

    ``result`` are the predictions, (n, …) floats, for ``predict`` and ``call``; ``scores`` the loss and the
    metrics that ``evaluate`` returned, of the first images only; ``error`` as in ``Fit``.
    ``inside_fit`` says that a callback did it.
    """

    kind: str
    cell: int
    model: Used
    source: Source
    result: Array | None = None
    order: int = 0
    error: str = ""
    inside_fit: bool = False
    scores: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class Event:
    """Something else that happened, told by the kernel's stand-ins and hooks.

    ``kind`` is ``summary`` (of a model), ``tracker`` (of carbon), ``search`` (of hyper-parameters),
    ``photo`` (a picture file was read), ``weights`` (stand-ins were loaded), ``figure`` (one was drawn);
    ``data`` depends on it.
    ``arrays`` belong to it.
    """

    kind: str
    cell: int
    order: int
    data: Mapping[str, Json] = field(default_factory=dict)
    arrays: tuple[Array | None, ...] = ()


@dataclass(frozen=True)
class Cell:
    """A code cell as it ran: ``error`` is ``NameError: …`` or "", ``text`` what it printed (100,000
    characters at most), ``figures`` how many pictures it showed."""

    number: int
    source: str
    error: str = ""
    text: str = ""
    figures: int = 0


@dataclass(frozen=True)
class NamedModel:
    """A notebook's variable that held a model at the end of a cell where it was new."""

    name: str
    cell: int
    model: Used


@dataclass(frozen=True)
class NamedSource:
    """A notebook's variable that held a generator or data set at the end of a cell where it was new."""

    name: str
    cell: int
    source: Source


@dataclass(frozen=True)
class Reply:
    """A kernel's answer to one request: JSON data and the arrays that belong to it.

    ``changed`` names what the student's code has put in the place of functions that made the answer.
    """

    data: Mapping[str, Json]
    arrays: tuple[Array, ...] = field(default=())
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scored:
    """What the grader made of a network's predictions right after the cell of a fit.

    ``order`` is the fit's, ``probe`` says which images were asked for. ``accuracy`` is ``None``, and
    ``problem`` says why, where nothing came back that could be scored.
    """

    order: int
    probe: str
    images: int
    accuracy: float | None
    problem: str = ""


class Raised(Exception):  # noqa: N818 - what the student's code did, not an error of ours
    """The student's code raised: ``ename`` is the exception's class, ``evalue`` its text."""

    def __init__(self, ename: str, evalue: str) -> None:
        super().__init__(f"{ename}: {evalue}" if evalue else ename)
        self.ename = ename
        self.evalue = evalue


class Gone(Exception):  # noqa: N818
    """The student's process ended or stopped answering while it was asked; ``reason`` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Student(Protocol):
    """One executed submission, as a check sees it."""

    @property
    def given(self) -> Mapping[str, Array]:
        """What the sandbox may read, by name (``ascent``, ``lab/highway/in000001.png`` …), read-only.

        Arrays have no suffix; pictures have theirs and are (height, width) or (height, width, 3) BGR uint8.
        """

    @property
    def seed(self) -> int:
        """The run's seed: every draw of a check starts from it."""

    @property
    def fits(self) -> tuple[Fit, ...]:
        """Every ``fit`` in the order of the calls."""

    @property
    def uses(self) -> tuple[Use, ...]:
        """Every ``evaluate`` and ``predict`` in the order of the calls."""

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything else that was recorded, in order."""

    @property
    def models(self) -> tuple[NamedModel, ...]:
        """Every model that a variable of the notebook held, in the order of the cells."""

    @property
    def sources(self) -> tuple[NamedSource, ...]:
        """Every generator and data set that a variable of the notebook held, in the order of the cells."""

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The code cells that are not blank, by number from 1."""

    @property
    def texts(self) -> tuple[str, ...]:
        """The Markdown cells of the notebook, in order."""

    @property
    def hidden(self) -> Mapping[str, Array]:
        """What the grader knows and the sandbox never sees, by name, read-only; maybe empty."""

    @property
    def thresholds(self) -> Mapping[str, float]:
        """The rubric's thresholds, by check id."""

    @property
    def last_cell(self) -> int:
        """The number of the last code cell that ran."""

    @property
    def training(self) -> str:
        """How long the notebook was trained: ``claimed`` (not at all), ``budget`` or ``full``."""

    @property
    def saved(self) -> Saved:
        """What the outputs say that were saved in the notebook as it was handed in: claims."""

    @property
    def scored(self) -> tuple[Scored, ...]:
        """How the notebook's networks did on hidden images after their full training, in order."""

    @property
    def measured(self) -> Mapping[str, float]:
        """The accuracies that checks measured themselves, by check id."""

    def measure(self, check: str, accuracy: float) -> None:
        """Note an accuracy, 0 to 1, that a check measured, so that it is shown beside the others."""

    def versions(self, name: str) -> tuple[Version, ...]:
        """Every value ``name`` had, oldest first; empty when the notebook never set it."""

    def why_missing(self, name: str) -> str:
        """A sentence that says why ``name`` has no value: the cell that failed, or that none sets it."""

    def suspect(self, task: str, message: str, evidence: tuple[str, ...]) -> None:
        """Tell the instructor of an attempt to deceive the grader: a sentence, and what shows it."""

    def ask(self, op: str, arrays: tuple[Array, ...] = (), **arguments: Json) -> Reply:
        """Put one request to the live kernel; ``arrays`` travel with it.

        Raises:
            Raised: the student's code raised.
            Gone: the process died or did not answer in time.
        """
