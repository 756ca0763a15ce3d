"""The arrows of ARCHITECTURE.md, read from the imports; no lab named in the grader; no file too long."""

from __future__ import annotations

import ast
import functools
import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import checks
from grader import labs

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("checks", "grader", "reference")
NEVER_IMPORTED = ("tests", "bench", "submissions", "scripts")
MAX_LINES = 450

# Area → the areas it may import. A lab's area is its own package, e.g. ``checks.cnn``.
ARROWS = {
    "checks": {"checks.kit"},
    "checks.kit": {"checks.kit"},
    "grader": {"grader", "checks.kit"},
    "grader.cli": {"grader.cli", "grader", "checks.kit"},
    "grader.kernel": {"grader.kernel"},
    "reference": {"reference"},
}
DOORS = {  # the single modules that open one more
    "grader.labs": "checks",  # finds the labs, each a package under checks/
    "grader.audit_cases": "checks",  # finds their seeded faults
    "grader.editions": "reference",
    "grader.__main__": "grader.cli",
    "grader": "grader.cli",  # %load_ext grader
    "grader.live": "grader.kernel",  # runs in the student's own process
}
ONLY_IN = {  # library → the one place that knows it
    "nbclient": "grader.execution",
    "jupyter_client": "grader.kernels",
    "jinja2": "grader.pages",
    "jupytext": "grader.editions",
    "matplotlib": "grader.plots",
    "nh3": "grader.notebook_html",
    "markdown_it": "grader.notebook_html",
    "typer": "grader.cli",
    "rich": "grader.cli",
    "yaml": "grader.gradescope",
    "copydetect": "grader.similarity.overlap",
    "ipykernel": "grader.kernel",
    "hypothesis": "checks",
    "ray": "grader.cluster.rays",
    **dict.fromkeys(("sqlalchemy", "alembic"), "grader.gradebook"),
    **dict.fromkeys(("starlette", "uvicorn"), "grader.review"),
    **dict.fromkeys(("tensorflow", "keras", "tf_keras"), "grader.kernel"),
}


@dataclass(frozen=True)
class Module:
    """A Python file; ``name`` is dotted, a package has its folder's name."""

    name: str
    source: str

    @functools.cached_property
    def tree(self) -> ast.Module:
        """The parsed source."""
        return ast.parse(self.source)

    @property
    def area(self) -> str:
        """Where it belongs."""
        return area(self.name)


@functools.cache
def modules() -> tuple[Module, ...]:
    """Every module of the three packages."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return tuple(Module(dotted(path), path.read_text("utf-8")) for path in paths)


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def packages() -> frozenset[str]:
    return frozenset(dotted(path) for package in PACKAGES for path in (ROOT / package).rglob("__init__.py"))


@functools.cache
def known() -> frozenset[str]:
    return frozenset(module.name for module in modules())


def area(name: str) -> str:
    """Where a module belongs: ``grader.cli.check`` to ``grader.cli``, ``grader.session`` to ``grader``."""
    first, _, rest = name.partition(".")
    second = rest.partition(".")[0]
    if first == "grader":
        return f"grader.{second}" if second in ("cli", "kernel") else "grader"
    if first == "checks" and second.isidentifier():
        return f"checks.{second}"
    return first


def targets(module: Module) -> Iterator[str]:
    """The dotted name of everything a module imports, wherever in the file; ``import_module`` counts.

    What follows a placeholder in ``import_module(f"checks.{lab}")`` is written ``*``.
    """
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = absolute(module, node)
            yield from (submodule(base, alias.name) for alias in node.names)
        elif isinstance(node, ast.Call) and name_of(node.func) in ("import_module", "__import__"):
            yield constant(node.args[0])


def absolute(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    keep = len(module.name.split(".")) - node.level + (module.name in packages())
    return ".".join([*module.name.split(".")[:keep], *([node.module] if node.module else [])])


def submodule(base: str, name: str) -> str:
    return f"{base}.{name}" if f"{base}.{name}" in known() else base


def name_of(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def constant(node: ast.expr) -> str:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in parts)


def allowed(module: Module) -> set[str]:
    own = {"checks.kit", module.area} if module.area.startswith("checks.") else set()
    return ARROWS.get(module.area, own) | {DOORS.get(module.name, "")}


def wrong_arrows(module: Module) -> list[str]:
    """What a module imports of ours and may not."""
    ours = (*PACKAGES, *NEVER_IMPORTED)
    return [
        f"{module.name} imports {target}"
        for target in targets(module)
        if target.partition(".")[0] in ours and area(target) not in allowed(module)
    ]


def wrong_libraries(module: Module) -> list[str]:
    """Libraries that another module is to know; the reference and the student's kernel may use any."""
    if module.area in ("reference", "grader.kernel"):
        return []
    return [
        f"{module.name} imports {target}, which only {place} does"
        for target in targets(module)
        if (place := ONLY_IN.get(target.partition(".")[0])) and not f"{module.name}.".startswith(f"{place}.")
    ]


