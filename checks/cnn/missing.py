"""Tasks 4.2 to 4.6: what to say where a training is missing, is of another network, or stopped."""

from __future__ import annotations

import re

from checks.cnn.choosing import RATE, Choice, Wish, unusual
from checks.cnn.cures import cure, sentence
from checks.cnn.trainings import Shape, Training, counted, dense_text, shape_of, trainings
from checks.kit import Cell, Failure, Student

NAMES = {"4.2": "model1", "4.3a": "model1b", "4.3b": "model2", "4.5": "model3", "4.6": "model4"}
SPOKEN = {"4.2": "4.2", "4.3a": "4.3 (a)", "4.3b": "4.3 (b)", "4.5": "4.5", "4.6": "4.6"}
TRAINS = re.compile(r"\.fit\(|\bbuild_CNN\(|\btrain\w*\(")
LATER = re.compile(r"datagen|ImageDataGenerator|_flow\b|Tracker|\btune\.|ResNet")  # Parts 5 to 8
CALL = "n_conv_layers={convolutions}, n_filters={filters}, n_dense_layers={dense}, n_nodes=50"


def no_network(student: Student, task: str, choice: Choice) -> Failure:
    """The failure of a task none of the trainings answers."""
    stopped = _stopped(student, task, choice.wish)
    if stopped is not None:
        return stopped
    wish, nearest = choice.wish, choice.nearest
    if nearest is None:
        return Failure(
            f"No network was trained for {SPOKEN[task]}.",
            expected=f"a call of fit of a network with {wish.text()}",
            received="no call of fit that ended" if student.fits else "no call of fit",
            hint="Build the network with build_CNN, then call its fit.",
            counterexample=_call(wish),
        )
    return Failure(
        f"The network of {SPOKEN[task]} was not trained" + _slip(wish, nearest) + ".",
        expected=f"a network with {wish.text()}",
        received=f"the nearest, trained in {nearest.cells}, has {nearest.shape.text()}",
        hint=_hint(wish, nearest.shape),
        counterexample=_call(wish),
    )


def no_free_choice(student: Student) -> Failure:
    """The failure of 4.6 where no training is left for it."""
    stopped = _stopped(student, "4.6", None)
    if stopped is not None:
        return stopped
    found = list(dict.fromkeys(one.shape.text() for one in trainings(student)))
    return Failure(
        "No network of a configuration of your own was trained for 4.6.",
        expected="one more model, built and trained with settings that you chose",
        received=f"only the trainings of 4.2 to 4.5: {'; '.join(found)}" if found else "no training",
        hint="Change the number of layers, filters or nodes, the batch size or the learning rate, build "
        "a new model, and train it.",
    )


def wrong_settings(training: Training, wrong: list[str]) -> Failure:
    """The failure of 4.2 where batch size, epochs or learning rate are others."""
    name = training.called
    code = {"batches": f"{name}.fit(…, batch_size=20)", "epoch": f"{name}.fit(…, epochs=20)"}
    shown = [line for word, line in code.items() if any(word in words for words in wrong)]
    rate = any("learning rate" in words for words in wrong)
    passed = training.last.batch_size is not None or not any("batches" in words for words in wrong)
    return Failure(
        f"The network of 4.2 was trained with {' and '.join(wrong)}.",
        expected="batches of 20, 20 epochs, the learning rate 0.01",
        received=f"{', '.join(wrong)} ({training.cells})",
        hint="Which value does each of the three have where fit and build_CNN are called?"
        if passed
        else "fit was called without batch_size, so Keras takes 32.",
        counterexample="\n".join([*shown, *([f"{name}.optimizer.learning_rate"] if rate else [])]),
    )


def other_settings(task: str, training: Training) -> str | None:
    """A hint where a network that is compared with that of 4.2 was trained in another way."""
    words = list(unusual(training.configuration))
    if training.shape.filters not in (None, 16):
        words.append(counted(training.shape.filters or 0, "filter"))
    if not words:
        return None
    return (
        f"The network of {SPOKEN[task]} was trained with {' and '.join(words)}, not as that of 4.2: then the "
        "two differ in more than their layers."
    )


def _slip(wish: Wish, nearest: Training) -> str:
    """What is wrong with the nearest network, where it is one thing."""
    shape = nearest.shape
    if shape.convolutions != wish.convolutions:
        other = f": there is one with {counted(shape.convolutions, 'convolutional layer')}"
        return other if len(shape.dense) == len(wish.dense) else ""
    if len(shape.dense) != len(wish.dense) or shape.dense != wish.dense:
        return f": it has {dense_text(shape.dense)}"
    if wish.filters is not None and shape.filters != wish.filters:
        return f": its first convolution has {counted(shape.filters or 0, 'filter')}, not {wish.filters}"
    if wish.dropout and not shape.dropout:
        return " with dropout: the one that was trained has none"
    if wish.dropout:
        return f" with a dropout of {RATE:g}, but with {', '.join(f'{rate:g}' for rate in shape.dropout)}"
    return ": it was trained with dropout only, which is for 4.5" if shape.dropout else ""


def _hint(wish: Wish, shape: Shape) -> str:
    if wish.dropout and not shape.dropout:
        return "Is use_dropout=True passed to build_CNN, and is a new model built for it?"
    if wish.dropout and wish.distance(shape) == 1:
        return "Which rate does the Dropout layer get?"
    return "Compare the arguments of build_CNN with the task, and print model.summary() before the training."


def _call(wish: Wish) -> str:
    words = CALL.format(convolutions=wish.convolutions, filters=wish.filters or 16, dense=len(wish.dense))
    words = words if wish.dense else words.partition(", n_nodes")[0]
    return f"build_CNN(input_shape, loss, {words}{', use_dropout=True' if wish.dropout else ''}).summary()"


# ---- cells that stopped ------------------------------------------------------------------------------


def _stopped(student: Student, task: str, wish: Wish | None) -> Failure | None:
    """The failure where the training of this task is in a cell that stopped with an error."""
    for fit in student.fits:
        network = fit.model.network
        if fit.error and wish is not None and network is not None and wish.distance(shape_of(network)) == 0:
            whole = [cell.error for cell in student.cells if cell.number == fit.cell and cell.error]
            return _because(task, fit.cell, (whole or [fit.error])[0])
    dead = _dead_cells(student)
    own = [cell for cell in dead if re.search(rf"\b{NAMES[task]}\b", cell.source)]
    later = {name for other, name in NAMES.items() if other != task}
    unnamed = [cell for cell in dead if not any(re.search(rf"\b{name}\b", cell.source) for name in later)]
    found = next(iter([*own, *unnamed]), None)
    return None if found is None else _because(task, found.number, found.error)


def _dead_cells(student: Student) -> list[Cell]:
    """The cells of Part 4 that were to train, and in which no training ended."""
    ended = {fit.cell for fit in student.fits if not fit.error}
    return [
        cell
        for cell in student.cells
        if cell.error
        and cell.number not in ended
        and TRAINS.search(cell.source)
        and not LATER.search(cell.source)
        and "def build_CNN" not in cell.source
    ]


def _because(task: str, cell: int, error: str) -> Failure:
    return Failure(
        f"The network of {SPOKEN[task]} was not trained: cell {cell}, which calls fit, stopped with "
        f"{sentence(error).rstrip(':. ')}.",
        expected="a training that runs to its end",
        received=sentence(error),
        hint=cure(error) or "Restart the kernel, run all cells, and mend the first error.",
    )
