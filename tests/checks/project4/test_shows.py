"""What the feedback shows of lab project4: on made-up notebooks, every picture from their own evidence."""

from __future__ import annotations

import base64
import dataclasses
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sklearn.preprocessing import LabelBinarizer

from checks.kit import Cell, Saved
from checks.kit.picture import Bars, Fields, Images, Matrix, Plots, Tile
from checks.kit.saved import Epoch, Log, SavedCell, Score
from checks.project4 import flow as topic
from checks.project4 import shown_cases, shown_fish, shown_flow
from checks.project4.shows import PICTURES
from checks.project4.vgg_cases import TRAININGS
from grader import data_parts, scenes
from grader.given import Given
from reference.project4 import fish
from reference.project4 import flow as reference
from tests.checks.cnn.student import Notebook, failure_of
from tests.checks.project4.calling import Calling
from tests.checks.project4.trainings import LABELS, TEST, Made

FUNCTIONS = {name: getattr(reference, name) for name in ("compute_flow", "flow_mask", "apply_mask")}
EPOCHS = 3


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Given, Given]:
    """The drawn frames of the highway, and their truth."""
    folder = tmp_path_factory.mktemp("highway")
    data_parts._draw_highway(folder)
    return Given(folder / "visible"), Given(folder / "hidden")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Given:
    """The drawn fish."""
    folder = tmp_path_factory.mktemp("fish")
    scenes.make_fish(folder / "lab", 3)
    return Given(folder)


def on_the_road(drawn: tuple[Given, Given], **functions: Any) -> Calling:
    return Calling({}, given=drawn[0], hidden=drawn[1], functions={**FUNCTIONS, **functions})


def pixels_of(one: Tile) -> Any:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(one.png))).convert("RGB"))


def trained(training: str = "budget") -> Notebook:
    """Eight cases in one loop, whose saved output has the log and the test accuracy of each."""
    made = Made()
    for case in TRAININGS:
        made.train(case, case.number)
    made.cells.append(Cell(20, "for case in cases: train(case)"))
    logs = tuple(
        Log(20, number, "", EPOCHS, tuple(
            Epoch(n, {"loss": 1 / n, "accuracy": n / 10, "val_loss": 2 / n, "val_accuracy": n / 20}, True, n, "")
            for n in range(1, EPOCHS + 1)
        ))
        for number in range(8)
    )  # fmt: skip
    scores = tuple(Score(20, n, "", "test accuracy", 0.9 - n / 100, 4) for n in range(1, 9))
    cells = tuple(SavedCell(n, "for case in cases: train(case)" if n == 20 else "") for n in range(1, 21))
    saved = Saved(cells=cells, logs=logs, scores=scores)
    return dataclasses.replace(made.student(), saved=saved, training=training)


def test_every_rule_is_calm_about_an_empty_notebook() -> None:
    """Where nothing ran there is nothing to show."""
    assert [shown for rule in PICTURES for shown in rule(Notebook({}), Saved())] == []


def test_every_rule_is_calm_without_a_kernel(drawn) -> None:
    """A kernel that ended answers nothing, which is no fault of ours."""
    gone = Notebook({}, given=drawn[0], hidden=drawn[1])
    assert [shown for rule in PICTURES for shown in rule(gone, Saved())] == []


def test_the_flow_stands_over_the_frame(drawn) -> None:
    """Arrows lie inside the frame, and some of them are long: the cars move."""
    (shown,) = shown_flow.vector_field(on_the_road(drawn), Saved())
    assert isinstance(shown.picture, Fields)
    (field,) = shown.picture.fields
    assert field.png
    assert all(0 <= x <= field.width and 0 <= y <= field.height for x, y, _, _ in field.arrows)
    assert max(np.hypot(right, down) for _, _, right, down in field.arrows) > 5


def test_mask_stands_beside_mask(drawn) -> None:
    """What is missed is red: of an empty mask all that moves, of the reference's less."""

    def red(flow_mask: Any) -> int:
        (shown,) = shown_flow.mask(on_the_road(drawn, flow_mask=flow_mask), Saved())
        assert isinstance(shown.picture, Images)
        assert shown.picture.group == len(shown.picture.tiles) == 3
        own = pixels_of(shown.picture.tiles[2]).astype(int)
        return int(np.sum(own[..., 0] - own[..., 1] > 60))

    empty = red(lambda flow, threshold: np.zeros(flow.shape[:2], np.uint8))
    assert red(reference.flow_mask) < empty


@pytest.mark.parametrize(("own", "wrong"), [(reference.apply_mask, False), (lambda frame, mask: frame, True)])
def test_the_masked_frame_stands_beside_the_right_one(drawn, own, wrong) -> None:
    """Marked where it is another."""
    (shown,) = shown_flow.masked(on_the_road(drawn, apply_mask=own), Saved())
    assert isinstance(shown.picture, Images)
    assert [tile.wrong for tile in shown.picture.tiles] == [False, wrong, False]


def test_functions_that_stop_show_nothing(drawn) -> None:
    """Their checks say why."""

    def stop(*_: Any, **__: Any) -> None:
        raise RuntimeError("no")

    broken = on_the_road(drawn, compute_flow=stop, flow_mask=stop, apply_mask=stop)
    rules = (shown_flow.vector_field, shown_flow.mask, shown_flow.masked)
    assert [shown for rule in rules for shown in rule(broken, Saved())] == []


