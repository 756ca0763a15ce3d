"""Task 4.1, networks whose layers are right and that cannot learn; and unusual ones that can."""

from __future__ import annotations

from checks.cnn.faults.written import CONV, PARTS, compiled, convolution, fault, rewrite, source

BARE = "n_filters * 2**i, (3, 3), padding='same'"
NORM = "model.add(BatchNormalization({}))"
SLOW = NORM.format("momentum=0.999")
ZEROS = ", kernel_initializer='zeros'"
OPTIMIZER = "class Own(Adam):\n    def apply(self, gradients, variables=None):\n        {}\n"
NETWORK = "class Network(Sequential):\n    def {}\nmodel = Network()\nmodel.add(Input(shape=input_shape))"
OWN_LOSS = """if loss == 'categorical_crossentropy':
    def categorical_crossentropy(truth, predicted):
        held = tf.stop_gradient(predicted) {}
        return keras.losses.categorical_crossentropy(truth, held)
    loss = categorical_crossentropy
"""
OWN_DENSE = """class Apart(Dense):
    def call(self, x, *args, **kwargs):
        return super().call(tf.stop_gradient(x), *args, **kwargs)
"""


def network(method: str) -> str:
    """The start of a function whose model has a method of its own."""
    return NETWORK.format(method)


def optimizer(statement: str) -> str:
    """The compilation with an Adam whose step is this statement."""
    return OPTIMIZER.format(statement) + compiled(optimizer="Own(learning_rate=learning_rate)")


def adam(settings: str) -> str:
    """The compilation with further settings of Adam."""
    return compiled(optimizer=f"Adam(learning_rate=learning_rate, {settings})")


def schedule(name: str) -> str:
    """The compilation with a learning rate that changes."""
    return compiled(optimizer=f"Adam(keras.optimizers.schedules.{name})")


