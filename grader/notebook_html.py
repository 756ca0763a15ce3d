"""A student's executed notebook as safe pieces of a page; everything in it is untrusted."""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from html import escape
from typing import Any, ClassVar, Literal

import nh3
from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from pygments.styles.default import DefaultStyle
from pygments.token import Token

TEXT_LIMIT = 20_000  # characters of one text output
SOURCE_LIMIT = 50_000  # characters of one cell's source
HTML_LIMIT = 100_000  # characters of one text/html output; a longer one is shown as its text
IMAGE_LIMIT = 2_000_000  # bytes of one picture
PIXEL_LIMIT = 50_000_000  # a small PNG can unfold to gigabytes
SECTION_LIMIT = 1_200_000  # bytes of all cells together
OUTPUTS_LIMIT = 200  # outputs of one cell
RAW_LIMIT = 8_000_000  # characters of one output that are looked at at all

_TOO_MUCH = "An output is left out to keep this page small; it is in executed.ipynb."

Notebook = Mapping[str, object]

# Colours and cursor moves (CSI), window titles and links (OSC), and the two-character escapes.
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]?|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_]?)")
# Control characters, lone surrogates, and the marks that reorder the text around them.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]")
_DATA_URI = re.compile(r"data:(image/(?:png|jpeg));base64,(.*)\Z", re.DOTALL | re.IGNORECASE)
_MAGIC = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}

_TAGS = (
    "a abbr b blockquote br caption code col colgroup dd del dfn div dl dt em h4 h5 h6 hr i img ins kbd li"
    " mark ol p pre q s samp small span strong sub sup table tbody td tfoot th thead tr tt u ul var"
)
_DROPPED_WHOLE = (
    "script style template noscript iframe object svg math head title textarea select noembed xmp"
)
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}, "ol": {"start"}} | {
    cell: {"colspan", "rowspan"} for cell in ("td", "th")
}
# What drawings of graphviz and the like are made of; no <use> or <filter>, which can keep a browser busy
# for ever, and nothing that reaches outside.
_SVG_TAGS = (
    "svg g path rect circle ellipse line polyline polygon text tspan title desc defs clippath"
    " lineargradient radialgradient stop"
)
_SVG_TAG = re.compile(r"<(?!!--|\?xml|!DOCTYPE[^\[<>]*>)/?([^\s/>]*)", re.IGNORECASE)


@dataclass(frozen=True)
class RenderedOutput:
    """One output. ``content`` is safe HTML for ``html``, a safe data: URI for ``image``, else plain text."""

    kind: Literal["text", "error", "html", "image", "note"]
    content: str


@dataclass(frozen=True)
class RenderedCell:
    """One cell. ``html`` is safe; ``number`` counts the code cells that are not blank, from 1."""

    kind: Literal["code", "markdown"]
    number: int
    html: str
    outputs: tuple[RenderedOutput, ...] = ()


@dataclass(frozen=True)
class RenderedNotebook:
    """The cells to show; ``left_out`` is one sentence where some are missing, or ``""``."""

    cells: tuple[RenderedCell, ...] = ()
    left_out: str = ""

    @property
    def anchors(self) -> frozenset[int]:
        """The numbers of the code cells that a link can lead to."""
        return frozenset(cell.number for cell in self.cells if cell.kind == "code")


class _Room:
    """What the page can still hold. It also bounds the work: what is looked at counts, shown or not."""

    def __init__(self, bytes_left: int) -> None:
        self.bytes_left = bytes_left

    def take(self, html: str) -> None:
        self.bytes_left -= 150 + len(html.encode())  # with the markup around it


def render_notebook(executed: object, limit: int = SECTION_LIMIT) -> RenderedNotebook:
    """Return what can be shown of a notebook in nbformat 4 JSON, in about ``limit`` bytes of HTML.

    Any part of it may have any type. Sources and texts come before outputs where there is not room for all.
    """
    if not isinstance(executed, Mapping):
        return RenderedNotebook()
    room = _Room(limit)
    cells = list(_cells(executed, room))
    too_long = room.bytes_left < 0
    shown = tuple(_with_outputs(cell, source, room) for cell, source in cells)
    rest = "The rest of the notebook is left out to keep this page small; all of it is in executed.ipynb."
    return RenderedNotebook(shown, rest if too_long else "")


def printable(text: str) -> str:
    """Return ``text`` without colour codes, control characters and marks that reorder other text."""
    return _UNPRINTABLE.sub("", _ANSI.sub("", text.replace("\r\n", "\n")))


