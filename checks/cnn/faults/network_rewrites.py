"""Task 4.1, other right ways of writing the parts of ``build_CNN``, and other places to keep it."""

from __future__ import annotations

import dataclasses
import re

from checks.cnn.faults.written import (
    CONV,
    FILE,
    L2,
    NAMED,
    PARTS,
    compiled,
    convolution,
    functional,
    rewrite,
    source,
)
from checks.kit.fault import Rewrite, drop_cell, insert_cell, remove, replace_cell, write

BARE = convolution("n_filters * 2**i, (3, 3), padding='same'")
DENSE = "model.add(Dense(n_nodes))"
DROP = "if use_dropout:\n    model.add(Dropout(0.5))"
RIGHT: dict[str, str] = {
    "keras-sequential": source(),
    "tensorflow-keras-sequential": source(flavour="tensorflow.keras"),
    "tf-keras-sequential": source(flavour="tf_keras"),
    "keras-functional": functional(),
    "tensorflow-keras-functional": functional(flavour="tensorflow.keras"),
    "tf-keras-functional": functional(flavour="tf_keras"),
    # ---- the activation of the convolution
    "activation-before-norm": source(conv=f"{BARE}\nmodel.add(Activation('relu'))"),
    "relu-layer-after-norm": source(
        conv=BARE, conv_norm="model.add(BatchNormalization())\nmodel.add(ReLU())"
    ),
    "relu-after-pooling": source(conv=BARE, pool="model.add(MaxPooling2D((2, 2)))\nmodel.add(ReLU())"),
    "no-activation-in-stages": source(conv=BARE),
    "activation-is-a-function": source(conv=convolution(CONV.replace("'relu'", "keras.activations.relu"))),
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
    "dense-norm-relu": source(dense=DENSE, dense_norm="model.add(BatchNormalization())\nmodel.add(ReLU())"),
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
        flavour="tf_keras", start="model = Sequential()", conv=convolution(CONV + ", input_shape=input_shape")
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
        arguments=f"{NAMED}, dropout_rate=0.2", drop="if use_dropout:\n    model.add(Dropout(dropout_rate))"
    ),
    "dropout-rate-before-the-switch": source(
        arguments=f"input_shape, loss, dropout=0.5, {NAMED[19:]}",
        drop="if use_dropout:\n    model.add(Dropout(dropout))",
    ),
    "dropout-as-a-rate": source(
        arguments=NAMED.replace("use_dropout=False", "dropout=0.0"), drop="model.add(Dropout(dropout))"
    ),
    "prints-the-summary": source(
        arguments=f"{NAMED}, print_summary=True", end="if print_summary:\n    model.summary()\nreturn model"
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
    "dropout-in-stages-too": source(pool=f"{PARTS['pool']}\nif use_dropout:\n    model.add(Dropout(0.25))"),
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
    "unused-layers": functional(output="unused = Dense(99)(x)\nmodel.add(Dense(10, activation='softmax'))"),
    "one-pooling-for-all-stages": functional(
        start="pool, relu, drop = MaxPooling2D(), ReLU(), Dropout(0.5)\n"
        "x = inputs = Input(shape=input_shape)",
        conv=f"{BARE}\nmodel.add(relu)",
        pool="model.add(pool)",
        drop="if use_dropout:\n    model.add(drop)",
    ),
}

IMPORT = "from utilities import build_CNN"
FILES = (
    Rewrite(
        "imported-as-a-module",
        (
            remove(FILE),
            write("cnn_utils.py", source(flavour="tf_keras")),
            replace_cell(IMPORT, "import cnn_utils"),
        ),
        tasks=("4.1",),
    ),
    Rewrite("run-as-a-file", replace_cell(IMPORT, "%run utilities.py"), tasks=("4.1",)),
    Rewrite("star-import", replace_cell(IMPORT, "from utilities import *"), tasks=("4.1",)),
    Rewrite(
        "written-by-a-cell",
        (remove(FILE), replace_cell(IMPORT, f"%%writefile utilities.py\n{source()}")),
        tasks=("4.1",),
    ),
    Rewrite("written-and-never-imported", drop_cell(IMPORT), tasks=("4.1",)),
    Rewrite("defined-in-the-notebook", (remove(FILE), replace_cell(IMPORT, source())), tasks=("4.1",)),
    Rewrite(
        "redefined",
        (remove(FILE), replace_cell(IMPORT, source(output="")), insert_cell(source(), after="def build_CNN")),
        tasks=("4.1",),
    ),
)
# What is trained for these is trained for all the others, which differ in their spelling only.
TRAINED = (
    "keras-sequential", "tf-keras-sequential", "keras-functional", "relu-after-pooling",
    "no-activation-in-stages", "tensorflow-operations-in-tf-keras", "lambda-layer", "leaky-relu-in-stages",
    "learned-relu-in-stages", "dense-norm-relu", "dense-norm-relu-tf-keras", "momentum-and-name",
    "loss-as-a-class", "loss-as-a-class-tf-keras", "optimizer-as-a-class", "legacy-optimizer-tf-keras",
    "learning-rate-decays", "learning-rate-in-pieces", "metric-of-tf-keras", "dropout-in-stages-too",
    "spatial-dropout-in-stages", "cloned", "one-pooling-for-all-stages",
)  # fmt: skip
LEARNS = "4.1/learns"
REWRITES = tuple(
    one if one.name in TRAINED else dataclasses.replace(one, without=(LEARNS,))
    for one in (*(rewrite(name, code) for name, code in RIGHT.items()), *FILES)
)
