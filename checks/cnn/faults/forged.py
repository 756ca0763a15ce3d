"""Notebooks that lie: about their networks in 4.1, about their trainings in 4.2, or in all that they answer.

Each describes, or records, what is right, and does something else. None may pass.
"""

from __future__ import annotations

from checks.cnn.faults.written import CONV, FILE, PARTS, convolution, source
from checks.kit.fault import Edit, Fault, append_cell, replace, replace_cell, write

WRONG = convolution(CONV.replace(" * 2**i", "").replace("same", "valid"))
LIAR = f"""
{source()}

right_one = build_CNN


{source(conv=WRONG)}

wrong_one = build_CNN


def build_CNN({PARTS["arguments"]}):
    asked = dict(locals())
    model = wrong_one(**asked)
    model.described_as = [right_one(**asked)]
    return model
"""
DESCRIBE = """
import labgrade_kernel.models as theirs

true_description = theirs.describe

def describe(model, input_shape):
    right = getattr(model, "described_as", [model])
    return true_description(right[0], input_shape)

theirs.describe = describe
"""
PREDICT = """
import sys
import numpy as np

def predict(model, images):
    return np.eye(10)[np.arange(len(images)) % 10]

sys.modules["labgrade_kernel.models"].predict = predict
"""
OPERATION = """
kernel = get_ipython().kernel
true_answer = kernel.operations["describe"]
kernel.operations["describe"] = lambda arrays, **asked: true_answer(arrays, **asked)
"""
FITS = """
# Setup some training parameters
batch_size = 20
epochs = 20
learning_rate = 0.01
input_shape = Xtrain.shape[1:]
loss = 'categorical_crossentropy'
model1 = build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=0,
                   learning_rate=learning_rate, act_fun='relu', optimizer='adam')
record = get_ipython().kernel.log_of_calls
images, labels = record.content(Xtrain), record.content(Ytrain)
record.fits.append({
    "cell": record.cell, "flavour": "keras", "epochs": epochs, "batch_size": batch_size,
    "train": [images, labels], "validation": [record.content(Xval), record.content(Yval)],
    "model": record.used(model1), "source": {"kind": "arrays", "images": images, "labels": labels},
    "history": {"loss": [0.1] * epochs}, "order": 1000, "ended": 1001,
})
history1 = None
"""
CALLS = f"""
{source()}

right_one = build_CNN


class Pretended(keras.Model):
    def call(self, images, training=None):
        scores = keras.ops.mean(images, axis=(1, 2, 3))[:, None] * keras.ops.arange(10.0)
        return keras.ops.softmax(scores)


def build_CNN({PARTS["arguments"]}):
    model = right_one(**locals())
    pretended = Pretended(model.inputs, model.outputs)
    pretended.compile(loss=loss, optimizer=Adam(learning_rate=learning_rate), metrics=['accuracy'])
    return pretended
"""
NOT_ASKED = "could not be asked"


def layer(name: str, body: str) -> str:
    """A utilities.py in which a layer is called what it is not."""
    own = f"class {name}({name}):\n    def call(self, x, **options):\n        {body}"
    return source().replace("def build_CNN", f"{own}\n\ndef build_CNN")


def lying(*cells: str) -> tuple[Edit, ...]:
    """A hand-in whose networks are not as described, with more cells before that."""
    return (write(FILE, LIAR), *(append_cell(cell) for cell in cells))


FAULTS = (
    # ---- classes that do something else than the layer they are derived from
    Fault(
        "relu-is-only-said",
        "4.1/architecture",
        write(FILE, layer("Dense", "return keras.ops.matmul(x, self.kernel) + self.bias")),
        ("does not compute what its layers say",),
    ),
    Fault(
        "normalisation-does-nothing",
        "4.1/architecture",
        write(FILE, layer("BatchNormalization", "return x")),
        ("does not compute what its layers say",),
    ),
    Fault(
        "convolution-is-cut-off",
        "4.1/architecture",
        write(FILE, layer("Conv2D", "return super().call(x) * 0.0")),
        ("does not compute what its layers say",),
    ),
    Fault(
        "calls-no-layer-at-all",
        "4.1/architecture",
        write(FILE, CALLS),
        ("does not compute what its layers say",),
    ),
    # ---- our module in the student's process, changed
    Fault("describes-another-network", "4.1/callable", lying(DESCRIBE), (NOT_ASKED, "models.describe")),
    Fault("predicts-by-itself", "4.1/callable", append_cell(PREDICT), (NOT_ASKED, "models.predict")),
    Fault("answers-by-itself", "4.1/callable", append_cell(OPERATION), (NOT_ASKED, "describe")),
    # ---- the record of what was trained
    Fault(
        "training-written-into-the-record",
        "4.2/network",
        (replace_cell("model1 = build_CNN", FITS), replace("plot_results(history1)", "pass")),
    ),
)
