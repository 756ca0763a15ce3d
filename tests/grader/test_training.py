"""Every ``fit`` is recorded as it was asked for and cut to two steps, in each flavour of Keras."""

from __future__ import annotations

import math

import numpy as np
import pytest

from checks.kit import Gone
from grader.kernel.cutting import REAL_EPOCHS
from tests.conftest import Teller

FLAVOURS = {
    "keras": ("import keras", "from keras.src.legacy.preprocessing.image import ImageDataGenerator"),
    "tensorflow.keras": (
        "from tensorflow import keras",
        "from tensorflow.keras.preprocessing.image import ImageDataGenerator",
    ),
    "tf_keras": (
        "import tf_keras as keras",
        "from tf_keras.preprocessing.image import ImageDataGenerator",
    ),
}
SETTING = """
import inspect, math
import numpy as np
import tensorflow as tf
{imports}
draw = np.random.default_rng({seed})
X, V = draw.random((200, 4, 4, 3), "float32"), draw.random((60, 4, 4, 3), "float32")
Y, W = (np.eye(3, dtype="float32")[draw.integers(0, 3, rows)] for rows in (200, 60))

class Counter(keras.callbacks.Callback):
    steps = tested = 0
    seen = None
    def on_train_batch_end(self, batch, logs=None):
        weights = np.concatenate([weight.ravel() for weight in self.model.get_weights()])
        self.steps += self.seen is None or bool((weights != self.seen).any())
        self.seen = weights
    def on_test_batch_end(self, batch, logs=None):
        self.tested += 1

class Batches(keras.utils.{sequence}):
    def __len__(self):
        return 20
    def __getitem__(self, index):
        return X[index * 10 : index * 10 + 10], Y[index * 10 : index * 10 + 10]

def endless():
    while True:
        yield X[:10], Y[:10]

def network(**options):
    model = keras.Sequential(
        [keras.Input((4, 4, 3)), keras.layers.Flatten(), keras.layers.Dense(3, activation="softmax")]
    )
    model.compile(loss="categorical_crossentropy", optimizer="sgd", metrics=["accuracy"], **options)
    return model

def named():
    inputs = keras.Input((4, 4, 3), name="picture")
    outputs = keras.layers.Dense(3, activation="softmax", name="guess")(keras.layers.Flatten()(inputs))
    model = keras.Model(inputs, outputs)
    model.compile(loss="categorical_crossentropy", optimizer="sgd")
    return model

counter, model = Counter(), network()
"""
RESULT = """
told = {
    "epochs": len(history.history["loss"]), "steps": counter.steps, "tested": counter.tested,
    "validated": len(history.history.get("val_loss", [])),
}
"""


def setting(flavour: str, seed: int) -> str:
    """The cell that the calls of ``fit`` in these tests stand on."""
    sequence = "Sequence" if flavour == "tf_keras" else "PyDataset"
    return SETTING.format(imports="\n".join(FLAVOURS[flavour]), seed=seed, sequence=sequence)


def arrays(seed: int):
    """X, V, Y and W of ``setting``, made here."""
    draw = np.random.default_rng(seed)
    X, V = draw.random((200, 4, 4, 3), "float32"), draw.random((60, 4, 4, 3), "float32")
    Y, W = (np.eye(3, dtype="float32")[draw.integers(0, 3, rows)] for rows in (200, 60))
    return X, V, Y, W


def fit(live, flavour: str, call: str):
    """Run a call of ``fit``; what it did, what was recorded of it, and the seed of its arrays."""
    seed = live.fresh()
    told, student = live.tell_all(setting(flavour, seed), call, RESULT)
    return told, student.fits[-1], seed


@pytest.fixture(params=FLAVOURS)
def flavour(request):
    """Each way in which students import Keras."""
    return request.param


