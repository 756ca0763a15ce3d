"""Task 4.1, what goes wrong when the network is compiled and returned."""

from __future__ import annotations

from checks.cnn.faults.written import NAMED, ONE_LOSS, PARTS, compiled, fault

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
        "loss-from-logits", "compilation", "logits", compile=ONE_LOSS.format("from_logits=True") + compiled()
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
    fault(
        "utilities-with-a-syntax-error",
        "callable",
        "cannot be imported",
        "SyntaxError",
        code="def build_CNN(input_shape, loss):\n    return (",
    ),
    fault(
        "utilities-with-a-missing-import",
        "callable",
        "cannot be imported",
        "No module named 'kears'",
        code="import kears\ndef build_CNN(input_shape, loss):\n    pass",
    ),
)
FAULTS = (*COMPILATION, *CALLABLE)
