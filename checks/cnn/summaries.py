"""Task 4.4: whether the layers of the network of 4.3b were shown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.cnn.choosing import WISHES, Choice, chosen
from checks.cnn.cures import cure
from checks.cnn.trainings import Shape, Training, shape_of
from checks.kit import Cell, Failure, Fit, NamedModel, Student, Use
from checks.kit.architecture import operations
from checks.kit.model import Model

LAYERS_PRINTED = 3  # of the largest, whose parameters a list of the layers must show


def judge_summary(student: Student) -> str | None:
    """Raise Failure unless a summary, a plot, or a list of the layers of that network was shown."""
    choice = chosen(student)["4.3b"]
    target = choice.training or choice.nearest
    shown = list(_shown(student))
    if any(_is_asked(network, choice) for _, network in shown) or _printed(student, target):
        return None
    if any(_distance(network) <= 2 for _, network in shown):
        return "The summary is that of the network with dropout, or one that differs in another detail."
    if choice.training is None and shown:
        return "There is no network of 4.3b, so the summary of another one was taken."
    raise Failure(
        "The architecture of the network of 4.3b was not shown.",
        expected=f"the summary of the network with {WISHES['4.3b'].text()}",
        received=_received(student, shown),
        hint=_hint(student),
        counterexample=f"{target.called if choice.training and target else 'model2'}.summary()",
    )


def _shown(student: Student) -> Iterator[tuple[int, Model]]:
    """The cell and the network of every summary."""
    records: tuple[Fit | Use | NamedModel, ...] = (*student.fits, *student.uses, *student.models)
    used = [record.model for record in records]
    networks = {one.identity: one.network for one in used if one.network is not None}
    for event in student.events:
        network = networks.get(event.data.get("model", 0)) if event.kind == "summary" else None
        if network is not None:
            yield event.cell, network


def _is_asked(network: Model, choice: Choice) -> bool:
    """Whether it is the network of 4.3b, or what stands for it where build_CNN makes another."""
    trained = choice.training
    return _distance(network) == 0 or (
        trained is not None and operations(network) == operations(trained.network)
    )


def _distance(network: Model) -> int:
    return WISHES["4.3b"].distance(shape_of(network))


def _printed(student: Student, target: Training | None) -> bool:
    """Whether a cell prints the layers' parameters, or plots the model, in a way of its own."""
    if target is None:
        return False
    names = {target.called, *(name for fit in target.fits for name in fit.model.names)}
    return any(_lists(cell, target.network) or _plots(cell, names) for cell in student.cells)


def _lists(cell: Cell, network: Model) -> bool:
    """Whether a cell prints all the parameters, or those of the largest layers; small ones are common."""
    numbers = {int(word.replace(",", "")) for word in re.findall(r"\d[\d,]{2,12}", cell.text)}
    largest = sorted({layer.parameters for layer in network.layers})[-LAYERS_PRINTED:]
    return network.parameters in numbers or numbers.issuperset(largest)


def _plots(cell: Cell, names: set[str]) -> bool:
    """Whether a cell plots the model; the grader's machine may lack what draws it."""
    drawn = not cell.error or "pydot" in cell.error or "graphviz" in cell.error
    return drawn and any(
        re.search(rf"(plot_model|model_to_dot)\(\s*{re.escape(name)}\b", cell.source) for name in names
    )


def _received(student: Student, shown: list[tuple[int, Model]]) -> str:
    if shown:
        shapes: dict[Shape, int] = {shape_of(network): cell for cell, network in reversed(shown)}
        return "; ".join(
            f"in cell {cell} that of a network with {shape.text()}" for shape, cell in shapes.items()
        )
    stopped = _stopped(student)
    if stopped is not None:
        return f"cell {stopped.number}, which calls summary, stopped with {stopped.error}"
    return "no summary of any network"


def _hint(student: Student) -> str:
    stopped = _stopped(student)
    return (
        cure(stopped.error) if stopped else ""
    ) or "Every Keras model has a method that prints its layers."


def _stopped(student: Student) -> Cell | None:
    return next((cell for cell in student.cells if cell.error and "summary(" in cell.source), None)