def wrong_in_kernel(module: Module) -> list[str]:
    """Imports of the kernel's own modules that are not ``from . import``: it runs under another name."""
    if module.area != "grader.kernel":
        return []
    return [
        f"{module.name} line {node.lineno}: write `from . import …`"
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.ImportFrom) and (node.level > 1 or (node.module or "").startswith("grader")))
        or (isinstance(node, ast.Import) and any(alias.name.startswith("grader") for alias in node.names))
    ]


def named_labs(module: Module) -> list[str]:
    """Where a module of the grader names a lab in any string, be it code, help text or docstring."""
    if not module.name.startswith("grader"):
        return []
    word = re.compile(rf"\b(?:{'|'.join([*labs.lab_ids(), 'project4'])})\b")
    return [
        f"{module.name} line {node.lineno}: {found.group()}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for found in word.finditer(node.value)
    ]


RULES = (wrong_arrows, wrong_libraries, wrong_in_kernel, named_labs)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rules(rule):
    """No module of the three packages breaks the rule."""
    assert len(modules()) > 50
    assert [fault for module in modules() for fault in rule(module)] == []


@pytest.mark.parametrize(
    ("rule", "name", "source"),
    [
        (wrong_arrows, "checks.cnn.data", "from grader.records import Report"),
        (wrong_arrows, "checks.cnn.data", "import reference.cnn.data"),
        (wrong_arrows, "checks.cnn.data", "from checks.project4 import fish"),
        (wrong_arrows, "checks.kit.check", "from checks.cnn import data"),
        (wrong_arrows, "grader.session", "from checks.cnn import data"),
        (wrong_arrows, "grader.session", "import importlib\nimportlib.import_module(f'checks.{lab}.data')"),
        (wrong_arrows, "grader.session", "import importlib\nimportlib.import_module(f'reference.{lab}')"),
        (wrong_arrows, "grader.session", "def f():\n    from grader.cli import options"),
        (wrong_arrows, "grader.session", "from grader import cli"),
        (wrong_arrows, "grader.session", "from grader.kernel import calls"),
        (wrong_arrows, "grader.session", "from tests.live import LiveKernel"),
        (wrong_arrows, "grader.cli.check", "from grader.kernel import calls"),
        (wrong_arrows, "grader.kernel.calls", "from grader.records import Report"),
        (wrong_arrows, "grader.kernel.calls", "from checks.kit import Reply"),
        (wrong_arrows, "reference.cnn.data", "from checks.cnn import data"),
        (wrong_libraries, "grader.session", "from nbclient import NotebookClient"),
        (wrong_libraries, "grader.executions", "import nbclient"),
        (wrong_libraries, "grader.output", "import jinja2"),
        (wrong_libraries, "grader.session", "from jupyter_client.manager import KernelManager"),
        (wrong_libraries, "grader.batch", "import typer"),
        (wrong_libraries, "grader.grading", "import hypothesis.strategies"),
        (wrong_libraries, "checks.cnn.network", "def f():\n    from keras import layers"),
        (wrong_libraries, "grader.session", "import tensorflow as tf"),
        (wrong_in_kernel, "grader.kernel.server", "import grader.kernel.calls"),
        (wrong_in_kernel, "grader.kernel.server", "from grader.kernel import calls"),
        (wrong_in_kernel, "grader.kernel.server", "from .. import records"),
        (named_labs, "grader.session", "if lab == 'cnn': pass"),
        (named_labs, "grader.cli.grade", "help = f'--lab cnn, {seed}'"),
        (named_labs, "grader.labs", "'''The labs cnn and project4.'''"),
    ],
)
def test_rules_can_fail(rule, name, source):
    """Each rule finds what it forbids, also inside functions, f-strings and ``import_module``."""
    assert rule(Module(name, source))


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("checks.cnn.data", "from checks.kit import check\nfrom checks.cnn import tracing"),
        ("grader.labs", "import checks, importlib\nimportlib.import_module(f'checks.{lab}')"),
        ("grader.cli.check", "import typer\nfrom grader.cli import options\nfrom grader import labs"),
        ("grader.kernel.server", "from . import calls\nimport keras"),
        ("reference.cnn.network", "import keras\nfrom reference.cnn import data"),
    ],
)
def test_rules_allow_what_is_meant(name, source):
    """The arrows that the architecture draws pass every rule."""
    assert [fault for rule in RULES for fault in rule(Module(name, source))] == []


