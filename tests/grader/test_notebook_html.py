"""A student's notebook becomes safe pieces of a page, whatever it contains."""

from __future__ import annotations

import base64
import re
import struct
import time
from html import escape

import pytest

from grader import notebook_html
from grader.notebook_html import (
    SECTION_LIMIT,
    clip,
    highlight_css,
    highlight_python,
    image_uri,
    printable,
    render_notebook,
    sanitise,
    terminal_text,
)
from tests.grader.page_reports import NOTEBOOK, PNG, code, display, markdown, notebook, png, stream

JPEG = base64.b64encode(b"\xff\xd8\xff\xe0" + b"\x00" * 20).decode("ascii")
WRONG_TYPES = [None, 0, 1.5, True, "text", ["text", None, 3], {"a": 1}, [[]], [{}], {"cells": 1}]


def only_output(*outputs):
    (cell,) = render_notebook(notebook(code("x", *outputs))).cells
    (output,) = cell.outputs
    return output


def prose(source, **more):
    (cell,) = render_notebook(notebook(markdown(source, **more))).cells
    return cell.html


@pytest.mark.parametrize("wrong", WRONG_TYPES, ids=repr)
def test_any_type_may_be_wrong_anywhere(wrong):
    """No place of a notebook can hold a value that stops the page."""
    keys = ("output_type", "text", "traceback", "ename", "data")
    outputs = [
        {"output_type": kind, key: wrong} for kind in ("stream", "error", "display_data") for key in keys
    ]
    types = ("image/png", "text/html", "text/plain", "image/svg+xml", "text/latex")
    bundles = [display({kind: wrong}) for kind in types]
    cells = [
        wrong,
        code(wrong, wrong),
        code("x", *outputs, *bundles),
        markdown(wrong, attachments=wrong),
        markdown("![a](attachment:b)", attachments={"b": wrong}),
        {"cell_type": wrong, "source": "x"},
        {"cell_type": "code", "source": "last", "outputs": wrong},
    ]
    assert render_notebook(notebook(*cells)).cells[-1].html == '<span class="n">last</span>'
    render_notebook({"cells": wrong})
    render_notebook(wrong)


def test_code_cells_that_are_not_blank_are_counted_from_one():
    """Blank cells and Markdown have no number, so the numbers are those of the run."""
    shown = render_notebook(notebook(code("  \n"), code("a"), markdown("b"), code(["c", "\n"]), code("")))
    assert [(cell.kind, cell.number) for cell in shown.cells if cell.kind == "code"] == [
        ("code", 1),
        ("code", 2),
    ]
    assert shown.anchors == {1, 2}


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ("<script>alert(1)</script>ok", "ok"),
        ("<p onclick=x style='position:fixed' id=main class=top>ok</p>", "<p>ok</p>"),
        ("</div></main></body>ok", "ok"),
        ("<table><tr><td colspan=2>ok", '<table><tbody><tr><td colspan="2">ok</td></tr></tbody></table>'),
        ("<img src=https://evil.example/a.png alt=ok>", '<img alt="ok">'),
        ("<img src=//evil.example/a.png alt=ok>", '<img alt="ok">'),
        ("<img src=a.png alt=ok>", '<img alt="ok">'),
        ("<img src='data:image/svg+xml,<svg onload=x>' alt=ok>", '<img alt="ok">'),
        ("<img src='data:text/html;base64,PGI+' alt=ok>", '<img alt="ok">'),
        (f"<img src='data:image/png;base64,{JPEG}' alt=ok>", '<img alt="ok">'),
        ("<style>*{background:url(https://evil.example)}</style>ok", "ok"),
        ("<svg><script>x</script><a href='javascript:x'>no</a></svg>ok", "ok"),
        ("<iframe src=https://evil.example>no</iframe>ok", "ok"),
        ("<form action=x><input value=no><button>ok</button></form>", "ok"),
        ("<meta http-equiv=refresh content=0><base href=x><link href=x>ok", "ok"),
        ("<!-- no -->ok", "ok"),
        ("<h1>ok</h1>", "ok"),
    ],
)
def test_html_is_made_harmless(html, clean):
    """What runs, loads, leaves its place or poses as the page goes; the rest stays."""
    assert sanitise(html) == clean


@pytest.mark.parametrize(
    "href",
    [
        "javascript:x", " java\nscript:x", "JaVaScRiPt:x", "data:text/html,x", "vbscript:x", "file:///x",
        "/x", "#main", "attachment:x", "mailto:a@b.c",
    ],
)  # fmt: skip
def test_links_lead_to_the_web_or_nowhere(href):
    """Only http and https links stay links."""
    assert "href" not in sanitise(f'<a href="{href}">x</a>')


