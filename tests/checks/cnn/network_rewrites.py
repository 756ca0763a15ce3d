"""Other right ways of writing ``build_CNN``; each must pass every check of task 4.1."""

from __future__ import annotations

import re
import textwrap

from tests.checks.cnn.network_faults import CONV, L2, compiled, convolution
from tests.checks.cnn.written import NAMED, PARTS, functional, source

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