@pytest.mark.parametrize(
    ("arguments", "epochs", "batch", "validated"),
    [
        pytest.param("X, Y, batch_size=10, epochs=3", 3, 10, False, id="arrays"),
        pytest.param("X, Y", 1, None, False, id="nothing-said"),
        pytest.param("x=X, y=Y, epochs=2, validation_data=(V, W)", 2, None, True, id="validation-data"),
        pytest.param("X, Y, 10, 2, 0, validation_data=[V, W]", 2, 10, True, id="by-position"),
        pytest.param("X, Y, epochs=2, validation_split=0.25", 2, None, True, id="validation-split"),
        pytest.param("tf.constant(X), tf.constant(Y), epochs=2", 2, None, False, id="tensors"),
        pytest.param(
            "X, Y, epochs=2, validation_data=(V, W, np.ones(60))", 2, None, True, id="weighted-validation"
        ),
        pytest.param("X, Y, epochs=2, class_weight={0: 1, 1: 2, 2: 3}", 2, None, False, id="class-weight"),
        pytest.param(
            "X, Y, sample_weight=np.ones(200), validation_split=0.5", 1, None, True, id="sample-weight"
        ),
        pytest.param("X, Y, epochs=2, steps_per_epoch=20, batch_size=10", 2, 10, False, id="array-steps"),
        pytest.param(
            "tf.data.Dataset.from_tensor_slices((X, Y)).batch(10), epochs=3, "
            "validation_data=tf.data.Dataset.from_tensor_slices((V, W)).batch(10)",
            3, None, True, id="dataset",
        ),
        pytest.param(
            "tf.data.Dataset.from_tensor_slices((X, Y)).batch(10).repeat(), epochs=3, steps_per_epoch=20",
            3, None, False, id="endless-dataset",
        ),
        pytest.param("endless(), epochs=3, steps_per_epoch=20", 3, None, False, id="generator"),
        pytest.param(
            "endless(), epochs=2, steps_per_epoch=20, validation_data=endless(), validation_steps=6",
            2, None, True, id="validation-generator",
        ),
        pytest.param("Batches(), epochs=3, validation_data=Batches()", 3, None, True, id="sequence"),
        pytest.param(
            "ImageDataGenerator(horizontal_flip=True).flow(X, Y, batch_size=10), epochs=3, "
            "validation_data=ImageDataGenerator().flow(V, W, batch_size=10)",
            3, None, True, id="image-data-generator",
        ),
    ],
)  # fmt: skip
def test_a_fit_is_cut_to_two_steps(live, flavour, arguments, epochs, batch, validated):
    """Whatever it is given, two epochs of a step and a batch to validate on run; the history is whole."""
    call = f"history = model.fit({arguments}, callbacks=[counter])"
    told, recorded, _ = fit(live, flavour, call)
    assert told == {
        "epochs": epochs, "steps": min(epochs, REAL_EPOCHS),
        "tested": min(epochs, REAL_EPOCHS) if validated else 0, "validated": epochs if validated else 0,
    }  # fmt: skip
    assert (recorded.epochs, recorded.batch_size) == (epochs, batch)
    assert recorded.flavour == ("tf_keras" if flavour == "tf_keras" else "keras")


def test_the_history_has_its_length(live, flavour):
    """However many epochs are asked for, so many the history has, from the first one that was asked for."""
    told, recorded, _ = fit(
        live, flavour,
        "history = model.fit(X, Y, epochs=1000, initial_epoch=4, verbose=0, callbacks=[counter])\n"
        "assert list(history.epoch) == list(range(4, 1000)), history.epoch",
    )  # fmt: skip
    assert (told["epochs"], told["steps"]) == (996, REAL_EPOCHS)
    assert recorded.epochs == 1000


CALLED = """
class Heard(keras.callbacks.Callback):
    heard = []
    def on_train_begin(self, logs=None):
        self.heard.append("begin")
    def on_epoch_begin(self, epoch, logs=None):
        self.heard.append(epoch)
    def on_epoch_end(self, epoch, logs=None):
        self.heard.append(sorted(logs))
    def on_train_end(self, logs=None):
        self.heard.append("end")
"""


def test_callbacks_hear_of_every_epoch(live, flavour):
    """Each epoch is begun and ended once, with its numbers, between one beginning and one end."""
    heard = live.tell(
        setting(flavour, live.fresh()),
        f"""{CALLED}
model.fit(X, Y, epochs=5, verbose=0, validation_data=(V, W), validation_freq=2, callbacks=[Heard()])
told = Heard.heard
""",
    )
    assert heard[0] == "begin" and heard[-1] == "end" and heard.count("end") == 1
    assert heard[1:-1:2] == [0, 1, 2, 3, 4]
    trained, whole = ["accuracy", "loss"], ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert heard[2:-1:2] == [trained, whole, trained, whole, trained]


def test_a_callback_may_stop_a_fit(live, flavour):
    """What stops the training in an epoch that runs ends the history there."""
    told = live.tell(
        setting(flavour, live.fresh()),
        f"""{CALLED}
class Stop(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = True
history = model.fit(X, Y, epochs=9, verbose=0, callbacks=[Stop(), Heard()])
told = [len(history.history["loss"]), Heard.heard[-1], Heard.heard.count("end")]
""",
    )
    assert told == [1, "end", 1]


def test_a_list_of_callbacks_serves_twice(live, flavour):
    """A CallbackList that a student made is used as it is, and is as before after a fit."""
    told = live.tell(
        setting(flavour, live.fresh()),
        f"""{CALLED}
listed = keras.callbacks.CallbackList([Heard()], add_history=True, model=model)
lengths = [len(model.fit(X, Y, epochs=5, verbose=0, callbacks=listed).history["loss"]) for _ in range(2)]
told = [lengths, Heard.heard.count("begin"), Heard.heard.count("end")]
""",
    )
    assert told == [[5, 10], 2, 2]  # as in Keras, its history goes on


