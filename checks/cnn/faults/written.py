"""``build_CNN`` as a student would write it, part by part, so that any part can be exchanged."""

from __future__ import annotations

import re
import textwrap

from checks.kit.fault import Fault, Rewrite, write

FILE = "utilities.py"

LAYERS = (
    "Activation, AlphaDropout, AveragePooling2D, BatchNormalization, Conv2D, Dense, DepthwiseConv2D, "
    "Dropout, Flatten, GaussianDropout, GlobalAveragePooling2D, GlobalMaxPooling2D, Input, LeakyReLU, "
    "MaxPooling2D, PReLU, ReLU, Reshape, SeparableConv2D, Softmax, SpatialDropout2D"
)
NAMED = (
    "input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=0, n_nodes=50, use_dropout=False, "
    "learning_rate=0.01"
)
PARTS = {
    "flavour": "keras",
    "arguments": f"{NAMED}, act_fun='sigmoid', optimizer='sgd', print_summary=False",
    "start": "model = Sequential()\nmodel.add(Input(shape=input_shape))",
    "conv_loop": "for i in range(n_conv_layers):",
    "conv": "model.add(Conv2D(n_filters * 2**i, (3, 3), padding='same', activation='relu'))",
    "conv_norm": "model.add(BatchNormalization())",
    "pool": "model.add(MaxPooling2D((2, 2)))",
    "flatten": "model.add(Flatten())",
    "dense_loop": "for i in range(n_dense_layers):",
    "dense": "model.add(Dense(n_nodes, activation='relu'))",
    "dense_norm": "model.add(BatchNormalization())",
    "drop": "if use_dropout:\n    model.add(Dropout(0.5))",
    "output": "model.add(Dense(10, activation='softmax'))",
    "compile": "model.compile(loss=loss, optimizer=Adam(learning_rate=learning_rate), metrics=['accuracy'])",
    "end": "return model",
}


def source(**parts: str) -> str:
    """The function with some parts written otherwise; a part may be empty."""
    assert parts.keys() <= PARTS.keys()
    now = PARTS | parts
    module = now["flavour"]
    keras = "from tensorflow import keras" if module == "tensorflow.keras" else f"import {module} as keras"
    body = [now["start"], now["conv_loop"]]
    body += [textwrap.indent(now[part], "    ") for part in ("conv", "conv_norm", "pool")]
    body += [now["flatten"], now["dense_loop"]]
    body += [textwrap.indent(now[part], "    ") for part in ("dense", "dense_norm", "drop")]
    body += ["    pass", now["output"], now["compile"], now["end"]]
    return "\n".join(
        [
            "import tensorflow as tf",
            keras,
            f"from {module}.layers import {LAYERS}",
            f"from {module}.models import Model, Sequential",
            f"from {module}.optimizers import SGD, Adam, RMSprop",
            "",
            f"def build_CNN({now['arguments']}):",
            textwrap.indent("\n".join(body), "    "),
        ]
    )


def functional(**parts: str) -> str:
    """The same function in the functional way: every ``model.add(layer)`` written ``x = layer(x)``."""
    now = {"start": "", **parts}
    steps = {
        name: re.sub(r"model\.add\((.*)\)$", r"x = \1(x)", text, flags=re.MULTILINE)
        for name, text in (PARTS | now).items()
    }
    steps["start"] = now["start"] or "x = inputs = Input(shape=input_shape)"
    steps["compile"] = f"model = Model(inputs, x)\n{steps['compile']}"
    return source(**steps)


def convolution(arguments: str) -> str:
    """The convolution with other arguments."""
    return f"model.add(Conv2D({arguments}))"


def compiled(**arguments: str) -> str:
    """The compilation with other arguments; an empty one is left out."""
    usual = {"loss": "loss", "optimizer": "Adam(learning_rate=learning_rate)", "metrics": "['accuracy']"}
    words = [f"{name}={value}" for name, value in (usual | arguments).items() if value]
    return f"model.compile({', '.join(words)})"


L2 = ", kernel_regularizer=keras.regularizers.l2(l2_regularization)"
CONV = "n_filters * 2**i, (3, 3), padding='same', activation='relu'"
ONE_LOSS = "if loss == 'categorical_crossentropy':\n    loss = keras.losses.CategoricalCrossentropy({})\n"

FEW = 0.1  # of the calls that the search of the layers makes


def fault(name: str, caught_by: str, *words: str, code: str = "", **parts: str) -> Fault:
    """A wrong utilities.py: changed parts of the right function, or code of its own."""
    share = FEW if caught_by == "learns" else 1.0  # the layers are right, and are looked at first
    return Fault(name, f"4.1/{caught_by}", write(FILE, code or source(**parts)), words, share=share)


def rewrite(name: str, code: str) -> Rewrite:
    """A utilities.py that is written in another way."""
    return Rewrite(name, write(FILE, code), tasks=("4.1",))