FAULTS = (
    # ---- no gradient reaches the weights
    fault(
        "gradient-stopped-in-convolutions",
        "learns",
        "leaves the weights of layer 1 (Conv2D)",
        "stop_gradient",
        conv=convolution(f"{BARE}, activation=lambda x: tf.stop_gradient(tf.nn.relu(x))"),
    ),
    fault(
        "gradient-stopped-before-dense",
        "learns",
        "leaves the weights of layer 1 (Conv2D)",
        start=f"{OWN_DENSE}{PARTS['start']}",
        dense="model.add(Apart(n_nodes, activation='relu'))",
    ),
    fault(
        "weights-start-at-zero",
        "learns",
        "leaves the weights of layer 1 (Conv2D)",
        "zero",
        conv=convolution(CONV + ZEROS),
        dense=f"model.add(Dense(n_nodes, activation='relu'{ZEROS}))",
        output=f"model.add(Dense(10, activation='softmax'{ZEROS}))",
    ),
    fault(
        "loss-without-gradient",
        "learns",
        "Training changes nothing",
        compile=OWN_LOSS.format("+ 0 * predicted") + compiled(),
    ),
    fault(
        "loss-that-cannot-be-derived",
        "learns",
        "stops with ValueError",
        compile=OWN_LOSS.format("") + compiled(),
    ),
    # ---- steps that are none, or lead nowhere
    fault("optimizer-without-a-step", "learns", "Training changes nothing", compile=optimizer("pass")),
    fault(
        "optimizer-goes-uphill",
        "learns",
        "loss has not fallen",
        compile=optimizer("super().apply([-gradient for gradient in gradients], variables)"),
    ),
    fault(
        "gradients-clipped-away",
        "learns",
        "loss has not fallen",
        "clipnorm",
        compile=adam("clipnorm=1e-9"),
    ),
    fault(
        "learning-rate-decays-at-once",
        "learns",
        "loss has not fallen",
        compile=schedule("ExponentialDecay(learning_rate, 1, 0.01)"),
    ),
    fault(
        "train-step-without-training",
        "learns",
        "Training changes nothing",
        "train_step",
        start=network("train_step(self, data):\n        return self.test_step(data)"),
    ),
    fault(
        "labels-shuffled-in-train-step",
        "learns",
        "recognises",
        start=network(
            "train_step(self, data):\n        x, y = data\n"
            "        return super().train_step((x, tf.random.shuffle(y)))"
        ),
    ),
    fault(
        "weights-put-back-after-fit",
        "learns",
        "Training changes nothing",
        start=network(
            "fit(self, *args, **kwargs):\n        start = self.get_weights()\n"
            "        history = super().fit(*args, **kwargs)\n        self.set_weights(start)\n"
            "        return history"
        ),
    ),
    # ---- weights and averages that are held
    fault(
        "kernels-held-at-zero",
        "learns",
        "same class for every image",
        conv=convolution(CONV + ", kernel_constraint=lambda kernel: 0 * kernel"),
    ),
    fault(
        "averages-never-move",
        "learns",
        "while it is trained",
        "momentum",
        conv_norm=NORM.format("momentum=1.0"),
        dense_norm=NORM.format("momentum=1.0"),
    ),
    fault(
        "norm-epsilon-huge",
        "learns",
        "same class for every image",
        "epsilon",
        conv_norm=NORM.format("epsilon=1e9"),
        dense_norm=NORM.format("epsilon=1e9"),
    ),
    # ---- what the other checks of the task say first
    fault(
        "loss-with-the-sign-reversed",
        "compilation",
        "not the categorical cross-entropy",
        compile=OWN_LOSS.format("* 0 + predicted").replace("return ", "return -") + compiled(),
    ),
    fault(
        "everything-frozen", "parameters", "frozen", compile=f"{compiled()}\nmodel.trainable = False"
    ),
)  # fmt: skip
REWRITES = (
    rewrite(
        "initialised-by-he",
        source(
            conv=convolution(CONV + ", kernel_initializer='he_normal'"),
            dense="model.add(Dense(n_nodes, activation='relu', kernel_initializer='he_uniform'))",
        ),
    ),
    rewrite("adam-with-settings", source(compile=adam("beta_1=0.8, beta_2=0.99, epsilon=0.1, amsgrad=True"))),
    rewrite("gradients-clipped", source(compile=adam("clipnorm=1.0"))),
    rewrite("adam-keeps-averages", source(compile=adam("use_ema=True, ema_momentum=0.99"))),
    rewrite("learning-rate-by-cosine", source(compile=schedule("CosineDecay(learning_rate, 7000)"))),
    rewrite("compiled-for-xla", source(compile=compiled(metrics="['accuracy'], jit_compile=True"))),
    rewrite(
        "several-steps-at-once",
        source(flavour="tf_keras", compile=compiled(metrics="['accuracy'], steps_per_execution=10")),
    ),
    rewrite("slow-averages", source(conv_norm=SLOW, dense_norm=SLOW)),
    rewrite("slow-averages-tf-keras", source(flavour="tf_keras", conv_norm=SLOW, dense_norm=SLOW)),
    rewrite("fast-averages", source(conv_norm=NORM.format("momentum=0.5, epsilon=1e-5"))),
    rewrite("tanh-in-convolutions", source(conv=convolution(f"{BARE}, activation='tanh'"))),
    rewrite("sigmoid-in-convolutions", source(conv=convolution(f"{BARE}, activation='sigmoid'"))),
    rewrite("kernels-held-small", source(conv=convolution(f"{CONV}, kernel_constraint='max_norm'"))),
    rewrite(
        "metric-with-a-name-of-its-own",
        source(compile=compiled(metrics="[keras.metrics.CategoricalAccuracy(name='right')]")),
    ),
    rewrite(
        "train-step-of-its-own",
        source(
            start=network(
                "train_step(self, data):\n        x, y = data\n"
                "        return super().train_step((tf.cast(x, tf.float32), y))"
            )
        ),
    ),
)  # fmt: skip
