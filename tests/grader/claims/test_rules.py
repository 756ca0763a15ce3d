"""The findings of all labs: order, settings that nothing reads, outputs older than their code, epochs."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest

from checks.kit import Cell, Fit
from checks.kit.saved import Saved, SavedCell
from grader import labs
from grader.claims import findings as joined
from grader.claims.epochs import other_epochs, unsupported_scores
from grader.claims.findings import claim_findings
from grader.claims.order import out_of_order
from grader.claims.reading import read_saved
from grader.claims.settings import unused_settings
from grader.claims.stale import stale_outputs
from grader.notebooks import read_notebook
from tests.checks.cnn.student import Notebook
from tests.grader.test_labs import READABLE

LOG = "Epoch 1/{0}\n375/375 - 3s - loss: 1.5 - accuracy: 0.45\n"


def cells(*sources: str) -> tuple[SavedCell, ...]:
    return tuple(SavedCell(number, source, number) for number, source in enumerate(sources, start=1))


def counted(*counts: int | None) -> Saved:
    return Saved(cells=tuple(SavedCell(n, "x", count) for n, count in enumerate(counts, start=1)))


# ---- order -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("counts", [(), (1, 2, 3), (3, 9, 40), (None, 2, None, 5), (7,)])
def test_in_order(counts: tuple[int | None, ...]):
    """Counts that rise are in order, whatever gaps there are and whichever cells were not run."""
    assert out_of_order(counted(*counts)) == ()


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((1, 59, 20, 21), ["cell 2: executed as [59]", "cell 3: executed as [20], though it stands below"]),
        ((1, 2, 2, 3), ["cell 2: executed as [2]", "cell 3: executed as [2]"]),
        ((5, 6, 1, 2), ["cell 2: executed as [6]", "cell 3: executed as [1], though it stands below"]),
    ],
)
def test_out_of_order(counts: tuple[int, ...], words: Sequence[str]):
    """One finding names the places where the count steps back, or occurs twice."""
    (doubt,) = out_of_order(counted(*counts))
    assert doubt.kind == "out_of_order"
    assert list(doubt.evidence) == words


# ---- settings ----------------------------------------------------------------------------------------

BUILD = "model = build_CNN(shape, loss, n_conv_layers=2)"
FIT = "history = model.fit(X, Y, batch_size=batch_size, epochs=epochs)"
UNUSED = {
    "never-passed": (("batch_size = 20\nepochs = 20\nlearning_rate = 0.01", BUILD, FIT), "learning_rate", 1),
    "in-a-tuple": (("batch_size, epochs, lr = 20, 20, 0.01", BUILD, FIT), "lr", 1),
    "set-again": (
        ("epochs, batch_size, learning_rate = 20, 20, 0.01", "m = build_CNN(shape, learning_rate=learning_rate)\n" + FIT,
         "learning_rate = 0.001\nm4 = build_CNN(shape)\nm4.fit(X, Y, epochs=epochs, batch_size=batch_size)"),
        "learning_rate", 3,
    ),
    "another-literal": (("batch_size = 64", "model.fit(X, Y, batch_size=20, epochs=5)"), "batch_size", 1),
    "before-set-again": (("epochs = 30", "model.fit(X, Y, epochs=5)", "epochs = 20", FIT.replace("batch_size=batch_size, ", "")), "epochs", 1),
}  # fmt: skip


@pytest.mark.parametrize(("sources", "name", "place"), UNUSED.values(), ids=UNUSED.keys())
def test_unused(sources: tuple[str, ...], name: str, place: int):
    """A hyper-parameter that no code reads is named, with its line and the training that lacks it."""
    (doubt,) = unused_settings(cells(*sources))
    assert doubt.kind == "unused_setting"
    assert doubt.message.startswith(f"{name} is set to")
    assert doubt.evidence[0].startswith(f"cell {place}: ")
    assert ".fit(" in doubt.evidence[1]


USED = {
    "passed": ("learning_rate = 0.01", "build_CNN(shape, learning_rate=learning_rate)", "model.fit(X, Y)"),
    "in-a-function": (
        "def train(m):\n    m.fit(X, Y, epochs=epochs)",
        "epochs = 20",
        "train(model)",
        "model.fit(X)",
    ),
    "in-an-fstring": ("epochs = 20\nprint(f'{epochs}')", "model.fit(X, Y)"),
    "the-value-is-passed": (
        "learning_rate = 0.01",
        "build_CNN(shape, learning_rate=0.01)",
        "model.fit(X, Y)",
    ),
    "by-position": ("epochs = 20\nbatch_size = 20", "model.fit(X, Y, 20, 20)"),
    "by-globals": ("epochs = 20", "train(**globals())", "model.fit(X, Y)"),
    "in-a-magic": ("epochs = 20", "!python train.py --epochs $epochs", "model.fit(X, Y)"),
    "in-a-cell-magic": ("epochs = 20", "%%time\nmodel.fit(X, Y, epochs=epochs)", "model.fit(X, Y)"),
    "no-training-follows": ("model.fit(X, Y)", "epochs = 5"),
    "corrected-at-once": ("epochs = 20", "epochs = 10  # takes forever", "model.fit(X, Y, epochs=epochs)"),
    "no-setting": ("n = 3\nname = 'x'\nclasses = 10", "model.fit(X, Y)"),
    "set-by-a-call": ("learning_rate = schedule(3)", "model.fit(X, Y)"),
    "unparsable-cell": ("epochs = 20", "model.fit(X, Y, epochs=epochs", "model.fit(X, Y)"),
    "in-a-loop": ("for lr in (1, 2):\n    build(lr)\n    model.fit(X, Y)",),
    "augmented": ("epochs = 20\nepochs += 5\nmodel.fit(X, Y, epochs=epochs)",),
    "dictionary": ("batch_size = 32", "config = {'batch': batch_size}", "model.fit(X, Y, **config)"),
}


@pytest.mark.parametrize("sources", USED.values(), ids=USED.keys())
def test_used(sources: tuple[str, ...]):
    """What is read anywhere, or makes no difference, is no finding."""
    assert unused_settings(cells(*sources)) == ()


# ---- stale outputs -----------------------------------------------------------------------------------


def shown(source: str, text: str, **changes: object) -> Saved:
    cell = dataclasses.replace(SavedCell(1, source, 1, text), **changes)  # type: ignore[arg-type]
    return read_saved((cell,))


STALE = {
    "epochs": ("history = model.fit(X, Y, epochs=20)", LOG.format(10), ("20 epochs", "Epoch 1/10")),
    "epochs-by-name": (
        "epochs = 20\nmodel.fit(X, Y, epochs=epochs)",
        LOG.format(10),
        ("epochs = 20", "Epoch 1/10"),
    ),
    "printed-value": ("batch_size = 64\nprint('batch size:', batch_size)", "batch size: 32\n", ("64", "32")),
    "f-string": ("lr = 0.01\nprint(f'learning rate {lr}')", "learning rate 0.001\n", ("0.01", "0.001")),
    "words": ("print('Training for 20 epochs')", "Training for 10 epochs\n", ("20", "10")),
    "no-call": ("epochs = 20\nbatch_size = 32", LOG.format(20), ("calls nothing",)),
}


@pytest.mark.parametrize(("source", "text", "words"), STALE.values(), ids=STALE.keys())
def test_stale(source: str, text: str, words: tuple[str, ...]):
    """An output that the cell above it cannot have made, with the line of the code and that of the output."""
    (doubt,) = stale_outputs(shown(source, text))
    told = " ".join((doubt.message, *doubt.evidence))
    assert doubt.kind == "stale_output"
    assert all(word in told for word in words)
    assert len(doubt.evidence) == 2


FRESH = {
    "right-epochs": ("model.fit(X, Y, epochs=10)", LOG.format(10)),
    "stopped-early": (
        "model.fit(X, Y, epochs=20, callbacks=[stop])",
        "Epoch 1/20\n375/375 - 3s - loss: 1.5\nEpoch 1: early stopping\n",
    ),
    "in-a-loop": (
        "for epochs in (5, 10):\n    model.fit(X, Y, epochs=epochs)",
        LOG.format(5) + LOG.format(10),
    ),
    "two-fits": ("a.fit(X, Y, epochs=5)\nb.fit(X, Y, epochs=10)", LOG.format(5) + LOG.format(10)),
    "set-in-a-branch": ("epochs = 20\nif fast: epochs = 10\nmodel.fit(X, Y, epochs=epochs)", LOG.format(10)),
    "keywords": ("model.fit(X, Y, epochs=20, **more)", LOG.format(10)),
    "one-by-one": ("for i in range(5):\n    model.fit(X, Y, epochs=1)", LOG.format(1) * 5),
    "value-changes": ("n = 3\nfor i in range(2):\n    n += 1\nprint('n is', n, 'here')", "n is 5 here\n"),
    "formatted": ("lr = 0.01\nprint(f'learning rate {lr:.4f}')", "learning rate 0.0100\n"),
    "nothing-shown": ("print('20 epochs in all')", ""),
    "other-lines": ("print('Task 2')", "Task 2\n"),
    "conditional": ("if True:\n    print('Task 2 done')", "Task 3 done\n"),
    "percent-operator": ("n = 3\nprint('Task %d' % n)", "Task 4\n"),
    "imports": ("import tensorflow as tf", "2025-01-01 some log line 3\n"),
    "printed-to-a-file": ("print('Task 2 done', file=f)", "Task 3 done\n"),
}


@pytest.mark.parametrize(("source", "text"), FRESH.values(), ids=FRESH.keys())
def test_fresh(source: str, text: str):
    """What may have been made by the code is no finding."""
    assert stale_outputs(shown(source, text)) == ()


def test_cut_or_stopped_cells_are_not_judged():
    """Of a cell that raised, or whose output was cut, nothing is said."""
    source, text, _ = STALE["epochs"]
    assert stale_outputs(shown(source, text, cut=True)) == ()
    assert stale_outputs(shown(source, text, error="KeyboardInterrupt")) == ()


# ---- epochs and scores -------------------------------------------------------------------------------


def ran(*sources: str, epochs: int | None = 20, errors: tuple[str, ...] = ()) -> Notebook:
    """A notebook whose last cell trains."""
    fit = Fit(cell=len(sources), flavour="keras", epochs=epochs, batch_size=20, steps_per_epoch=None)
    told = (*errors, *[""] * len(sources))
    return Notebook(
        {}, fits=(fit,), cells=tuple(Cell(n, one, told[n - 1]) for n, one in enumerate(sources, start=1))
    )


def with_log(*sources: str, announced: int) -> Saved:
    *before, last = cells(*sources)
    return read_saved((*before, dataclasses.replace(last, text=LOG.format(announced))))


def test_other_epochs():
    """A log of 10 epochs where the code asks for 20 in another cell; both lines are shown."""
    sources = ("epochs = 20", FIT)
    (doubt,) = other_epochs(ran(*sources), with_log(*sources, announced=10))
    assert doubt.kind == "log_mismatch"
    assert "asks for 20 epochs in cell 2; the saved log there is one of 10" in doubt.message
    assert list(doubt.evidence) == [f"cell 2: {FIT}", "cell 1: epochs = 20", "cell 2: output, Epoch 1/10"]


@pytest.mark.parametrize(
    ("sources", "epochs", "errors"),
    [
        (("epochs = 10", FIT), 10, ()),
        (("epochs = 10", FIT), None, ()),
        (("x = 1 / 0\nepochs = 10", FIT), 20, ("ZeroDivisionError: x",)),
        (("epochs = 10 if gpu else 20", FIT), 20, ()),
        (("epochs = 20", "model.fit(X, Y, epochs=20)"), 20, ()),
    ],
    ids=["right", "unknown", "set-in-a-cell-that-stopped", "depends-on-the-machine", "told-by-stale"],
)
def test_same_epochs(sources: tuple[str, ...], epochs: int | None, errors: tuple[str, ...]):
    """Right, not known, or told elsewhere: no finding."""
    assert other_epochs(ran(*sources, epochs=epochs, errors=errors), with_log(*sources, announced=10)) == ()


def test_counts_of_logs_and_fits_must_agree():
    """With more logs than fits nobody knows which is whose."""
    sources = ("epochs = 20", FIT)
    saved = with_log(*sources, announced=10)
    twice = read_saved((saved.cells[0], dataclasses.replace(saved.cells[1], text=LOG.format(10) * 2)))
    assert other_epochs(ran(*sources), twice) == ()


SCORE = "score = model.evaluate(X, Y)\nprint('Test accuracy:', score[1])"
BAR = "63/63 [==============================] - 0s 4ms/step - loss: 1.9 - accuracy: 0.5230\n"


def test_score_without_support():
    """A printed accuracy that the only evaluate of its cell did not return."""
    (doubt,) = unsupported_scores(shown(SCORE, f"{BAR}Test accuracy: 0.6230\n"))
    assert doubt.kind == "log_mismatch"
    assert len(doubt.evidence) == 2


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (SCORE, f"{BAR}Test accuracy: 0.5230000019073486\n"),
        (SCORE, f"{BAR}Test accuracy: 0.52\n"),
        (SCORE, "63/63 ━━━━━━━━━━ 0s 4ms/step - accuracy: 0.5102 - loss: 1.9\nTest accuracy: 0.5230\n"),
        (SCORE.replace("score[1]", "best"), f"{BAR}Test accuracy: 0.6230\n"),
        (f"for m in models:\n    {SCORE.splitlines()[0]}", f"{BAR}Test accuracy: 0.6230\n"),
    ],
    ids=["digits", "rounded", "keras3-bar-shows-means", "another-number", "in-a-loop"],
)
def test_score_with_support(source: str, text: str):
    """Rounding, the bar of Keras 3 and other numbers are no finding."""
    assert unsupported_scores(shown(source, text)) == ()


# ---- all together ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", READABLE, ids=lambda path: path.parent.name)
def test_demo_notebooks_are_in_order(path):
    """No notebook of the demo is accused by what its code and its outputs alone tell."""
    saved = read_saved(read_notebook(path).saved)
    assert (
        out_of_order(saved)
        == unused_settings(saved.cells)
        == stale_outputs(saved)
        == unsupported_scores(saved)
        == ()
    )


def test_findings_are_told_for_every_lab():
    """The common rules hold for a lab without rules of its own, too."""
    lab = labs.load_lab("project4")
    assert lab.trust == ""
    (found,) = claim_findings(lab, Notebook({}), counted(3, 2), ())
    assert (found.kind, found.task) == ("out_of_order", "")


def test_a_rule_that_fails_says_nothing(monkeypatch, caplog):
    """A fault of ours in one rule is logged, and the others are heard."""

    def broken(_: Saved) -> tuple[()]:
        raise ValueError("ours")

    monkeypatch.setattr(joined, "stale_outputs", broken)
    (found,) = claim_findings(labs.load_lab("project4"), Notebook({}), counted(3, 2), ())
    assert found.kind == "out_of_order"
    assert "a rule on saved outputs failed" in caplog.text


def test_only_chosen_tasks():
    """With tasks chosen, only their findings and those of none are told."""
    note = counted(3, 2)
    assert len(claim_findings(labs.load_lab("cnn"), Notebook({}), note, (), ("1.1",))) == 1
