"""Task 4.1: right networks pass however they were written; each wrong one is named, with code to see it."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import re
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from checks.cnn import network
from checks.cnn.building import CASE_DEFAULTS
from checks.kit import Failure
from checks.kit.model import Model, read_model
from grader.evidence import LiveStudent
from grader.records import CheckResult
from tests.checks.test_kit import MODEL
from tests.live import LiveKernel, judge

CHECKS = {
    check.id.partition("/")[2]: check
    for check in (
        network.callable,
        network.architecture,
        network.parameters,
        network.dropout,
        network.compilation,
    )
}
FEW = 8  # calls to try in most tests, where the real search takes 80

# ---- build_CNN as a student would write it, part by part

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


# ---- faults


@dataclass(frozen=True)
class Fault:
    """A wrong ``build_CNN``: which check must say so, and words that its message must hold."""

    name: str
    caught_by: str
    words: tuple[str, ...]
    cells: tuple[str, ...]


def fault(name: str, caught_by: str, *words: str, code: str = "", **parts: str) -> Fault:
    """A fault as changed parts of the right function, or as code of its own."""
    return Fault(name, caught_by, words, (code or source(**parts),))


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
ARCHITECTURE = (
    # ---- the convolution
    fault(
        "conv-padding-valid",
        "architecture",
        "padding='valid'",
        conv=convolution(CONV.replace("same", "valid")),
    ),
    fault("filters-not-doubled", "architecture", "doubles", conv=convolution(CONV.replace(" * 2**i", ""))),
    fault(
        "filters-grow-linearly", "architecture", "doubles", conv=convolution(CONV.replace("2**i", "(i + 1)"))
    ),
    fault(
        "filters-start-at-twice-n",
        "architecture",
        "2 filters",
        conv=convolution(CONV.replace("2**i", "2**(i + 1)")),
    ),
    fault(
        "filters-reversed",
        "architecture",
        "doubles",
        conv=convolution(CONV.replace("2**i", "2**(n_conv_layers - 1 - i)")),
    ),
    fault(
        "n-filters-ignored", "architecture", "16 filters", conv=convolution(CONV.replace("n_filters", "16"))
    ),
    fault("n-conv-layers-ignored", "architecture", "2 convolutions", conv_loop="for i in range(2):"),
    fault(
        "one-convolution-too-few",
        "architecture",
        "convolution",
        conv_loop="for i in range(n_conv_layers - 1):",
    ),
    fault("kernel-5x5", "architecture", "5×5", conv=convolution(CONV.replace("3, 3", "5, 5"))),
    fault("conv-strides", "architecture", "strides", conv=convolution(CONV + ", strides=2")),
    fault("conv-dilated", "architecture", "dilation_rate", conv=convolution(CONV + ", dilation_rate=2")),
    fault(
        "conv-in-groups",
        "architecture",
        "groups",
        conv=convolution(CONV + ", groups=1 if i == 0 else n_filters"),
    ),
    fault(
        "depthwise-convolution",
        "architecture",
        "DepthwiseConv2D",
        conv="model.add(DepthwiseConv2D((3, 3), padding='same'))",
    ),
    fault(
        "separable-convolution", "architecture", "SeparableConv2D", conv=f"model.add(SeparableConv2D({CONV}))"
    ),
    fault("conv-without-bias", "architecture", "use_bias", conv=convolution(CONV + ", use_bias=False")),
    fault(
        "two-convolutions-per-stage",
        "architecture",
        "2 convolutions",
        conv=f"{convolution(CONV)}\n{convolution(CONV)}",
    ),
    fault(
        "channels-first",
        "architecture",
        "channels_first",
        conv=convolution(CONV + ", data_format='channels_first'"),
    ),
    # ---- normalisation and pooling
    fault("no-norm-in-stages", "architecture", "no BatchNormalization", "stage 1", conv_norm=""),
    fault("no-norm-after-dense", "architecture", "no BatchNormalization", "dense layer 1", dense_norm=""),
    fault(
        "no-norm-in-first-stage",
        "architecture",
        "no BatchNormalization",
        "stage 1",
        conv_norm="if i > 0:\n    model.add(BatchNormalization())",
    ),
    fault(
        "norm-before-convolution",
        "architecture",
        "before the convolution",
        conv="model.add(BatchNormalization())",
        conv_norm=convolution(CONV),
    ),
    fault(
        "norm-along-rows",
        "architecture",
        "BatchNormalization",
        conv_norm="model.add(BatchNormalization(axis=1))",
    ),
    fault(
        "norm-without-scale", "architecture", "scale", conv_norm="model.add(BatchNormalization(scale=False))"
    ),
    fault(
        "pooling-before-norm",
        "architecture",
        "pooling stands before",
        conv_norm=PARTS["pool"],
        pool=PARTS["conv_norm"],
    ),
    fault("average-pooling", "architecture", "AveragePooling2D", pool="model.add(AveragePooling2D((2, 2)))"),
    fault("pooling-3x3", "architecture", "3×3", pool="model.add(MaxPooling2D((3, 3), padding='same'))"),
    fault("pooling-strides-1", "architecture", "strides", pool="model.add(MaxPooling2D((2, 2), strides=1))"),
    fault(
        "pooling-padding-same",
        "architecture",
        "rounds the size up",
        pool="model.add(MaxPooling2D((2, 2), padding='same'))",
    ),
    fault(
        "no-pooling-at-the-end",
        "architecture",
        "no MaxPooling2D",
        pool="if i < n_conv_layers - 1:\n    model.add(MaxPooling2D((2, 2)))",
    ),
    fault("no-pooling", "architecture", "no MaxPooling2D", pool=""),
    fault(
        "one-pooling-at-the-end",
        "architecture",
        "no MaxPooling2D",
        pool="if i == n_conv_layers - 1:\n    model.add(MaxPooling2D((2, 2)))",
    ),
    # ---- Flatten and the dense layers
    fault(
        "global-average-for-flatten",
        "architecture",
        "GlobalAveragePooling2D",
        flatten="model.add(GlobalAveragePooling2D())",
    ),
    fault(
        "global-max-for-flatten",
        "architecture",
        "GlobalMaxPooling2D",
        flatten="model.add(GlobalMaxPooling2D())",
    ),
    fault("no-flatten", "architecture", "no Flatten", flatten=""),
    fault(
        "one-dense-too-many",
        "architecture",
        "n_dense_layers=0 gives 2",
        dense_loop="for i in range(n_dense_layers + 1):",
    ),
    fault(
        "one-dense-too-few",
        "architecture",
        "n_dense_layers=1 gives 1",
        dense_loop="for i in range(n_dense_layers - 1):",
    ),
    fault("no-dense", "architecture", "n_dense_layers=1 gives 1", dense="", dense_norm=""),
    fault("n-nodes-ignored", "architecture", "50 nodes", dense="model.add(Dense(50, activation='relu'))"),
    fault(
        "filters-for-nodes",
        "architecture",
        "should have 2",
        dense="model.add(Dense(n_filters, activation='relu'))",
    ),
    fault(
        "dense-sigmoid",
        "architecture",
        "sigmoid",
        "relu",
        dense="model.add(Dense(n_nodes, activation='sigmoid'))",
    ),
    fault("dense-linear", "architecture", "relu", "dense layer 1", dense="model.add(Dense(n_nodes))"),
    fault(
        "dense-relu6",
        "architecture",
        "something other than relu",
        dense="model.add(Dense(n_nodes))\nmodel.add(ReLU(max_value=6))",
    ),
    fault("dense-leaky", "architecture", "relu", dense="model.add(Dense(n_nodes))\nmodel.add(LeakyReLU())"),
    fault(
        "dense-without-bias",
        "architecture",
        "use_bias",
        dense="model.add(Dense(n_nodes, activation='relu', use_bias=False))",
    ),
    # ---- the output
    fault("no-output-layer", "architecture", "no dense layer", output=""),
    fault("output-9", "architecture", "9", "10", output="model.add(Dense(9, activation='softmax'))"),
    fault("output-11", "architecture", "11", "10", output="model.add(Dense(11, activation='softmax'))"),
    fault("output-1-sigmoid", "architecture", "1", "10", output="model.add(Dense(1, activation='sigmoid'))"),
    fault(
        "output-sigmoid",
        "architecture",
        "sigmoid",
        "softmax",
        output="model.add(Dense(10, activation='sigmoid'))",
    ),
    fault("output-logits", "architecture", "no softmax", output="model.add(Dense(10))"),
    fault(
        "softmax-twice-as-layer",
        "architecture",
        "twice",
        output="model.add(Dense(10, activation='softmax'))\nmodel.add(Softmax())",
    ),
    fault(
        "softmax-twice-as-activation",
        "architecture",
        "twice",
        output="model.add(Dense(10, activation='softmax'))\nmodel.add(Activation('softmax'))",
    ),
    fault(
        "softmax-over-the-batch",
        "architecture",
        "something other than softmax",
        output="model.add(Dense(10))\nmodel.add(Softmax(axis=0))",
    ),
    fault(
        "norm-after-output",
        "architecture",
        "too many",
        output="model.add(Dense(10, activation='softmax'))\nmodel.add(BatchNormalization())",
    ),
    # ---- as a whole
    fault(
        "skip-connection",
        "architecture",
        "one path",
        code=functional(
            conv=f"before = x\nmodel.add(Conv2D({CONV}))",
            conv_norm="x = keras.layers.Concatenate()([before, x])\nmodel.add(BatchNormalization())",
        ),
    ),
    fault(
        "one-norm-for-all-dense",
        "architecture",
        "share",
        code=functional(
            dense_loop="norm = BatchNormalization()\nfor i in range(n_dense_layers):",
            dense_norm="model.add(norm)",
        ),
    ),
    fault(
        "one-convolution-for-all-stages",
        "callable",
        "stops with",
        start=PARTS["start"] + f"\nconv = Conv2D({CONV.replace('**i', '**0')})",
        conv="model.add(conv)",
    ),
    fault(
        "regularised-by-default",
        "architecture",
        "regulariser",
        arguments=NAMED + ", l2_regularization=0.001",
        conv=convolution(CONV + L2),
    ),
    fault(
        "fixed-input-shape",
        "architecture",
        "32×32×3",
        start="model = Sequential()\nmodel.add(Input(shape=(32, 32, 3)))",
    ),
    fault(
        "fixed-channels",
        "architecture",
        "×3",
        start="model = Sequential()\nmodel.add(Input(shape=(*input_shape[:2], 3)))",
    ),
    fault(
        "rows-and-columns-swapped",
        "architecture",
        "images of",
        start="h, w, c = input_shape\nmodel = Sequential()\nmodel.add(Input(shape=(w, h, c)))",
    ),
    fault(
        "raises-for-two-dense",
        "architecture",
        "stops with ValueError: too deep",
        start=PARTS["start"] + "\nif n_dense_layers > 1:\n    raise ValueError('too deep')",
    ),
    fault(
        "raises-for-any-dense",
        "architecture",
        "stops with NameError",
        dense="model.add(Dense(nodes, activation='relu'))",
    ),
    fault(
        "no-argument-n-nodes",
        "architecture",
        "no argument `n_nodes`",
        arguments=NAMED.replace(", n_nodes=50", ""),
        dense="model.add(Dense(50, activation='relu'))",
    ),
    fault("frozen-convolution", "parameters", "frozen", conv=convolution(CONV + ", trainable=False")),
    fault("frozen-model", "parameters", "frozen", end="model.trainable = False\nreturn model"),
)
DROPOUT = (
    fault("dropout-ignored", "dropout", "none there", drop=""),
    fault("dropout-always", "dropout", "use_dropout is False", drop="model.add(Dropout(0.5))"),
    fault(
        "dropout-inverted",
        "dropout",
        "use_dropout is False",
        drop="if not use_dropout:\n    model.add(Dropout(0.5))",
    ),
    fault("dropout-rate-0.3", "dropout", "Dropout(0.3)", drop="if use_dropout:\n    model.add(Dropout(0.3))"),
    fault(
        "dropout-rate-as-default-argument",
        "dropout",
        "Dropout(0.2)",
        arguments=NAMED + ", p=0.2",
        drop="if use_dropout:\n    model.add(Dropout(p))",
    ),
    fault(
        "dropout-from-two-dense-on",
        "dropout",
        "none there",
        drop="if use_dropout and n_dense_layers > 1:\n    model.add(Dropout(0.5))",
    ),
    fault(
        "dropout-after-the-last-dense-only",
        "dropout",
        "dense layer 1 of 2",
        drop="if use_dropout and i == n_dense_layers - 1:\n    model.add(Dropout(0.5))",
    ),
    fault(
        "dropout-twice",
        "dropout",
        "one Dropout(0.5)",
        drop="if use_dropout:\n    model.add(Dropout(0.5))\n    model.add(Dropout(0.5))",
    ),
    fault(
        "dropout-after-output",
        "dropout",
        "softmax layer as the last",
        output=PARTS["output"] + "\nif use_dropout:\n    model.add(Dropout(0.5))",
    ),
    fault(
        "dropout-in-stages-only",
        "dropout",
        "none there",
        drop="",
        pool=PARTS["pool"] + "\nif use_dropout:\n    model.add(Dropout(0.5))",
    ),
    fault(
        "dropout-in-stages-always",
        "dropout",
        "use_dropout is False",
        pool=PARTS["pool"] + "\nmodel.add(SpatialDropout2D(0.2))",
    ),
    fault(
        "gaussian-dropout",
        "dropout",
        "GaussianDropout",
        drop="if use_dropout:\n    model.add(GaussianDropout(0.5))",
    ),
    fault(
        "alpha-dropout", "dropout", "AlphaDropout", drop="if use_dropout:\n    model.add(AlphaDropout(0.5))"
    ),
    fault(
        "typo-in-dropout-branch",
        "dropout",
        "stops with NameError",
        drop="if use_dropout:\n    model.add(Droput(0.5))",
    ),
    fault(
        "no-argument-use-dropout",
        "dropout",
        "no argument `use_dropout`",
        arguments=NAMED.replace(", use_dropout=False", ""),
        drop="",
    ),
)
COMPILATION = (
    fault(
        "sgd", "compilation", "Adam", "SGD", compile=compiled(optimizer="SGD(learning_rate=learning_rate)")
    ),
    fault(
        "rmsprop",
        "compilation",
        "Adam",
        "RMSprop",
        compile=compiled(optimizer="RMSprop(learning_rate=learning_rate)"),
    ),
    fault(
        "learning-rate-ignored", "compilation", "learning rate", "0.001", compile=compiled(optimizer="'adam'")
    ),
    fault(
        "learning-rate-fixed",
        "compilation",
        "learning rate",
        "0.005",
        compile=compiled(optimizer="Adam(learning_rate=0.005)"),
    ),
    fault(
        "schedule-starts-elsewhere",
        "compilation",
        "learning rate",
        "0.2",
        compile=compiled(
            optimizer="Adam(learning_rate=keras.optimizers.schedules.ExponentialDecay(0.2, 100, 0.9))"
        ),
    ),
    fault(
        "schedule-of-the-tenth",
        "compilation",
        "learning rate",
        "0.001",
        compile=compiled(
            optimizer="Adam(keras.optimizers.schedules.PiecewiseConstantDecay("
            "[10], [learning_rate / 10, learning_rate]))"
        ),
    ),
    fault(
        "no-argument-learning-rate",
        "compilation",
        "no argument `learning_rate`",
        arguments=NAMED.replace(", learning_rate=0.01", ""),
        compile=compiled(optimizer="Adam(0.01)"),
    ),
    fault(
        "loss-ignored",
        "compilation",
        "the loss mean_",
        "categorical_crossentropy",
        compile=compiled(loss="'categorical_crossentropy'"),
    ),
    fault(
        "sparse-loss",
        "compilation",
        "sparse_categorical_crossentropy",
        compile=compiled(loss="'sparse_categorical_crossentropy'"),
    ),
    fault(
        "loss-from-logits",
        "compilation",
        "logits",
        compile=ONE_LOSS.format("from_logits=True") + compiled(),
    ),
    fault(
        "loss-smoothed",
        "compilation",
        "cross-entropy",
        compile=ONE_LOSS.format("label_smoothing=0.2") + compiled(),
    ),
    fault("no-loss", "compilation", "no loss", compile=compiled(loss="")),
    fault("no-metrics", "compilation", "no metric", compile=compiled(metrics="")),
    fault(  # the third argument of Keras 3 is loss_weights
        "metrics-by-position",
        "compilation",
        "no metric",
        compile="model.compile(Adam(learning_rate), loss, ['accuracy'])",
    ),
    fault(
        "metric-exact-equality",
        "compilation",
        "does not measure the accuracy",
        compile=compiled(metrics="[keras.metrics.Accuracy()]"),
    ),
    fault(
        "metric-binary-accuracy",
        "compilation",
        "does not measure the accuracy",
        compile=compiled(metrics="['binary_accuracy']"),
    ),
    fault("metric-mse", "compilation", "does not measure the accuracy", compile=compiled(metrics="['mse']")),
    fault("not-compiled", "compilation", "not compiled", compile=""),
)
CALLABLE = (
    fault("returns-nothing", "callable", "returns nothing", end=""),
    fault("returns-a-history", "callable", "History", end="return keras.callbacks.History()"),
    fault("returns-two-things", "callable", "a tuple", end="return model, keras.callbacks.History()"),
    fault("returns-the-summary", "callable", "returns nothing", end="return model.summary()"),
    fault("sys-exit-inside", "callable", "SystemExit", start="import sys\nsys.exit(1)"),
    fault("name-error-inside", "callable", "NameError", flatten="model.add(Flaten())"),
    fault(
        "no-arguments",
        "architecture",
        "no argument `n_conv_layers`, `n_filters`",
        arguments="",
        start="input_shape, loss, learning_rate = (32, 32, 3), 'categorical_crossentropy', 0.01\n"
        "n_conv_layers, n_filters, n_dense_layers, n_nodes, use_dropout = 2, 16, 0, 50, False\n"
        + PARTS["start"],
    ),
    fault(
        "no-function", "callable", "There is no function", code="def build_cnn(input_shape, loss):\n    pass"
    ),
    Fault(
        "utilities-with-a-syntax-error",
        "callable",
        ("cannot be imported", "SyntaxError"),
        (
            "%%writefile utilities.py\ndef build_CNN(input_shape, loss):\n    return (",
            "from utilities import build_CNN",
        ),
    ),
    Fault(
        "utilities-with-a-missing-import",
        "callable",
        ("cannot be imported", "No module named 'kears'"),
        (
            "%%writefile utilities.py\nimport kears\ndef build_CNN(input_shape, loss):\n    pass",
            "from utilities import build_CNN",
        ),
    ),
)
FAULTS = (*ARCHITECTURE, *DROPOUT, *COMPILATION, *CALLABLE)


# ---- rewrites


BARE = convolution("n_filters * 2**i, (3, 3), padding='same'")
DENSE = "model.add(Dense(n_nodes))"
DROP = "if use_dropout:\n    model.add(Dropout(0.5))"
HAND_WRITTEN = {
    "layers-as-a-list": """
        import keras
        from keras import layers

        def build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=0, n_nodes=50,
                      use_dropout=False, learning_rate=0.01):
            stack = [keras.Input(input_shape)]
            for n in [n_filters * 2**k for k in range(n_conv_layers)]:
                stack += [layers.Conv2D(n, 3, padding="same"), layers.BatchNormalization(), layers.ReLU(),
                          layers.MaxPool2D()]
            stack += [layers.Flatten()]
            for _ in range(n_dense_layers):
                stack += [layers.Dense(n_nodes, "relu"), layers.BatchNormalization()]
                stack += [layers.Dropout(0.5)] if use_dropout else []
            model = keras.Sequential([*stack, layers.Dense(10, "softmax")])
            model.compile(keras.optimizers.Adam(learning_rate), loss, metrics=["accuracy"])
            return model
        """,
    "nested-sequential": """
        from tensorflow.keras import Sequential, layers, optimizers

        def stage(n):
            return Sequential([layers.Conv2D(n, 3, padding="same", activation="relu"),
                               layers.BatchNormalization(), layers.MaxPooling2D()])

        def head(n, use_dropout):
            block = Sequential([layers.Dense(n, activation="relu"), layers.BatchNormalization()])
            if use_dropout:
                block.add(layers.Dropout(0.5))
            return block

        def build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=0, n_nodes=50,
                      use_dropout=False, learning_rate=0.01):
            model = Sequential([layers.Input(input_shape)])
            model.add(Sequential([stage(n_filters * 2**i) for i in range(n_conv_layers)]))
            model.add(layers.Flatten())
            for _ in range(n_dense_layers):
                model.add(head(n_nodes, use_dropout))
            model.add(layers.Dense(10, activation="softmax"))
            model.compile(loss=loss, optimizer=optimizers.Adam(learning_rate), metrics=["accuracy"])
            return model
        """,
    "nested-sequential-tf-keras": """
        from tf_keras import Sequential, layers, optimizers

        def stage(n):
            return Sequential([layers.Conv2D(n, 3, padding="same", activation="relu"),
                               layers.BatchNormalization(), layers.MaxPooling2D()])

        def build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=0, n_nodes=50,
                      use_dropout=False, learning_rate=0.01):
            model = Sequential([stage(n_filters * 2**i) for i in range(n_conv_layers)])
            model.add(layers.Flatten())
            for _ in range(n_dense_layers):
                model.add(layers.Dense(n_nodes, activation="relu"))
                model.add(layers.BatchNormalization())
                if use_dropout:
                    model.add(layers.Dropout(0.5))
            model.add(layers.Dense(10, activation="softmax"))
            model.compile(loss=loss, optimizer=optimizers.Adam(learning_rate), metrics=["accuracy"])
            return model
        """,
    "helper-functions": """
        import keras
        from keras.layers import *

        def add_conv(model, filters):
            model.add(Conv2D(filters, kernel_size=3, padding='SAME'))
            model.add(BatchNormalization())
            model.add(Activation('relu'))
            model.add(MaxPooling2D(pool_size=2, strides=2))

        def add_dense(model, nodes, dropout):
            model.add(Dense(nodes))
            model.add(BatchNormalization())
            model.add(Activation('relu'))
            if dropout:
                model.add(Dropout(.5))

        def build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=0, n_nodes=50,
                      use_dropout=False, learning_rate=0.01):
            model = keras.models.Sequential()
            model.add(InputLayer(shape=input_shape))
            for n in range(n_conv_layers):
                add_conv(model, n_filters * (1 << n))
            model.add(Flatten())
            for n in range(n_dense_layers):
                add_dense(model, n_nodes, use_dropout)
            model.add(Dense(10, activation=keras.activations.softmax))
            model.compile(optimizer=keras.optimizers.Adam(learning_rate), loss=loss, metrics=['accuracy'])
            return model
        """,
    "class-with-attributes": """
        import keras
        from keras import layers

        class Builder:
            pool = layers.MaxPooling2D

            def __init__(self, classes):
                self.classes = classes

            def __call__(self, input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=0, n_nodes=50,
                         use_dropout=False, learning_rate=0.01):
                self.x = inputs = keras.Input(input_shape)
                for _ in range(n_conv_layers):
                    self.then(layers.Conv2D(n_filters, 3, padding="same"), layers.ReLU(),
                              layers.BatchNormalization(), self.pool(2))
                    n_filters *= 2
                self.then(layers.Flatten())
                for _ in range(n_dense_layers):
                    self.then(layers.Dense(n_nodes), layers.ReLU(), layers.BatchNormalization(),
                              layers.Dropout(0.5 if use_dropout else 0.0))
                self.then(layers.Dense(self.classes), layers.Softmax())
                model = keras.Model(inputs=inputs, outputs=self.x, name="cnn")
                model.compile(keras.optimizers.Adam(learning_rate), loss, metrics=["accuracy"])
                return model

            def then(self, *stack):
                for layer in stack:
                    self.x = layer(self.x)

        build_CNN = Builder(10)
        """,
    "closure": """
        import functools, keras

        def build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=0, n_nodes=50,
                      use_dropout=False, learning_rate=0.01):
            def stage(x, i):
                x = keras.layers.Conv2D(n_filters * 2**i, (3, 3), padding="same")(x)
                x = keras.layers.BatchNormalization()(x)
                return keras.layers.MaxPooling2D((2, 2))(keras.activations.relu(x))

            def dense(x, _):
                x = keras.layers.Dense(n_nodes)(x)
                x = keras.layers.BatchNormalization()(keras.ops.relu(x))
                return keras.layers.Dropout(0.5)(x) if use_dropout else x

            inputs = keras.Input(input_shape)
            x = functools.reduce(stage, range(n_conv_layers), inputs)
            x = functools.reduce(dense, range(n_dense_layers), keras.layers.Flatten()(x))
            model = keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x))
            model.compile(loss=loss, optimizer=keras.optimizers.Adam(learning_rate), metrics=["accuracy"])
            return model
        """,
    "while-loops": """
        import keras
        from keras.layers import *

        def build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=0, n_nodes=50,
                      use_dropout=False, learning_rate=0.01):
            model = keras.Sequential()
            n = n_filters
            while n_conv_layers > 0:
                if n == n_filters:
                    model.add(Conv2D(n, 3, padding="same", activation="relu", input_shape=input_shape))
                else:
                    model.add(Conv2D(n, 3, padding="same", activation="relu"))
                model.add(BatchNormalization(axis=-1))
                model.add(MaxPooling2D(pool_size=(2, 2), strides=(2, 2), padding="valid"))
                n *= 2
                n_conv_layers -= 1
            model.add(Flatten())
            while n_dense_layers:
                model.add(Dense(n_nodes, activation="relu"))
                model.add(BatchNormalization())
                if use_dropout == True:
                    model.add(Dropout(rate=0.5, seed=1))
                n_dense_layers = n_dense_layers - 1
            model.add(Dense(10, activation="softmax"))
            adam = keras.optimizers.Adam(learning_rate=learning_rate)
            model.compile(optimizer=adam, loss=loss, metrics=["accuracy"])
            return model
        """,
    "annotated": """
        from __future__ import annotations
        import tensorflow as tf

        def build_CNN(
            input_shape: tuple[int, int, int],
            loss: str | tf.keras.losses.Loss,
            *,
            n_conv_layers: int = 2,
            n_filters: int = 16,
            n_dense_layers: int = 0,
            n_nodes: int = 50,
            use_dropout: bool = False,
            learning_rate: float = 0.01,
            act_fun: str = "relu",
        ) -> tf.keras.Model:
            \"\"\"Build and compile the network.

            Args:
                input_shape: (height, width, channels).
            \"\"\"
            layers = tf.keras.layers
            model = tf.keras.Sequential([layers.Input(shape=input_shape)])
            for i in range(n_conv_layers):
                model.add(layers.Conv2D(n_filters * 2**i, 3, padding="same", activation=act_fun,
                                        kernel_initializer="he_normal", name=f"conv_{i + 1}"))
                model.add(layers.BatchNormalization(momentum=0.9, epsilon=1e-4, name=f"norm_{i + 1}"))
                model.add(layers.MaxPooling2D(name=f"pool_{i + 1}"))
            model.add(layers.Flatten(name="flat"))
            for i in range(n_dense_layers):
                model.add(layers.Dense(n_nodes, activation=act_fun, kernel_initializer="he_normal"))
                model.add(layers.BatchNormalization())
                if use_dropout:
                    model.add(layers.Dropout(0.5))
            model.add(layers.Dense(10, activation="softmax", name="probabilities"))
            model.compile(loss=loss, optimizer=tf.keras.optimizers.Adam(learning_rate), metrics=["accuracy"])
            return model
        """,
    "model-subclass": """
        import keras
        from keras import layers

        class CNN(keras.Model):
            def __init__(self, n_conv_layers, n_filters, n_dense_layers, n_nodes, use_dropout):
                super().__init__()
                self.convolutions = [layers.Conv2D(n_filters * 2**i, 3, padding="same", activation="relu")
                                     for i in range(n_conv_layers)]
                self.norms = [layers.BatchNormalization() for _ in range(n_conv_layers)]
                self.pool = layers.MaxPooling2D()
                self.flatten = layers.Flatten()
                self.hidden = [layers.Dense(n_nodes, activation="relu") for _ in range(n_dense_layers)]
                self.dense_norms = [layers.BatchNormalization() for _ in range(n_dense_layers)]
                self.drop = layers.Dropout(0.5) if use_dropout else None
                self.out = layers.Dense(10, activation="softmax")

            def call(self, x, training=None):
                for convolution, norm in zip(self.convolutions, self.norms):
                    x = self.pool(norm(convolution(x), training=training))
                x = self.flatten(x)
                for hidden, norm in zip(self.hidden, self.dense_norms):
                    x = norm(hidden(x), training=training)
                    if self.drop is not None:
                        x = self.drop(x, training=training)
                return self.out(x)

        def build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=0, n_nodes=50,
                      use_dropout=False, learning_rate=0.01):
            model = CNN(n_conv_layers, n_filters, n_dense_layers, n_nodes, use_dropout)
            model.build((None, *input_shape))
            model.compile(loss=loss, optimizer=keras.optimizers.Adam(learning_rate), metrics=["accuracy"])
            return model
        """,
    "layer-subclass": """
        import keras
        from keras import layers

        class Stage(layers.Layer):
            def __init__(self, filters):
                super().__init__()
                self.norm = layers.BatchNormalization()
                self.convolution = layers.Conv2D(filters, 3, padding="same")
                self.pool = layers.MaxPooling2D()

            def build(self, shape):
                self.convolution.build(shape)
                self.norm.build((*shape[:-1], self.convolution.filters))

            def call(self, x):
                return self.pool(keras.activations.relu(self.norm(self.convolution(x))))

        def build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=0, n_nodes=50,
                      use_dropout=False, learning_rate=0.01):
            model = keras.Sequential([keras.Input(input_shape)])
            for i in range(n_conv_layers):
                model.add(Stage(n_filters * 2**i))
            model.add(layers.Flatten())
            for _ in range(n_dense_layers):
                model.add(layers.Dense(n_nodes, "relu"))
                model.add(layers.BatchNormalization())
                if use_dropout:
                    model.add(layers.Dropout(0.5))
            model.add(layers.Dense(10, "softmax"))
            model.compile(loss=loss, optimizer=keras.optimizers.Adam(learning_rate), metrics=["accuracy"])
            return model
        """,
}
HAND_WRITTEN["model-subclass-tf-keras"] = re.sub(r"\bkeras\b", "tf_keras", HAND_WRITTEN["model-subclass"])
RIGHT: dict[str, tuple[str, ...]] = {
    name: (code,)
    for name, code in {
        "keras-sequential": source(),
        "tensorflow-keras-sequential": source(flavour="tensorflow.keras"),
        "tf-keras-sequential": source(flavour="tf_keras"),
        "keras-functional": functional(),
        "tensorflow-keras-functional": functional(flavour="tensorflow.keras"),
        "tf-keras-functional": functional(flavour="tf_keras"),
        **{name: textwrap.dedent(code) for name, code in HAND_WRITTEN.items()},
        # ---- the activation of the convolution
        "activation-before-norm": source(conv=f"{BARE}\nmodel.add(Activation('relu'))"),
        "relu-layer-after-norm": source(
            conv=BARE, conv_norm="model.add(BatchNormalization())\nmodel.add(ReLU())"
        ),
        "relu-after-pooling": source(conv=BARE, pool="model.add(MaxPooling2D((2, 2)))\nmodel.add(ReLU())"),
        "no-activation-in-stages": source(conv=BARE),
        "activation-is-a-function": source(
            conv=convolution(CONV.replace("'relu'", "keras.activations.relu"))
        ),
        "activation-is-a-lambda": source(
            conv=convolution(CONV.replace("'relu'", "lambda x: tf.nn.relu(x)")),
            dense="model.add(Dense(n_nodes, activation=lambda x: tf.nn.relu(x)))",
        ),
        "activation-of-tensorflow": source(
            conv=convolution(CONV.replace("'relu'", "tf.nn.relu")),
            dense="model.add(Dense(n_nodes, activation=tf.nn.relu))",
            output="model.add(Dense(10, activation=tf.nn.softmax))",
        ),
        "tensorflow-operations-in-tf-keras": functional(
            flavour="tf_keras",
            conv=f"{BARE}\nx = tf.nn.relu(x)",
            dense=f"{DENSE}\nx = tf.nn.relu(x)",
            output="model.add(Dense(10))\nx = tf.nn.softmax(x)",
        ),
        "lambda-layer": source(dense=f"{DENSE}\nmodel.add(keras.layers.Lambda(lambda x: tf.nn.relu(x)))"),
        "leaky-relu-in-stages": source(conv=convolution(CONV.replace("'relu'", "LeakyReLU()"))),
        "learned-relu-in-stages": source(conv=f"{BARE}\nmodel.add(PReLU())"),
        "activation-of-the-caller": source(
            conv=convolution(CONV.replace("'relu'", "act_fun")),
            dense="model.add(Dense(n_nodes, activation=act_fun))",
        ),
        "activation-as-a-layer-class": source(
            arguments=f"{NAMED}, act_fun=ReLU",
            conv=f"{BARE}\nmodel.add(act_fun())",
            dense=f"{DENSE}\nmodel.add(act_fun())",
        ),
        "activation-as-a-callable": functional(
            arguments=f"{NAMED}, activation=keras.activations.relu",
            conv=f"{BARE}\nx = activation(x)",
            dense=f"{DENSE}\nx = activation(x)",
        ),
        # ---- the dense layers and the output
        "dense-activation-layer": source(
            dense=f"{DENSE}\nmodel.add(Activation('relu'))",
            output="model.add(Dense(10))\nmodel.add(Activation('softmax'))",
        ),
        "dense-relu-layer": source(
            dense=f"{DENSE}\nmodel.add(ReLU())", output="model.add(Dense(10))\nmodel.add(Softmax())"
        ),
        "dense-norm-relu": source(
            dense=DENSE, dense_norm="model.add(BatchNormalization())\nmodel.add(ReLU())"
        ),
        "dense-norm-relu-tf-keras": source(
            flavour="tf_keras",
            dense=DENSE,
            dense_norm="model.add(BatchNormalization())\nmodel.add(ReLU())",
            output="model.add(Dense(10))\nmodel.add(Softmax())",
        ),
        "reshape-for-flatten": source(flatten="model.add(Reshape((-1,)))"),
        "linear-activation": source(
            output="model.add(Activation('linear'))\nmodel.add(Dense(10, activation='softmax'))"
        ),
        # ---- the input
        "input-shape-on-the-first": source(
            start="model = Sequential()",
            conv=convolution(CONV + ", **({'input_shape': input_shape} if i == 0 else {})"),
        ),
        "input-shape-on-every-layer": source(
            start="model = Sequential()", conv=convolution(CONV + ", input_shape=input_shape")
        ),
        "input-shape-on-every-layer-tf-keras": source(
            flavour="tf_keras",
            start="model = Sequential()",
            conv=convolution(CONV + ", input_shape=input_shape"),
        ),
        "no-input": source(start="model = Sequential()"),
        "no-input-tf-keras": source(flavour="tf_keras", start="model = Sequential()"),
        # ---- the arguments
        "no-trailing-arguments": source(arguments=NAMED),
        "no-defaults": source(arguments=re.sub(r"=[^,]+", "", NAMED)),
        "keyword-only": source(arguments=NAMED.replace("loss, ", "loss, *, ")),
        "reordered": source(
            arguments="loss, input_shape, learning_rate=0.001, use_dropout=False, n_nodes=32, "
            "n_dense_layers=1, n_filters=32, n_conv_layers=4"
        ),
        "other-names": source(
            arguments="shape, loss_fn, num_conv_layers=2, num_filters=16, num_dense_layers=0, units=50, "
            "dropout=False, lr=0.01",
            start="input_shape, loss = shape, loss_fn\n"
            "n_conv_layers, n_filters = num_conv_layers, num_filters\n"
            "n_dense_layers, n_nodes, use_dropout, learning_rate = num_dense_layers, units, dropout, lr\n"
            + PARTS["start"],
        ),
        "first-names-of-their-own": source(
            arguments=NAMED.replace("input_shape, loss", "dims, criterion"),
            start="input_shape, loss = dims, criterion\n" + PARTS["start"],
        ),
        "regulariser-off": source(arguments=f"{NAMED}, l2_regularization=0.0", conv=convolution(CONV + L2)),
        "kernel-size-argument": source(
            arguments=f"{NAMED}, kernel_size=(3, 3), pool_size=(2, 2)",
            conv=convolution(CONV.replace("(3, 3)", "kernel_size")),
            pool="model.add(MaxPooling2D(pool_size))",
        ),
        "momentum-and-name": source(
            arguments=f"{NAMED}, momentum=0.9, name='cnn', n_classes=10",
            start="model = Sequential(name=name)\nmodel.add(Input(shape=input_shape))",
            conv_norm="model.add(BatchNormalization(momentum=momentum))",
            output="model.add(Dense(n_classes, activation='softmax'))",
        ),
        "keyword-arguments": source(
            arguments=f"{NAMED}, **kwargs", output="model.add(Dense(10, activation='softmax', **kwargs))"
        ),
        "all-in-keyword-arguments": source(
            arguments="input_shape, loss, **options",
            start="n_conv_layers, n_filters = options.get('n_conv_layers', 2), options.get('n_filters', 16)\n"
            "n_dense_layers, n_nodes = options.get('n_dense_layers', 0), options.get('n_nodes', 50)\n"
            "use_dropout = options.get('use_dropout', False)\n"
            "learning_rate = options.get('learning_rate', 0.01)\n" + PARTS["start"],
        ),
        "dropout-rate-argument": source(
            arguments=f"{NAMED}, dropout_rate=0.2",
            drop="if use_dropout:\n    model.add(Dropout(dropout_rate))",
        ),
        "dropout-rate-before-the-switch": source(
            arguments=f"input_shape, loss, dropout=0.5, {NAMED[19:]}",
            drop="if use_dropout:\n    model.add(Dropout(dropout))",
        ),
        "dropout-as-a-rate": source(
            arguments=NAMED.replace("use_dropout=False", "dropout=0.0"), drop="model.add(Dropout(dropout))"
        ),
        "prints-the-summary": source(
            arguments=f"{NAMED}, print_summary=True",
            end="if print_summary:\n    model.summary()\nreturn model",
        ),
        "prints-it-always": source(end="print(model.summary())\nreturn model"),
        # ---- the loss and the optimiser
        "loss-as-a-string-only": source(
            compile="if not isinstance(loss, str):\n    raise TypeError('a string, please')\n" + compiled()
        ),
        "loss-as-an-object-only": source(compile="assert isinstance(loss, keras.losses.Loss)\n" + compiled()),
        "loss-as-a-class": source(compile=compiled(loss="loss()")),
        "loss-as-a-class-tf-keras": source(flavour="tf_keras", compile=compiled(loss="loss()")),
        "loss-as-an-object-tf-keras": source(
            flavour="tf_keras", compile="assert isinstance(loss, keras.losses.Loss)\n" + compiled()
        ),
        "loss-as-a-function-only": source(
            compile="loss = getattr(keras.losses, loss.__code__.co_name)\n" + compiled()
        ),
        "optimizer-in-lower-case": source(
            compile="opt = {'adam': Adam, 'sgd': SGD}[optimizer]\n"
            + compiled(optimizer="opt(learning_rate=learning_rate)")
        ),
        "optimizer-in-any-case": source(
            compile="opt = Adam(learning_rate) if optimizer.lower() == 'adam' else SGD(learning_rate)\n"
            + compiled(optimizer="opt")
        ),
        "optimizer-with-a-capital": source(
            compile="opt = Adam(learning_rate) if optimizer == 'Adam' else SGD(learning_rate)\n"
            + compiled(optimizer="opt")
        ),
        "optimizer-with-a-capital-only": source(
            compile="opt = {'Adam': Adam, 'SGD': SGD}[optimizer](learning_rate)\n" + compiled(optimizer="opt")
        ),
        "optimizer-as-a-class": source(
            arguments=f"{NAMED}, optimizer=Adam",
            compile=compiled(optimizer="optimizer(learning_rate=learning_rate)"),
        ),
        "optimizer-as-a-class-tf-keras": source(
            flavour="tf_keras",
            arguments=f"{NAMED}, optimizer=Adam",
            compile=compiled(optimizer="optimizer(learning_rate=learning_rate)"),
        ),
        "loss-and-optimizer-as-classes": source(
            flavour="tf_keras",
            arguments=f"{NAMED}, optimizer=Adam",
            compile=compiled(loss="loss()", optimizer="optimizer(learning_rate=learning_rate)"),
        ),
        "optimizer-by-its-setting": source(
            compile="opt = keras.optimizers.get(optimizer)\nopt.learning_rate = learning_rate\n"
            + compiled(optimizer="opt")
        ),
        "legacy-optimizer-tf-keras": source(
            flavour="tf_keras",
            compile=compiled(optimizer="keras.optimizers.legacy.Adam(learning_rate=learning_rate)"),
        ),
        "learning-rate-decays": source(
            compile=compiled(
                optimizer="Adam(keras.optimizers.schedules.ExponentialDecay(learning_rate, 1000, 0.9))"
            )
        ),
        "learning-rate-decays-tf-keras": source(
            flavour="tf_keras",
            compile=compiled(
                optimizer="Adam(learning_rate=keras.optimizers.schedules.CosineDecay(learning_rate, 1000))"
            ),
        ),
        "learning-rate-in-pieces": source(
            compile=compiled(
                optimizer="Adam(keras.optimizers.schedules.PiecewiseConstantDecay("
                "[1000], [learning_rate, learning_rate / 10]))"
            )
        ),
        "metric-acc": source(compile=compiled(metrics="['acc']")),
        "metric-and-another": source(
            compile=compiled(metrics="['accuracy', 'top_k_categorical_accuracy', keras.metrics.AUC()]")
        ),
        "metric-as-an-object": source(compile=compiled(metrics="[keras.metrics.CategoricalAccuracy()]")),
        "metric-as-a-dictionary": source(
            output="model.add(Dense(10, activation='softmax', name='out'))",
            compile=compiled(metrics="{'out': 'accuracy'}"),
        ),
        "metric-as-a-string": source(flavour="tf_keras", compile=compiled(metrics="'accuracy'")),
        "metric-of-tf-keras": source(
            flavour="tf_keras", compile=compiled(metrics="['acc', keras.metrics.Precision()]")
        ),
        # ---- dropout
        "dropout-after-dense": source(dense=f"{PARTS['dense']}\n{DROP}", drop=""),
        "dropout-before-activation": source(dense=f"{DENSE}\n{DROP}\nmodel.add(ReLU())", drop=""),
        "dropout-in-stages-too": source(
            pool=f"{PARTS['pool']}\nif use_dropout:\n    model.add(Dropout(0.25))"
        ),
        "spatial-dropout-in-stages": source(
            pool=f"{PARTS['pool']}\nif use_dropout:\n    model.add(SpatialDropout2D(0.2))"
        ),
        "dropout-after-flatten": source(flatten=f"{PARTS['flatten']}\n{DROP}"),
        "dropout-rate-zero": source(drop="model.add(Dropout(0.5 if use_dropout else 0.0))"),
        # ---- the rest
        "strides-written-out": source(
            conv=convolution(CONV + ", strides=(1, 1), use_bias=True, data_format='channels_last'"),
            pool="model.add(MaxPooling2D(2, strides=2))",
        ),
        "cloned": source(compile="model = keras.models.clone_model(model)\n" + compiled()),
        "wrapped-in-a-model": source(
            compile="model = Model(inputs=model.inputs, outputs=model.outputs)\n" + compiled()
        ),
        "unused-layers": functional(
            output="unused = Dense(99)(x)\nmodel.add(Dense(10, activation='softmax'))"
        ),
        "one-pooling-for-all-stages": functional(
            start="pool, relu, drop = MaxPooling2D(), ReLU(), Dropout(0.5)\n"
            "x = inputs = Input(shape=input_shape)",
            conv=f"{BARE}\nmodel.add(relu)",
            pool="model.add(pool)",
            drop="if use_dropout:\n    model.add(drop)",
        ),
    }.items()
} | {
    "imported-from-utilities": (f"%%writefile utilities.py\n{source()}", "from utilities import build_CNN"),
    "imported-as-a-module": (f"%%writefile cnn_utils.py\n{source(flavour='tf_keras')}", "import cnn_utils"),
    "run-as-a-file": (f"%%writefile utilities.py\n{source()}", "%run utilities.py"),
    "written-and-never-imported": (f"%%writefile utilities.py\n{source()}",),
    "redefined": (source(output=""), source()),
}


# ---- tests

FULL_SEARCH = ("tf-keras-functional", "helper-functions", "model-subclass")
HINTED = ("no-activation-in-stages",)
MEASURED = ("loss-smoothed", "metric-exact-equality", "metric-binary-accuracy", "metric-mse")
ONCE = (
    "conv-padding-valid",
    "filters-not-doubled",
    "separable-convolution",
    "no-norm-after-dense",
    "pooling-before-norm",
    "global-average-for-flatten",
    "no-flatten",
    "one-dense-too-many",
    "one-dense-too-few",
    "no-output-layer",
    "output-9",
    "output-sigmoid",
    "raises-for-two-dense",
    "regularised-by-default",
    "fixed-channels",
    "frozen-convolution",
    "dropout-ignored",
    "dropout-always",
    "typo-in-dropout-branch",
    "learning-rate-ignored",
    "loss-ignored",
    "not-compiled",
)
CONVOLUTIONS = "[layer for layer in model.layers if isinstance(layer, Conv2D)]"
DROPOUTS = "[layer for layer in model.layers if isinstance(layer, Dropout)]"
TEST_IMAGES = """
import numpy as np
Xtest = np.random.default_rng(0).normal(size=(40, 32, 32, 3)).astype('float32')
Ytest = np.eye(10)[np.arange(40) % 10]
"""
SHOWN = {
    "conv-padding-valid": f"{CONVOLUTIONS}[0].padding == 'valid'",
    "filters-not-doubled": f"[layer.filters for layer in {CONVOLUTIONS}] == [1, 1]",
    "filters-grow-linearly": f"[layer.filters for layer in {CONVOLUTIONS}] == [1, 2, 3]",
    "n-nodes-ignored": "model.layers[-3].units == 50",
    "output-9": "model.output_shape == (None, 9)",
    "output-logits": "model.layers[-1].activation is keras.activations.linear",
    "one-dense-too-few": "sum(isinstance(layer, Dense) for layer in model.layers) == 1",
    "one-norm-for-all-dense": "len(model.layers) == 9  # 10 with a second normalisation",
    "fixed-input-shape": "model.input_shape == (None, 32, 32, 3)",
    "regularised-by-default": f"{CONVOLUTIONS}[0].kernel_regularizer is not None",
    "frozen-convolution": f"not {CONVOLUTIONS}[0].trainable",
    "dropout-ignored": f"{DROPOUTS} == []",
    "dropout-always": f"len({DROPOUTS}) == 1",
    "dropout-rate-0.3": f"{DROPOUTS}[0].rate == 0.3",
    "sgd": "isinstance(model.optimizer, SGD)",
    "learning-rate-fixed": "abs(float(model.optimizer.learning_rate) - 0.005) < 1e-6",
    "loss-ignored": "model.get_compile_config()['loss'] == 'categorical_crossentropy'",
    "not-compiled": "not model.get_compile_config()",
    "metric-binary-accuracy": "model.evaluate(Xtest, Ytest, verbose=0)[1] > 0.8",
    "returns-two-things": "_ is tuple",
}
ONE_OF_ALL = "n_conv_layers=1, n_filters=1"
SIMPLEST = {
    name: f"input_shape={shape}, loss={loss!r}, {arguments}"
    for name, shape, loss, arguments in (
        ("conv-padding-valid", (4, 4, 1), "categorical_crossentropy", ONE_OF_ALL),
        ("filters-not-doubled", (4, 4, 1), "categorical_crossentropy", "n_filters=1"),
        (
            "filters-grow-linearly",
            (8, 8, 1),
            "categorical_crossentropy",
            "n_conv_layers=3, n_filters=1",
        ),
        ("kernel-5x5", (2, 2, 1), "categorical_crossentropy", ONE_OF_ALL),
        ("conv-in-groups", (4, 4, 1), "categorical_crossentropy", "n_filters=2"),
        ("rows-and-columns-swapped", (2, 3, 1), "categorical_crossentropy", ONE_OF_ALL),
        (
            "dense-sigmoid",
            (2, 2, 1),
            "categorical_crossentropy",
            f"{ONE_OF_ALL}, n_dense_layers=1, n_nodes=1",
        ),
        (
            "raises-for-two-dense",
            (2, 2, 1),
            "categorical_crossentropy",
            f"{ONE_OF_ALL}, n_dense_layers=2, n_nodes=1",
        ),
        (
            "dropout-from-two-dense-on",
            (2, 2, 1),
            "categorical_crossentropy",
            f"{ONE_OF_ALL}, n_dense_layers=1, n_nodes=1, use_dropout=True",
        ),
        ("loss-ignored", (2, 2, 1), "mean_squared_error", ONE_OF_ALL),
    )
}
CLEAN = """
import importlib, pathlib, shutil, sys
for path in pathlib.Path().glob('*.py'):
    sys.modules.pop(path.stem, None)
    path.unlink()
