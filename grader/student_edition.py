"""What a student installs: a wheel with the public checks of one lab and the self-check.

It is made of this installation's own files. Of the grader it holds the modules that the self-check reaches,
of the lab the code that the public checks need (``pruning.py``), of the rubric and the questions what a
student reads anyway. It needs no network to be made, and the same files give the same bytes.
"""

from __future__ import annotations

import ast
import base64
import hashlib
import importlib.metadata
import io
import json
import re
import sys
import tomllib
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grader
from grader import labs, public
from grader.pages import templates_folder
from grader.pruning import prune
from grader.questions import FILES, file_of

ROOTS = ("grader.__main__", "grader.cli", "grader.cli.check", "grader.cli.magic", "checks", "checks.kit")
PRIVATE = (  # reached by the pipeline, and opened for instructors alone
    "grader.claims.findings", "grader.gradebook.place", "grader.judging.judge", "grader.judging.rules",
    "grader.class_note", "grader.tampering",
)  # fmt: skip
TEMPLATES = ("", "card", "feedback")  # folders of templates/, "" for the files in it
TABLES = ("lab", "tasks", "checks", "answers", "limits")  # of the rubric, that students get
WHEN = (2020, 1, 1, 0, 0, 0)  # the date of every file, so that a wheel depends on nothing else
OPTIONAL = frozenset({"cv2"})  # needed where a check of the lab imports it
# Floors, not versions: a student has TensorFlow and Keras already, and they decide much.
REQUIREMENTS = {
    "IPython": "ipython>=7.34", "PIL": "pillow>=9", "cv2": "opencv-python>=4.5",
    "hypothesis": "hypothesis>=6.100", "ipykernel": "ipykernel>=6.17", "jinja2": "jinja2>=3.1",
    "jupyter_client": "jupyter_client>=7.4", "markdown_it": "markdown-it-py>=2",
    "markupsafe": "markupsafe>=2", "nbclient": "nbclient>=0.7", "nbformat": "nbformat>=5.7",
    "nh3": "nh3>=0.2.14", "numpy": "numpy>=1.26", "platformdirs": "platformdirs>=3",
    "psutil": "psutil>=5.9", "pygments": "pygments>=2.15", "rapidfuzz": "rapidfuzz>=3", "rich": "rich>=13",
    "scipy": "scipy>=1.11", "sklearn": "scikit-learn>=1.3", "typer": "typer>=0.12",
    "watchfiles": "watchfiles>=0.20", "yaml": "pyyaml>=6", "zmq": "pyzmq>=24",
}  # fmt: skip
STUDENTS_OWN = frozenset({"tensorflow", "keras", "tf_keras", "matplotlib", "carbontracker", "pandas", "ray"})


@dataclass(frozen=True)
class StudentEdition:
    """A wheel: its file name, its bytes, and how many checks of the lab it has and lacks."""

    name: str
    content: bytes
    public: int
    others: int


def student_edition(lab_id: str) -> StudentEdition:
    """Make the wheel of a lab's student edition.

    Raises:
        UsageProblem: there is no such lab.
    """
    lab = labs.load_lab(lab_id)
    rubric = labs.load_rubric(lab)
    chosen = public.public_checks(lab, rubric)
    others = public.other_checks(lab, rubric)
    files = {**_code(lab, chosen), **_about_lab(lab_id, {check.id for check in chosen}, others)}
    for folder in TEMPLATES:
        for path in sorted((templates_folder() / folder).glob("*.*")):
            name = f"{folder}/{path.name}" if folder else path.name
            files[f"grader/templates/{name}"] = path.read_text("utf-8")
    version = f"{grader.__version__}+{re.sub(r'[^a-z0-9]+', '.', lab_id.lower())}"
    name, content = _wheel(version, rubric.title, files)
    return StudentEdition(name, content, len(chosen), sum(others.values()))


# ---- the code ----------------------------------------------------------------------------------------


def _code(lab: Any, chosen: Collection[Any]) -> dict[str, str]:
    """The text of every module, by its path in the wheel."""
    ours = {**_texts("grader"), **_texts("checks")}
    package = f"checks.{lab.id}"
    own = {name: ours.pop(name) for name in [*ours] if name == package or name.startswith(f"{package}.")}
    wanted = [(package, "*"), *((f"{package}.{module}", "") for module in lab.modules)]
    wanted += [(check.run.__module__, check.run.__name__) for check in chosen]
    pruned = prune(own, wanted)
    ours = {name: text for name, text in ours.items() if name not in PRIVATE} | pruned
    kernel = [name for name in ours if name.startswith("grader.kernel")]
    found = _reached([*ROOTS, *kernel, *pruned], ours)
    packages = {name for name in ours if any(other.startswith(f"{name}.") for other in ours)}
    return {_path(name, name in packages): ours[name] for name in sorted(found)}


