"""Tasks 4.2 to 4.6: the networks that were trained, with what, on which images, and how they were tested."""

from __future__ import annotations

from collections.abc import Callable

from checks.cnn.choosing import chosen, free_choice, own_network, unusual
from checks.cnn.evaluations import evaluation_flaw
from checks.cnn.leakage import Flaw, data_flaw
from checks.cnn.missing import SPOKEN, no_free_choice, no_network, other_settings, wrong_settings
from checks.cnn.recognising import judge_recognition
from checks.cnn.summaries import judge_summary
from checks.cnn.trainings import Training, undescribed
from checks.kit import Student, check

Judge = Callable[[Student, Training], Flaw | None]
BOTH = ("4.3a", "4.3b")
OMITTED = "not-evaluated"  # forgotten each time anew, so each time it counts
OWN = (
    "The network trained for {} is not the one asked for, but all that your build_CNN makes of the right "
    "call; that is counted in 4.1."
)

UNREAD = "A network was trained whose layers the grader could not read; it is taken for that of {}."


@check(task="4.2")
def network(student: Student) -> str | None:
    """A network with two convolutional layers, 16 filters and no intermediate dense layer was trained"""
    return _require(student, "4.2")


@check(task="4.2", needs=network)
def settings(student: Student) -> str | None:
    """It was trained in batches of 20 images, for 20 epochs, at the learning rate 0.01"""
    training = _trained(student, "4.2")
    if training is None:
        return None
    found, hints = training.configuration, []
    wrong = list(unusual(found))
    if _rate_is_build_cnns(student, training):
        wrong = [words for words in wrong if "learning rate" not in words]
        hints.append("Your build_CNN does not use the learning rate it is given; that is counted in 4.1.")
    if wrong:
        raise wrong_settings(training, wrong)
    if found.optimizer not in ("", "Adam"):
        hints.append(f"The optimiser is {found.optimizer}; the handout says to start with Adam.")
    return " ".join(hints) or None


@check(task="4.2", needs=network)
def data(student: Student) -> str | None:
    """It was trained on the training images and validated on the validation images, with their labels"""
    return _judge(student, ("4.2",), data_flaw)


@check(task="4.2", needs=network)
def evaluated(student: Student) -> str | None:
    """After its training it was evaluated on the test images with their labels"""
    return _judge(student, ("4.2",), evaluation_flaw)


@check(task="4.2", needs=network, full=True)
def recognises(student: Student) -> str | None:
    """After its full training the first network recognises images that it has never seen"""
    return judge_recognition(student, "4.2")


@check(task="4.3")
def networks(student: Student) -> str | None:
    """Two networks with a dense layer of 50 nodes were trained, with 2 and with 4 convolutional layers"""
    hints = [_require(student, task) or _other_settings(student, task) for task in BOTH]
    return " ".join(hint for hint in hints if hint) or None


@check(task="4.3", needs=networks)
def both_data(student: Student) -> str | None:
    """Both networks were trained on the training images and validated on the validation images"""
    return _judge(student, BOTH, data_flaw, before=("4.2",))


@check(task="4.3", needs=networks)
def both_evaluated(student: Student) -> str | None:
    """Both networks were evaluated on the test images with their labels"""
    return _judge(student, BOTH, evaluation_flaw, before=("4.2",))


@check(task="4.3", needs=networks, full=True)
def recognise(student: Student) -> str | None:
    """After their full training both networks recognise images that they have never seen"""
    return judge_recognition(student, *BOTH)


@check(task="4.4")
def summary(student: Student) -> str | None:
    """The layers of the network with 4 convolutional layers were shown"""
    return judge_summary(student)


@check(task="4.5")
def dropout(student: Student) -> str | None:
    """The second network of 4.3 was trained anew with a Dropout of 0.5 in its dense stage"""
    return _require(student, "4.5") or _other_settings(student, "4.5")


@check(task="4.5", needs=dropout)
def dropout_data(student: Student) -> str | None:
    """The network with dropout was trained on the training images and validated on the validation images"""
    return _judge(student, ("4.5",), data_flaw, before=("4.2", *BOTH))


@check(task="4.5", needs=dropout)
def dropout_evaluated(student: Student) -> str | None:
    """The network with dropout was evaluated on the test images with their labels"""
    return _judge(student, ("4.5",), evaluation_flaw, before=("4.2", *BOTH))


@check(task="4.5", needs=dropout, full=True)
def dropout_recognises(student: Student) -> str | None:
    """After its full training the network with dropout recognises images that it has never seen"""
    return judge_recognition(student, "4.5")


@check(task="4.6")
def trained(student: Student) -> None:
    """Another network of the student's own choice was trained"""
    if free_choice(student) is None and not undescribed(student):
        raise no_free_choice(student)


@check(task="4.6", needs=trained)
def best_data(student: Student) -> str | None:
    """The network of 4.6 was trained on the training images and validated on the validation images"""
    return _judge(student, ("4.6",), data_flaw, before=("4.2", *BOTH, "4.5"))


@check(task="4.6", needs=trained)
def best_evaluated(student: Student) -> str | None:
    """The network of 4.6 was evaluated on the test images with their labels"""
    return _judge(student, ("4.6",), evaluation_flaw, before=("4.2", *BOTH, "4.5"))


@check(task="4.6", needs=trained, full=True)
def best_recognises(student: Student) -> str | None:
    """After its full training the network of 4.6 recognises images that it has never seen"""
    return judge_recognition(student, "4.6")


def _trained(student: Student, task: str) -> Training | None:
    """The training that answers a task, or ``None``."""
    return free_choice(student) if task == "4.6" else chosen(student)[task].training


def _require(student: Student, task: str) -> str | None:
    """Raise Failure unless a training answers the task; return a hint where build_CNN is at fault."""
    choice = chosen(student)[task]
    if choice.training is None and undescribed(student):
        return UNREAD.format(SPOKEN[task])
    if choice.training is None:
        raise no_network(student, task, choice)
    return OWN.format(SPOKEN[task]) if choice.own else None


def _other_settings(student: Student, task: str) -> str | None:
    training = _trained(student, task)
    return None if training is None else other_settings(task, training)


def _rate_is_build_cnns(student: Student, training: Training) -> bool:
    """Whether build_CNN gives another learning rate than 0.01 where it is asked for 0.01."""
    if not any("learning rate" in words for words in unusual(training.configuration)):
        return False
    own = own_network(student, chosen(student)["4.2"].wish)
    made = own.compiled.learning_rate if own is not None and own.compiled is not None else None
    return made is not None and made == training.configuration.learning_rate


def _judge(
    student: Student, tasks: tuple[str, ...], flaw_of: Judge, before: tuple[str, ...] = ()
) -> str | None:
    """Raise the failure of the tasks' trainings; a mistake that was made before as well is a hint."""
    counted = {flaw.kind for task in before if (flaw := _flaw(student, task, flaw_of)) is not None}
    hints = []
    for task in tasks:
        flaw = _flaw(student, task, flaw_of)
        if flaw is None:
            continue
        failure = flaw.failure
        if not flaw.earlier and (flaw.kind not in counted or flaw.kind == OMITTED):
            failure.message = f"{SPOKEN[task]}: {failure.message}" if len(tasks) > 1 else failure.message
            raise failure
        hints.append(f"{failure.message} That is counted in {flaw.earlier or 'an earlier task'}.")
    return " ".join(dict.fromkeys(hints)) or None


def _flaw(student: Student, task: str, flaw_of: Judge) -> Flaw | None:
    training = _trained(student, task)
    return None if training is None else flaw_of(student, training)