def test_what_was_not_run_is_said(live, flavour):
    """The progress shows the epochs that ran, and one line tells of the others."""
    student = live.run(setting(flavour, live.fresh()), "history = model.fit(X, Y, epochs=7)")
    printed = student.cells[-1].text
    assert "Epoch 2/7" in printed and "Epoch 3/7" not in printed
    assert "[labgrade: epochs 3 to 7 were not run; they repeat epoch 2]" in printed


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("{'picture': X}, Y, validation_data=({'picture': V}, W)", id="dictionaries"),
        pytest.param("[X], [Y], validation_data=([V], [W])", id="lists"),
    ],
)
def test_nested_inputs_are_cut(live, flavour, data):
    """Arrays in a dictionary or a list are cut like arrays."""
    told, _, _ = fit(
        live, flavour,
        f"history = named().fit({data}, epochs=2, batch_size=10, verbose=0, callbacks=[counter])",
    )  # fmt: skip
    assert told == {"epochs": 2, "steps": 2, "tested": 2, "validated": 2}


def test_the_record_says_what_was_asked(live, flavour):
    """Batch size, epochs, steps and the whole arrays are recorded, not what was left of them."""
    _, recorded, seed = fit(
        live, flavour,
        "history = model.fit(X, Y, batch_size=16, epochs=5, steps_per_epoch=9, validation_data=(V, W))",
    )  # fmt: skip
    X, V, Y, W = arrays(seed)
    assert (recorded.cell, recorded.batch_size, recorded.epochs, recorded.steps_per_epoch) == (2, 16, 5, 9)
    for received, asked in zip((*recorded.train, *recorded.validation), (X, Y, V, W), strict=True):
        assert np.array_equal(received, asked)


def test_a_generator_is_recorded_without_arrays(live, flavour):
    """What is no array is recorded as none, and does not stop the fit."""
    _, recorded, _ = fit(
        live, flavour, "history = model.fit(endless(), steps_per_epoch=375, epochs=2, verbose=0)"
    )
    assert recorded.train == (None, None)
    assert recorded.validation is None
    assert recorded.steps_per_epoch == 375


@pytest.mark.parametrize("data", ["endless()", "ImageDataGenerator().flow(X, Y, batch_size=10)"])
def test_steps_that_are_a_float(live, flavour, data):
    """The handout's len(Xtrain) / batch_size works in tf_keras and is Keras 3's own TypeError elsewhere."""
    call = (
        f"history = model.fit({data}, steps_per_epoch=len(X) / 30, epochs=2, verbose=0, callbacks=[counter])"
    )
    if flavour == "tf_keras":
        told, recorded, _ = fit(live, flavour, call)
        assert told["epochs"] == 2
    else:
        student = live.run(setting(flavour, live.fresh()), call)
        recorded = student.fits[-1]
        assert [(error.cell, error.ename) for error in student.errors] == [(2, "TypeError")]
        assert "'float' object cannot be interpreted as an integer" in student.errors[0].evalue
    assert math.isclose(recorded.steps_per_epoch, 200 / 30)


@pytest.mark.parametrize(
    ("arguments", "ename", "words"),
    [
        pytest.param("X, Y, epoch=3", "TypeError", "unexpected keyword argument 'epoch'", id="unknown-name"),
        pytest.param("", "KeyError", "", id="nothing"),
        pytest.param("X, Y, epochs='3'", "TypeError|ValueError", "", id="epochs-as-text"),
        pytest.param("X, Y[:90]", "ValueError", "cardinality", id="unpaired"),
        pytest.param(
            "X, Y, validation_data=(V, W[:9])", "ValueError", "cardinality", id="unpaired-validation"
        ),
        pytest.param("X, Y[:, :2]", "ValueError", "shape|Shapes", id="wrong-classes"),
        pytest.param("X, Y, batch_size='ten'", "TypeError|ValueError", "", id="batch-as-text"),
        pytest.param("X, Y, validation_split=1e-17", "ValueError", "not sufficient", id="empty-split"),
        pytest.param("'X', 'Y'", "ValueError|TypeError|AttributeError|IndexError", "", id="texts"),
    ],
)
def test_wrong_arguments_give_the_library_s_own_error(live, flavour, arguments, ename, words):
    """A call that Keras refuses is refused in its words: the cut adds no error and hides none."""
    plain = f"""
try:
    type(model).fit.__wrapped__(model{", " + arguments if arguments else ""})
    own = None
except Exception as error:
    own = type(error).__name__, str(error)
try:
    model.fit({arguments})
    ours = None
except Exception as error:
    ours = type(error).__name__, str(error)
told = [own, ours]
"""
    own, ours = live.tell(setting(flavour, live.fresh()), plain)
    assert own is not None
    assert ours is not None
    assert ours[0] == own[0]
    assert ours[0] in ename.split("|")
    assert any(word in ours[1] for word in words.split("|"))