@pytest.mark.parametrize("lab", labs.lab_ids())
def test_topics_stand_alone(lab):
    """No topic module of a lab reaches another topic, not even by way of another module."""
    topics = {f"checks.{lab}.{module}" for module in labs.load_lab(lab).modules}
    assert topics <= known()
    for topic in topics:
        assert reached(topic) & topics == {topic}


def reached(name: str) -> set[str]:
    """The modules of ours that a module imports, directly or by way of others, itself included."""
    by_name = {module.name: module for module in modules()}
    found, waiting = set(), [name]
    while waiting:
        here = waiting.pop()
        if here not in found and here in by_name:
            found.add(here)
            waiting += targets(by_name[here])
    return found


def test_reaching_goes_through_other_modules():
    """The search for topics sees the modules between, or it could not fail."""
    assert {"checks.kit.model", "checks.cnn.building"} <= reached("checks.cnn.network")


def test_graders_process_stays_light():
    """The grader with every check loaded has imported no TensorFlow, nor the kernel, nor the reference."""
    names = [
        name
        for package in ("grader", "checks")
        for _, name, _ in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}.")
        if not name.startswith("grader.kernel") and name != "grader.__main__"
    ]
    assert {"grader.session", "checks.cnn.network"} <= set(names)
    code = f"import importlib, sys\nfor name in {names}: importlib.import_module(name)\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    roots = {name.partition(".")[0] for name in done.stdout.split()}
    assert not roots & {"tensorflow", "keras", "tf_keras", "ipykernel", "reference"}
    assert not any(name.startswith("grader.kernel.") for name in done.stdout.split())


def test_bubblewrap_is_known_in_one_place():
    """Only ``grader.sandbox`` holds bubblewrap's command."""
    holders = {module.name for module in modules() if re.search(r"[\"']bwrap", module.source)}
    assert holders == {"grader.sandbox"}


def test_folders_of_the_labs_mirror_each_other():
    """Each lab with checks has a reference, and each topic module there a module of the same name."""
    names = [module.name for module in pkgutil.iter_modules(checks.__path__) if module.ispkg]
    assert sorted({*names} - {"kit"}) == list(labs.lab_ids())
    for lab in labs.lab_ids():
        topics = {f"reference.{lab}.{module}" for module in labs.load_lab(lab).modules}
        assert topics <= known()


def test_files_are_short():
    """No Python file has over 450 lines: a longer one asks for a split by meaning.

    The labs' notebooks are left out: each is one document, most of it text. So are tables of seeded
    faults and rewrites, which grow by a row for each mistake that was once missed, and hold no logic.
    """
    folders = [ROOT / folder for folder in (*PACKAGES, "tests", "bench")]
    paths = [
        path
        for folder in folders
        for path in folder.rglob("*.py")
        if not path.name.endswith(("notebook.py", "_faults.py", "_rewrites.py"))
    ]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in paths}
    assert len(lengths) > 50
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}
