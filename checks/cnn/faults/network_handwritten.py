"""Task 4.1, whole other ways of writing ``build_CNN``."""

from __future__ import annotations

import re

from checks.cnn.faults.written import rewrite

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
REWRITES = tuple(rewrite(name, code) for name, code in HAND_WRITTEN.items())