def test_the_signature_is_the_library_s(live, flavour):
    """help(model.fit) and completion still show Keras' parameters and documentation."""
    told = live.tell(
        setting(flavour, live.fresh()),
        """
own = type(model).fit.__wrapped__
told = [list(inspect.signature(model.fit).parameters), model.fit.__name__, model.fit.__doc__ == own.__doc__]
""",
    )
    assert told[0][:7] == ["x", "y", "batch_size", "epochs", "verbose", "callbacks", "validation_split"]
    assert told[1:] == ["fit", True]


def test_fit_after_fit(live, flavour):
    """A model may be trained again, shorter and longer, and evaluated and asked in between."""
    told = live.tell(
        setting(flavour, live.fresh()),
        """
lengths = []
for epochs in (2, 12, 3):
    lengths.append(len(model.fit(X, Y, epochs=epochs, verbose=0).history["loss"]))
    scores = model.evaluate(V, W, verbose=0)
    answers = model.predict(V, verbose=0)
told = {"lengths": lengths, "scores": len(scores), "answers": answers.shape, "eager": bool(model.run_eagerly)}
""",
    )
    assert told == {"lengths": [2, 12, 3], "scores": 2, "answers": [60, 3], "eager": False}


@pytest.mark.parametrize("epochs", [2, 12])
def test_the_mode_of_a_model_is_kept(live, flavour, epochs):
    """A model compiled to run eagerly does so during the fit and after it."""
    told = live.tell(
        setting(flavour, live.fresh()),
        f"""
model = network(run_eagerly=True)
model.fit(X, Y, epochs={epochs}, verbose=0)
told = bool(model.run_eagerly)
""",
    )
    assert told is True


def test_weights_change(live, flavour):
    """A cut training is a training: the weights are not those from before."""
    told = live.tell(
        setting(flavour, live.fresh()),
        """
before = [weight.copy() for weight in model.get_weights()]
model.fit(X, Y, epochs=2, verbose=0)
told = any((one != other).any() for one, other in zip(before, model.get_weights()))
""",
    )
    assert told is True


def test_the_arrays_stay_whole(live, flavour):
    """The student's own arrays, lists and dictionaries are as long after the fit as before."""
    told = live.tell(
        setting(flavour, live.fresh()),
        """
data, pair = {"picture": X}, [V, W]
named().fit(data, Y, validation_data=pair, verbose=0)
told = [len(data["picture"]), len(Y), len(pair[0]), len(pair[1]), len(X)]
""",
    )
    assert told == [200, 200, 60, 60, 200]


@pytest.fixture(scope="module")
def unbounded(given):
    """A kernel that trains in full."""
    kernel = Teller(given, training="full")
    yield kernel
    kernel.close()


@pytest.mark.parametrize("flavour", ["keras", "tf_keras"])
def test_full_training_is_not_cut(unbounded, flavour):
    """Without the budget every step of every epoch runs, and the record is the same."""
    told, recorded, _ = fit(
        unbounded, flavour,
        "history = model.fit(X, Y, batch_size=50, epochs=42, validation_data=(V, W), callbacks=[counter])",
    )  # fmt: skip
    assert told == {"epochs": 42, "steps": 42 * 4, "tested": 42 * 2, "validated": 42}
    assert (recorded.epochs, recorded.batch_size) == (42, 50)


def test_what_was_trained_can_be_asked_until_it_is_released(unbounded):
    """A network answers as it is after its cell, though its variable is gone, until it is let go of."""
    images = np.random.default_rng(5).random((7, 4, 4, 3), "float32")
    student = unbounded.run(
        setting("keras", unbounded.fresh()),
        "model.fit(X, Y, epochs=1, verbose=0)\nweights = model.get_weights()\n"
        "trained, model, history = model, None, None\ndel trained",
    )
    identity = student.fits[-1].model.identity
    (first,) = student.ask("score", (images,), model=identity).arrays
    assert first.shape == (7, 3)
    told, _ = unbounded.tell_all(
        "again = network(); again.set_weights(weights)\ntold = again(np.random.default_rng(5).random((7, 4, 4, 3),"
        " 'float32')).numpy().tolist()"
    )
    assert np.allclose(first, told, atol=1e-5)
    later = unbounded.run(setting("keras", unbounded.fresh()), "1", "model.fit(X, Y, epochs=1, verbose=0)")
    with pytest.raises(Gone):
        later.ask("score", (images,), model=identity)
    student.ask("release")
    with pytest.raises(Gone):
        student.ask("score", (images,), model=identity)
