"""The pictures of the documents: the main states of the pages in Chromium, as small PNG files.

    python -m bench.screenshots [grades/demo] [--out docs]

Takes the folder that ``make demo`` leaves. Pages that it lacks are left out, with a line that says so.
"""

from __future__ import annotations

import argparse
import io
import shutil
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

COLOURS = 128  # of a picture: enough for a page, and a third of the bytes


@dataclass(frozen=True)
class Shot:
    """One state: the page below the folder, the element to begin at ("" for the top), the window's pixels."""

    name: str
    page: str
    at: str = ""
    width: int = 1180
    height: int = 800
    scheme: str = "light"


SHOTS = (
    Shot("feedback-first", "chen/feedback.html"),
    Shot("feedback", "chen/feedback.html", "[id='check-4.1-architecture']", height=900),
    Shot("feedback-pictures", "ada/feedback.html", "[id='task-4.2']", height=900),
    Shot("feedback-dark", "ada/feedback.html", "[id='task-5.0']", scheme="dark", height=900),
    Shot("feedback-phone", "chen/feedback.html", width=320, height=640),
    Shot("class", "index.html", height=1000),
    Shot("class-students", "index.html", "[id='lab-1']", height=560),
)


def taken(browser: Browser, page: Path, shot: Shot) -> bytes:
    """One state as a PNG with few colours."""
    size = {"width": shot.width, "height": shot.height}
    tab = browser.new_page(viewport=size, color_scheme=shot.scheme)  # type: ignore[arg-type,unused-ignore]
    tab.set_default_timeout(120_000)
    tab.goto(page.resolve().as_uri())
    if shot.at:
        tab.locator(shot.at).first.evaluate("(one) => one.scrollIntoView({ behavior: 'instant' })")
    pixels = Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
    tab.close()
    file = io.BytesIO()
    pixels.quantize(COLOURS, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "grades",
        nargs="?",
        type=Path,
        default=Path("grades/demo"),
        help="what labgrade grade wrote, such as grades/demo",
    )
    parser.add_argument("--out", type=Path, default=Path("docs"))
    options = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        raise SystemExit("There is no Chromium on the PATH: apt install chromium.")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for shot in SHOTS:
            page = options.grades / shot.page
            if not page.exists():
                print(f"{shot.name}: left out, there is no {page}")
                continue
            picture = taken(browser, page, shot)
            (options.out / f"{shot.name}.png").write_bytes(picture)
            print(f"{shot.name}.png: {len(picture) / 1024:.0f} KiB", flush=True)


if __name__ == "__main__":
    main()
