"""Task 4.1, what goes wrong behind the stages: Flatten, dense layers, the output, the network as a whole."""

from __future__ import annotations

from checks.cnn.faults.written import CONV, L2, NAMED, PARTS, convolution, fault, functional

FAULTS = (
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
