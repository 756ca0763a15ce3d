"""Part 6 of the reference: CarbonTracker inside the epoch loop, with no network and no counters."""

from __future__ import annotations

import re
import socket
import time
from pathlib import Path

import keras
import numpy as np
import pytest
from carbontracker import parser
from carbontracker.components.cpu.intel import IntelCPU
from carbontracker.components.gpu.nvidia import NvidiaGPU
from carbontracker.constants import WORLD_AVG_CARBON_INTENSITY
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
        """Wait."""
        time.sleep(self.seconds)
        self.model.stop_training = epoch + 1 == self.last


def fit(*callbacks: keras.callbacks.Callback) -> keras.callbacks.History:
    """Train one weight for three epochs."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    return model.fit(np.ones((8, 1)), np.ones((8, 1)), epochs=EPOCHS, callbacks=list(callbacks), verbose=0)


def consumptions(folder: Path) -> list[list[tuple[str, int, float, float]]]:
    """What each training's log says: predicted or actual, epochs, energy in kWh, carbon dioxide in g."""
    found = re.compile(
        r"(Predicted|Actual) consumption for (\d+) .*?Energy:\t(\S+) kWh.*?CO2eq:\t(\S+) g", re.S
    )
    logs = [path.read_text() for path in sorted(folder.glob("*_output.log"))]
    return [
        [
            (kind, int(epochs), float(energy), float(grams))
            for kind, epochs, energy, grams in found.findall(log)
        ]
        for log in logs
    ]


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
    (said,) = consumptions(tmp_path)
    assert [(kind, epochs) for kind, epochs, _, _ in said] == [("Predicted", EPOCHS), ("Actual", EPOCHS)]
    for _, _, energy, carbon_dioxide in said:
        assert 0 < energy < 1e-3
        assert carbon_dioxide == pytest.approx(energy * WORLD_AVG_CARBON_INTENSITY, rel=1e-3)
    (log,) = parser.parse_all_logs(tmp_path)
    assert not log["early_stop"]
    assert list(log["components"]) == ["cpu"]
    durations = log["components"]["cpu"]["epoch_durations (s)"]
    assert len(durations) == EPOCHS
    assert min(durations) >= 0.2


def test_a_training_that_ends_early_is_reported(tmp_path):
    """After two of three epochs the consumption is that of two."""
    history = fit(Wait(0.1, last=2), carbon.CarbonCallback(tmp_path, update_interval_s=0.02, verbose=0))
    assert len(history.history["loss"]) == 2
    ((_, (kind, epochs, energy, _)),) = consumptions(tmp_path)
    assert (kind, epochs) == ("Actual", 2)
    assert energy > 0


def test_one_callback_may_track_two_trainings(tmp_path):
    """Each training has a prediction and a consumption of its own."""
    callback = carbon.CarbonCallback(tmp_path, update_interval_s=0.02, verbose=0)
    fit(callback)
    fit(callback)
    kinds = [[kind for kind, *_ in said] for said in consumptions(tmp_path)]
    assert kinds == [["Predicted", "Actual"]] * 2


def test_an_error_of_the_tracker_does_not_end_the_training(monkeypatch, capsys):
    """Where measuring fails, training goes on unmeasured, and the error is shown."""

    def fail(self):
        raise RuntimeError("the counter broke")

    monkeypatch.setattr(CarbonTracker, "_output_pred", fail)
    history = fit(carbon.CarbonCallback(verbose=1))
    assert len(history.history["loss"]) == EPOCHS
    assert "the counter broke" in capsys.readouterr().out
