"""Part 6 of the reference: CarbonTracker inside the epoch loop, with no network and no counters."""

from __future__ import annotations

import socket

import keras
import numpy as np
import pytest
from carbontracker import parser
from carbontracker.components.cpu.intel import IntelCPU
from carbontracker.components.gpu.nvidia import NvidiaGPU
from carbontracker.tracker import CarbonTracker

from reference.cnn import carbon

EPOCHS = 3


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch):
    """No network, no counter of the processor, no graphics card."""

    def refuse(*_, **__):
        raise OSError("no network here")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(IntelCPU, "available", lambda self: False)
    monkeypatch.setattr(NvidiaGPU, "available", lambda self: False)


class Wait(keras.callbacks.Callback):
    """Gives an epoch a length that can be measured, and may end the training."""

    def __init__(self, seconds: float, last: int = EPOCHS) -> None:
        super().__init__()
        self.seconds, self.last = seconds, last

    def on_epoch_end(self, epoch, logs=None):
        import time

        time.sleep(self.seconds)
        self.model.stop_training = epoch + 1 == self.last


def fit(*callbacks: keras.callbacks.Callback) -> keras.callbacks.History:
    """Train one weight for three epochs."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    return model.fit(np.ones((8, 1)), np.ones((8, 1)), epochs=EPOCHS, callbacks=list(callbacks), verbose=0)


def test_each_epoch_is_started_and_ended(monkeypatch):
    """The tracker hears of three epochs, each begun and ended, and of their number beforehand."""
    heard = []

    class Listener:
        def __init__(self, epochs, **_):
            heard.append(epochs)

        def __getattr__(self, name):
            return lambda: heard.append(name)

    monkeypatch.setattr(carbon, "CarbonTracker", Listener)
    fit(carbon.CarbonCallback())
    assert heard[: 1 + 2 * EPOCHS] == [EPOCHS, *["epoch_start", "epoch_end"] * EPOCHS]
    assert heard[-1] == "stop"


def test_prediction_and_consumption_are_reported(tmp_path):
    """With neither a network nor counters, energy and carbon are foretold for, and found in, three epochs."""
    # Callbacks hear of an epoch's end in their order, so the tracker's epochs last as long as the wait.
    history = fit(Wait(0.2), carbon.CarbonCallback(tmp_path, update_interval_s=0.02, verbose=0))
    assert len(history.history["loss"]) == EPOCHS
    (log,) = parser.parse_all_logs(tmp_path)
    assert not log["early_stop"]
    for found in (log["pred"], log["actual"]):
        assert found["epochs"] == EPOCHS
        assert 0.5 < found["duration (s)"] < 30
        assert 0 < found["energy (kWh)"] < 1e-3
        assert found["co2eq (g)"] > 0
    assert list(log["components"]) == ["cpu"]
    assert len(log["components"]["cpu"]["epoch_durations (s)"]) == EPOCHS


def test_a_training_that_ends_early_is_reported(tmp_path):
    """After two of three epochs the consumption is that of two."""
    history = fit(Wait(0.1, last=2), carbon.CarbonCallback(tmp_path, update_interval_s=0.02, verbose=0))
    assert len(history.history["loss"]) == 2
    (log,) = parser.parse_all_logs(tmp_path)
    assert log["early_stop"]
    assert log["actual"]["epochs"] == 2
    assert log["actual"]["energy (kWh)"] > 0


def test_one_callback_may_track_two_trainings(tmp_path):
    """Each training has a report of its own."""
    callback = carbon.CarbonCallback(tmp_path, update_interval_s=0.02, verbose=0)
    fit(callback)
    fit(callback)
    assert [log["actual"]["epochs"] for log in parser.parse_all_logs(tmp_path)] == [EPOCHS, EPOCHS]


def test_an_error_of_the_tracker_does_not_end_the_training(monkeypatch, capsys):
    """Where measuring fails, training goes on unmeasured, and the error is shown."""

    def fail(self):
        raise RuntimeError("the counter broke")

    monkeypatch.setattr(CarbonTracker, "_output_pred", fail)
    history = fit(carbon.CarbonCallback(verbose=1))
    assert len(history.history["loss"]) == EPOCHS
    assert "the counter broke" in capsys.readouterr().out
