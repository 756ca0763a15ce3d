"""Tasks P2.3 and P2.4 on made-up records of trainings, without a kernel."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from checks.kit import Cell, Event, Failure, Fit, Source, Use, Used
from checks.kit.model import Compiled, Layer, Model
from checks.project4 import training, vgg_learning
from checks.project4.fish_drawing import KINDS, draw_fish
from checks.project4.vgg_cases import TRAININGS, Training, sizes_of, sizes_of_case
from checks.project4.vgg_layers import CONVOLUTIONS
from tests.checks.cnn.student import Notebook, failure_of, text_of

RNG = np.random.default_rng(3)
TRAIN, TEST = (RNG.normal(size=(size, 8, 8, 3)).astype(np.float32) for size in (40, 18))
LABELS = {size: np.eye(9, dtype=np.float32)[np.arange(size) % 9] for size in (40, 18)}
CASE_CHECKS = [getattr(training, f"case_{number}") for number in range(1, 9)]


def network(case: Training, **compiled: Any) -> Model:
    """The network of a case as the kernel would describe it, with what tells the cases apart."""

    def layer(kind: str, activation: str = "", **settings: Any) -> Layer:
        return Layer(kind, kind.lower(), settings, activation, {}, None, 10, 10)

    layers = []
    for filters, times in zip(case.network.filters, CONVOLUTIONS, strict=True):
        for _ in range(times):
            layers.append(layer("Conv2D", filters=filters))
            layers += [layer("BatchNormalization")] if case.network.batch_norm else []
            layers.append(layer("ReLU", "relu"))
        layers.append(layer("MaxPooling2D"))
    layers += [layer("Dense", "relu", units=units) for units in case.network.dense]
    layers.append(layer("Dense", "softmax", units=9))
    count = sum(one.parameters for one in layers)
    how = Compiled("Adam", ("Adam",), case.learning_rate, "categorical_crossentropy", {}, ("accuracy",))
    how = dataclasses.replace(how, **compiled)
    return Model("keras", False, (128, 128, 3), tuple(layers), count, count, how)


@dataclass
class Made:
    """A notebook in the making."""

    fits: list[Fit] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    texts: tuple[str, ...] = ()
    order: int = 0

    def tick(self) -> int:
        """The next place in the record."""
        self.order += 1
        return self.order

    def train(self, case: Training, identity: int, tested: bool = True, **changes: Any) -> None:
        """Train a case, by default as the task asks, and test it."""
        compiled = changes.pop("compiled", {})
        model = Used(identity, ("model",), changes.pop("network", None) or network(case, **compiled))
        draw = np.random.default_rng(identity)
        history = {
            name: tuple(draw.uniform(0, 1, case.epochs).tolist())
            for name in ("loss", "accuracy", "val_loss", "val_accuracy")
        }
        fit = Fit(
            cell=20, flavour="keras", epochs=case.epochs, batch_size=case.batch_size, steps_per_epoch=None,
            train=(TRAIN, LABELS[40]), model=model, source=Source("arrays", TRAIN, LABELS[40]),
            order=self.tick(), ended=self.tick(), history=history,
        )  # fmt: skip
        self.fits.append(dataclasses.replace(fit, **changes))
        if tested:
            images = Source("arrays", TEST, LABELS[18])
            result = np.roll(LABELS[18], 1, axis=0)
            result[:identity] = LABELS[18][:identity]  # as many are right as the number says
            scores = (1.0 / identity, identity / 10)
            self.uses.append(Use("evaluate", 20, model, images, order=self.tick(), scores=scores))
            self.uses.append(Use("predict", 20, model, Source("arrays", TEST), result, order=self.tick()))

    def draw(self, *axes: dict[str, Any]) -> None:
        """One figure."""
        self.events.append(Event("figure", 30, self.tick(), {"axes": list(axes)}))

    def draw_curves(self, *names: str) -> None:
        """A figure of each training."""
        for fit in self.fits:
            self.draw({"lines": [{"label": name, "y": list(fit.history[name])} for name in names]})

    def draw_chart(self, swapped: bool = False) -> None:
        """Bars of the right and the wrong predictions of each case."""
        predictions = [use for use in self.uses if use.result is not None]
        classes = LABELS[18].argmax(axis=1)
        right = [
            int((use.result.argmax(axis=1) == classes).sum()) for use in predictions if use.result is not None
        ]
        wrong = [18 - number for number in right]
        labels = ("incorrect", "correct") if swapped else ("correct", "incorrect")
        bars = [
            {"label": label, "lengths": lengths}
            for label, lengths in zip(labels, (right, wrong), strict=True)
        ]
        self.draw({"bars": bars})

    def student(self) -> Notebook:
        """The notebook as a check sees it."""
        return Notebook(
            {}, fits=tuple(self.fits), uses=tuple(self.uses), events=tuple(self.events),
            cells=tuple(self.cells), texts=self.texts,
        )  # fmt: skip


def right() -> Made:
    """All eight cases as asked for, drawn and named."""
    made = Made()
    for case in TRAININGS:
        made.train(case, case.number)
    made.draw_curves("loss", "val_loss")
    made.draw_chart()
    made.cells.append(Cell(31, "print(best)", text="the best is case 8 with 0.8"))
    return made


def outcomes(made: Made) -> dict[str, str]:
    """The failures' messages by check; ``learns`` needs a kernel and is left out."""
    failed = {}
    for name in (
        *(f"case_{number}" for number in range(1, 9)),
        "compiled",
        "tested",
        "curves",
        "chart",
        "winner",
    ):
        try:
            getattr(training, name).run(made.student())
        except Failure as failure:
            failed[name] = failure.message
    return failed


