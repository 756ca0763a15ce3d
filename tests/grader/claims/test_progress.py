"""Progress logs of both Keras, whole and broken, become records with the place they stand in."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from checks.kit.saved import SavedCell
from grader.claims.progress import metrics, progress_in
from grader.claims.reading import read_saved

LOGS = Path(__file__).parent / "logs"
LAST = {
    "keras2_verbose1": {"loss": 2.5931, "accuracy": 0.1733, "val_loss": 2.3878, "val_accuracy": 0.04},
    "keras2_verbose2": {"loss": 2.2901, "accuracy": 0.24, "val_loss": 2.4122, "val_accuracy": 0.04},
    "keras3_verbose1": {"accuracy": 0.1867, "loss": 2.4979, "val_accuracy": 0.0, "val_loss": 2.5249},
    "keras3_verbose2": {"accuracy": 0.24, "loss": 2.2322, "val_accuracy": 0.0, "val_loss": 2.5254},
}


def cell(text: str) -> SavedCell:
    return SavedCell(7, "model.fit(X, Y)", 1, text)


@pytest.mark.parametrize("name", LAST)
def test_real_logs(name: str):
    """A log that Keras itself wrote: 3 epochs of 4 steps, then an evaluate, its list and the history."""
    saved = read_saved((cell((LOGS / f"{name}.txt").read_bytes().decode()),))
    (log,) = saved.logs
    assert (log.cell, log.line, log.announced, log.steps, log.whole) == (7, 1, 3, 4, True)
    assert dict(log.epochs[-1].values) == LAST[name]
    assert log.epochs[-1].exact == (name != "keras3_verbose1")
    (evaluation,) = saved.evaluations
    assert evaluation.steps == 1
    assert evaluation.values["accuracy"] == log.epochs[-1].values["val_accuracy"]
    (dump,) = saved.dumps
    assert len(dump.values["val_accuracy"]) == 3
    assert dump.values["val_loss"][-1] == pytest.approx(log.epochs[-1].values["val_loss"], abs=1e-4)
    labelled = [score for score in saved.scores if score.label == "test accuracy"]
    assert [score.value for score in labelled] == [evaluation.values["accuracy"]]


ONE = "375/375 [==============================] - 3s 8ms/step - loss: 1.5 - accuracy: 0.45 - val_loss: 1.6 - val_accuracy: 0.41"
FORMS = {
    "after-ping-of-ansi": "Epoch 1/1\n\x1b[1m375/375\x1b[0m \x1b[32m━━━━\x1b[0m 3s 8ms/step - loss: 1.5 - accuracy: 0.45 - val_loss: 1.6 - val_accuracy: 0.41",
    "wrapped-at-dash": f"Epoch 1/1\n{ONE[:72].rstrip()} -\n" + ONE[ONE.index("accuracy: 0.45") :],
    "wrapped-before-name": f"Epoch 1/1\n{ONE[: ONE.index('- val_loss')]}\n{ONE[ONE.index('- val_loss') :]}",
    "wrapped-after-colon": f"Epoch 1/1\n{ONE[: ONE.index(' 0.45')]}\n{ONE[ONE.index('0.45') :]}",
    "wrapped-in-a-word": f"Epoch 1/1\n{ONE.replace('val_loss', 'val_l' + chr(10) + 'oss')}",
    "crlf": f"Epoch 1/1\r\n{ONE}\r\n",
    "early-stopping-below": f"Epoch 1/1\n{ONE}\nEpoch 1: early stopping\n",
    "warning-between": f"Epoch 1/1\nWARNING: something about retracing\n{ONE}\n",
    "each-state-a-line": f"Epoch 1/1\n  1/375 [....] - ETA: 0s - loss: 2.9\n375/375 [====] - 3s - loss: 1.5 - accuracy: 0.45\n{ONE}",
    "epoch-time": "Epoch 1/1\n375/375 - 3s - loss: 1.5 - accuracy: 0.45 - val_loss: 1.6 - val_accuracy: 0.41 - 3s/epoch - 8ms/step",
    "learning-rate": f"Epoch 1/1\n{ONE} - lr: 0.0010",
}  # fmt: skip


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS.keys())
def test_forms(text: str):
    """However it is broken or coloured, it is one epoch of 375 steps with its four metrics, and no evaluate."""
    found = progress_in(cell(text))
    (log,) = found.logs
    assert (log.announced, log.steps, log.whole) == (1, 375, True)
    values = dict(log.epochs[0].values)
    values.pop("lr", None)
    assert values == {"loss": 1.5, "accuracy": 0.45, "val_loss": 1.6, "val_accuracy": 0.41}
    assert found.evaluations == ()


def test_old_keras():
    """An old Keras counts images, and says how many it trains and validates on."""
    text = (
        "Train on 7500 samples, validate on 2500 samples\nEpoch 1/2\n"
        "7500/7500 [=====] - 5s 612us/step - loss: 1.8 - acc: 0.33 - val_loss: 1.7 - val_acc: 0.35\n"
        "Epoch 2/2\n - 4s - loss: 1.5 - acc: 0.44 - val_loss: 1.6 - val_acc: 0.4\n"
    )
    (log,) = progress_in(cell(text)).logs
    assert (log.samples, log.validated, log.steps, log.whole) == (7500, 2500, None, True)
    assert log.epochs[1].values["acc"] == 0.44


def test_several_fits_and_a_predict():
    """Each first epoch begins a log; a bar without metrics is a predict and no record."""
    text = (
        f"Epoch 1/2\n{ONE}\nEpoch 2/2\n{ONE}\n63/63 [===] - 0s 2ms/step\nEpoch 1/3\n{ONE}\nEpoch 2/3\n{ONE}\n"
    )
    found = progress_in(cell(text))
    assert [(log.announced, len(log.epochs), log.whole) for log in found.logs] == [
        (2, 2, True),
        (3, 2, False),
    ]
    assert found.evaluations == ()


def test_interrupted():
    """An epoch that was stopped is not one that ended, and its log is not whole."""
    text = f"Epoch 1/2\n{ONE}\nEpoch 2/2\n 120/375 [====>....] - ETA: 3s - loss: 1.4 - accuracy: 0.48"
    (log,) = progress_in(cell(text)).logs
    assert (len(log.epochs), log.whole, log.steps) == (1, False, 375)


def test_nan_and_unknown_steps():
    """A diverged loss is no number; an epoch whose length was not known has no steps."""
    (log,) = progress_in(cell("Epoch 1/1\n375/Unknown - 3s - loss: nan - accuracy: 0.1\n")).logs
    assert log.steps is None
    assert log.epochs[0].values == {"accuracy": 0.1}


@pytest.mark.parametrize(
    "text", ["Epoch 1/999999999999", "375/375", "Epoch /", "\b\b\r\r", "Epoch 1/2\n375/375 - loss: x"]
)
def test_garbage_is_left_out(text: str):
    """What is no log gives no epoch."""
    assert [epoch for log in progress_in(cell(text)).logs for epoch in log.epochs] == []


def test_metrics():
    """Times and text are no metrics."""
    assert metrics("5s 9ms/step - loss: 1.5e-03 - my_metric_2: 2 - ETA: 5 - words: x") == {
        "loss": 0.0015,
        "my_metric_2": 2.0,
    }


def test_long_outputs_cost_little():
    """Two million characters of bars, backspaces and brackets are read within seconds."""
    hostile = (
        ("\b" * 50 + "\r1/375 [=>...] - loss: 1.0" * 10 + "\n") * 2_000
        + "(" * 100_000
        + "'loss': [" * 20_000
        + "- a: 1 " * 50_000
    )
    started = time.monotonic()
    read_saved(
        (
            cell(hostile[:2_000_000]),
            cell(" 1,1" * 500_000),
            cell("accuracy" * 200_000),
            cell("Epoch 1/2\n" * 100_000),
        )
    )
    assert time.monotonic() - started < 20
