"""Accuracies that a text or a table gives for a model by its name, against those that are printed for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from checks.cnn.trainings import Training, trainings
from checks.cnn.trust_answers import NOT_ACCURACY, OTHER_RUN
from checks.cnn.trust_printed import Printed, printed
from checks.kit import Doubt, Saved, Student
from checks.kit.prose import Mention, mentions, sentences
from checks.kit.saved import quoted

TEST = re.compile(r"\btest\w*", re.IGNORECASE)
ACCURACY = re.compile(r"\bacc\w*", re.IGNORECASE)


def other_claims(student: Student, saved: Saved, answers: Mapping[str, str]) -> Iterator[Doubt]:
    """A test accuracy beside a model's name, in a sentence or a row of a table, that no output prints.

    Only models with one training and one printed test accuracy, named once in that sentence or row.
    """
    if saved.cut:
        return
    known = _by_name(student, saved)
    if not known:
        return
    for text in student.texts:
        for line, claims in _claims(text):
            names = [name for name in known if re.search(rf"\b{re.escape(name)}\b", line)]
            wrong = [
                one for one in claims if len(names) == 1 and not _is_printed(one, known[names[0]], saved)
            ]
            if wrong:
                yield _doubt(names[0], wrong[0], line, known[names[0]])


def _by_name(student: Student, saved: Saved) -> Mapping[str, Printed]:
    once: dict[str, list[Training]] = {}
    for training in trainings(student):
        for name in training.last.model.names:
            once.setdefault(name, []).append(training)
    found = {name: printed(student, saved, group[0]) for name, group in once.items() if len(group) == 1}
    return {
        name: one for name, one in found.items() if one is not None and len(name) > 1 and len(one.tested) == 1
    }


def _claims(text: str) -> Iterator[tuple[str, list[Mention]]]:
    """The sentences, and rows of tables, with the test accuracies that they give."""
    column: int | None = None
    for line in text.split("\n"):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.count("|") > 1 else []
        if not cells:
            column = None
            yield from ((sentence, _in_sentence(sentence)) for sentence in sentences(line))
        elif column is None:
            columns = [
                place for place, cell in enumerate(cells) if TEST.search(cell) and ACCURACY.search(cell)
            ]
            column = columns[0] if len(columns) == 1 else -1
        elif 0 <= column < len(cells):
            yield (
                line,
                [
                    one
                    for one in mentions(cells[column])
                    if one.digits >= 3 and not one.apart and not one.hedged
                ],
            )


def _in_sentence(sentence: str) -> list[Mention]:
    found = mentions(sentence)
    if (
        len(found) != 1
        or not TEST.search(sentence)
        or not ACCURACY.search(sentence)
        or OTHER_RUN.search(sentence)
    ):
        return []
    one = found[0]
    plain = one.digits >= 3 and not one.apart and not one.hedged and not NOT_ACCURACY.search(one.before)
    return [one] if plain else []


def _is_printed(one: Mention, shown: Printed, saved: Saved) -> bool:
    return one.fits(shown.tested, slack=1.5) or one.fits(
        number for number in saved.numbers if 0 <= number <= 1
    )


def _doubt(name: str, one: Mention, line: str, shown: Printed) -> Doubt:
    return Doubt(
        "contradiction", "",
        f"The text gives a test accuracy of {one.text} for {name}, which no saved output shows; the "
        f"notebook prints {shown.tested[0]:.4f} for it.",
        (f"text: {quoted(line)}", *shown.evidence),
    )  # fmt: skip