def test_the_sizes_of_the_cases_are_read_from_their_networks():
    """What tells the networks apart is found in their descriptions."""
    for case in TRAININGS:
        assert sizes_of(network(case)) == sizes_of_case(case.network)


def test_a_right_notebook_passes_everything():
    """The eight cases, their curves, the chart and the winner."""
    assert outcomes(right()) == {}


def test_the_order_of_the_trainings_is_free():
    """The cases are found wherever they are."""
    made = Made()
    for case in reversed(TRAININGS):
        made.train(case, case.number)
    assert not [name for name in outcomes(made) if name.startswith("case")]


@pytest.mark.parametrize("case", TRAININGS, ids=lambda case: str(case.number))
def test_a_case_that_is_left_out_is_missed_alone(case):
    """The failure names the case, and no other case fails for it."""
    made = Made()
    for other in TRAININGS:
        if other != case:
            made.train(other, other.number)
    failed = [name for name in outcomes(made) if name.startswith("case")]
    assert failed == [f"case_{case.number}"]
    failure = failure_of(CASE_CHECKS[case.number - 1], made.student())
    assert f"Case {case.number}" in failure.message and f"{case.learning_rate:g}" in failure.expected


@pytest.mark.parametrize(
    ("number", "change", "words"),
    [
        (1, {"epochs": 10}, "epochs 10 instead of 20"),
        (2, {"batch_size": 128}, "batch size 128 instead of 32"),
        (2, {"batch_size": None, "epochs": 5}, "epochs 5 instead of 10"),
        (7, {"compiled": {"learning_rate": 0.01}}, "learning rate 0.01 instead of 0.1"),
        (5, {"network": network(TRAININGS[0])}, "no network of its sizes"),
    ],
)
def test_a_setting_that_differs_is_named(number, change, words):
    """Only this case fails, and it says which setting is another."""
    made = Made()
    for case in TRAININGS:
        made.train(case, case.number, **(dict(change) if case.number == number else {}))
    failed = {name: message for name, message in outcomes(made).items() if name.startswith("case")}
    assert list(failed) == [f"case_{number}"] and words in failed[f"case_{number}"]


def test_a_slip_that_runs_through_all_cases_counts_once():
    """Batches of 64 in every training cost one case."""
    made = Made()
    for case in TRAININGS:
        made.train(case, case.number, batch_size=64)
    assert [name for name in outcomes(made) if name.startswith("case")] == ["case_1"]


def test_one_batch_of_a_data_set_tells_no_batch_size():
    """Forty images in batches of 128 are one batch of forty."""
    made = Made()
    source = Source("dataset", TRAIN, LABELS[40], batch_size=40, batches=1)
    made.train(TRAININGS[0], 1, batch_size=None, source=source)
    assert training.case_1.run(made.student()) is None
    several = dataclasses.replace(source, batch_size=20, batches=2)
    made = Made()
    made.train(TRAININGS[0], 1, batch_size=None, source=several)
    assert "batch size 20" in failure_of(training.case_1, made.student()).message


def test_two_halves_are_a_whole():
    """Twice ten epochs of one model are twenty."""
    made = Made()
    made.train(TRAININGS[0], 1, epochs=10)
    made.train(TRAININGS[0], 1, epochs=10, network=made.fits[0].model.network)
    assert training.case_1.run(made.student()) is None