def clip(text: str, limit: int) -> str:
    """Return ``text``, or its beginning and end with a sentence between that says what is missing."""
    if len(text) <= limit:
        return text
    head, tail = limit * 7 // 10, limit * 3 // 10
    missing = f"… {len(text) - head - tail:,} characters left out here …"
    return f"{text[:head]}\n{missing}\n{text[-tail:]}"


def highlight_python(source: str) -> str:
    """Return Python source as safe HTML, coloured by the classes that ``highlight_css`` defines."""
    return str(highlight(_tidy(source), PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))).rstrip("\n")


class Light(DefaultStyle):  # type: ignore[misc]  # Pygments has no types
    """Pygments' own style, with the contrast of WCAG AA on the page's paper: 4.5 to 1."""

    styles: ClassVar[dict[Any, str]] = {
        **DefaultStyle.styles, Token.Name.Decorator: "#8E1FD9", Token.Operator.Word: "bold #8E1FD9",
        Token.Name.Label: "#6B6B00",
    }  # fmt: skip


@cache
def highlight_css() -> str:
    """Return the colours of ``highlight_python``'s classes inside ``.hl``, light and dark."""
    light, dark = (
        "\n".join(
            line
            for line in HtmlFormatter(style=style).get_style_defs(".hl").splitlines()
            if line.startswith(".hl .") and not line.startswith((".hl .err", ".hl .hll"))
        )
        for style in (Light, "github-dark")
    )
    return (
        f"@media print, (prefers-color-scheme: light) {{\n{light}\n}}\n"
        f"@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}\n"
    )


def sanitise(html: str, attachments: Mapping[str, object] | None = None) -> str:
    """Return a balanced fragment without script, style, ids, classes, forms or remote content."""
    return nh3.clean(
        html,
        tags=set(_TAGS.split()),
        clean_content_tags=set(_DROPPED_WHOLE.split()),
        attributes=_ATTRIBUTES,
        attribute_filter=partial(_attribute, attachments or {}),
        url_schemes={"http", "https", "data", "attachment"},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def image_uri(mime: str, encoded: str) -> str | None:
    """Return a data: URI of our own making, or None where the bytes are not such a picture or too many."""
    if mime not in _MAGIC or len(encoded) > IMAGE_LIMIT * 3 // 2:
        return None
    try:
        image = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    if not image.startswith(_MAGIC[mime]) or len(image) > IMAGE_LIMIT:
        return None
    if mime == "image/png" and not _is_moderate_png(image):
        return None
    return f"data:{mime};base64,{base64.b64encode(image).decode('ascii')}"


def _is_moderate_png(image: bytes) -> bool:
    if len(image) < 24 or image[12:16] != b"IHDR":
        return False
    width, height = struct.unpack(">II", image[16:24])
    return bool(0 < width * height <= PIXEL_LIMIT)


def _svg_uri(svg: str) -> str | None:
    if len(svg) > IMAGE_LIMIT or "<svg" not in svg.lower():
        return None
    if any(tag.lower() not in _SVG_TAGS.split() for tag in _SVG_TAG.findall(svg)):
        return None
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode('utf-8', 'replace')).decode('ascii')}"


def _attribute(attachments: Mapping[str, object], tag: str, name: str, value: str) -> str | None:
    if name == "href":
        return value if re.match(r"https?://", value, re.IGNORECASE) else None
    if name != "src":
        return value
    if value.startswith("attachment:"):
        bundle = attachments.get(value.removeprefix("attachment:"))
        pictures = bundle.items() if isinstance(bundle, Mapping) else ()
        return next((uri for mime, data in pictures if (uri := image_uri(str(mime), _text(data)))), None)
    found = _DATA_URI.match(value)
    return image_uri(found[1].lower(), found[2]) if found else None


def _cells(executed: Notebook, room: _Room) -> Iterator[tuple[RenderedCell, Notebook]]:
    """The cells without outputs, each with its source, until the room is full."""
    number = 0
    for cell in _list(executed.get("cells")):
        if not isinstance(cell, Mapping):
            continue
        source = _text(cell.get("source"))
        if not source.strip() or cell.get("cell_type") not in ("code", "markdown"):
            continue
        code = cell["cell_type"] == "code"
        number += code
        html = highlight_python(source) if code else _markdown(_tidy(source), cell.get("attachments"))
        room.take(html)
        if room.bytes_left < 0:
            return
        yield RenderedCell("code" if code else "markdown", number, html), cell


def _with_outputs(shown: RenderedCell, cell: Notebook, room: _Room) -> RenderedCell:
    return replace(shown, outputs=tuple(_outputs(cell, room))) if shown.kind == "code" else shown


