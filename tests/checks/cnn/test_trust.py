"""Findings of the lab: none on honest notebooks, each slip and each forgery with both of its places."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from checks.cnn.trust import RULES
from checks.kit import Doubt, Student
from grader import labs
from grader.claims.findings import claim_findings
from grader.records import Answer, Finding
from tests.checks.cnn.claimed import Written, honest, images, rewritten

HONEST = 40  # notebooks


def findings(note: Written, student: Student | None = None) -> tuple[Finding, ...]:
    """All findings, the common ones and the lab's."""
    answers = [Answer(question, "4.2", "", text, 1, "unclear", "") for question, text in note.answers.items()]
    return claim_findings(labs.load_lab("cnn"), student or note.student(), note.saved(), answers)


def doubts(note: Written) -> list[Doubt]:
    """The lab's own, where a fault in a rule is not hidden."""
    student, saved = note.student(), note.saved()
    return [doubt for rule in RULES for doubt in rule(student, saved, note.answers)]


@pytest.mark.parametrize("seed", range(HONEST))
def test_honest_notebooks_have_no_findings(seed: int):
    """An honest notebook with its outputs is accused of nothing, however its numbers are written."""
    note = honest(seed)
    assert doubts(note) == []
    assert findings(note) == ()


def test_generator_varies():
    """The honest notebooks hold every form of log, of print and of number, and each has six logs to be read."""
    styles = [honest(seed).style for seed in range(HONEST)]
    for name in ("bars", "prints", "numbers", "settings", "test_size"):
        assert len({getattr(style, name) for style in styles}) == {"settings": 2, "test_size": 2}.get(name, 5)
    assert all(len(honest(seed).saved().logs) == 6 for seed in range(5))


# ---- what is to be found -----------------------------------------------------------------------------


def answered(question: str, text: str) -> Callable[[Written], None]:
    def change(note: Written) -> None:
        note.answers[question] = text

    return change


