"""Notebooks with saved outputs, as honest students hand them in: made up, and different for each seed.

The outputs have the forms of both Keras and of the students' own prints, and the numbers that the images allow: a
test accuracy is a share of 2,000. The answers say the notebook's own numbers in many ways.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from checks.cnn.augmented import USUAL_BATCHES
from checks.kit import Cell, NamedModel, Saved, Source, Used
from grader.claims.outputs import saved_cells
from grader.claims.reading import read_saved
from tests.checks.cnn.claimed_outputs import Style, log_text, printed_score, share, style_of, summary_text
from tests.checks.cnn.preparation import Lab, asked, hot
from tests.checks.cnn.student import Notebook, drawn_cifar
from tests.checks.cnn.trained import Trained, network

TESTED = 2_000
ASKED = {
    "4.2": ("model1", {}), "4.3a": ("model1b", {"dense": (50,)}), "4.3b": ("model2", {"convolutions": 4, "dense": (50,)}),
    "4.5": ("model3", {"convolutions": 4, "dense": (50,), "dropout": 0.5}),
    "4.6": ("model4", {"convolutions": 3, "filters": 32, "dense": (64,), "dropout": 0.5}),
}  # fmt: skip


@dataclass
class Written:
    """One notebook in the making. ``cells`` are (source, outputs); the numbers are those that it prints."""

    draw: random.Random
    style: Style
    trained: Trained
    cells: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    count: int = 0
    ended: dict[str, float] = field(default_factory=dict)  # task → training accuracy
    tested: dict[str, float] = field(default_factory=dict)
    logs: dict[str, int] = field(default_factory=dict)  # task → cell
    models: dict[str, Used] = field(default_factory=dict)

    def cell(self, source: str, *texts: str) -> int:
        """Add a code cell; its number."""
        self.count += self.draw.choice([1, 1, 1, 1, 2, 3])
        outputs: list[dict[str, Any]] = [
            {"output_type": "stream", "name": "stdout", "text": text.splitlines(keepends=True)}
            for text in texts
            if text
        ]
        if self.draw.random() < 0.1:
            outputs.append(
                {"output_type": "display_data", "data": {"image/png": "aGk=", "text/plain": ["<Figure>"]}}
            )
        self.cells.append(
            {"cell_type": "code", "source": source, "execution_count": self.count, "outputs": outputs}
        )
        return len(self.cells)

    def saved(self) -> Saved:
        """The outputs, read."""
        return read_saved(saved_cells((str(cell["source"]), cell) for cell in self.cells))

    def student(self) -> Notebook:
        """The notebook as the grader ran it."""
        cells = tuple(Cell(number, str(cell["source"])) for number, cell in enumerate(self.cells, start=1))
        models = tuple(NamedModel(one.names[0], self.logs[task], one) for task, one in self.models.items())
        return dataclasses.replace(
            self.trained.student(),
            cells=cells,
            texts=(*self.texts, *self.answers.values()),
            models=models,
        )


@functools.cache
def prepared(test_size: float) -> Lab:
    """10,000 and 2,000 images, split and scaled; shared by all notebooks with that split."""
    given = drawn_cifar(10_000, TESTED)
    lab = Lab(given)
    order = np.random.default_rng(5).permutation(10_000)
    split = int(10_000 * (1 - test_size))
    parts = {"train": order[:split], "val": order[split:]}
    X, Y = given["cifar10/x_train"], given["cifar10/y_train"]
    lab.set(1, X=X, Y=Y)
    for name, rows in parts.items():
        lab.set(2, **{f"X{name}": asked(X[rows]), f"Y{name}": hot(Y[rows])})
    lab.set(2, Xtest=asked(given["cifar10/x_test"]), Ytest=hot(given["cifar10/y_test"]))
    for name in ("Xtrain", "Xval", "Xtest", "Ytrain", "Yval", "Ytest"):
        lab.at(name, 2).flags.writeable = False
    return lab


def rotated() -> np.ndarray[Any, Any]:
    return np.ascontiguousarray(np.rot90(prepared(0.25).at("Xtest", 2), axes=(1, 2)))


ROTATED = functools.cache(rotated)


def honest(seed: int) -> Written:
    """The notebook of one seed."""
    draw = random.Random(seed)
    style = style_of(draw)
    lab = prepared(style.test_size)
    note = Written(
        draw, style, Trained(Lab(lab.given, {name: list(items) for name, items in lab.values.items()}))
    )
    _data(note)
    for number, task in enumerate(ASKED, start=1):
        _train(note, task, number)
        if task == "4.3b":
            _summary(note, task)
    _rotation(note)
    _augmentation(note)
    _resnet(note)
    _answer(note)
    return note


# ---- the cells ---------------------------------------------------------------------------------------


def _data(note: Written) -> None:
    note.cell(
        "(X, Y), (Xtest, Ytest) = cifar10.load_data()\nX, Y = X[0:10000], Y[0:10000]\n"
        "Xtest, Ytest = Xtest[0:2000], Ytest[0:2000]\nprint(X.shape)",
        "(10000, 32, 32, 3)\n",
    )
    size = note.style.test_size
    note.cell(
        f"Xtrain, Xval, Ytrain, Yval = train_test_split(X, Y, test_size={size}, random_state=1)\n"
        "print(Xtrain.shape, Xval.shape)",
        f"({images(note)}, 32, 32, 3) ({10_000 - images(note)}, 32, 32, 3)\n",
    )
    if note.style.settings == "names":
        note.cell(
            f"batch_size = 20\nepochs = {note.style.epochs}\nlearning_rate = 0.01\ninput_shape = Xtrain[0].shape"
        )


def images(note: Written) -> int:
    return int(10_000 * (1 - note.style.test_size))


def _train(note: Written, task: str, number: int) -> None:
    style, (name, shape) = note.style, ASKED[task]
    batch = style.best_batch if task == "4.6" else style.batch
    by_name = style.settings == "names"
    rate = "learning_rate" if by_name and task != "4.6" else "0.001" if task == "4.6" else "0.01"
    head = f"batch_size = {batch}\n" if task == "4.6" and by_name else ""
    source = (
        f"{head}{name} = build_CNN(input_shape, loss, n_conv_layers={shape.get('convolutions', 2)}, learning_rate={rate})\n"
        f"history_{name} = {name}.fit(Xtrain, Ytrain, validation_data=(Xval, Yval), "
        + ("batch_size=batch_size, epochs=epochs)" if by_name else f"batch_size={batch}, epochs={style.epochs})")
    )  # fmt: skip
    log, note.ended[task] = log_text(
        note.draw, style.bars, style.epochs, images(note), 10_000 - images(note), batch
    )
    note.tested[task] = share(note.draw, 0.42, 0.62, TESTED)
    test, shown = printed_score(note.draw, style, name, note.tested[task])
    if style.same_cell:
        note.logs[task] = note.cell(f"{source}\n{test}", log + shown)
    else:
        note.logs[task] = note.cell(source, log)
        note.cell(test, shown)
    net = network(**{**shape, "rate": 0.001 if task == "4.6" else 0.01})
    model = Used(number, (name,), net)
    note.models[task] = note.trained.fit(note.logs[task], model, batch_size=batch, epochs=style.epochs)
    note.trained.evaluate(len(note.cells), note.models[task])


def _summary(note: Written, task: str) -> None:
    model = note.models[task]
    assert model.network is not None
    cell = note.cell(f"{model.names[0]}.summary()", summary_text(model.network, note.draw.choice([2, 3])))
    note.trained.summary(cell, model)


def _rotation(note: Written) -> None:
    note.tested["5.0"] = share(note.draw, 0.17, 0.3, TESTED)
    cell = note.cell(
        "Xtest_rotated = myrotate(Xtest)\nscore = model4.evaluate(Xtest_rotated, Ytest, verbose=0)\n"
        "print('Test accuracy: %.4f' % score[1])",
        f"Test accuracy: {note.tested['5.0']:.4f}\n",
    )
    labels = note.trained.data("Ytest")
    note.trained.evaluate(cell, note.models["4.6"], Source("arrays", ROTATED(), labels))


def _augmentation(note: Written) -> None:
    style = note.style
    batch = note.draw.choice([size for size in USUAL_BATCHES if size >= 20])
    note.cell(
        f"datagen = ImageDataGenerator(rotation_range=30, horizontal_flip=True, vertical_flip=True)\n"
        f"train_flow = datagen.flow(Xtrain, Ytrain, batch_size={batch})\nval_flow = datagen.flow(Xval, Yval)"
    )
    bars = "plain3" if style.bars == "samples" else style.bars
    log, note.ended["5.2"] = log_text(
        note.draw, bars, 25, images(note), 10_000 - images(note), batch, top=0.55
    )
    note.tested["5.2"] = share(note.draw, 0.42, 0.55, TESTED)
    steps = note.draw.choice(["", f", steps_per_epoch=int(np.ceil(len(Xtrain) / {batch}))"])
    cell = note.cell(
        f"model6 = build_CNN(input_shape, loss)\nhistory6 = model6.fit(train_flow, validation_data=val_flow, epochs=25{steps})",
        log,
    )
    note.cell(
        "score6 = model6.evaluate(Xtest, Ytest, verbose=0)\nprint('Test accuracy: %.4f' % score6[1])",
        f"Test accuracy: {note.tested['5.2']:.4f}\n",
    )
    base = note.trained
    flow = Source(
        "generator", base.data("Xtrain"), base.data("Ytrain"), batch, math.ceil(images(note) / batch), True,
        {"rotation_range": 30, "horizontal_flip": True, "vertical_flip": True}, identity=91,
    )  # fmt: skip
    check = dataclasses.replace(flow, images=base.data("Xval"), labels=base.data("Yval"), identity=92)
    model = Used(9, ("model6",), network())
    asked_for = math.ceil(images(note) / batch) if steps else None
    note.logs["5.2"] = cell
    note.models["5.2"] = base.fit(
        cell, model, source=flow, validation_source=check, epochs=25, batch_size=None, steps_per_epoch=asked_for,
        train=(None, None), validation=None,
    )  # fmt: skip
    base.evaluate(cell + 1, note.models["5.2"])


def _resnet(note: Written) -> None:
    layers = tuple(
        dataclasses.replace(network().layers[0], name=f"conv{number}_conv") for number in range(53)
    )
    net = dataclasses.replace(network(), layers=layers, parameters=25_636_712, trainable=25_583_592)
    text = summary_text(net, note.draw.choice([2, 3]), "resnet50", "(None, 224, 224, 3)")
    note.cell("resnet = ResNet50(weights='imagenet')\nresnet.summary()", text)
    lines = [
        f"('n0{note.draw.randint(1000000, 9999999)}', 'thing_{i}', {note.draw.uniform(0, 1):.7f})"
        for i in range(3)
    ]
    note.cell(
        "print('Predicted:', decode_predictions(preds, top=3)[0])", f"Predicted: [{', '.join(lines)}]\n"
    )


# ---- the answers -------------------------------------------------------------------------------------


def said(note: Written, value: float) -> str:
    """An accuracy in the student's way."""
    ways = {
        "full": f"{value:.4f}", "three": f"{value:.3f}", "percent": f"{100 * value:.1f} %",
        "comma": f"{value:.4f}".replace(".", ","), "rough": f"about {100 * value:.0f}%",
    }  # fmt: skip
    return ways[note.style.numbers]


