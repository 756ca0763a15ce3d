"""Written counts against the summaries that the notebook prints: parameters, layers, image sizes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from checks.cnn.choosing import chosen
from checks.kit import Doubt, Saved, Student
from checks.kit.prose import counts, sentences
from checks.kit.saved import Summary, at, quoted

TRAINABLE_AFTER = re.compile(r"^\s*(?:are\s+)?trainable\b", re.IGNORECASE)
TRAINABLE_BEFORE = re.compile(
    r"\btrainable\s+(?:param\w*|weights)\s*(?:is|are|:|=|in total|total)?\s*$", re.IGNORECASE
)
PART = re.compile(
    r"\b(?:layer\w*|conv\w*|dense|part|most|each|block\w*|batch\w*|non-?trainable|not)\b", re.IGNORECASE
)
SIZE = re.compile(r"(?<!\d)(\d{2,4})\s*(?:[x×*]|by|\*)\s*(\d{2,4})(?!\d)", re.IGNORECASE)
WHOLE = re.compile(r"(?<![\w.,])(\d{1,3})(?![\w]|[.,]\d)")
ROUGH = re.compile(r"~|≈|\b(?:about|around|approx\w*|roughly|circa|ca|almost|over)\b", re.IGNORECASE)
SHORT = 40  # characters of an answer that is all number
RESNET = 40  # convolutions, from which on a network is none of the student's own
SHORTCUTS = 4  # convolutions beside the main path of ResNet50, which some leave out


def other_parameters(student: Student, saved: Saved, answers: Mapping[str, str]) -> Iterator[Doubt]:
    """Q15 or Q32 gives a number of trainable parameters that stands nowhere in the outputs."""
    for question, task in (("Q15", "4.4"), ("Q32", "7")):
        table = _own_table(student, saved) if question == "Q15" else _resnet(saved)
        if table is None or table.trainable is None or saved.cut:
            continue
        for sentence in sentences(answers.get(question, "")):
            wrong = [number for number in _trainable(sentence) if number not in saved.numbers]
            if wrong:
                message = (
                    f"The answer to {question} gives {wrong[0]:,} trainable parameters; the summary that "
                    f"the notebook prints has {table.trainable:,}."
                )
                evidence = (f"{question}: {quoted(sentence)}", at(table.cell, f"output, {table.text}"))
                yield Doubt("contradiction", task, message, evidence)
                break


def _trainable(sentence: str) -> Iterator[int]:
    if PART.search(sentence):
        return
    for number, before, after in counts(sentence):
        if TRAINABLE_AFTER.match(after) or TRAINABLE_BEFORE.search(before):
            yield number


def _own_table(student: Student, saved: Saved) -> Summary | None:
    """The printed summary of the network of 4.3b."""
    training = chosen(student)["4.3b"].training
    wanted = training.network.trainable if training is not None else -1
    return next((one for one in saved.summaries if one.trainable == wanted), None)


def _resnet(saved: Saved) -> Summary | None:
    return next((one for one in saved.summaries if one.convolutions >= RESNET), None)


def other_layers(student: Student, saved: Saved, answers: Mapping[str, str]) -> Iterator[Doubt]:
    """Q31 gives a number of convolutional layers that the printed summary does not have."""
    table, text = _resnet(saved), answers.get("Q31", "")
    numbers = {int(number) for number in WHOLE.findall(text)} - {
        2,
        50 if re.search(r"ResNet[ -]?50", text) else 2,
    }
    if table is None or len(numbers) != 1 or ROUGH.search(text):
        return
    if numbers & {table.convolutions, table.convolutions - SHORTCUTS}:
        return
    (number,) = numbers
    if len(text) <= SHORT or re.search(rf"\b{number}\b\s*(?:2D[ -]?)?conv", text, re.IGNORECASE):
        yield Doubt(
            "contradiction", "7",
            f"The answer to Q31 says {number}; the summary that the notebook prints lists "
            f"{table.convolutions} layers "
            f"of the kind Conv2D ({table.convolutions - SHORTCUTS} without the shortcuts).",
            (
                f"Q31: {quoted(text)}",
                at(table.cell, f"output, {table.name or 'summary'}: {table.convolutions} × Conv2D"),
            ),
        )  # fmt: skip


def other_size(student: Student, saved: Saved, answers: Mapping[str, str]) -> Iterator[Doubt]:
    """Q33 gives an image size that is not the one in the printed summary."""
    table, text = _resnet(saved), answers.get("Q33", "")
    sizes = {(int(height), int(width)) for height, width in SIZE.findall(text)}
    if table is None or table.input_shape is None or len(table.input_shape) != 3 or not sizes:
        return
    wanted = table.input_shape[:2]
    if wanted not in sizes and not any(str(size) in text for size in wanted):
        yield Doubt(
            "contradiction", "7",
            f"The answer to Q33 says {text.strip()[:80]}; the summary that the notebook prints begins with "
            f"images of {wanted[0]} × {wanted[1]}.",
            (f"Q33: {quoted(text)}", at(table.cell, f"output, input {table.input_shape}")),
        )  # fmt: skip
