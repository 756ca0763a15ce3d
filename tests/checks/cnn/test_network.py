"""Task 4.1: right networks pass however they were written; each wrong one is named, with code that shows it."""

from __future__ import annotations

import re
import textwrap
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from checks.cnn import network
from grader.evidence import LiveStudent
from grader.records import CheckResult
from tests.live import LiveKernel, judge

CHECKS = {
    check.id.partition("/")[2]: check
    for check in (
        network.callable, network.architecture, network.parameters, network.dropout, network.compilation,
    )
}  # fmt: skip
FEW = 25  # cases for one rewrite, where the real search takes 80

# ---- build_CNN as a student would write it, part by part

LAYERS = (
    "Activation, AlphaDropout, AveragePooling2D, BatchNormalization, Conv2D, Dense, DepthwiseConv2D, Dropout, "
    "Flatten, GaussianDropout, GlobalAveragePooling2D, GlobalMaxPooling2D, Input, LeakyReLU, MaxPooling2D, PReLU, "
    "ReLU, Reshape, SeparableConv2D, Softmax, SpatialDropout2D"
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


HALF = "n_filters * 2**i, (3, 3), padding='same', activation='relu'"
BRANCHED = "y = Conv2D(n_filters * 2**i, (3, 3), padding='same')(x)\nx = Add()([y, y2])"
ARCHITECTURE = (
    # ---- the convolution
    fault("conv-padding-valid", "architecture", "padding='valid'", conv=convolution(HALF.replace("same", "valid"))),
    fault("filters-not-doubled", "architecture", "doubles", conv=convolution(HALF.replace(" * 2**i", ""))),
    fault("filters-grow-linearly", "architecture", "doubles", conv=convolution(HALF.replace("2**i", "(i + 1)"))),
    fault("filters-start-at-twice-n", "architecture", "2 filters", conv=convolution(HALF.replace("2**i", "2**(i + 1)"))),
    fault("filters-reversed", "architecture", "doubles", conv=convolution(HALF.replace("2**i", "2**(n_conv_layers - 1 - i)"))),
    fault("n-filters-ignored", "architecture", "16 filters", conv=convolution(HALF.replace("n_filters", "16"))),
    fault("n-conv-layers-ignored", "architecture", "2 convolutions", conv_loop="for i in range(2):"),
    fault("one-convolution-too-few", "architecture", "convolution", conv_loop="for i in range(n_conv_layers - 1):"),
    fault("kernel-5x5", "architecture", "5×5", conv=convolution(HALF.replace("3, 3", "5, 5"))),
    fault("conv-strides", "architecture", "strides", conv=convolution(HALF + ", strides=2")),
    fault("conv-dilated", "architecture", "dilation_rate", conv=convolution(HALF + ", dilation_rate=2")),
    fault("conv-in-groups", "architecture", "groups", conv=convolution(HALF + ", groups=1 if i == 0 else n_filters")),
    fault("depthwise-convolution", "architecture", "DepthwiseConv2D", conv="model.add(DepthwiseConv2D((3, 3), padding='same'))"),
    fault("separable-convolution", "architecture", "SeparableConv2D", conv=f"model.add(SeparableConv2D({HALF}))"),
    fault("conv-without-bias", "architecture", "use_bias", conv=convolution(HALF + ", use_bias=False")),
    fault("two-convolutions-per-stage", "architecture", "2 convolutions", conv=f"{convolution(HALF)}\n{convolution(HALF)}"),
    fault("channels-first", "architecture", "channels_first", conv=convolution(HALF + ", data_format='channels_first'")),
    # ---- normalisation and pooling
    fault("no-norm-in-stages", "architecture", "no BatchNormalization", "stage 1", conv_norm=""),
    fault("no-norm-after-dense", "architecture", "no BatchNormalization", "dense layer 1", dense_norm=""),
    fault("no-norm-in-first-stage", "architecture", "no BatchNormalization", "stage 1", conv_norm="if i > 0:\n    model.add(BatchNormalization())"),
    fault("norm-before-convolution", "architecture", "before the convolution", conv="model.add(BatchNormalization())", conv_norm=convolution(HALF)),
    fault("norm-along-rows", "architecture", "BatchNormalization", conv_norm="model.add(BatchNormalization(axis=1))"),
    fault("norm-without-scale", "architecture", "scale", conv_norm="model.add(BatchNormalization(scale=False))"),
    fault("pooling-before-norm", "architecture", "pooling stands before", conv_norm=PARTS["pool"], pool=PARTS["conv_norm"]),
    fault("average-pooling", "architecture", "AveragePooling2D", pool="model.add(AveragePooling2D((2, 2)))"),
    fault("pooling-3x3", "architecture", "3×3", pool="model.add(MaxPooling2D((3, 3), padding='same'))"),
    fault("pooling-strides-1", "architecture", "strides", pool="model.add(MaxPooling2D((2, 2), strides=1))"),
    fault("pooling-padding-same", "architecture", "rounds the size up", pool="model.add(MaxPooling2D((2, 2), padding='same'))"),
    fault("no-pooling-at-the-end", "architecture", "no MaxPooling2D", pool="if i < n_conv_layers - 1:\n    model.add(MaxPooling2D((2, 2)))"),
    fault("no-pooling", "architecture", "no MaxPooling2D", pool=""),
    fault("one-pooling-at-the-end", "architecture", "no MaxPooling2D", pool="if i == n_conv_layers - 1:\n    model.add(MaxPooling2D((2, 2)))"),
    # ---- Flatten and the dense layers
    fault("global-average-for-flatten", "architecture", "GlobalAveragePooling2D", flatten="model.add(GlobalAveragePooling2D())"),
    fault("global-max-for-flatten", "architecture", "GlobalMaxPooling2D", flatten="model.add(GlobalMaxPooling2D())"),
    fault("no-flatten", "architecture", "no Flatten", flatten=""),
    fault("one-dense-too-many", "architecture", "n_dense_layers=0 gives 2", dense_loop="for i in range(n_dense_layers + 1):"),
    fault("one-dense-too-few", "architecture", "n_dense_layers=1 gives 1", dense_loop="for i in range(n_dense_layers - 1):"),
    fault("no-dense", "architecture", "n_dense_layers=1 gives 1", dense="", dense_norm=""),
    fault("n-nodes-ignored", "architecture", "50 nodes", dense="model.add(Dense(50, activation='relu'))"),
    fault("filters-for-nodes", "architecture", "nodes and should have", dense="model.add(Dense(n_filters, activation='relu'))"),
    fault("dense-sigmoid", "architecture", "sigmoid", "relu", dense="model.add(Dense(n_nodes, activation='sigmoid'))"),
    fault("dense-linear", "architecture", "relu", "dense layer 1", dense="model.add(Dense(n_nodes))"),
    fault("dense-relu6", "architecture", "something other than relu", dense="model.add(Dense(n_nodes))\nmodel.add(ReLU(max_value=6))"),
    fault("dense-leaky", "architecture", "relu", dense="model.add(Dense(n_nodes))\nmodel.add(LeakyReLU())"),
    fault("dense-without-bias", "architecture", "use_bias", dense="model.add(Dense(n_nodes, activation='relu', use_bias=False))"),
    # ---- the output
    fault("no-output-layer", "architecture", "no dense layer", output=""),
    fault("output-9", "architecture", "9", "10", output="model.add(Dense(9, activation='softmax'))"),
    fault("output-11", "architecture", "11", "10", output="model.add(Dense(11, activation='softmax'))"),
    fault("output-1-sigmoid", "architecture", "1", "10", output="model.add(Dense(1, activation='sigmoid'))"),
    fault("output-sigmoid", "architecture", "sigmoid", "softmax", output="model.add(Dense(10, activation='sigmoid'))"),
    fault("output-logits", "architecture", "no softmax", output="model.add(Dense(10))"),
    fault("softmax-twice-as-layer", "architecture", "twice", output="model.add(Dense(10, activation='softmax'))\nmodel.add(Softmax())"),
    fault("softmax-twice-as-activation", "architecture", "twice", output="model.add(Dense(10, activation='softmax'))\nmodel.add(Activation('softmax'))"),
    fault("softmax-over-the-batch", "architecture", "something other than softmax", output="model.add(Dense(10))\nmodel.add(Softmax(axis=0))"),
    fault("norm-after-output", "architecture", "too many", output="model.add(Dense(10, activation='softmax'))\nmodel.add(BatchNormalization())"),
    # ---- as a whole
    fault("skip-connection", "architecture", "one path", code=functional(
        conv=f"before = x\nmodel.add(Conv2D({HALF}))", conv_norm="x = keras.layers.Concatenate()([before, x])\nmodel.add(BatchNormalization())")),
    fault("one-norm-for-all-dense", "architecture", "share", code=functional(
        dense_loop="norm = BatchNormalization()\nfor i in range(n_dense_layers):", dense_norm="model.add(norm)")),
    fault("one-convolution-for-all-stages", "callable", "stops with", start=PARTS["start"] + f"\nconv = Conv2D({HALF.replace('**i', '**0')})", conv="model.add(conv)"),
    fault("regularised-by-default", "architecture", "regulariser", arguments=NAMED + ", l2_regularization=0.001", conv=convolution(HALF + ", kernel_regularizer=keras.regularizers.l2(l2_regularization)")),
    fault("fixed-input-shape", "architecture", "32×32×3", start="model = Sequential()\nmodel.add(Input(shape=(32, 32, 3)))"),
    fault("fixed-channels", "architecture", "×3", start="model = Sequential()\nmodel.add(Input(shape=(*input_shape[:2], 3)))"),
    fault("rows-and-columns-swapped", "architecture", "images of", start="h, w, c = input_shape\nmodel = Sequential()\nmodel.add(Input(shape=(w, h, c)))"),
    fault("raises-for-two-dense", "architecture", "stops with ValueError: too deep", start=PARTS["start"] + "\nif n_dense_layers > 1:\n    raise ValueError('too deep')"),
    fault("raises-for-any-dense", "architecture", "stops with NameError", dense="model.add(Dense(nodes, activation='relu'))"),
    fault("no-argument-n-nodes", "architecture", "no argument `n_nodes`", arguments=NAMED.replace(", n_nodes=50", ""), dense="model.add(Dense(50, activation='relu'))"),
    fault("frozen-convolution", "parameters", "frozen", conv=convolution(HALF + ", trainable=False")),
    fault("frozen-model", "parameters", "frozen", end="model.trainable = False\nreturn model"),
)  # fmt: skip
DROPOUT = (
    fault("dropout-ignored", "dropout", "none there", drop=""),
    fault("dropout-always", "dropout", "use_dropout is False", drop="model.add(Dropout(0.5))"),
    fault("dropout-inverted", "dropout", "use_dropout is False", drop="if not use_dropout:\n    model.add(Dropout(0.5))"),
    fault("dropout-rate-0.3", "dropout", "Dropout(0.3)", drop="if use_dropout:\n    model.add(Dropout(0.3))"),
    fault("dropout-rate-as-default-argument", "dropout", "Dropout(0.2)", arguments=NAMED + ", p=0.2", drop="if use_dropout:\n    model.add(Dropout(p))"),
    fault("dropout-from-two-dense-on", "dropout", "none there", drop="if use_dropout and n_dense_layers > 1:\n    model.add(Dropout(0.5))"),
    fault("dropout-after-the-last-dense-only", "dropout", "dense layer 1 of 2", drop="if use_dropout and i == n_dense_layers - 1:\n    model.add(Dropout(0.5))"),
    fault("dropout-twice", "dropout", "one Dropout(0.5)", drop="if use_dropout:\n    model.add(Dropout(0.5))\n    model.add(Dropout(0.5))"),
    fault("dropout-after-output", "dropout", "softmax layer as the last", output=PARTS["output"] + "\nif use_dropout:\n    model.add(Dropout(0.5))"),
    fault("dropout-in-stages-only", "dropout", "none there", drop="", pool=PARTS["pool"] + "\nif use_dropout:\n    model.add(Dropout(0.5))"),
    fault("dropout-in-stages-always", "dropout", "use_dropout is False", pool=PARTS["pool"] + "\nmodel.add(SpatialDropout2D(0.2))"),
    fault("gaussian-dropout", "dropout", "GaussianDropout", drop="if use_dropout:\n    model.add(GaussianDropout(0.5))"),
    fault("alpha-dropout", "dropout", "AlphaDropout", drop="if use_dropout:\n    model.add(AlphaDropout(0.5))"),
    fault("typo-in-dropout-branch", "dropout", "stops with NameError", drop="if use_dropout:\n    model.add(Droput(0.5))"),
    fault("no-argument-use-dropout", "dropout", "no argument `use_dropout`", arguments=NAMED.replace(", use_dropout=False", ""), drop=""),
)  # fmt: skip
COMPILATION = (
    fault("sgd", "compilation", "Adam", "SGD", compile=compiled(optimizer="SGD(learning_rate=learning_rate)")),
    fault("rmsprop", "compilation", "Adam", "RMSprop", compile=compiled(optimizer="RMSprop(learning_rate=learning_rate)")),
    fault("learning-rate-ignored", "compilation", "learning rate", "0.001", compile=compiled(optimizer="'adam'")),
    fault("learning-rate-fixed", "compilation", "learning rate", "0.005", compile=compiled(optimizer="Adam(learning_rate=0.005)")),
    fault("schedule-starts-elsewhere", "compilation", "learning rate", "0.2", compile=compiled(
        optimizer="Adam(learning_rate=keras.optimizers.schedules.ExponentialDecay(0.2, 100, 0.9))")),
    fault("schedule-of-the-tenth", "compilation", "learning rate", "0.001", compile=compiled(
        optimizer="Adam(learning_rate=keras.optimizers.schedules.PiecewiseConstantDecay([10], [learning_rate / 10, learning_rate]))")),
    fault("no-argument-learning-rate", "compilation", "no argument `learning_rate`", arguments=NAMED.replace(", learning_rate=0.01", ""), compile=compiled(optimizer="Adam(0.01)")),
    fault("loss-ignored", "compilation", "the loss mean_", "categorical_crossentropy", compile=compiled(loss="'categorical_crossentropy'")),
    fault("sparse-loss", "compilation", "sparse_categorical_crossentropy", compile=compiled(loss="'sparse_categorical_crossentropy'")),
    fault("loss-from-logits", "compilation", "logits", compile="if loss == 'categorical_crossentropy':\n    loss = keras.losses.CategoricalCrossentropy(from_logits=True)\n" + compiled()),
    fault("loss-smoothed", "compilation", "cross-entropy", compile="if loss == 'categorical_crossentropy':\n    loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.2)\n" + compiled()),
    fault("no-loss", "compilation", "no loss", compile=compiled(loss="")),
    fault("no-metrics", "compilation", "no metric", compile=compiled(metrics="")),
    fault("metric-exact-equality", "compilation", "does not measure the accuracy", compile=compiled(metrics="[keras.metrics.Accuracy()]")),
    fault("metric-binary-accuracy", "compilation", "does not measure the accuracy", compile=compiled(metrics="['binary_accuracy']")),
    fault("metric-mse", "compilation", "does not measure the accuracy", compile=compiled(metrics="['mse']")),
    fault("not-compiled", "compilation", "not compiled", compile=""),
)  # fmt: skip
CALLABLE = (
    fault("returns-nothing", "callable", "returns nothing", end=""),
    fault("returns-a-history", "callable", "History", end="return keras.callbacks.History()"),
    fault("returns-two-things", "callable", "a tuple", end="return model, keras.callbacks.History()"),
    fault("returns-the-summary", "callable", "returns nothing", end="return model.summary()"),
    fault("sys-exit-inside", "callable", "SystemExit", start="import sys\nsys.exit(1)"),
    fault("name-error-inside", "callable", "NameError", flatten="model.add(Flaten())"),
    fault("no-arguments", "architecture", "no argument `n_conv_layers`, `n_filters`", arguments="", start=f"{NAMED.replace(', ', chr(10)).replace('input_shape', 'input_shape = (32, 32, 3)').replace('loss', 'loss = chr(109) + chr(115) + chr(101)')}\n" + PARTS["start"]),
    fault("no-function", "callable", "There is no function", code="def build_cnn(input_shape, loss):\n    pass"),
    Fault("utilities-with-a-syntax-error", "callable", ("cannot be imported", "SyntaxError"), (
        "%%writefile utilities.py\ndef build_CNN(input_shape, loss):\n    return (", "from utilities import build_CNN")),
    Fault("utilities-with-a-missing-import", "callable", ("cannot be imported", "No module named 'kears'"), (
        "%%writefile utilities.py\nimport kears\ndef build_CNN(input_shape, loss):\n    pass", "from utilities import build_CNN")),
)  # fmt: skip
FAULTS = (*ARCHITECTURE, *DROPOUT, *COMPILATION, *CALLABLE)


# ---- rewrites


def loop_functional(flavour: str) -> str:
    return functional(flavour=flavour)


WITH_ACT = f"{NAMED}, act_fun='sigmoid', optimizer='sgd', print_summary=False"
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
            model.compile(keras.optimizers.Adam(learning_rate), loss, ["accuracy"])
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
            model.compile(optimizer=keras.optimizers.Adam(learning_rate=learning_rate), loss=loss, metrics=["accuracy"])
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
        "relu-layer-after-norm": source(conv=BARE, conv_norm="model.add(BatchNormalization())\nmodel.add(ReLU())"),
        "relu-after-pooling": source(conv=BARE, pool="model.add(MaxPooling2D((2, 2)))\nmodel.add(ReLU())"),
        "no-activation-in-stages": source(conv=BARE),
        "activation-is-a-function": source(conv=convolution("n_filters * 2**i, 3, padding='same', activation=keras.activations.relu")),
        "activation-is-a-lambda": source(conv=convolution("n_filters * 2**i, 3, padding='same', activation=lambda x: tf.nn.relu(x)"), dense="model.add(Dense(n_nodes, activation=lambda x: tf.nn.relu(x)))"),
        "activation-of-tensorflow": source(conv=convolution("n_filters * 2**i, 3, padding='same', activation=tf.nn.relu"), dense="model.add(Dense(n_nodes, activation=tf.nn.relu))", output="model.add(Dense(10, activation=tf.nn.softmax))"),
        "tensorflow-operations-in-tf-keras": functional(flavour="tf_keras", conv=f"{BARE}\nx = tf.nn.relu(x)", dense=f"{DENSE}\nx = tf.nn.relu(x)", output="model.add(Dense(10))\nx = tf.nn.softmax(x)"),
        "lambda-layer": source(dense=f"{DENSE}\nmodel.add(keras.layers.Lambda(lambda x: tf.nn.relu(x)))"),
        "leaky-relu-in-stages": source(conv=convolution("n_filters * 2**i, 3, padding='same', activation=LeakyReLU()")),
        "learned-relu-in-stages": source(conv=f"{BARE}\nmodel.add(PReLU())"),
        "activation-of-the-caller": source(conv=convolution("n_filters * 2**i, 3, padding='same', activation=act_fun"), dense="model.add(Dense(n_nodes, activation=act_fun))"),
        "activation-as-a-layer-class": source(arguments=f"{NAMED}, act_fun=ReLU", conv=f"{BARE}\nmodel.add(act_fun())", dense=f"{DENSE}\nmodel.add(act_fun())"),
        "activation-as-a-callable": functional(arguments=f"{NAMED}, activation=keras.activations.relu", conv=f"{BARE}\nx = activation(x)", dense=f"{DENSE}\nx = activation(x)"),
        # ---- the dense layers and the output
        "dense-activation-layer": source(dense=f"{DENSE}\nmodel.add(Activation('relu'))", output="model.add(Dense(10))\nmodel.add(Activation('softmax'))"),
        "dense-relu-layer": source(dense=f"{DENSE}\nmodel.add(ReLU())", output="model.add(Dense(10))\nmodel.add(Softmax())"),
        "dense-norm-relu": source(dense=DENSE, dense_norm="model.add(BatchNormalization())\nmodel.add(ReLU())"),
        "dense-norm-relu-tf-keras": source(flavour="tf_keras", dense=DENSE, dense_norm="model.add(BatchNormalization())\nmodel.add(ReLU())", output="model.add(Dense(10))\nmodel.add(Softmax())"),
        "reshape-for-flatten": source(flatten="model.add(Reshape((-1,)))"),
        "linear-activation": source(output="model.add(Activation('linear'))\nmodel.add(Dense(10, activation='softmax'))"),
        # ---- the input
        "input-shape-on-the-first": source(start="model = Sequential()", conv=convolution("n_filters * 2**i, 3, padding='same', **({'input_shape': input_shape} if i == 0 else {})")),
        "input-shape-on-every-layer": source(start="model = Sequential()", conv=convolution("n_filters * 2**i, 3, padding='same', activation='relu', input_shape=input_shape")),
        "input-shape-on-every-layer-tf-keras": source(flavour="tf_keras", start="model = Sequential()", conv=convolution("n_filters * 2**i, 3, padding='same', activation='relu', input_shape=input_shape")),
        "no-input": source(start="model = Sequential()"),
        "no-input-tf-keras": source(flavour="tf_keras", start="model = Sequential()"),
        # ---- the arguments
        "no-trailing-arguments": source(arguments=NAMED),
        "no-defaults": source(arguments=re.sub(r"=[^,]+", "", NAMED)),
        "keyword-only": source(arguments=NAMED.replace("loss, ", "loss, *, ")),
        "reordered": source(arguments="loss, input_shape, learning_rate=0.001, use_dropout=False, n_nodes=32, n_dense_layers=1, n_filters=32, n_conv_layers=4"),
        "other-names": source(
            arguments="shape, loss_fn, num_conv_layers=2, num_filters=16, num_dense_layers=0, units=50, dropout=False, lr=0.01",
            start="input_shape, loss, n_conv_layers, n_filters, n_dense_layers, n_nodes, use_dropout, learning_rate = (\n"
            "    shape, loss_fn, num_conv_layers, num_filters, num_dense_layers, units, dropout, lr)\n" + PARTS["start"]),
        "first-names-of-their-own": source(arguments=NAMED.replace("input_shape, loss", "dims, criterion"), start="input_shape, loss = dims, criterion\n" + PARTS["start"]),
        "regulariser-off": source(arguments=f"{NAMED}, l2_regularization=0.0", conv=convolution("n_filters * 2**i, 3, padding='same', activation='relu', kernel_regularizer=keras.regularizers.l2(l2_regularization)")),
        "kernel-size-argument": source(arguments=f"{NAMED}, kernel_size=(3, 3), pool_size=(2, 2)", conv=convolution("n_filters * 2**i, kernel_size, padding='same', activation='relu'"), pool="model.add(MaxPooling2D(pool_size))"),
        "momentum-and-name": source(arguments=f"{NAMED}, momentum=0.9, name='cnn', n_classes=10", start="model = Sequential(name=name)\nmodel.add(Input(shape=input_shape))", conv_norm="model.add(BatchNormalization(momentum=momentum))", output="model.add(Dense(n_classes, activation='softmax'))"),
        "keyword-arguments": source(arguments=f"{NAMED}, **kwargs", output="model.add(Dense(10, activation='softmax', **kwargs))"),
        "all-in-keyword-arguments": source(
            arguments="input_shape, loss, **options",
            start="n_conv_layers, n_filters = options.get('n_conv_layers', 2), options.get('n_filters', 16)\n"
            "n_dense_layers, n_nodes = options.get('n_dense_layers', 0), options.get('n_nodes', 50)\n"
            "use_dropout, learning_rate = options.get('use_dropout', False), options.get('learning_rate', 0.01)\n" + PARTS["start"]),
        "dropout-rate-argument": source(arguments=f"{NAMED}, dropout_rate=0.2", drop="if use_dropout:\n    model.add(Dropout(dropout_rate))"),
        "dropout-rate-before-the-switch": source(arguments=f"input_shape, loss, dropout=0.5, {NAMED[19:]}", drop="if use_dropout:\n    model.add(Dropout(dropout))"),
        "dropout-as-a-rate": source(arguments=NAMED.replace("use_dropout=False", "dropout=0.0"), drop="model.add(Dropout(dropout))"),
        "prints-the-summary": source(arguments=f"{NAMED}, print_summary=True", end="if print_summary:\n    model.summary()\nreturn model"),
        "prints-it-always": source(end="print(model.summary())\nreturn model"),
        # ---- the loss and the optimiser
        "loss-as-a-string-only": source(compile="if not isinstance(loss, str):\n    raise TypeError('a string, please')\n" + compiled()),
        "loss-as-an-object-only": source(compile="assert isinstance(loss, keras.losses.Loss)\n" + compiled()),
        "loss-as-a-class": source(compile=compiled(loss="loss()")),
        "loss-as-a-class-tf-keras": source(flavour="tf_keras", compile=compiled(loss="loss()")),
        "loss-as-an-object-tf-keras": source(flavour="tf_keras", compile="assert isinstance(loss, keras.losses.Loss)\n" + compiled()),
        "loss-as-a-function-only": source(compile="loss = getattr(keras.losses, loss.__code__.co_name)\n" + compiled()),
        "optimizer-in-lower-case": source(compile="opt = {'adam': Adam, 'sgd': SGD}[optimizer]\n" + compiled(optimizer="opt(learning_rate=learning_rate)")),
        "optimizer-in-any-case": source(compile="opt = Adam(learning_rate) if optimizer.lower() == 'adam' else SGD(learning_rate)\n" + compiled(optimizer="opt")),
        "optimizer-with-a-capital": source(compile="opt = Adam(learning_rate) if optimizer == 'Adam' else SGD(learning_rate)\n" + compiled(optimizer="opt")),
        "optimizer-with-a-capital-only": source(compile="opt = {'Adam': Adam, 'SGD': SGD}[optimizer](learning_rate)\n" + compiled(optimizer="opt")),
        "optimizer-as-a-class": source(arguments=f"{NAMED}, optimizer=Adam", compile=compiled(optimizer="optimizer(learning_rate=learning_rate)")),
        "optimizer-as-a-class-tf-keras": source(flavour="tf_keras", arguments=f"{NAMED}, optimizer=Adam", compile=compiled(optimizer="optimizer(learning_rate=learning_rate)")),
        "loss-and-optimizer-as-classes": source(flavour="tf_keras", arguments=f"{NAMED}, optimizer=Adam", compile=compiled(loss="loss()", optimizer="optimizer(learning_rate=learning_rate)")),
        "optimizer-by-its-setting": source(compile="opt = keras.optimizers.get(optimizer)\nopt.learning_rate = learning_rate\n" + compiled(optimizer="opt")),
        "legacy-optimizer-tf-keras": source(flavour="tf_keras", compile=compiled(optimizer="keras.optimizers.legacy.Adam(learning_rate=learning_rate)")),
        "learning-rate-decays": source(compile=compiled(optimizer="Adam(learning_rate=keras.optimizers.schedules.ExponentialDecay(learning_rate, 1000, 0.9))")),
        "learning-rate-decays-tf-keras": source(flavour="tf_keras", compile=compiled(optimizer="Adam(learning_rate=keras.optimizers.schedules.CosineDecay(learning_rate, 1000))")),
        "learning-rate-in-pieces": source(compile=compiled(optimizer="Adam(learning_rate=keras.optimizers.schedules.PiecewiseConstantDecay([1000], [learning_rate, learning_rate / 10]))")),
        "metric-acc": source(compile=compiled(metrics="['acc']")),
        "metric-and-another": source(compile=compiled(metrics="['accuracy', 'top_k_categorical_accuracy', keras.metrics.AUC()]")),
        "metric-as-an-object": source(compile=compiled(metrics="[keras.metrics.CategoricalAccuracy()]")),
        "metric-as-a-dictionary": source(output="model.add(Dense(10, activation='softmax', name='out'))", compile=compiled(metrics="{'out': 'accuracy'}")),
        "metric-as-a-string": source(flavour="tf_keras", compile=compiled(metrics="'accuracy'")),
        "metric-of-tf-keras": source(flavour="tf_keras", compile=compiled(metrics="['acc', keras.metrics.Precision()]")),
        # ---- dropout
        "dropout-after-dense": source(dense=f"{PARTS['dense']}\n{DROP}", drop=""),
        "dropout-before-activation": source(dense=f"{DENSE}\n{DROP}\nmodel.add(ReLU())", drop=""),
        "dropout-in-stages-too": source(pool=f"{PARTS['pool']}\nif use_dropout:\n    model.add(Dropout(0.25))"),
        "spatial-dropout-in-stages": source(pool=f"{PARTS['pool']}\nif use_dropout:\n    model.add(SpatialDropout2D(0.2))"),
        "dropout-after-flatten": source(flatten=f"{PARTS['flatten']}\n{DROP}"),
        "dropout-rate-zero": source(drop="model.add(Dropout(0.5 if use_dropout else 0.0))"),
        # ---- the rest
        "strides-written-out": source(conv=convolution("n_filters * 2**i, (3, 3), strides=(1, 1), padding='same', activation='relu', use_bias=True, data_format='channels_last'"), pool="model.add(MaxPooling2D(2, strides=2))"),
        "cloned": source(compile="model = keras.models.clone_model(model)\n" + compiled()),
        "wrapped-in-a-model": source(compile="model = Model(inputs=model.inputs, outputs=model.outputs)\n" + compiled()),
        "unused-layers": functional(output="unused = Dense(99)(x)\nmodel.add(Dense(10, activation='softmax'))"),
        "one-pooling-for-all-stages": functional(start="x = inputs = Input(shape=input_shape)\npool, relu, drop = MaxPooling2D(), ReLU(), Dropout(0.5)", conv=f"{BARE}\nmodel.add(relu)", pool="model.add(pool)", drop="if use_dropout:\n    model.add(drop)"),
    }.items()
} | {
    "imported-from-utilities": (f"%%writefile utilities.py\n{source()}", "from utilities import build_CNN"),
    "imported-as-a-module": (f"%%writefile cnn_utils.py\n{source(flavour='tf_keras')}", "import cnn_utils"),
    "run-as-a-file": (f"%%writefile utilities.py\n{source()}", "%run utilities.py"),
    "written-and-never-imported": (f"%%writefile utilities.py\n{source()}",),
    "redefined": (source(output=""), source()),
}  # fmt: skip