def test_fewer_epochs_pass_where_the_notebook_looks_for_a_graphics_card():
    """One epoch is a hint then, and a failure without."""
    made = Made()
    made.train(TRAININGS[2], 1, epochs=1)
    assert "epochs 1" in failure_of(training.case_3, made.student()).message
    made.cells.append(Cell(19, "GPU = tf.config.list_physical_devices('GPU')"))
    assert "1 of 10 epochs" in (training.case_3.run(made.student()) or "")


@pytest.mark.parametrize(
    ("compiled", "labels", "words"),
    [
        ({"optimizer": "SGD", "optimizer_bases": ("SGD",)}, LABELS[40], "SGD"),
        ({"loss": "binary_crossentropy"}, LABELS[40], "does not fit"),
        ({"loss": "MeanSquaredError"}, LABELS[40], "does not fit"),
        ({"loss": "sparse_categorical_crossentropy"}, LABELS[40], "does not fit"),
        ({}, np.arange(40) % 9, "does not fit"),
        ({"loss_options": {"from_logits": True}}, LABELS[40], "logits"),
    ],
)
def test_what_does_not_fit_the_labels_fails(compiled, labels, words):
    """Optimisers and losses that are named."""
    made = Made()
    made.train(
        TRAININGS[0], 1, compiled=compiled, source=Source("arrays", TRAIN, labels), train=(TRAIN, labels)
    )
    assert words in failure_of(training.compiled, made.student()).message


@pytest.mark.parametrize(
    ("loss", "labels"),
    [
        ("CategoricalCrossentropy", LABELS[40]),
        ("sparse_categorical_crossentropy", np.arange(40) % 9),
        ("SparseCategoricalCrossentropy", (np.arange(40) % 9)[:, None]),
        ("my_own_loss", LABELS[40]),
        ("categorical_crossentropy", None),
    ],
)
def test_losses_that_fit_pass(loss, labels):
    """One-hot or integers, and what the grader cannot judge."""
    made = Made()
    made.train(
        TRAININGS[0],
        1,
        compiled={"loss": loss},
        source=Source("arrays", TRAIN, labels),
        train=(TRAIN, labels),
    )
    assert training.compiled.run(made.student()) is None


def test_a_network_that_was_not_tested_is_named():
    """A test of the last model only, inside a loop that forgets the others."""
    made = Made()
    for case in TRAININGS[:3]:
        made.train(case, case.number, tested=case.number == 3)
    failure = failure_of(training.tested, made.student())
    assert "Cases 1, 2" in failure.message and "1 of 3" in failure.received


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda made: None, "No curves"),
        (lambda made: made.draw_curves("loss", "accuracy"), "validation curve"),
        (lambda made: made.draw_curves("val_loss"), "training curve"),
        (
            lambda made: made.draw({"lines": [{"y": list(made.fits[0].history[name])} for name in ("loss", "val_loss")]}),
            "Case 2",
        ),
    ],
)  # fmt: skip
def test_curves_that_are_missing_are_named(draw: Callable[[Made], None], words):
    """Of all cases, of one side, or of all cases but one."""
    made = Made()
    for case in TRAININGS[:2]:
        made.train(case, case.number)
    draw(made)
    assert words in text_of(failure_of(training.curves, made.student()))


@pytest.mark.parametrize("factor", [1.0, 100.0])
def test_curves_of_accuracy_pass_as_shares_and_in_percent(factor):
    """Either quantity does."""
    made = Made()
    made.train(TRAININGS[0], 1)
    history = made.fits[0].history
    lines = [{"y": [factor * (v or 0) for v in history[name]]} for name in ("accuracy", "val_accuracy")]
    made.draw({"lines": lines})
    assert training.curves.run(made.student()) is None


def test_a_diverged_loss_is_a_curve_too():
    """NaN is drawn as nothing, and is the same nothing in the record."""
    made = Made()
    nothing: tuple[float | None, ...] = (None,) * 10
    made.train(TRAININGS[6], 7, history={"loss": nothing, "val_loss": nothing})
    made.draw({"lines": [{"y": list(nothing)}, {"y": list(nothing)}]})
    assert training.curves.run(made.student()) is None


def test_smoothed_curves_are_not_compared():
    """Lines that are no history at all may have been made from one."""
    made = Made()
    made.train(TRAININGS[0], 1)
    made.draw({"lines": [{"y": [0.5] * 18}]})
    assert "not compared" in (training.curves.run(made.student()) or "")


