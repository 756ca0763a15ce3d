"""Runs notebooks with nbclient and grades nothing: ``nbclient_class.py OUT NOTEBOOK…``.

What ran of ``NAME/lab.ipynb`` goes to ``OUT/NAME.ipynb``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient


def main() -> None:
    """Run one after the other."""
    out = Path(sys.argv[1])
    out.mkdir(parents=True)
    for place in map(Path, sys.argv[2:]):
        notebook = nbformat.read(place, as_version=4)
        where = {"metadata": {"path": str(place.parent)}}
        NotebookClient(notebook, timeout=None, allow_errors=True, resources=where).execute()
        nbformat.write(notebook, out / f"{place.parent.name}.ipynb")


if __name__ == "__main__":
    main()
