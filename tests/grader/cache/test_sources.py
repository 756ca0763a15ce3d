"""What our code depends on is read from its imports; an edit anywhere in it changes its hash."""

import ast
from pathlib import Path

import pytest

import grader
from checks import kit
from grader import labs
from grader.cache.sources import sources_of

FILES = {
    "app/__init__.py": "",
    "app/main.py": "from app import tools\nimport app.deep.inner\n",
    "app/tools.py": "def f():\n    from .lazy import value\n    return value\n",
    "app/lazy.py": "value = 1\n",
    "app/other.py": "value = 2\n",
    "app/deep/__init__.py": "from ..names import NAME\n",
    "app/deep/inner.py": "from . import beside as b\n",
    "app/deep/beside.py": "",
    "app/names.py": "NAME = 'x'\n",
}


@pytest.fixture
def package(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path / "app"


def test_imports_are_followed(package):
    """Within functions, relative ones, and the packages on the way."""
    found = sources_of(package).reached(["app.main"])
    assert found == {
        "app", "app.main", "app.tools", "app.lazy", "app.deep", "app.deep.inner", "app.deep.beside", "app.names",
    }  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_an_edit_changes_the_hash(package, name):
    """Of exactly what depends on the file."""
    before = sources_of(package).hash_of(["app.main"])
    (package.parent / name).write_text(FILES[name] + "# edited\n")
    after = sources_of(package).hash_of(["app.main"])
    assert (after != before) is (name != "app/other.py")


def test_what_does_not_exist_is_said(package):
    """A root that is not there is an error, not an empty answer."""
    with pytest.raises(KeyError):
        sources_of(package).hash_of(["app.missing"])


OURS = sources_of(Path(grader.__file__).parent, Path(kit.__file__).parents[1])


def test_a_check_depends_on_what_it_imports():
    """Of a real topic: the arithmetic it uses and the vocabulary, and no other topic."""
    found = OURS.reached(["checks.cnn.convolutions"])
    assert {"checks.cnn.responses", "checks.kit.failure", "checks.cnn"} <= found
    assert "checks.cnn.network" not in found


def test_what_runs_a_notebook_is_not_what_shows_it():
    """An edit of a page runs no notebook again, and judges none."""
    from grader.cache.plan import JUDGING, RUNNING, SHOWING

    running, judging, showing = (OURS.reached(roots) for roots in (RUNNING, JUDGING, SHOWING))
    assert "grader.feedback_view" in showing
    assert "grader.feedback_view" not in running | judging
    assert {"grader.sandbox", "grader.watchdog", "grader.honesty", "grader.outputs"} <= running
    assert {"grader.grading", "grader.claims.stale", "grader.evidence"} <= judging
    assert not any(name.startswith(("grader.cli", "grader.review")) for name in running | judging)


@pytest.mark.parametrize("lab", labs.lab_ids())
def test_no_check_is_loaded_past_the_imports(lab):
    """No module of the checks imports by a name made at run time, which would hide what it depends on."""
    for name, path in OURS.files.items():
        if name.startswith(("checks.kit", f"checks.{lab}")):
            called = {
                node.attr if isinstance(node, ast.Attribute) else node.id
                for node in ast.walk(ast.parse(path.read_bytes()))
                if isinstance(node, ast.Attribute | ast.Name)
            }
            assert not called & {"import_module", "__import__", "exec", "eval"}, name
