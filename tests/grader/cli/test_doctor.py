"""``labgrade doctor``: each line ok or missing with its cure, and the verdict."""

import importlib.metadata

import pytest

from grader import cli, sandbox
from grader.cli import doctor


@pytest.fixture(autouse=True)
def _roomy(monkeypatch):
    """Disk and memory as on a machine that can grade, whatever this one has left."""
    monkeypatch.setattr(doctor, "DISK_GIB", 0.0)
    monkeypatch.setattr(doctor, "MEMORY_GIB", 0.0)
    monkeypatch.delenv("LABGRADE_DATA", raising=False)


def test_a_machine_that_can_grade(capsys, tmp_path):
    """Where nothing needed is missing, every line says what it is about and the exit status is 0."""
    assert cli.run(["doctor", "--out", str(tmp_path / "not" / "yet")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "This machine can grade."
    for name in ("Python", "tensorflow", "GPU", "sandbox", "data", "disk for results", "memory", "cores"):
        assert sum(line[9:].startswith(f"{name}: ") for line in lines[:-1]) == 1
    assert all(line.startswith(("ok ", "missing", "without")) for line in lines[:-1])
    assert not (tmp_path / "not").exists()


def missing_package(monkeypatch):
    def version(name):
        if name == "keras":
            raise importlib.metadata.PackageNotFoundError(name)
        return "1"

    monkeypatch.setattr(importlib.metadata, "version", version)


def old_python(monkeypatch):
    monkeypatch.setattr(doctor.sys, "version_info", (3, 10, 2))


def full_disk(monkeypatch):
    monkeypatch.setattr(doctor, "DISK_GIB", 1e9)


def little_memory(monkeypatch):
    monkeypatch.setattr(doctor, "MEMORY_GIB", 1e9)


def missing_data(monkeypatch):
    monkeypatch.setenv("LABGRADE_DATA", "no-such-folder")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (missing_package, "missing  keras: not installed; run: "),
        (old_python, "missing  Python: 3.10.2; make the virtual environment with Python 3.11"),
        (full_disk, "missing  disk for results: "),
        (little_memory, "missing  memory: "),
        (missing_data, "missing  data: no-such-folder; name a folder with --data"),
    ],
)
def test_what_is_needed(monkeypatch, spoil, says):
    """Each thing that grading needs is reported with its cure, and the exit status is 1."""
    spoil(monkeypatch)
    findings = list(doctor.examine(doctor.Path("grades"), None))
    lacking = [finding for finding in findings if finding.needed and not finding.ok]
    assert lacking and all(finding.cure for finding in lacking)
    monkeypatch.setattr(doctor, "examine", lambda *_: findings)
    lines = []
    monkeypatch.setattr("builtins.print", lambda line, **_: lines.append(line))
    assert doctor.doctor() == 1
    assert any(line.startswith(says) for line in lines)


def test_what_is_not_needed(monkeypatch, capsys):
    """Without a GPU or a sandbox the machine can grade, and the lines say so."""
    monkeypatch.setattr(sandbox, "why_not", lambda: "bubblewrap is missing")
    monkeypatch.setattr(doctor.shutil, "which", lambda _: None)
    assert cli.run(["doctor"]) == 0
    shown = capsys.readouterr().out
    assert "without  GPU: none" in shown or "a device without nvidia-smi" in shown
    assert "without  sandbox: bubblewrap is missing; install it with: sudo apt install bubblewrap" in shown