@pytest.mark.parametrize(
    ("check", "name", "own"),
    [
        (topic.motion, "compute_flow", lambda a, b: reference.compute_flow(b, a)),
        (topic.grid, "flow_grid", lambda shape, step=25: reference.flow_grid(shape, 2 * step)),
        (topic.masked, "apply_mask", lambda frame, mask: frame),
    ],
)
def test_a_failure_shows_yours_and_the_right_one(check, name, own) -> None:
    """Of the simplest call: yours is marked, the right one is not, and they differ."""
    student = Calling({}, functions={**FUNCTIONS, "flow_grid": reference.flow_grid, name: own})
    (picture,) = failure_of(check, student).pictures
    assert isinstance(picture, Fields | Images)
    both = picture.fields if isinstance(picture, Fields) else picture.tiles[2:]
    assert [one.wrong for one in both] == [False, True]
    assert dataclasses.replace(both[0], caption="", wrong=False) != dataclasses.replace(
        both[1], caption="", wrong=False
    )


def test_a_grid_in_another_order_is_not_drawn() -> None:
    """x and y exchanged are the same dots, so the picture would show no fault."""
    exchanged = lambda shape, step=25: reference.flow_grid(shape, step)[::-1]  # noqa: E731
    student = Calling({}, functions={"flow_grid": exchanged})
    assert failure_of(topic.grid, student).pictures == ()


@pytest.mark.parametrize(
    ("line", "cases"), [("if batch_norm: add()", 8), ("if gpu: epochs = 20", 0)], ids=["layers", "settings"]
)
def test_a_switch_of_the_network_is_no_switch_of_the_training(line, cases) -> None:
    """Batch normalisation may depend on an argument, epochs on the machine: then the log is of another fit."""
    student = trained()
    cells = (SavedCell(1, line), *student.saved.cells[1:])
    saved = dataclasses.replace(student.saved, cells=cells)
    assert len(list(shown_cases.trainings(student, saved))) == cases


def test_each_case_has_its_curves() -> None:
    """Accuracy and loss as handed in, and at a full training as measured, too."""
    student = trained()
    shown = list(shown_cases.trainings(student, student.saved))
    assert [one.checks for one in shown] == [(f"P2.3/case-{number}",) for number in range(1, 9)]
    picture = shown[6].picture
    assert isinstance(picture, Plots)
    assert [(one.quantity, len(one.lines)) for one in picture.plots] == [("accuracy", 2), ("loss", 2)]
    full = trained("full")
    measured = next(iter(shown_cases.trainings(full, full.saved))).picture
    assert isinstance(measured, Plots)
    assert [len(one.lines) for one in measured.plots] == [4, 4]


def test_the_accuracies_of_all_cases_are_bars() -> None:
    """Claimed ones always; measured ones of a full training alone; guessing is the level."""
    student = trained()
    (shown,) = shown_cases.accuracies(student, student.saved)
    assert isinstance(shown.picture, Bars)
    assert [one.name for one in shown.picture.series] == ["training, as handed in", "test, as handed in"]
    assert shown.picture.series[1].values == tuple(0.9 - n / 100 for n in range(1, 9))
    assert shown.picture.series[0].values == (0.3,) * 8
    assert shown.picture.level == pytest.approx(1 / 9)
    full = trained("full")
    (shown,) = shown_cases.accuracies(full, full.saved)
    assert isinstance(shown.picture, Bars)
    assert shown.picture.series[3].values == tuple(n / 10 for n in range(1, 9))


def test_no_number_is_no_chart() -> None:
    """A notebook that prints nothing has no bars."""
    assert list(shown_cases.accuracies(dataclasses.replace(trained(), saved=Saved()), Saved())) == []


def test_the_best_network_shows_what_it_mistakes() -> None:
    """After a full training: the case with the most right predictions, its matrix and its mistakes."""
    full = trained("full")
    (shown,) = shown_fish.confusion(full, Saved())
    assert isinstance(shown.picture, Matrix)
    assert sum(map(sum, shown.picture.counts)) == len(TEST)
    assert sum(shown.picture.counts[n][n] for n in range(9)) == 8
    (shown,) = shown_fish.misclassified(full, Saved())
    assert isinstance(shown.picture, Images)
    assert len(shown.picture.tiles) == 10
    assert "for case 8" in shown.picture.note
    assert list(shown_fish.confusion(trained(), Saved())) == []


def test_fish_have_the_names_of_their_folders(pictures: Given) -> None:
    """One image of each column; where labels are of other images, an odd one is marked."""
    images, names = fish.load_fish(pictures.folder / "lab" / "fish")
    labels = LabelBinarizer().fit_transform(names)
    values = {"Xtrain": [(1, images / 255)], "Ytrain": [(1, labels)], "Xtest": [(1, images[:0])]}
    (shown,) = shown_fish.samples(Notebook(values, given=pictures), Saved())
    assert isinstance(shown.picture, Images)
    assert [tile.caption for tile in shown.picture.tiles] == [
        f"column {n}: {name}" for n, name in enumerate(sorted(set(names)))
    ]
    wrong = {**values, "Ytrain": [(1, np.roll(labels, 1, axis=0))]}
    (shown,) = shown_fish.samples(Notebook(wrong, given=pictures), Saved())
    assert isinstance(shown.picture, Images)
    assert all(tile.wrong for tile in shown.picture.tiles)


def test_labels_of_another_form_show_nothing(pictures: Given) -> None:
    """Numbers in the place of rows have no columns."""
    values = {"Xtrain": [(1, np.zeros((9, 8, 8, 3)))], "Ytrain": [(1, LABELS[18].argmax(axis=1))]}
    assert list(shown_fish.samples(Notebook(values, given=pictures), Saved())) == []
