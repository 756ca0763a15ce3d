"""Numbers and texts as pages write them: the filters of the templates."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Mapping

from markupsafe import Markup, escape

from checks.kit.picture import Picture, Tile
from grader.notebook_html import clip, highlight_python, image_uri, printable

FIELD_LIMIT = 20_000  # characters of any one text in a page


def share(points: float, of: float) -> float:
    """Points as a percentage in [0, 100]; 0 where none can be had or the number is no number."""
    value = 100 * points / of if of > 0 and math.isfinite(points) and math.isfinite(of) else 0.0
    return min(100.0, max(0.0, value))


def percent(points: float, of: float) -> int:
    """The same as a whole number, for the classes of ``bars.css``: a style of its own would be forbidden."""
    return round(share(points, of))


def points(value: float) -> str:
    """A number for people: at most two decimals, none that say nothing.

    >>> points(41.5), points(60.0), points(-0.0)
    ('41.5', '60', '0')
    """
    if not math.isfinite(value):
        return "–"
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")


def duration(seconds: float) -> str:
    """Seconds for people.

    >>> duration(0.42), duration(31.2), duration(95)
    ('0.4 s', '31 s', '1 min 35 s')
    """
    if not math.isfinite(seconds):
        return "–"
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def mebibytes(value: float) -> str:
    """Memory for people, a dash where it was not measured.

    >>> mebibytes(1834.2), mebibytes(0)
    ('1,834 MiB', '–')
    """
    return f"{value:,.0f} MiB" if math.isfinite(value) and value > 0 else "–"


def anchor(name: str) -> str:
    """Return an id for the page, made of nothing that could end an attribute or an address."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", name)


def linked(text: str, numbers: Container[int], questions: Mapping[str, str] | None = None) -> Markup:
    """Return ``text`` escaped, with "cell 12" a link wherever the page shows that cell, and `names` as code.

    ``questions`` are the anchors of written answers by the ids of their questions: a quote that begins with
    "Q13:" links to that answer.
    """

    def link(found: re.Match[str]) -> str:
        number = int(found[2])
        return f'<a href="#cell-{number}">{found[0]}</a>' if number in numbers else found[0]

    def link_question(found: re.Match[str]) -> str:
        place = (questions or {}).get(found[1])
        return f'<a href="#{place}">{found[1]}</a>:' if place else found[0]

    safe = re.sub(r"\b([Cc]ell) (\d{1,6})\b", link, str(escape(clean(text))))
    safe = re.sub(r"`([^`\n]{1,80})`", r"<code>\1</code>", safe)
    return Markup(re.sub(r"\A(\w{1,10}):", link_question, safe))  # noqa: S704 - escaped above


def coloured(source: str) -> Markup:
    """Return Python source escaped and coloured."""
    return Markup(highlight_python(source))  # noqa: S704 - Pygments escapes


def clean(value: object) -> object:
    """Every value that a template prints passes here before it is escaped."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return clip(printable(value), FIELD_LIMIT)
    return "" if value is None else value


def tile_uri(tile: Tile) -> Markup | None:
    """A tile's image as a data: URI, ``None`` where it is no PNG or too large."""
    uri = image_uri("image/png", tile.png)
    return Markup(uri) if uri else None  # noqa: S704 - base64 that was encoded anew, and must not be cut


def kind(picture: Picture) -> str:
    """The name of a picture's record: which macro of pictures.html shows it."""
    return type(picture).__name__