def _texts(package: str) -> dict[str, str]:
    """The text of every module of one of our packages, by its dotted name."""
    folder = Path(grader.__file__).resolve().parent.parent
    found = {}
    for path in sorted((folder / package).rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text("utf-8")
    return found


def _reached(names: Collection[str], texts: Mapping[str, str]) -> set[str]:
    """The modules that these import, directly or by way of others, and the packages that hold them."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found or name not in texts:
            continue
        found.add(name)
        waiting += [name.rpartition(".")[0], *_imports(texts[name])]
    return found


def _imports(text: str) -> Iterator[str]:
    """Every dotted name that a module imports, or may import from a package; relative ones are left out."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _path(name: str, is_package: bool) -> str:
    return f"{name.replace('.', '/')}{'/__init__' if is_package else ''}.py"


# ---- what is asked -----------------------------------------------------------------------------------


def _about_lab(lab: str, chosen: Collection[str], others: Mapping[str, int]) -> dict[str, str]:
    """The rubric without private checks and thresholds, and the questions without their answers."""
    folder = labs.folder_of(lab)
    document = tomllib.loads((folder / "rubric.toml").read_text("utf-8"))
    document["checks"] = {
        check: {key: value for key, value in entry.items() if key not in ("threshold", "public")}
        for check, entry in document["checks"].items()
        if check in chosen
    }
    for task, entry in document["tasks"].items():
        if others.get(task):
            entry["unlisted"] = others[task]
    kept: dict[str, Any] = {name: document[name] for name in TABLES if name in document}
    files = {f"checks/{lab}/rubric.toml": _toml(kept)}
    place = file_of(folder)
    if place is not None:
        asked = tomllib.loads(place.read_text("utf-8"))
        questions = {
            name: {key: entry[key] for key in ("task", "text", "also", "keys") if key in entry}
            for name, entry in asked["questions"].items()
        }
        listed = {"handout": asked.get("handout", []), "sections": asked.get("sections", {})}
        files[f"checks/{lab}/{FILES[-1]}"] = _toml({**listed, "questions": questions})
    return files


def _toml(document: Mapping[str, Any], path: tuple[str, ...] = ()) -> str:
    """Plain data as TOML: texts, numbers, switches, lists of texts, and tables of these."""
    plain = [f"{_text(key)} = {_value(one)}" for key, one in document.items() if not isinstance(one, dict)]
    head = [f"[{'.'.join(map(_text, path))}]"] if path and plain else []
    inner = [_toml(one, (*path, key)) for key, one in document.items() if isinstance(one, dict)]
    return "\n".join([*head, *plain, *([""] if plain else []), *inner])


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return _text(value) if isinstance(value, str) else repr(value)


def _text(value: str) -> str:
    """A text in quotes; TOML's escapes are JSON's."""
    return json.dumps(value)


# ---- the wheel ---------------------------------------------------------------------------------------


def _wheel(version: str, title: str, files: Mapping[str, str]) -> tuple[str, bytes]:
    """The file's name and its bytes, after the specification of wheels."""
    about = f"labgrade-{version}.dist-info"
    metadata = [
        "Metadata-Version: 2.1", "Name: labgrade", f"Version: {version}",
        f"Summary: Self-check for students: {title}", "License: MIT", "Requires-Python: >=3.11",
        *(f"Requires-Dist: {one}" for one in requirements(files)),
    ]  # fmt: skip
    tags = ["Wheel-Version: 1.0", f"Generator: labgrade {grader.__version__}", "Root-Is-Purelib: true"]
    every = {
        **files,
        f"{about}/METADATA": "\n".join(metadata) + "\n",
        f"{about}/WHEEL": "\n".join([*tags, "Tag: py3-none-any"]) + "\n",
        f"{about}/entry_points.txt": "[console_scripts]\nlabgrade = grader.cli:main\n",
    }
    record = f"{about}/RECORD"
    lines = [_recorded(name, text.encode()) for name, text in every.items()]
    every[record] = "\n".join([*lines, f"{record},,"]) + "\n"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in every.items():
            entry = zipfile.ZipInfo(name, WHEN)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, text.encode())
    return f"labgrade-{version}-py3-none-any.whl", stream.getvalue()


def _recorded(name: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(content)}"


def requirements(files: Mapping[str, str]) -> tuple[str, ...]:
    """What the code in these files needs, with floors; what students have for the lab itself is left out."""
    code = {name: text for name, text in files.items() if name.endswith(".py")}
    roots = {name: {one.partition(".")[0] for one in _imports(text)} for name, text in code.items()}
    found = {root for names in roots.values() for root in names} - OPTIONAL
    found |= {one for name, names in roots.items() if name.startswith("checks/") for one in names & OPTIONAL}
    found |= {"scipy", "sklearn"}  # the labs' own, whose files are read without an import
    known = {*sys.stdlib_module_names, *STUDENTS_OWN, "grader", "checks", "__future__"}
    others = importlib.metadata.packages_distributions() if found - known - REQUIREMENTS.keys() else {}
    return tuple(sorted(REQUIREMENTS.get(root) or others.get(root, [root])[0] for root in found - known))
