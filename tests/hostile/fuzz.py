"""Fuzz one part of the grader with atheris, by hand.

    python -m tests.hostile.fuzz notebook --minutes 10

The parts are archive, notebook, page and answer. atheris is not among the locked packages:
``.venv/bin/python -m pip install atheris``. A crash is written to the current folder, and
``python -m tests.hostile.fuzz notebook FILE`` shows it again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.hostile.case import RIGHT, text_of, zipped
from tests.hostile.targets import OF_BYTES

SEEDS = {
    "archive": [zipped(("lab.ipynb", text_of(*RIGHT)), ("../u.py", "x"), compressed=True)],
    "notebook": [text_of(*RIGHT).encode(), text_of("x", nbformat=3).encode("utf-16")],
    "page": [text_of(*RIGHT).encode()],
    "answer": [b'{"status": "ok", "data": {"changed": [], "contents": ["a"]}, "arrays": [{"dtype": "<f8", "shape": [2]}]}\n' + bytes(16)],
}  # fmt: skip


def main() -> None:
    """Fuzz, or run one file again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=sorted(OF_BYTES))
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--minutes", type=float, default=10)
    chosen = parser.parse_args()
    target = OF_BYTES[chosen.target]
    if chosen.file:
        target(chosen.file.read_bytes())
        return
    try:
        import atheris  # type: ignore[import-not-found]
    except ImportError:
        sys.exit("atheris is missing: .venv/bin/python -m pip install atheris")
    atheris.instrument_all()
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(SEEDS[chosen.target]):
            (Path(corpus) / str(number)).write_bytes(seed)
        options = [f"-max_total_time={chosen.minutes * 60:.0f}", "-rss_limit_mb=6000", "-timeout=30"]
        atheris.Setup([sys.argv[0], corpus, *options], target)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
