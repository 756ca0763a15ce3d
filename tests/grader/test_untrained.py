"""At the level "claimed" a fit takes no step and leaves a whole history, in each flavour of Keras."""

from __future__ import annotations

import pytest

from grader.kernel.epochs import SIMULATED
from tests.conftest import Teller
from tests.grader.test_training import FLAVOURS, setting

KEYS = ["accuracy", "loss"]
BOTH = ["accuracy", "loss", "val_accuracy", "val_loss"]
WEIGHTS = "before = [weight.copy() for weight in model.get_weights()]"
RESULT = """
told = {
    "keys": sorted(history.history), "epochs": sorted({len(one) for one in history.history.values()}),
    "finite": all(np.isfinite(one).all() for one in history.history.values()),
    "same": all((one == other).all() for one, other in zip(before, model.get_weights())),
    "steps": int(model.optimizer.iterations.numpy()),
}
"""


@pytest.fixture(scope="module")
def claimed(given):
    """A kernel that trains nothing."""
    kernel = Teller(given, training="claimed")
    yield kernel
    kernel.close()


@pytest.fixture(params=FLAVOURS)
def flavour(request):
    """Each way in which students import Keras."""
    return request.param


@pytest.mark.parametrize(
    ("arguments", "keys", "epochs"),
    [
        pytest.param("X, Y, batch_size=10, epochs=3", KEYS, 3, id="arrays"),
        pytest.param("X, Y", KEYS, 1, id="nothing-said"),
        pytest.param("X, Y, 10, 2, 0, validation_data=[V, W]", BOTH, 2, id="by-position"),
        pytest.param("X, Y, epochs=5, initial_epoch=2, validation_split=0.25", BOTH, 3, id="split"),
        pytest.param("tf.constant(X), tf.constant(Y), epochs=2", KEYS, 2, id="tensors"),
        pytest.param("X, Y, epochs=2, validation_data=(V, W, np.ones(60))", BOTH, 2, id="weighted"),
        pytest.param("X, Y, epochs=2, class_weight={0: 1, 1: 2, 2: 3}", KEYS, 2, id="class-weight"),
        pytest.param("X, Y, epochs=2, steps_per_epoch=20, batch_size=10", KEYS, 2, id="array-steps"),
        pytest.param(f"X, Y, epochs={SIMULATED + 60}, validation_data=(V, W)", BOTH, SIMULATED + 60, id="long"),
        pytest.param(
            "tf.data.Dataset.from_tensor_slices((X, Y)).batch(10), epochs=3, "
            "validation_data=tf.data.Dataset.from_tensor_slices((V, W)).batch(10)", BOTH, 3, id="dataset",
        ),
        pytest.param(
            "endless(), epochs=2, steps_per_epoch=20, validation_data=endless(), validation_steps=6",
            BOTH, 2, id="generator",
        ),
        pytest.param("Batches(), epochs=3, validation_data=Batches()", BOTH, 3, id="sequence"),
        pytest.param(
            "ImageDataGenerator(horizontal_flip=True).flow(X, Y, batch_size=10), epochs=3, "
            "validation_data=ImageDataGenerator().flow(V, W, batch_size=10)", BOTH, 3, id="image-generator",
        ),
    ],
)  # fmt: skip
def test_a_fit_takes_no_step(claimed, flavour, arguments, keys, epochs):
    """Whatever it is given, the history has its length and keys, and no weight and no step was changed."""
    seed = claimed.fresh()
    told, student = claimed.tell_all(
        setting(flavour, seed), WEIGHTS, f"history = model.fit({arguments})", RESULT
    )
    assert told == {"keys": keys, "epochs": [epochs], "finite": True, "same": True, "steps": 0}
    assert not student.fits[-1].error
    assert len(student.fits[-1].history["loss"]) == min(epochs, 100)  # as many as a record keeps


