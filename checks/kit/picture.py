"""Pictures that a result may carry: a small closed set of plain records, drawn where the page is made."""

from __future__ import annotations

from dataclasses import dataclass

FREE = -1  # a pixel of an expected mask that may be set or not

Vectors = tuple[tuple[tuple[float, float], ...], ...]
Levels = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class FlowPicture:
    """A flow field as arrows, and beside it two masks made from it.

    ``flow`` is (height, width) pairs of x to the right and y down, in pixels per frame. ``expected`` and
    ``received`` are (height, width) of 0 and anything above; ``FREE`` in ``expected`` where both are right.
    Their titles say what each of them is.
    """

    flow: Vectors
    expected: Levels
    received: Levels
    expected_title: str = "expected mask"
    received_title: str = "your mask"


@dataclass(frozen=True)
class Tile:
    """One small image with a line below it: ``png`` is the file in base64, ``wrong`` marks it as a mistake.

    ``checks.kit.tiles.tile`` makes one of an array.
    """

    png: str
    caption: str
    wrong: bool = False


@dataclass(frozen=True)
class Images:
    """Images beside each other, ``columns`` in a row where there is room.

    ``group`` neighbours belong together, such as yours and the right one, and stay in one row.
    """

    title: str
    tiles: tuple[Tile, ...]
    note: str = ""
    columns: int = 4
    group: int = 1


@dataclass(frozen=True)
class Line:
    """One curve: a value per epoch, ``None`` where there is no number.

    ``claimed`` says that it stands in the outputs that were handed in; else the grader measured it.
    """

    name: str
    values: tuple[float | None, ...]
    claimed: bool = False
    validation: bool = False


@dataclass(frozen=True)
class Curves:
    """Values over the epochs of a training; ``level`` is a value that was to be reached, or ``None``."""

    title: str
    quantity: str
    lines: tuple[Line, ...]
    note: str = ""
    level: float | None = None


@dataclass(frozen=True)
class Plots:
    """Several quantities of one training beside each other; their lines have the same names."""

    title: str
    plots: tuple[Curves, ...]
    note: str = ""


@dataclass(frozen=True)
class Series:
    """One bar for each name of a chart, ``None`` where there is no number.

    ``claimed`` is as in ``Line``; ``test`` says that it is of test images, else of training images.
    """

    name: str
    values: tuple[float | None, ...]
    claimed: bool = False
    test: bool = False


@dataclass(frozen=True)
class Bars:
    """Series of bars side by side; ``level`` is a value to compare with, which ``level_name`` explains."""

    title: str
    quantity: str
    names: tuple[str, ...]
    series: tuple[Series, ...]
    note: str = ""
    level: float | None = None
    level_name: str = ""


@dataclass(frozen=True)
class Arrows:
    """Arrows over an image of ``width`` × ``height`` pixels: (x, y, right, down) each, in its pixels.

    An arrow of no length is a dot. ``png`` is the image in base64, or "" for a black ground; ``wrong`` is as
    in ``Tile``.
    """

    caption: str
    width: int
    height: int
    arrows: tuple[tuple[float, float, float, float], ...]
    png: str = ""
    wrong: bool = False


@dataclass(frozen=True)
class Fields:
    """Flow fields, or grids of pixels, beside each other."""

    title: str
    fields: tuple[Arrows, ...]
    note: str = ""


@dataclass(frozen=True)
class Matrix:
    """A confusion matrix: ``counts[row][column]`` images of the class ``labels[row]`` were taken for the
    class ``labels[column]``."""

    title: str
    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Guess:
    """A class name and its probability in [0, 1]."""

    name: str
    share: float


@dataclass(frozen=True)
class Ranking:
    """An image and what a network takes it for, the most probable class first."""

    tile: Tile
    guesses: tuple[Guess, ...]


@dataclass(frozen=True)
class Rankings:
    """Several images, each with the classes a network gives it."""

    title: str
    rankings: tuple[Ranking, ...]
    note: str = ""


Picture = FlowPicture | Images | Curves | Plots | Bars | Fields | Matrix | Rankings
