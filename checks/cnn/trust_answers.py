"""Written answers against the numbers that the saved outputs print: accuracies, differences, directions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from checks.cnn.choosing import chosen, free_choice
from checks.cnn.flows import flows_of
from checks.cnn.trainings import Training, augmented_trainings
from checks.cnn.trust_printed import Printed, printed
from checks.kit import Doubt, Saved, Student
from checks.kit.claimed import accuracy_of
from checks.kit.prose import Mention, differences, mentions, sentences
from checks.kit.saved import quoted

TASKS = {"Q13": "4.2", "Q21": "4.5", "Q23": "4.6", "Q24": "5.0", "Q26": "5.2"}
NEEDED = {"Q13": ("4.2",), "Q21": ("4.3b", "4.5"), "Q23": ("4.6",), "Q24": ("4.6",), "Q26": ("5.2",)}
NOT_ACCURACY = re.compile(
    r"\b(?:dropout|rate|lr|momentum|decay|factor|l1|l2|regular\w*|split|threshold|alpha|beta|sigma|loss\w*|range|zoom|shift"
    r"|shear|prob\w*|seed|adam|epsilon|test_size|kernel\w*|lambda|chance|random|guess\w*|time|seconds|std|deviation)\b"
    r"[^.;]{0,18}$",
    re.IGNORECASE,
)
OF_SOMETHING = re.compile(
    r"^\s*(?:of the (?!test)|of (?:all|its|our|data)|split|dropout|for validation|validation|chance|noise)",
    re.IGNORECASE,
)
OTHER_RUN = re.compile(
    r"\b(?:run|runs|ran|rerun|earlier|previous\w*|before|(?:first|second|third|one|other) (?:time"
    r"|attempt|training"
    r"|config\w*|version|model|network|one)|tried|tries|try|attempt\w*|once|example|if|would|could"
    r"|should|expect\w*|typical\w*|literature|friend|paper|state of the art|mean|average\w*|median"
    r"|relativ\w*|ratio|times|factor|sometimes|usually"
    r"|validation|val|hidden|random|chance|guess\w*|interval|version|old|changed)\b",
    re.IGNORECASE,
)
ERRORS = re.compile(r"\b(?:err\w*|wrong\w*|misclass\w*|miss\w*|incorrect\w*|fel)\b", re.IGNORECASE)
LEAST = 0.05  # below which a fraction is rather a learning rate
PRECISE = 3  # decimals of a fraction that nobody reads from a figure
AS_TEST = re.compile(
    r"\btest(?:ing)?(?:[ -]?(?:set|data|images))?[ -]+acc\w*(?:\s+(?:of|is|was|reached|got|became|equals"
    r"|at|on|the|model|network"
    r"|now|my|our|in|with|me|images|set|test)\b|\s*[=:])*\s*$",
    re.IGNORECASE,
)
ROUND = 0.05  # what multiples of are often meant to be rough


def unprinted(student: Student, saved: Saved, answers: Mapping[str, str]) -> Iterator[Doubt]:
    """Accuracies in an answer, precise ones, that no saved output shows and that follow from none."""
    for question in TASKS:
        shown = printed_for(student, saved, question) if answers.get(question) and not saved.cut else None
        if not shown:
            continue
        own = mentions(answers[question])
        wrong = [one for one in own if _is_claim(one) and not _is_printed(one, own, saved)]
        if wrong and (question != "Q23" or len([one for one in own if _is_claim(one)]) <= 2):
            yield _unprinted(question, wrong, shown)


def printed_for(student: Student, saved: Saved, question: str) -> list[Printed]:
    """What is printed of each training that a question is about; empty unless it is of all."""
    found = [printed(student, saved, training_of(student, task)) for task in NEEDED[question]]
    return [] if None in found else [one for one in found if one is not None]


def training_of(student: Student, task: str) -> Training | None:
    """The training that answers a task from 4.2 to 4.6, or 5.2."""
    if task == "4.6":
        return free_choice(student)
    if task == "5.2":
        flows = flows_of(student)
        last = flows.fit if flows is not None else None
        return next(
            (one for one in augmented_trainings(student) if last is not None and one.last is last), None
        )
    return chosen(student)[task].training


def _is_claim(one: Mention) -> bool:
    """Whether a number is said to be an accuracy that was reached, to at least three decimals."""
    return (
        one.digits >= PRECISE
        and LEAST <= one.value < 1
        and not one.hedged
        and not NOT_ACCURACY.search(one.before)
        and not OF_SOMETHING.match(one.after)
        and not OTHER_RUN.search(one.sentence)
    )


def _is_printed(one: Mention, own: tuple[Mention, ...], saved: Saved) -> bool:
    """Whether a number is printed anywhere, or follows from others: a difference, or the share of errors."""
    shares = [number for number in saved.numbers if 0 <= number <= 1]
    others = [other.value for other in own if other is not one]
    if one.fits(shares) or one.fits(_tests(saved), slack=1.5) or one.fits(differences(others), slack=2):
        return True
    if ERRORS.search(one.sentence) and one.fits(1 - number for number in shares):
        return True
    ends = [value for log in saved.logs if log.epochs for value in _ends(log.epochs[-1].values)]
    return one.apart and one.fits(differences([*ends, *others, *_tests(saved)]), slack=1.5)


def _ends(values: Mapping[str, float]) -> list[float]:
    return [value for name, value in values.items() if "acc" in name]


def _tests(saved: Saved) -> list[float]:
    return [
        *(one.value for one in saved.scores),
        *(a for one in saved.evaluations if (a := accuracy_of(dict(one.values)))),
    ]


def _unprinted(question: str, wrong: list[Mention], shown: list[Printed]) -> Doubt:
    said = " and ".join(dict.fromkeys(one.text for one in wrong))
    return Doubt(
        "contradiction", TASKS[question],
        f"The answer to {question} says {said}, which no saved output shows. If the cells were run once "
        "more after it was written, write the numbers that they print now.",
        (f"{question}: {quoted(wrong[0].sentence)}", *(line for one in shown for line in one.evidence)),
    )  # fmt: skip


# ---- claims about the test accuracy -------------------------------------------------------------------


def other_test_accuracy(student: Student, saved: Saved, answers: Mapping[str, str]) -> Iterator[Doubt]:
    """“The test accuracy is 0.61” where no printed test accuracy, and none of the validation, is near."""
    for question in TASKS:
        shown = printed_for(student, saved, question) if answers.get(question) and not saved.cut else None
        known = [*_tests(saved), *_validated(saved)]
        for one in mentions(answers.get(question, "")) if shown else ():
            named = AS_TEST.search(one.before) and one.digits >= 2 and not one.apart and not one.hedged
            if not named or OTHER_RUN.search(one.sentence) or one.fits(known, slack=1.5):
                continue
            rough = abs(one.value / ROUND - round(one.value / ROUND)) < 1e-6
            if (one.digits < PRECISE and rough) or one.value < LEAST:
                continue
            yield _other_test(question, one, shown or [])
            break


def _validated(saved: Saved) -> list[float]:
    return [
        value
        for log in saved.logs
        for epoch in log.epochs
        for name, value in epoch.values.items()
        if name.startswith("val_") and "acc" in name
    ]


def _other_test(question: str, one: Mention, shown: list[Printed]) -> Doubt:
    printed_ = ", ".join(f"{value:.4f}" for each in shown for value in each.tested)
    return Doubt(
        "contradiction", TASKS[question],
        f"The answer to {question} gives a test accuracy of {one.text}; the notebook prints {printed_}.",
        (f"{question}: {quoted(one.sentence)}", *(line for each in shown for line in each.evidence)),
    )  # fmt: skip


# ---- arithmetic ---------------------------------------------------------------------------------------


def wrong_difference(student: Student, saved: Saved, answers: Mapping[str, str]) -> Iterator[Doubt]:
    """Two accuracies and their difference in one sentence, where the difference is another."""
    for question in TASKS:
        for sentence in sentences(answers.get(question, "")):
            doubt = _wrong_difference(question, mentions(sentence))
            if doubt is not None:
                yield doubt
                break


def _wrong_difference(question: str, found: tuple[Mention, ...]) -> Doubt | None:
    shares = [one for one in found if not one.apart]
    gaps = [one for one in found if one.apart]
    if len(shares) != 2 or len(gaps) != 1 or any(one.hedged or one.digits < 2 for one in found):
        return None
    if any(NOT_ACCURACY.search(one.before) or OTHER_RUN.search(one.sentence) for one in shares):
        return None
    if any(one.value < LEAST for one in shares):
        return None
    first, second = shares
    gap = gaps[0]
    rough = max(one.step for one in found) * 1.5
    right = differences([first.value, second.value])
    if (
        any(abs(gap.value - value) <= rough + 1e-9 for value in right)
        or abs(first.value - second.value) < rough
    ):
        return None
    return Doubt(
        "contradiction", TASKS[question],
        f"The answer to {question} gives {first.text} and {second.text}, which are "
        f"{abs(first.value - second.value):.4g} "
        f"apart, and says {gap.text}.",
        (
            f"{question}: {quoted(gap.sentence)}",
            f"{first.text} − {second.text} = {first.value - second.value:.4g}",
        ),
    )  # fmt: skip
