"""A network as large as VGG-16 in a real kernel: one step on a few images, and all that was asked recorded."""

from __future__ import annotations

import pytest

FLAVOURS = ("keras", "tf_keras")
NETWORK = """
import numpy as np, {flavour} as keras
np.random.seed({seed})
X = np.random.rand(60, 128, 128, 3).astype("float32")
Y = np.eye(4, dtype="float32")[np.random.randint(0, 4, 60)]
def network(filters=128):
    layers = keras.layers
    model = keras.Sequential([
        layers.InputLayer(input_shape=(128, 128, 3)), layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.Conv2D(filters, 3, padding="same", activation="relu"), layers.GlobalAveragePooling2D(),
        layers.Dense(3000), layers.Dense(2000), layers.Dense(4, activation="softmax"),
    ])
    model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.Adam(1e-3), metrics=["accuracy"])
    return model

class Counter(keras.callbacks.Callback):
    steps, seen = 0, None
    def on_train_batch_end(self, batch, logs=None):
        weights = self.model.layers[-1].get_weights()[0]
        self.steps += self.seen is None or bool((weights != self.seen).any())
        self.seen = weights.copy()

model, counter = network(), Counter()
before = model.layers[-1].get_weights()[0].copy()
"""


@pytest.fixture(params=FLAVOURS)
def network(request, live):
    """The cell that makes a large network, in one flavour."""
    return NETWORK.format(flavour=request.param, seed=live.fresh())


FITS = {
    "arrays": "model.fit(X, Y, epochs=10, validation_data=(X[:9], Y[:9]), **rest)",
    "a split": "model.fit(X, Y, epochs=10, validation_split=0.25, **rest)",
    "a data set": "model.fit(tf.data.Dataset.from_tensor_slices((X, Y)).batch(32), epochs=10, "
    "validation_data=tf.data.Dataset.from_tensor_slices((X, Y)).batch(9), verbose=0, callbacks=[counter])",
}


@pytest.mark.parametrize("how", FITS)
def test_a_large_network_makes_one_step(live, network, how):
    """The history has its length, the weights have moved, and Adam has made no copies of them."""
    rest = "import tensorflow as tf\nrest = dict(batch_size=32, verbose=0, callbacks=[counter])\n"
    told, student = live.tell_all(
        network,
        f"""{rest}history = {FITS[how]}
told = [counter.steps, {{name: len(set(map(repr, numbers))) for name, numbers in history.history.items()}},
        [len(numbers) for numbers in history.history.values()], list(history.epoch),
        bool((model.layers[-1].get_weights()[0] != before).any()), type(model.optimizer).__name__,
        sum(int(np.prod(v.shape)) for v in getattr(model.optimizer, "variables", []) or []) if hasattr(model.optimizer, "variables") and not callable(model.optimizer.variables) else 0]""",
    )
    steps, values, lengths, epochs, moved, optimizer, copies = told
    assert (steps, set(lengths), epochs, moved, optimizer) == (1, {10}, list(range(10)), True, "Adam")
    assert set(values.values()) == {1} and any(name.startswith("val_") for name in values)
    assert copies < 1000
    (fit,) = student.fits
    assert fit.epochs == 10
    assert {len(numbers) for numbers in fit.history.values()} == {10}
    assert len(fit.source.images) == 60 or how == "a data set"


def test_a_split_of_a_single_image(live, network):
    """What is split off is split off before the images are cut, so that one image is enough to train with."""
    told, student = live.tell_all(
        network,
        """from labgrade_kernel import heavy
before, heavy.STEP_WORK = heavy.STEP_WORK, 1.0
try:
    history = model.fit(X, Y, epochs=3, batch_size=60, validation_split=0.25, verbose=0)
finally:
    heavy.STEP_WORK = before
told = {name: len(numbers) for name, numbers in history.history.items()}""",
    )
    assert set(told.values()) == {3}
    assert "val_loss" in told
    assert student.fits[-1].validation_split == 0.25


def test_few_images_are_judged(live, network):
    """The predictions of the first images are theirs, those of the others repeat them."""
    told, student = live.tell_all(
        network,
        """few = model.predict(X[:4], verbose=0)
whole = model.predict(X, verbose=0)
scores = model.evaluate(X, Y, verbose=0)
period = next(n for n in range(1, 60) if (whole[n:] == whole[:60 - n]).all())
told = [list(whole.shape), period, bool(np.allclose(few, whole[:4], atol=1e-5)), len(scores)]""",
    )
    shape, period, same, scores = told
    assert (shape, same, scores) == ([60, 4], True, 2)
    assert 4 < period < 60
    assert [use.kind for use in student.uses] == ["predict", "predict", "evaluate"]
    assert student.uses[1].result is not None and student.uses[1].result.shape == (60, 4)
    assert len(student.uses[2].scores) == 2


def test_a_small_network_is_left_alone(live, network):
    """With few filters the same call trains a step in each of the first epochs."""
    told, _ = live.tell_all(
        network,
        """model = network(filters=1)
history = model.fit(X[:8], Y[:8], epochs=3, batch_size=8, verbose=0, callbacks=[counter])
told = [counter.steps, len(set(history.history["loss"]))]""",
    )
    assert told == [2, 2]


def test_what_does_not_fit_is_keras_s_to_say(live, network):
    """Labels of another length raise as they do without us."""
    student = live.run(network, "model.fit(X, Y[:50], epochs=10, batch_size=32, verbose=0)")
    (error,) = student.errors
    assert error.ename == "ValueError" and student.fits[0].error
