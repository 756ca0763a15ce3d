"""CarbonTracker in a real sandboxed kernel: recorded, quick, and harmless."""

from __future__ import annotations

import time

import pytest

from checks.cnn.carbon import tracked
from tests.live import judge

NETWORK = """
import keras, numpy as np
X, Y = np.zeros((40, 4), "float32"), np.eye(3)[np.zeros(40, int)]
def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model
model7 = build()
from carbontracker.tracker import CarbonTracker
"""
CALLBACK = """
class Track(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        tracker.epoch_start()
    def on_epoch_end(self, epoch, logs=None):
        tracker.epoch_end()
tracker = CarbonTracker(epochs=3)
model7.fit(X, Y, epochs=3, verbose=0, callbacks=[Track()])
"""
LOOP = """
tracker = CarbonTracker(epochs=3, stop_and_confirm=True, ignore_errors=False)
for epoch in range(3):
    tracker.epoch_start()
    model7.fit(X, Y, epochs=1, verbose=0)
    tracker.epoch_end()
tracker.stop()
"""
AROUND = """
tracker = CarbonTracker(3, components="gpu")
tracker.epoch_start()
model7.fit(X, Y, epochs=3, verbose=0)
tracker.epoch_end()
"""


@pytest.mark.parametrize("source", [CALLBACK, LOOP, AROUND], ids=["callback", "loop", "around"])
def test_a_tracked_training_is_seen(live, source):
    """Whatever can be measured in the sandbox, the training is seen to be tracked, within seconds."""
    started = time.monotonic()
    student = live.run(NETWORK, source)
    assert student.errors == ()
    assert time.monotonic() - started < 40
    assert judge(tracked, student).status == "passed"


def test_no_component_to_measure_ends_nothing(live):
    """Without a graphics card ``components="gpu"`` has nothing to measure, and the kernel lives on."""
    assert live.run(NETWORK, AROUND).errors == ()
    assert live.tell("told = 1 + 1") == 2


def test_an_untracked_training_is_seen(live):
    """A training before the tracker starts is none of its own."""
    student = live.run(NETWORK, "model7.fit(X, Y, verbose=0)\ntracker = CarbonTracker(epochs=1)\n"
                                "tracker.epoch_start()\ntracker.epoch_end()")  # fmt: skip
    result = judge(tracked, student)
    assert result.status == "failed"
    assert "No training runs between" in result.message