def test_links_tell_the_other_side_nothing():
    """A link opens beside the page, without a referrer."""
    html = sanitise('<a href="https://keras.io">x</a>')
    assert 'href="https://keras.io"' in html
    assert 'rel="noopener noreferrer nofollow"' in html
    assert 'target="_blank"' in html


def test_pictures_are_shown_by_what_they_are():
    """PNG and JPEG whose first bytes say so become data: URIs of our own encoding."""
    assert image_uri("image/png", f" {PNG[:9]}\n{PNG[9:]} ") == f"data:image/png;base64,{PNG}"
    assert image_uri("image/jpeg", JPEG) == f"data:image/jpeg;base64,{JPEG}"
    assert only_output(display({"image/png": [PNG], "text/plain": "<Figure>"})).kind == "image"


@pytest.mark.parametrize(
    ("mime", "encoded"),
    [
        ("image/png", JPEG),
        ("image/jpeg", PNG),
        ("image/gif", base64.b64encode(b"GIF89a").decode()),
        ("image/png", "not base64!"),
        ("image/png", 'iVBORw0KGgo"><script>'),
        ("image/png", "é" * 8),
        ("image/png", base64.b64encode(png()[:20]).decode()),
        ("image/png", base64.b64encode(png() + b"\x00" * 2_000_000).decode()),
        (
            "image/png",
            base64.b64encode(png().replace(struct.pack(">II", 2, 2), b"\x00\x00\xff\xff" * 2)).decode(),
        ),
    ],
    ids=["jpeg-as-png", "png-as-jpeg", "gif", "no-base64", "markup", "not-ascii", "cut", "too-large", "bomb"],
)
def test_other_pictures_are_not_shown(mime, encoded):
    """Nothing else becomes an image, and the place says so."""
    assert image_uri(mime, encoded) is None
    if mime == "image/png":
        assert only_output(display({mime: encoded})).kind == "note"


def test_simple_drawings_are_images_and_others_are_text():
    """SVG stands in an <img>, where no script runs, unless it has parts that could reach out or never end."""
    simple = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>'
    assert only_output(display({"image/svg+xml": simple})).content.startswith("data:image/svg+xml;base64,")
    names = ("use href='#a'", "s:use", "script", "foreignObject", "image", "animate", "style", "filter")
    for part in (*(f"<{name}/>" for name in names), "<!ENTITY a 'b'>", "<![CDATA[<use/>]]>"):
        drawing = simple.replace("<path", f"{part}<path")
        assert only_output(display({"image/svg+xml": drawing})).kind == "text", part


def test_markdown_is_shown_and_its_html_is_text():
    """Markdown works; headings start below the page's own; raw HTML is shown, not obeyed."""
    html = prose("# Title\n\n*a* ~~b~~\n\n| c |\n|---|\n| d |\n\n<b onclick=x>e</b>")
    assert "<h4>Title</h4>" in html
    assert "<em>a</em>" in html
    assert "<td>d</td>" in html
    assert "&lt;b onclick=x&gt;e&lt;/b&gt;" in html


def test_attachments_are_shown():
    """A picture pasted into a Markdown cell is shown, if it is one."""
    assert PNG in prose("![a](attachment:a.png)", attachments={"a.png": {"image/png": PNG}})
    assert "src" not in prose("![a](attachment:a.png)", attachments={"a.png": {"image/png": JPEG}})


def test_a_frame_is_shown_as_a_table_and_a_script_as_its_text():
    """text/html is shown where something is left of it; else the plain text is."""
    assert only_output(display({"text/html": "<table><td>1</table>", "text/plain": "1"})).kind == "html"
    shown = only_output(display({"text/html": "<script>plot()</script>", "text/plain": "Figure(...)"}))
    assert (shown.kind, shown.content) == ("text", "Figure(...)")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;https://evil.example\x07link\x1b]8;;\x07", "link"),
        ("1/3\r2/3\r3/3 done\n", "3/3 done"),
        ("1/3\b\b\b3/3", "1/33/3"),
        ("kept\r", "kept"),
        ("windows\r\nlines", "windows\nlines"),
        ("a\u202eb\x00c\ud800d", "abcd"),
        ("\x1b[", ""),
    ],
)
def test_terminal_output_is_plain_text(raw, shown):
    """Colours, cursor tricks, links and reordering marks go; a progress bar shows its last state."""
    assert terminal_text(raw) == shown


def test_prints_in_pieces_are_one_text():
    """Stream outputs that follow each other are joined, also across a piece of a progress bar."""
    assert only_output(stream("1/2\r"), stream(["2/2", " done"])).content == "2/2 done"


