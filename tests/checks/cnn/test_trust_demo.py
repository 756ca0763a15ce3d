"""The demo's notebooks with outputs of real runs, against a record as their code makes it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from checks.cnn.trust import RULES
from checks.kit import Cell, Doubt, Saved, Source, Used
from grader.answers import find_answers
from grader.claims.reading import read_saved
from grader.notebooks import read_notebook
from grader.questions import load_questions
from tests.checks.cnn.claimed import ROTATED, prepared
from tests.checks.cnn.preparation import Lab
from tests.checks.cnn.student import Notebook
from tests.checks.cnn.trained import Trained, network
from tests.grader.test_labs import DEMO

ADA = {  # task: cell of the fit, of the evaluate, shape, batch
    "4.2": (12, 13, {}, 20), "4.3a": (15, 16, {"dense": (50,)}, 20),
    "4.3b": (17, 18, {"convolutions": 4, "dense": (50,)}, 20),
    "4.5": (21, 22, {"convolutions": 4, "dense": (50,), "dropout": 0.5}, 20),
    "4.6": (23, 24, {"convolutions": 3, "filters": 32, "dense": (64,), "dropout": 0.5, "rate": 0.001}, 128),
}  # fmt: skip
DANA = {
    "4.2": (11, 12, {}, 20, 20), "4.3a": (14, 14, {"dense": (50,)}, 20, 10),
    "4.3b": (15, 15, {"convolutions": 4, "dense": (50,)}, 20, 10),
    "4.5": (17, 17, {"convolutions": 4, "dense": (50,), "dropout": 0.5}, 20, 10),
    "4.6": (18, 18, {"dense": (50,), "dropout": 0.5, "rate": 0.001}, 64, 10),
    "5": (19, 19, {"convolutions": 3, "filters": 32, "dense": (50,), "dropout": 0.5, "rate": 0.001}, 64, 10),
}  # fmt: skip


def read(student: str, path: Path | None = None) -> tuple[Saved, dict[str, str], tuple[Cell, ...]]:
    """The outputs, the answers and the code cells of a demo notebook."""
    (found,) = (DEMO / student).glob("*.ipynb")
    notebook = read_notebook(path or found)
    answers = find_answers(load_questions("cnn"), notebook.notebook.cells)
    cells = tuple(Cell(cell.number, cell.source) for cell in notebook.saved)
    return read_saved(notebook.saved), {answer.id: answer.text for answer in answers if answer.text}, cells


def record(plan: dict[str, tuple[Any, ...]], cells: tuple[Cell, ...]) -> Notebook:
    """What the grader records of the trainings up to 5.0, with the numbers of images of the lab."""
    lab = prepared(0.25)
    trained = Trained(Lab(lab.given, {name: list(items) for name, items in lab.values.items()}))
    for number, (task, (cell, tested, shape, batch, *epochs)) in enumerate(plan.items(), start=1):
        net = dataclasses.replace(
            network(**shape), **({"parameters": 124_760, "trainable": 124_180} if task == "4.3b" else {})
        )
        model = trained.fit(
            cell, Used(number, (f"m{number}",), net), batch_size=batch, epochs=epochs[0] if epochs else 20
        )
        trained.evaluate(tested, model)
        if task == "4.3b" and plan is ADA:
            trained.summary(20, model)
    trained.evaluate(26 if plan is ADA else 20, model, Source("arrays", ROTATED(), trained.data("Ytest")))
    return dataclasses.replace(trained.student(), cells=cells)


def doubts(student: Notebook, saved: Saved, answers: dict[str, str]) -> list[Doubt]:
    return [doubt for rule in RULES for doubt in rule(student, saved, answers)]


@pytest.mark.parametrize(("name", "plan"), [("ada", ADA), ("dana", DANA)])
def test_real_outputs_and_answers_fit(name: str, plan: dict[str, tuple[Any, ...]]):
    """The real outputs and the answers of the demo accuse nobody up to 5.0."""
    saved, answers, cells = read(name)
    assert len(answers) > 25
    assert doubts(record(plan, cells), saved, answers) == []


@pytest.mark.parametrize(
    ("question", "old", "new"),
    [
        ("Q13", "0.8297", "0.8955"),
        ("Q13", "The network is overfitting", "The network is not overfitting"),
        ("Q15", "124,180 trainable", "134,180 trainable"),
        (
            "Q21",
            "It did not improve: 0.5960 without and 0.5670 with dropout",
            "It improved with dropout: 0.5960 to 0.6371",
        ),
        ("Q23", "0.6150", "0.6851"),
        ("Q24", "0.2270", "0.3271"),
        (
            "Q24",
            "0.2270 for rotated images compared to 0.6150 without rotation.",
            "It is higher for rotated images.",
        ),
    ],
)
def test_changed_answers_do_not(question: str, old: str, new: str):
    """One changed number or word of an answer is found, and told with the answer and the printed line."""
    saved, answers, cells = read("ada")
    assert old in answers[question]
    found = doubts(record(ADA, cells), saved, {**answers, question: answers[question].replace(old, new)})
    assert {doubt.kind for doubt in found} == {"contradiction"}
    assert all(doubt.evidence[0].startswith(f"{question}: ") for doubt in found)
    assert any("output, " in line for line in found[0].evidence[1:])


def test_changed_code_does_not(tmp_path: Path):
    """Another batch size in the code than the log shows is found from the file to the finding."""
    (path,) = (DEMO / "ada").glob("*.ipynb")
    document = json.loads(path.read_text("utf-8"))
    (tmp_path / "a.ipynb").write_text(json.dumps(document), "utf-8")
    saved, answers, cells = read("ada", tmp_path / "a.ipynb")
    changed = {**ADA, "4.6": (*ADA["4.6"][:3], 64)}
    (found,) = doubts(record(changed, cells), saved, answers)
    assert found.kind == "log_mismatch"
    assert (
        "59 steps per epoch; 7,500 images in batches of 64 are 118. It is a log with batches of 128."
        in found.message
    )