def test_the_callbacks_are_told_of_each_epoch(claimed, flavour):
    """What a callback saves, counts or sets at an epoch is there afterwards, and an early stop cuts nothing."""
    told = claimed.tell(
        setting(flavour, claimed.fresh()),
        """
seen = []
class Seen(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None): seen.append(epoch)
    def on_epoch_end(self, epoch, logs=None): seen.append(sorted(logs))
history = model.fit(X, Y, epochs=6, verbose=0, validation_data=(V, W), validation_freq=2, callbacks=[
    Seen(), keras.callbacks.EarlyStopping(patience=1, restore_best_weights=True, monitor="loss"),
    keras.callbacks.ModelCheckpoint("kept.weights.h5", save_weights_only=True, monitor="loss"),
    keras.callbacks.LearningRateScheduler(lambda epoch: 0.5)])
model.load_weights("kept.weights.h5")
told = [seen[0], seen[1][:2], seen[3], {name: len(one) for name, one in history.history.items()}]
""",
    )
    assert told[0] == 0
    assert told[1] == KEYS
    assert told[2][:1] + told[2][-2:] == ["accuracy", "val_accuracy", "val_loss"]
    lengths = told[3]
    assert (lengths["loss"], lengths["val_loss"]) == (6, 3)


@pytest.mark.parametrize(
    "seeded", ["X, Y, steps_per_epoch=len(X) / 30", "endless(), steps_per_epoch=200 / 30"]
)
def test_steps_that_are_a_float(claimed, flavour, seeded):
    """The handout's len(Xtrain) / batch_size stops in Keras 3 as it would, and is taken by tf_keras."""
    student = claimed.run(setting(flavour, claimed.fresh()), f"model.fit({seeded}, epochs=2, verbose=0)")
    named = [(error.cell, error.ename) for error in student.errors]
    assert named == ([] if flavour == "tf_keras" else [(2, "TypeError")])
    if named:
        assert "'float' object cannot be interpreted as an integer" in student.errors[0].evalue


@pytest.mark.parametrize(
    ("call", "ename"),
    [
        pytest.param("model.fit(X, Y, epoch=3)", "TypeError", id="unknown-name"),
        pytest.param("model.fit(X, Y, epochs='3')", "TypeError", id="epochs-as-text"),
        pytest.param("model.fit(X, Y[:90])", "ValueError", id="unpaired"),
        pytest.param("model.fit(X, Y, validation_data=(V, W[:9]))", "ValueError", id="unpaired-validation"),
        pytest.param("model.fit(X, Y[:, :2])", "ValueError", id="wrong-classes"),
        pytest.param("model.fit(X[:, 1:], Y)", "ValueError", id="wrong-shape"),
        pytest.param("keras.Sequential([keras.layers.Dense(3)]).fit(X, Y)", "ValueError|RuntimeError", id="uncompiled"),
        pytest.param("model.fit(X, Y, callbacks=[3])", "AttributeError|ValueError", id="no-callback"),
    ],
)  # fmt: skip
def test_a_call_that_keras_refuses_is_refused(claimed, flavour, call, ename):
    """Plainly wrong arguments stop with an error of the same kind as in a training."""
    student = claimed.run(setting(flavour, claimed.fresh()), call)
    assert len(student.errors) == 1
    assert student.errors[0].ename in ename.split("|")


def test_a_loop_over_batches_trains_nothing(claimed, flavour):
    """train_on_batch gives what the batch scores, and the weights stay."""
    told = claimed.tell(
        setting(flavour, claimed.fresh()),
        WEIGHTS + "\nscores = [model.train_on_batch(X[:20], Y[:20]) for _ in range(3)]",
        "told = [len(scores[0]), all((a == b).all() for a, b in zip(before, model.get_weights()))]",
    )
    assert told == [2, True]


def test_a_network_is_built_by_its_fit(claimed, flavour):
    """A Sequential without an input shape can be summarised, saved and asked after its fit, as it always could."""
    told = claimed.tell(
        setting(flavour, claimed.fresh()),
        """
late = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(3, activation="softmax")])
late.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.Adam(0.01, use_ema=True))
before = None
history = late.fit(X, Y, epochs=2)
told = [late.count_params(), list(late.predict(V, verbose=0).shape), bool(np.abs(late.get_weights()[0]).sum() > 0)]
""",
    )
    assert told == [48 * 3 + 3, [60, 3], True]
