"""Class folders in the making: files by path, zips, and what was found in them."""

import io
import json
import zipfile

from grader.intake import find_submissions


def notebook(code="x = 1"):
    cell = {"cell_type": "code", "source": [code], "metadata": {}, "outputs": [], "execution_count": None}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]})


def make_zip(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, content in members.items():
            made.writestr(name, content)
    return buffer.getvalue()


def lay(folder, files):
    """Write files, given as {path: text or bytes}, and return the folder; a path ending in / is a folder."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            path.mkdir(exist_ok=True)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def find(tmp_path, files, **options):
    return find_submissions(lay(tmp_path / "class", files), tmp_path / "unpacked", **options)


def find_in_zip(tmp_path, files, name="class.zip"):
    (tmp_path / name).write_bytes(make_zip(files))
    return find_submissions(tmp_path / name, tmp_path / "unpacked")


def summary(found):
    """Each submission as (slug, notebook's name or None, names of its files)."""
    return [(one.slug, one.notebook and one.notebook.name, [name for name, _ in one.files]) for one in found]
