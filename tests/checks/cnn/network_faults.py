"""Seeded faults of task 4.1: each names the check that must catch it and words that must say what it is."""

from __future__ import annotations

from dataclasses import dataclass

from tests.checks.cnn.written import NAMED, PARTS, functional, source


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
    fault("dense-layers-ignored", "dropout", "intermediate dense layer", dense_loop="for i in range(0):"),
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