def test_long_texts_say_what_is_missing():
    """A text is cut to 20 kB in its middle, with a sentence there."""
    shown = only_output(stream("a" * 30_000 + "END")).content
    assert len(shown) < notebook_html.TEXT_LIMIT + 100
    assert "10,003 characters left out here" in shown
    assert shown.endswith("END")
    assert clip("short", 20) == "short"


def test_a_huge_notebook_is_cut_with_a_sentence():
    """The section stays near its limit, counting what escaping adds; outputs go first, and it says so."""
    cells = [
        code(f"print({n})", *[stream("<" * 19_000), display({"text/plain": "&"})] * 20) for n in range(60)
    ]
    shown = render_notebook(notebook(*cells))
    assert len(shown.cells) == 60 and shown.left_out == ""
    outputs = [output for cell in shown.cells for output in cell.outputs]
    sizes = [len(escape(output.content)) for output in outputs if output.kind == "text"]
    assert sum(sizes) < 1.05 * SECTION_LIMIT
    assert outputs[0].kind == "text" and outputs[-1].kind == "note"
    long = render_notebook(notebook(*[code(f"x = {'y' * 40_000}")] * 60))
    assert 0 < len(long.cells) < 60
    assert "left out" in long.left_out
    assert render_notebook(NOTEBOOK).left_out == ""


def test_a_picture_that_does_not_fit_leaves_a_note():
    """Once the room is used up, smaller things still appear, and each thing left out says so."""
    large = base64.b64encode(png() + b"\x00" * 350_000).decode()
    pictures = [display({"image/png": large}) for _ in range(4)]
    first, last = render_notebook(notebook(code("x", *pictures), code("y", stream("z")))).cells
    assert [output.kind for output in first.outputs] == ["image", "image", "note", "note"]
    assert last.outputs[0].content == "z"


def test_work_that_shows_nothing_is_bounded_too():
    """HTML that cleans to nothing uses up the room like HTML that is shown."""
    empty = display({"text/html": "<div>" * 19_000, "text/plain": ""})
    start = time.monotonic()
    shown = render_notebook(notebook(*[code("x", *[empty] * 100) for _ in range(50)]), limit=300_000)
    assert time.monotonic() - start < 30
    assert {output.kind for cell in shown.cells[1:] for output in cell.outputs} == {"note"}


def test_a_flood_of_outputs_is_counted():
    """A cell shows at most 200 outputs and says how many more there were."""
    (cell,) = render_notebook(notebook(code("x", *[display({"text/plain": "y"})] * 1_000))).cells
    assert len(cell.outputs) == notebook_html.OUTPUTS_LIMIT + 1
    assert cell.outputs[-1].content == "800 more outputs are left out."


@pytest.mark.parametrize(
    "part", ["\t\n", "\n\n", "\n\nx", "(", "'''", "\x1b[", "[", "<div>", "*a_", "\r"], ids=ascii
)
def test_no_source_keeps_the_grader_busy(part):
    """Sources made to be slow to colour, to parse or to clean are done in seconds."""
    source = part * (400_000 // len(part))
    start = time.monotonic()
    highlight_python(source)
    render_notebook(
        notebook(code(source, stream(source), display({"text/html": source[:99_000]})), markdown(source))
    )
    assert time.monotonic() - start < 10


def test_code_is_coloured_in_light_and_dark():
    """Every class that colours code has its rules inside .hl, for both schemes, and none for the page."""
    assert '<span class="k">def</span>' in highlight_python("def f(): pass")
    assert "&lt;script&gt;" in highlight_python("'<script>'")
    rules = [line for line in highlight_css().splitlines() if not line.startswith(("@media", "}"))]
    assert all(line.startswith(".hl .") for line in rules)
    assert highlight_css().count(".hl .k ") == 2


def luminance(colour):
    digits = "".join(one * 2 for one in colour) if len(colour) == 3 else colour
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_every_colour_of_code_can_be_read():
    """At least 4.5 to 1 on the page's paper for code, in both schemes, but for white space."""
    light, dark = highlight_css().split("@media screen")
    for css, paper in ((light, "f7f6f3"), (dark, "111213")):
        for name, colour in re.findall(r"\.hl \.(\w+) \{ color: #(\w+)", css):
            one, other = sorted((luminance(colour), luminance(paper)))
            assert name == "w" or (other + 0.05) / (one + 0.05) >= 4.5, (name, colour)


def test_printable_text_keeps_every_script():
    """Only control and reordering marks go; letters of any script stay."""
    assert printable("Å ü 中 ع \U0001f600\tx\n") == "Å ü 中 ع \U0001f600\tx\n"
