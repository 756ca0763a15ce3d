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
    monkeypatch.setenv("KERAS_HOME", "no-such-folder")


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


def data_lines(capsys, *arguments):
    """The doctor's lines about data by their name, and the exit status."""
    status = cli.run(["doctor", *arguments])
    lines = capsys.readouterr().out.splitlines()
    return status, {line[9:].split(": ")[0]: line for line in lines if line[9:].split(": ")[0] in DATA}


DATA = ("CIFAR-10", "highway frames", "fish images", "ResNet50 weights", "ImageNet class names")


def test_no_data_at_all(capsys):
    """Each kind of data that is not here has a line with what stands in and how to get it; it is not needed."""
    status, lines = data_lines(capsys)
    assert status == 0
    assert tuple(lines) == DATA
    assert all(line.startswith("without  ") and " stand in; " in line for line in lines.values())
    assert 'cifar10.load_data()"' in lines["CIFAR-10"]
    assert "--data" in lines["fish images"]


def test_the_data_there_are(capsys, tmp_path):
    """What lies in the folder named is said to be there, with its place."""
    (tmp_path / "highway").mkdir()
    (tmp_path / "highway" / "1.png").write_bytes(b"x")
    (tmp_path / "cifar10.npz").write_bytes(b"x")
    status, lines = data_lines(capsys, "--data", str(tmp_path))
    assert status == 0
    assert lines["highway frames"] == f"ok       highway frames: {tmp_path}/highway"
    assert lines["CIFAR-10"] == f"ok       CIFAR-10: {tmp_path}/cifar10.npz"
    assert lines["fish images"].startswith("without  ")


def test_broken_data(capsys, tmp_path):
    """A file that grading would stop at is named, and the machine cannot grade."""
    (tmp_path / "imagenet_class_index.json").write_text("{")
    assert cli.run(["doctor", "--data", str(tmp_path)]) == 1
    shown = capsys.readouterr().out
    assert "missing  data files: " in shown
    assert "imagenet_class_index.json cannot be used" in shown


def test_what_is_not_needed(monkeypatch, capsys):
    """Without a GPU or a sandbox the machine can grade, and the lines say so."""
    monkeypatch.setattr(sandbox, "why_not", lambda: "bubblewrap is missing")
    monkeypatch.setattr(doctor.shutil, "which", lambda _: None)
    assert cli.run(["doctor"]) == 0
    shown = capsys.readouterr().out
    assert "without  GPU: none" in shown or "a device without nvidia-smi" in shown
    assert "without  sandbox: bubblewrap is missing; install it with: sudo apt install bubblewrap" in shown