shutil.rmtree('__pycache__', ignore_errors=True)
importlib.invalidate_caches()
globals().pop('build_CNN', None)
"""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveKernel]:
    kernel = LiveKernel(tmp_path_factory.mktemp("given"))
    yield kernel
    kernel.close()


Judged = Callable[[str], CheckResult]


@pytest.fixture(scope="module")
def judged(live: LiveKernel) -> Judged:
    """The result of a fault's own check, by the fault's name; searched for once."""

    @functools.cache
    def result_of(name: str) -> CheckResult:
        fault = by_name(name)
        with pytest.MonkeyPatch.context() as patch:
            if name in MEASURED:
                patch.setattr(network, "EXAMPLES", FEW)  # these are found after the search
            return judge(CHECKS[fault.caught_by], hand_in(live, *fault.cells))

    return result_of


def hand_in(live: LiveKernel, *cells: str) -> LiveStudent:
    """A student who handed in these cells, and nothing that was there before."""
    return live.run(CLEAN, *cells)


def by_name(name: str) -> Fault:
    return next(fault for fault in FAULTS if fault.name == name)


def words_of(result: CheckResult) -> str:
    return f"{result.message} {result.expected} {result.received}"


@hypothesis.given(MODEL)
@hypothesis.settings(deadline=None, database=None, max_examples=200)
def test_only_failures_come_from_a_forged_description(data: dict[str, Any]) -> None:
    """Whatever a kernel says of a model is judged: it is right or it fails, and never stops the grader."""
    model = read_model(data)
    assert isinstance(model, Model)
    case = dataclasses.replace(CASE_DEFAULTS, n_dense_layers=1, use_dropout=True)
    for claim in (network.compare_layers, network.compare_dropout, network.compare_compilation):
        with contextlib.suppress(Failure):
            claim(case, model)


def test_every_name_is_used_once() -> None:
    """No fault hides another one, and there are at least 45 faults and 35 rewrites."""
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 45
    assert len(RIGHT) >= 35
    assert set(FULL_SEARCH) | set(HINTED) <= set(RIGHT)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_named(judged: Judged, fault: Fault) -> None:
    """The fault's own check fails, and says in its words what is wrong."""
    result = judged(fault.name)
    assert result.status == "failed"
    assert [word for word in fault.words if word not in words_of(result)] == []


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_function_passes(live: LiveKernel, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However it was written, a right function passes all checks; only missing activations get a hint."""
    if name not in FULL_SEARCH:
        monkeypatch.setattr(network, "EXAMPLES", FEW)
    student = hand_in(live, *RIGHT[name])
    assert student.errors == ()
    results = {check.id: judge(check, student) for check in CHECKS.values()}
    hint = results["4.1/architecture"].message
    assert [words_of(result) for result in results.values() if result.status != "passed"] == []
    assert [result.message for result in results.values() if result.message not in ("", hint)] == []
    assert ("no activation function" in hint) == (name in HINTED)


@pytest.mark.parametrize("name", ONCE)
def test_one_fault_costs_once(live: LiveKernel, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The checks that do not depend on the one that fails pass."""
    monkeypatch.setattr(network, "EXAMPLES", FEW)
    fault = by_name(name)
    student = hand_in(live, *fault.cells)
    own = CHECKS[fault.caught_by]
    others = [check for check in CHECKS.values() if check is not own and own not in check.needs]
    assert [
        words_of(result) for check in others if (result := judge(check, student)).status != "passed"
    ] == []


@pytest.mark.parametrize(("name", "claim"), SHOWN.items(), ids=SHOWN.keys())
def test_the_code_shown_shows_the_fault(live: LiveKernel, judged: Judged, name: str, claim: str) -> None:
    """The counterexample, pasted below the function, runs, and the model it makes has the fault."""
    shown = judged(name).counterexample
    assert shown is not None
    pasted = hand_in(live, *by_name(name).cells, TEST_IMAGES, shown, f"assert {claim}")
    assert pasted.errors == ()


@pytest.mark.parametrize(
    ("name", "ename"),
    [
        ("raises-for-two-dense", "ValueError"),
        ("typo-in-dropout-branch", "NameError"),
        ("name-error-inside", "NameError"),
    ],
)
def test_the_code_shown_raises_the_error(live: LiveKernel, judged: Judged, name: str, ename: str) -> None:
    """Where the function stops with an error, the counterexample stops with the same one."""
    result = judged(name)
    pasted = hand_in(live, *by_name(name).cells, result.counterexample or "")
    assert [error.ename for error in pasted.errors] == [ename]
    assert pasted.errors[0].evalue in result.message


@pytest.mark.parametrize("flavour", ["keras", "tf_keras"])
def test_the_code_shown_brings_its_imports(live: LiveKernel, flavour: str) -> None:
    """A function that wants classes is shown with the imports of these classes, in its own flavour."""
    code = source(
        flavour=flavour,
        arguments=f"{NAMED}, optimizer=Adam",
        compile=compiled(loss="loss()", optimizer="optimizer(learning_rate)"),
        output="model.add(Dense(9, activation='softmax'))",
    )
    shown = judge(network.architecture, hand_in(live, code)).counterexample or ""
    assert f"from {flavour}.losses import CategoricalCrossentropy\n" in shown
    forget = "del Adam, keras"
    assert hand_in(live, code, forget, shown, "assert model.output_shape == (None, 9)").errors == ()


@pytest.mark.parametrize(("name", "call"), SIMPLEST.items(), ids=SIMPLEST.keys())
def test_the_code_shown_is_the_simplest(judged: Judged, name: str, call: str) -> None:
    """No argument of the counterexample is larger than the fault needs."""
    shown = (judged(name).counterexample or "").splitlines()[0]
    assert shown == f"model = build_CNN({call}, act_fun='relu', optimizer='adam')"


def test_a_right_function_is_asked_for_60_models_in_half_a_minute(live: LiveKernel) -> None:
    """The search tries at least 60 different calls; alone on a quiet machine it takes at most 10 s."""
    student = hand_in(live, source())
    before, started = live.asked, time.monotonic()
    assert judge(network.architecture, student).status == "passed"
    seconds, asked = time.monotonic() - started, live.asked - before
    print(f"{asked} models in {seconds:.1f} s")
    assert asked >= 60
    assert seconds <= 30


@pytest.mark.parametrize("name", ["filters-not-doubled", "dropout-ignored", "loss-ignored", "dense-sigmoid"])
def test_a_verdict_is_the_same_each_time(live: LiveKernel, judged: Judged, name: str) -> None:
    """With the same seed a second grading gives the same result, word for word."""
    fault = by_name(name)
    assert judge(CHECKS[fault.caught_by], hand_in(live, *fault.cells)) == judged(name)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_seeds_judge_alike(live: LiveKernel, judged: Judged, seed: int) -> None:
    """Whatever the seed, the fault is found, with the same simplest call."""
    student = dataclasses.replace(hand_in(live, *by_name("filters-not-doubled").cells), seed=seed)
    assert judge(network.architecture, student) == judged("filters-not-doubled")


@pytest.mark.parametrize(
    ("statement", "words"),
    [("os._exit(1)", "the Python process ended"), ("exit()", "returns nothing")],
)
def test_a_function_that_ends_the_process_fails(tmp_path: Path, statement: str, words: str) -> None:
    """Every check of the task fails with a reason, none of them by the grader's own fault."""
    kernel = LiveKernel(tmp_path)
    try:
        code = f"import os, time\ndef build_CNN({NAMED}):\n    {statement}\n    time.sleep(0.3)"
        student = kernel.run(code)
        results = [judge(check, student) for check in CHECKS.values()]
    finally:
        kernel.close()
    assert [result.status for result in results] == ["failed"] * len(CHECKS)
    assert words in results[0].message