def log_of_other_batches(note: Written) -> None:
    cell = note.logs["4.2"]
    steps = -(-images(note) // 20)
    rewritten(note, cell, f"{steps}/{steps}", "118/118", "output")


def log_of_all_images(note: Written) -> None:
    steps = -(-images(note) // 20)
    rewritten(note, note.logs["4.2"], f"{steps}/{steps}", "500/500", "output")


def told_all_images(note: Written) -> None:
    cell = note.logs["4.2"]
    rewritten(note, cell, f"Train on {images(note)}", "Train on 10000", "output")
    rewritten(note, cell, f"{images(note)}/{images(note)}", "10000/10000", "output")


def other_epochs(note: Written) -> None:
    rewritten(note, note.logs["4.5"], f"/{note.style.epochs}\n", "/7\n", "output")


def validated_on_others(note: Written) -> None:
    lines = note.cells[note.logs["4.2"] - 1]["outputs"][0]["text"]
    others = 10_000 - images(note)
    for place, line in enumerate(lines):
        head, _, _ = line.partition("val_accuracy: ")
        between = (others * 0.4 // 1 + place + 0.5) / others
        lines[place] = f"{head}val_accuracy: {between:.4f}\n" if "val_accuracy" in line else line


def other_summary(note: Written) -> None:
    net = note.models["4.3b"].network
    assert net is not None
    cell = next(
        number for number, cell in enumerate(note.cells, start=1) if "model2.summary" in cell["source"]
    )
    for name in ("Trainable", "Non-trainable"):
        rewritten(note, cell, f"{name} params: ", f"{name} params: 1", "output")


def edited_score(note: Written) -> None:
    place = next(n for n, cell in enumerate(note.cells, start=1) if "model2.evaluate" in cell["source"])
    rewritten(note, place, f"Test accuracy: {note.tested['4.3b']:.4f}", "Test accuracy: 0.7135", "output")


FAULTS: list[tuple[str, Callable[[Written], None], str, tuple[str, ...]]] = [
    ("both-numbers", answered("Q13", "It was 0.8955 for training and 0.5661 for test."), "contradiction", ("0.8955 and 0.5661", "Q13: It was", "cell ", "output")),
    ("percent", answered("Q13", "89.57 % training accuracy"), "contradiction", ("89.57 %",)),
    ("comma", answered("Q24", "0,6317 mot 0,7193 för roterade bilder"), "contradiction", ("0,6317 and 0,7193",)),
    ("best", answered("Q23", "The highest test accuracy is 0.7013 with 3 layers."), "contradiction", ("Q23: ", "0.7013")),
    ("two-decimals", answered("Q23", "I obtained a test accuracy of 0.81 with model4."), "contradiction", ("test accuracy of 0.81",)),
    ("difference", answered("Q13", "Training 0.90 and test 0.50, the difference is 0.25."), "contradiction", ("says 0.25", "0.90 − 0.50")),
    ("no-overfit", answered("Q13", "The network does not overfit at all."), "contradiction", ("does not overfit",)),
    ("no-overfit-apostrophe", answered("Q13", "It doesn’t overfit."), "contradiction", ("does not overfit",)),
    ("worse-than-random", answered("Q24", "On rotated images it is worse than random guessing."), "contradiction", ("worse than random",)),
    ("turned-higher", answered("Q24", "The accuracy is higher for the rotated images."), "contradiction", ("higher for rotated images", "Q24: ")),
    ("turned-same", answered("Q24", "It is the same accuracy, a CNN is invariant to rotation."), "contradiction", ("the same for both", "Q24: ")),
    ("pace", answered("Q26", "It increases faster, because there are more images."), "contradiction", ("rises faster", "Q26: ", "cell ")),
    ("parameters", answered("Q15", "Our network has 134,180 trainable parameters."), "contradiction", ("134,180", "Q15: ", "output, Trainable params")),
    ("resnet-parameters", answered("Q32", "Trainable parameters: 23 583 592"), "contradiction", ("23,583,592", "25,583,592")),
    ("resnet-layers", answered("Q31", "It has 48 convolutional layers"), "contradiction", ("48", "53")),
    ("resnet-size", answered("Q33", "256 x 256 pixels"), "contradiction", ("256", "224")),
    ("text-by-name", lambda note: note.texts.append("With model3 we reach a test accuracy of 0.7317."), "contradiction", ("model3", "0.7317")),
    ("table-by-name", lambda note: note.texts.append("| model | test accuracy |\n|--|--|\n| model2 | 0.7317 |"), "contradiction", ("model2", "0.7317")),
    ("batches", log_of_other_batches, "log_mismatch", ("118 steps", "batches of")),
    ("epochs", other_epochs, "", ("7", "epochs")),
    ("validation", validated_on_others, "log_mismatch", ("no shares of",)),
    ("summary", other_summary, "log_mismatch", ("trainable parameters",)),
]  # fmt: skip


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(
    ("change", "kind", "words"), [one[1:] for one in FAULTS], ids=[one[0] for one in FAULTS]
)
def test_faults_are_found(change: Callable[[Written], None], kind: str, words: tuple[str, ...], seed: int):
    """Each fault gives one finding that names it, with at least two places as evidence."""
    note = honest(seed)
    change(note)
    found = findings(note)
    told = [f"{one.message} {' '.join(one.evidence)}" for one in found]
    assert len(found) == 1, told
    assert found[0].kind in ({kind} if kind else {"log_mismatch", "stale_output"})
    assert all(word in told[0] for word in words), told
    assert len(found[0].evidence) >= 2
    assert (
        sum(
            line.partition(":")[0].split()[0] in ("cell", "text", "when") or line[0] in "Q0"
            for line in found[0].evidence
        )
        >= 2
    )


def of_form(bars: str) -> int:
    """The first seed whose logs have that form and whose split is 25 %."""
    return next(
        seed for seed in range(200) if (style := honest(seed).style).bars == bars and style.test_size == 0.25
    )


def test_reloaded_data_are_leakage():
    """500 steps of 20 are the 10,000 images that the code splits first."""
    note = honest(of_form("plain3"))
    log_of_all_images(note)
    (found,) = findings(note)
    assert found.kind == "leakage"
    assert "10,000 images" in found.message
    assert any("500/500" in line for line in found.evidence)


def test_told_samples_are_leakage():
    """“Train on 10000 samples, validate on 2500 samples” where the code trains on 7,500."""
    note = honest(of_form("samples"))
    told_all_images(note)
    (found,) = findings(note)
    assert found.kind == "leakage"
    assert "trained on 10,000 images, validated on 2,500; the code trains on 7,500" in found.message
    assert any("Train on 10000 samples, validate on 2500" in line for line in found.evidence)


def test_direction_of_dropout():
    """“Decreased” where the printed test accuracy rose, and the other way round; honest words are let be."""
    for seed in range(5):
        note = honest(seed)
        change = note.tested["4.5"] - note.tested["4.3b"]
        if abs(change) < 0.01:
            continue
        true, false = ("increased", "decreased") if change > 0 else ("decreased", "increased")
        note.answers["Q21"] = f"The test accuracy {true} with dropout, compared to without dropout."
        assert findings(note) == ()
        note.answers["Q21"] = f"The test accuracy {false} with dropout, compared to without dropout."
        (found,) = findings(note)
        assert found.kind == "contradiction"
        assert "Q21" in found.evidence[0]


def test_edited_score_does_not_match_its_bar():
    """A printed accuracy that the bar of the very evaluate above it does not show."""
    seed = next(seed for seed in range(200) if honest(seed).style.prints == "bar")
    note = honest(seed)
    edited_score(note)
    note.answers, note.texts = {}, []
    (found,) = findings(note)
    assert found.kind == "log_mismatch"
    assert "0.7135" in found.message


HONEST_WORDS = (
    ("Q13", "In an earlier run I had 0.8955 and 0.5661."),
    ("Q13", "The accuracy is around 0.895."),
    ("Q13", "Random guessing gives 0.100, and with 0.125 dropout and learning rate 0.075 it is better."),
    ("Q13", "We should use dropout so that it does not overfit."),
    ("Q13", "It does not overfit as much as the other one."),
    ("Q23", "I tried 0.5437, 0.5561, 0.5612 and 0.5713 with other settings."),
    ("Q24", "It is not worse than random."),
    ("Q24", "The accuracy is higher for upright images than for rotated images."),
    ("Q24", "The images are the same, only turned."),
    ("Q26", "Faster without augmentation, slower with it."),
    ("Q26", "The training accuracy is lower, but the test accuracy may improve with augmentation."),
    ("Q24", "It isn't worse than chance, but close."),
    ("Q15", "The dense layer has 25,650 trainable parameters."),
    ("Q15", "124k trainable parameters"),
    ("Q31", "49 + 4 = 53"),
    ("Q31", "50, or 53 with the shortcuts"),
    ("Q33", "(224, 224, 3), I resized from 640x480"),
    ("Q21", "It did not decrease."),
    ("Q21", "Without dropout it was better or worse, hard to say."),
)


@pytest.mark.parametrize(("question", "text"), HONEST_WORDS)
def test_honest_words(question: str, text: str):
    """What is hedged, hypothetical, of another run or of another thing is no contradiction."""
    note = honest(3)
    note.answers = {question: text}
    assert findings(note) == ()


def test_without_outputs_nothing_is_said():
    """A notebook handed in without outputs contradicts nothing, whatever its answers say."""
    note = honest(4)
    for cell in note.cells:
        cell["outputs"], cell["execution_count"] = [], None
    note.answers |= {
        "Q13": "0.8955 and 0.5661",
        "Q15": "134,180 trainable parameters",
        "Q31": "48 conv layers",
    }
    assert findings(note) == ()


def test_cells_that_stopped_are_not_judged():
    """A log is not held against a fit whose settings come from a cell that stopped when the grader ran it."""
    note = honest(0)
    note = next(one for one in (honest(seed) for seed in range(20)) if one.style.settings == "names")
    log_of_other_batches(note)
    assert findings(note)
    student = note.student()
    broken = tuple(
        dataclasses.replace(cell, error="NameError: x") if cell.source.startswith("batch_size = 20") else cell
        for cell in student.cells
    )
    assert findings(note, dataclasses.replace(student, cells=broken)) == ()


def test_whole_cifar_is_not_leakage():
    """Who does not cut the data trains on more images than the grader has; the log is then right."""
    note = honest(of_form("plain2"))
    rewritten(note, 1, "X, Y = X[0:10000], Y[0:10000]\n", "")
    for task in ("4.2", "4.3a", "4.3b", "4.5"):
        rewritten(note, note.logs[task], "375/375", "1875/1875", "output")
    assert [one for one in findings(note) if one.kind in ("leakage", "log_mismatch")] == []