def _answer(note: Written) -> None:
    draw = note.draw
    train, test = note.ended["4.2"], note.tested["4.2"]
    without, dropout = note.tested["4.3b"], note.tested["4.5"]
    best, turned, augmented = note.tested["4.6"], note.tested["5.0"], note.tested["5.2"]
    s: Callable[[float], str] = functools.partial(said, note)
    note.answers["Q13"] = draw.choice([
        f"The training accuracy is {s(train)} and the test accuracy is {s(test)}, so the difference is {s(train - test)}. "
        "The network overfits.",
        f"{s(train)} for training and {s(test)} for test, a gap of {100 * (train - test):.1f} percentage points = overfitting",
        f"There is a difference of around {100 * (train - test):.0f}%. It does not generalise, because it is overfitted.",
        f"training acc: {s(train)}\ntest acc: {s(test)}\n\nRandom chance is 0.10. To avoid that it does not overfit so much "
        "we could use dropout of 0.25 or a learning rate of 0.001.",
        f"Train - test = {s(train)} - {s(test)} = {train - test:.4f}",
    ])  # fmt: skip
    change = 100 * (dropout - without)
    way = "improved" if change > 0 else "decreased"
    note.answers["Q21"] = draw.choice([
        f"It {way} by {abs(change):.2f} percentage points, from {s(without)} to {s(dropout)}.",
        f"Without dropout {s(without)}, with dropout {s(dropout)}. So it {way} the test accuracy by about {abs(change):.0f} points.",
        f"The test accuracy {way}.",
        f"From {s(without)} to {s(dropout)}, that is {abs(change) / without:.1f} % relative." if without else "",
        "It did not improve much in my case, the difference is small." if abs(change) < 2 else f"{abs(change):.1f} points",
    ])  # fmt: skip
    note.answers["Q23"] = draw.choice([
        f"{s(best)} with 3 conv layers, 32 filters, 64 nodes, dropout 0.5, learning rate 0.001 and batch size "
        f"{note.style.best_batch}. I also tried 0.0005 for the learning rate, which gave 0.5437 in one run.",
        f"The best test accuracy is {s(best)} (model4).",
        f"Test accuracy: {s(best)}. batch_size={note.style.best_batch}, 20% more filters, l2 0.0001",
    ])  # fmt: skip
    note.answers["Q24"] = draw.choice([
        f"{s(turned)} for the rotated images and {s(best)} for the upright ones. Not worse than random, but low.",
        f"The accuracy drops by {100 * (best - turned):.1f} points, from {s(best)} to {s(turned)}, still better than random (10%).",
        f"It is much lower, {s(turned)} compared to {s(best)}. The model never saw rotated images.",
        f"The accuracy is higher for upright images ({s(best)}) than for rotated ones ({s(turned)}).",
        "The accuracy decreases for the rotated images, since a CNN is not rotation invariant.",
    ])  # fmt: skip
    note.answers["Q26"] = draw.choice([
        f"Slower. After 25 epochs the training accuracy is {s(note.ended['5.2'])}, before it was {s(note.ended['4.6'])} after "
        f"{note.style.epochs}. More epochs are needed. The test accuracy is {s(augmented)}.",
        "It increases more slowly since every epoch has new images. The parameter epochs has to be raised.",
        "The training accuracy is lower with augmentation, and does not increase as fast. It needs more epochs.",
        "Without augmentation it increases faster, because the images are the same in every epoch.",
    ])  # fmt: skip
    net = note.models["4.3b"].network
    assert net is not None
    spaced = f"{net.trainable:,}".replace(",", draw.choice([",", " ", ".", ""]))
    note.answers["Q15"] = draw.choice([
        f"{spaced} trainable parameters. The last conv layer has most of them.",
        f"Trainable params: {spaced} of which {net.layers[0].parameters} in the first conv layer",
        f"about {net.trainable / 1000:.0f}k trainable parameters",
    ])  # fmt: skip
    note.answers["Q31"] = draw.choice(
        ["53", "49 conv layers on the main path", "ResNet50 has 53 Conv2D layers (49 + 4)"]
    )
    note.answers["Q32"] = draw.choice(
        ["25,583,592", "25 583 592 trainable parameters", "25.6 million trainable parameters"]
    )
    note.answers["Q33"] = draw.choice(["224x224x3", "224 by 224, 3 channels", "(224, 224, 3)"])
    rows = [f"| {ASKED[task][0]} | {s(note.ended[task])} | {s(note.tested[task])} |" for task in ASKED]
    note.texts.append("| model | train accuracy | test accuracy |\n|---|---|---|\n" + "\n".join(rows))
    note.texts.append(f"model3 got a test accuracy of {s(dropout)}.")


def rewritten(note: Written, cell: int, old: str, new: str, where: str = "source") -> None:
    """Replace a text in the source or the outputs of a cell; it must stand there."""
    entry = note.cells[cell - 1]
    if where == "source":
        assert old in entry["source"], entry["source"]
        entry["source"] = entry["source"].replace(old, new)
        return
    texts: Sequence[str] = entry["outputs"][0]["text"]
    assert any(old in line for line in texts), texts[:5]
    entry["outputs"][0]["text"] = [line.replace(old, new) for line in texts]