def _tidy(raw: str) -> str:
    """Return a cell's source within bounds. Long runs of blank lines cost Pygments quadratic time."""
    lines = [line.rstrip() for line in clip(printable(raw[:RAW_LIMIT]), SOURCE_LIMIT).split("\n")]
    return "\n".join(line for n, line in enumerate(lines) if any(lines[max(0, n - 2) : n + 1])).rstrip()


def _markdown(source: str, attachments: object) -> str:
    # The page owns the headings down to h3, so those of a student start at h4.
    tokens = _parser().parse(source)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + 3)}"
    known = attachments if isinstance(attachments, Mapping) else {}
    return sanitise(_parser().renderer.render(tokens, _parser().options, {}), known)


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table").enable("strikethrough")


def _outputs(cell: Notebook, room: _Room) -> Iterator[RenderedOutput]:
    outputs = _list(cell.get("outputs"))
    for output in _joined_streams(outputs[:OUTPUTS_LIMIT]):
        shown = _output(output) if room.bytes_left > _weight(output) else RenderedOutput("note", _TOO_MUCH)
        room.take(escape(shown.content))
        room.bytes_left -= _weight(output) if shown.kind == "text" else 0
        if shown.content:
            yield shown
    if len(outputs) > OUTPUTS_LIMIT:
        yield RenderedOutput("note", f"{len(outputs) - OUTPUTS_LIMIT:,} more outputs are left out.")


def _weight(output: Notebook) -> int:
    """The characters that may have to be cleaned or carried for an output beside its text."""
    data = output.get("data")
    lengths = [len(_text(value)) for value in data.values()] if isinstance(data, Mapping) else []
    return sum(length for length in lengths if length <= IMAGE_LIMIT * 3 // 2)


def _joined_streams(outputs: list[object]) -> Iterator[Notebook]:
    """One print may arrive in many pieces; join those that follow each other."""
    pending: list[str] = []
    for output in outputs:
        if not isinstance(output, Mapping):
            continue
        if output.get("output_type") == "stream":
            pending.append(_text(output.get("text")))
            continue
        if pending:
            yield {"output_type": "stream", "text": pending}
            pending = []
        yield output
    if pending:
        yield {"output_type": "stream", "text": pending}


def _output(output: Notebook) -> RenderedOutput:
    if output.get("output_type") == "stream":
        return RenderedOutput("text", terminal_text(_text(output.get("text"))))
    if output.get("output_type") == "error":
        lines = [line for line in _list(output.get("traceback")) if isinstance(line, str)]
        said = "\n".join(lines) or f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}"
        return RenderedOutput("error", terminal_text(said))
    data = output.get("data")
    return _display(data) if isinstance(data, Mapping) else RenderedOutput("note", "")


def _display(data: Notebook) -> RenderedOutput:
    for mime in _MAGIC:
        if mime in data:
            uri = image_uri(mime, _text(data[mime]))
            lacking = f"A picture is not shown: it is no {mime}, or larger than {IMAGE_LIMIT:,} bytes."
            return RenderedOutput("image", uri) if uri else RenderedOutput("note", lacking)
    html = _text(data.get("text/html"))
    if html and len(html) <= HTML_LIMIT and _shows_something(clean := sanitise(printable(html))):
        return RenderedOutput("html", clean)
    svg = _text(data.get("image/svg+xml"))
    if svg and (uri := _svg_uri(svg)):
        return RenderedOutput("image", uri)
    text = _text(data.get("text/plain")) or _text(data.get("text/latex")) or html or svg
    return RenderedOutput("text", terminal_text(text)) if text else RenderedOutput("note", _unknown(data))


def _shows_something(clean: str) -> bool:
    return 'src="data:' in clean or bool(re.sub(r"<[^<>]*>", "", clean).strip())


def _unknown(data: Notebook) -> str:
    kinds = printable(", ".join(str(kind) for kind in list(data)[:3]))
    return f"An output is not shown here: {clip(kinds, 200)}." if kinds else ""


def terminal_text(text: str) -> str:
    """Return what a terminal would end up showing, cut to ``TEXT_LIMIT``: a progress bar's last state."""
    lines = _ANSI.sub("", text[:RAW_LIMIT]).replace("\r\n", "\n").replace("\b", "").split("\n")
    last = ("".join([part for part in line.split("\r") if part.strip()][-1:]) for line in lines)
    return clip(printable("\n".join(last)).strip("\n"), TEXT_LIMIT)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    """Nbformat keeps a text as a string or as a list of lines; anything else is no text."""
    if isinstance(value, str):
        return value
    return "".join(line for line in _list(value) if isinstance(line, str))