def charted(*axes: dict[str, Any]) -> Made:
    """Two trained cases and a figure."""
    made = Made()
    for case in TRAININGS[:2]:
        made.train(case, case.number)
    if axes:
        made.draw(*axes)
    return made


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (charted(), "No chart"),
        (charted({"bars": [{"label": "", "lengths": [0.3, 0.4]}]}), "two numbers"),
        (charted({"bars": [{"label": "correct", "lengths": [1, 5]}, {"label": "wrong", "lengths": [17, 13]}]}), "case 2"),
    ],
)  # fmt: skip
def test_charts_that_show_something_else_fail(made: Made, words):
    """None, one bar for each case, or the numbers of another case."""
    assert words in text_of(failure_of(training.chart, made.student()))


def test_swapped_bars_fail():
    """The labels of the legend are read."""
    made = charted()
    made.train(TRAININGS[2], 3)
    made.draw_chart(swapped=True)
    assert "calls the wrong predictions" in failure_of(training.chart, made.student()).message


def test_pies_and_percent_pass():
    """Shares of a circle, and bars in percent."""
    made = charted()
    made.draw({"wedges": [1 / 18, 17 / 18]}, {"wedges": [2 / 18, 16 / 18]})
    assert training.chart.run(made.student()) is None


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("The best is case 8 with 0.80", True),
        ("Winner: model 8", True),
        ("case 8 has the highest accuracy", True),
        ("best: 7", True),  # counted from 0
        ("The best is case 3 with 0.30", False),
        ("accuracy 0.80", False),
    ],
)
def test_the_winner_is_held_against_the_own_numbers(text, passes):
    """Evaluate said that case 8 has the highest accuracy and the lowest loss."""
    made = right()
    made.uses = [use for use in made.uses if use.kind == "evaluate"]
    made.fits = [dataclasses.replace(fit, history={}) for fit in made.fits]
    made.cells = [Cell(31, "print(best)", text=text)]
    failed = "winner" in outcomes(made)
    assert failed is not passes


@pytest.mark.parametrize("written", ["**Answer:** the winner is case 2.", "Case 2 is the best one."])
def test_a_winner_in_a_text_cell_passes(written):
    """It is about the run at home."""
    made = right()
    made.cells, made.texts = [], (written,)
    assert "winner" not in outcomes(made)


def test_a_winner_that_is_typed_in_is_not_compared():
    """It is about the run at home, too."""
    made = right()
    line = "print('the winner is case 2')"
    made.cells = [Cell(31, line, text="the winner is case 2")]
    assert "winner" not in outcomes(made)


def test_without_trainings_everything_fails_in_words():
    """No traceback, and each says what is missing."""
    failed = outcomes(Made())
    assert len(failed) == 13
    assert "No network was trained." in failed["compiled"]


def test_the_drawn_fish_are_nine_kinds_that_differ():
    """The nearest mean image already tells most of them apart: the pictures are not noise."""
    images, kinds = draw_fish(270, 1)
    others, theirs = draw_fish(90, 2)
    assert images.shape == (270, 32, 32, 3) and images.dtype == np.float32
    assert images.min() >= -1 and images.max() <= 1 and set(kinds.tolist()) == set(range(KINDS))
    means = np.stack([images[kinds == kind].mean(axis=0) for kind in range(KINDS)])
    nearest = ((others[:, None] - means[None]) ** 2).sum(axis=(2, 3, 4)).argmin(axis=1)
    assert float(np.mean(nearest == theirs)) > 0.5


def test_the_threshold_is_above_guessing():
    """And the reference stays above it."""
    stored = vgg_learning.stored()
    assert 2 / KINDS < stored["threshold"] < stored["lowest"] <= stored["highest"] <= 1


def test_only_pictures_that_matplotlib_did_not_draw_may_be_curves():
    """A figure that was read and has no line is none; a picture that nobody read may be one."""
    made = Made()
    made.train(TRAININGS[0], 1)
    made.draw({"bars": [{"label": "", "lengths": [1, 2]}]})
    made.cells.append(Cell(30, "plt.bar([0, 1], [1, 2])", figures=1))
    assert "No curves" in failure_of(training.curves, made.student()).message
    made.cells.append(Cell(31, "plotly_figure.show()", figures=1))
    assert "not drawn with matplotlib" in (training.curves.run(made.student()) or "")
