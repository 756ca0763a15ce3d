"""Q24 and Q26: what is said of rotated and of augmented images, against what the notebook prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.cnn import trust_augmentation as augmentation
from checks.cnn import trust_directions
from checks.cnn.trust_augmentation import said_of_test, said_of_training, wrong_gain, wrong_pace
from checks.cnn.trust_directions import denied_overfitting
from checks.cnn.trust_rotation import said_of_rotated, wrong_turn
from checks.kit.saved import Epoch, Log
from tests.checks.cnn.claimed import Written, honest

ANSWERS = Path(__file__).resolve().parents[2] / "answers"
NEVER = {"right": {"Q24": ("up", "same"), "Q26": ("up", "same")}, "half": {"Q24": (), "Q26": ("up", "same")}}


def of_known_worth(question: str) -> Iterator[tuple[str, str]]:
    """The worth and the text of each answer to a question that is kept for measuring."""
    for path in sorted(ANSWERS.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            if row["question"] == question:
                yield row["is"], row["text"]


@pytest.mark.parametrize("question", ["Q24", "Q26"])
def test_right_answers_say_nothing_wrong(question: str):
    """None of the right answers of known worth is read as saying a wrong direction; most wrong ones are."""
    read = said_of_rotated if question == "Q24" else said_of_training
    told = [(worth, read(text)) for worth, text in of_known_worth(question)]
    assert [one for one in told if one[1] in NEVER.get(one[0], {}).get(question, ())] == []
    wrong = [said for worth, said in told if worth == "wrong"]
    assert len(wrong) >= 5
    assert sum(said in ("up", "same") for said in wrong) >= 0.8 * len(wrong)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The accuracy is higher for the rotated images.", "up"),
        ("Rotated images have a higher accuracy than the normal ones", "up"),
        ("It increased with rotation. The model is good.", "up"),
        ("The accuracy for rotated images decreases.", "down"),
        ("It's the same accuracy because CNNs are invariant to rotation", "same"),
        ("No difference.", "same"),
        ("The accuracy is higher for Xtest because rotated images are new.", ""),
        ("Compared to rotated images the accuracy is higher.", ""),
        ("The accuracy is better on upright than on rotated images.", ""),
        ("To get a higher accuracy for rotated images we need augmentation.", ""),
        ("It is better than random for rotated images.", ""),
        ("The images are the same, just rotated.", ""),
        ("The accuracy is not the same for rotated images.", ""),
        ("Rotated images have a higher loss.", ""),
        ("The accuracy would be the same with a rotation invariant network.", ""),
        ("The accuracy is higher for rotated images? No, it fell.", ""),
        ("The accuracy is higher for non rotated images.", ""),
        ("The accuracy for rotated images increased with the generator.", ""),
        ("Some classes are better when rotated, such as frogs.", ""),
        ("With rotation the accuracy is higher. For the rest it decreased with rotation.", ""),
    ],
)
def test_words_of_rotated_images(text: str, said: str):
    """A direction is read only where it is said of the rotated images, and of nothing else."""
    assert said_of_rotated(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Faster, since there is more data", "up"),
        ("It increases faster than without augmentation.", "up"),
        ("The training accuracy is higher with augmentation.", "up"),
        ("Slower. Every epoch has new images.", "down"),
        ("There is no difference at all", "same"),
        ("The training accuracy increases faster without augmentation.", ""),
        ("It is slower, because without augmentation the accuracy rises faster.", ""),
        ("model4 was faster.", ""),
        ("Faster in the beginning.", ""),
        ("It takes more time per epoch, so it is slower.", ""),
        ("It does not increase faster.", ""),
        ("One should use a faster computer.", ""),
        ("The training accuracy was higher in 4.6.", ""),
        ("The nonaugmented model has a higher training accuracy.", ""),
        ("The training accuracy increases faster when the same images are shown in every epoch.", ""),
        ("The model with no augmentation has a higher training accuracy.", ""),
        ("It rises faster with fixed images.", ""),
    ],
)
def test_words_of_the_training(text: str, said: str):
    """A pace is read only where it is the training with augmentation that has it."""
    assert said_of_training(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The test accuracy improved with augmentation.", "up"),
        ("With augmentation the test accuracy is lower.", "down"),
        ("The test accuracy increased from 0.49 to 0.55.", ""),
        ("The test accuracy with augmentation improves with more epochs.", ""),
        ("The test accuracy is lower and the augmented validation accuracy higher.", ""),
        ("Augmentation should give a higher test accuracy.", ""),
    ],
)
def test_words_of_the_test(text: str, said: str):
    """A change of the test accuracy is read only where augmentation is named as what made it."""
    assert said_of_test(text) == said


# ---- against the notebook ----------------------------------------------------------------------------


def told(note: Written, rule, question: str, text: str):
    """What a rule says of a notebook with this answer."""
    return list(rule(note.student(), note.saved(), {question: text}))


@pytest.mark.parametrize("seed", range(4))
def test_directions_of_made_up_notebooks(seed: int):
    """What the printed numbers bear out is let be, its contrary is found with both of its places."""
    note = honest(seed)
    for rule, question, true, false in (
        (wrong_turn, "Q24", "It is lower for the rotated images.", "It is higher for the rotated images."),
        (wrong_turn, "Q24", "The accuracy is not the same.", "The accuracy is the same."),
        (wrong_pace, "Q26", "It increases slower.", "It increases faster."),
        (wrong_pace, "Q26", "There is a difference.", "There is no difference."),
    ):
        assert told(note, rule, question, true) == []
        (found,) = told(note, rule, question, false)
        assert (found.kind, found.task) == ("contradiction", "5.0" if question == "Q24" else "5.2")
        assert found.evidence[0].startswith(f"{question}: {false}")
        assert len([line for line in found.evidence if line.startswith("cell ")]) == 2
        assert all("output" in line for line in found.evidence[1:])


def test_test_accuracy_with_augmentation():
    """It is held against all networks without augmentation, so that it does not matter which is meant."""
    notes = [honest(seed) for seed in range(12)]
    others = ("4.2", "4.3a", "4.3b", "4.5", "4.6")
    below = [note for note in notes if note.tested["5.2"] < min(note.tested[one] for one in others) - 0.03]
    between = [note for note in notes if note not in below]
    assert below and between
    text = "The test accuracy improved with augmentation."
    assert [len(told(note, wrong_gain, "Q26", text)) for note in below] == [1] * len(below)
    assert not any(
        told(note, wrong_gain, "Q26", text)
        for note in between
        if note.tested["5.2"] > min(note.tested[one] for one in others)
    )


def test_overfitting_with_augmentation(monkeypatch: pytest.MonkeyPatch):
    """Q26 may deny overfitting where the training accuracy stays near the test accuracy, and only there."""
    note = honest(0)
    text = "The network does not overfit."
    assert told(note, denied_overfitting, "Q26", text) == []
    monkeypatch.setattr(trust_directions, "WIDE", -1.0)  # as if they were far apart
    (found,) = told(note, denied_overfitting, "Q26", text)
    assert (found.task, found.evidence[0]) == ("5.2", f"Q26: {text}")
    assert told(note, denied_overfitting, "Q26", "The network does not overfit as without it.") == []


def log(accuracies: tuple[float, ...]) -> Log:
    """A log with these training accuracies."""
    epochs = tuple(
        Epoch(number, {"accuracy": value}, True, number, f"Epoch {number}")
        for number, value in enumerate(accuracies, start=1)
    )
    return Log(3, 1, "Epoch 1", len(epochs), epochs)


@pytest.mark.parametrize(
    ("plain", "augmented", "wrong"),
    [
        pytest.param((0.3, 0.5, 0.6, 0.7), (0.3, 0.4, 0.45, 0.5), {"up", "same"}, id="slower"),
        pytest.param((0.3, 0.4, 0.45, 0.5), (0.6, 0.7, 0.72, 0.73), {"down", "same"}, id="continued"),
        pytest.param((0.3, 0.5, 0.6, 0.7), (0.3, 0.55, 0.4, 0.5), {"same"}, id="crossing"),
        pytest.param((0.3, 0.4, 0.5), (0.3, 0.35, 0.4, 0.5, 0.6), set(), id="trained-longer"),
        pytest.param((0.5, 0.52, 0.53), (0.5, 0.51, 0.52), set(), id="near"),
        pytest.param((0.5, 0.7), (0.5, 0.4), set(), id="too-short"),
    ],
)
def test_courses_that_contradict(plain, augmented, wrong):
    """Only what holds from the second epoch to the end of both trainings contradicts."""
    both = augmentation.Both(log(plain), log(augmented))
    assert {said for said in ("up", "down", "same") if both.contradicts(said)} == wrong
