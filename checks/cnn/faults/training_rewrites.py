"""Tasks 4.2 to 4.6: other right ways to train and to test, and mistakes that other tasks have counted."""

from __future__ import annotations

from checks.cnn.faults.training import BOTH, MODELS, TRAIN, VALIDATE, built, evaluated, fitted
from checks.kit.fault import Edit, Rewrite, drop_cell, insert_cell, replace, replace_cell

ALL = ("4.2", "4.3", "4.4", "4.5", "4.6")
FLAVOUR = "import keras\nfrom keras"
DATASET = """
    import tensorflow as tf
    train_set = tf.data.Dataset.from_tensor_slices((Xtrain, Ytrain)).shuffle(1000).batch(20)
    val_set = tf.data.Dataset.from_tensor_slices((Xval, Yval)).batch(20)
    test_set = tf.data.Dataset.from_tensor_slices((Xtest, Ytest)).batch(20)
"""
FLOWS = """
    from tensorflow.keras.preprocessing.image import ImageDataGenerator
    plain = ImageDataGenerator()
    train_plain = plain.flow(Xtrain, Ytrain, batch_size=20)
    val_plain = plain.flow(Xval, Yval, batch_size=20)
"""
IN_A_FUNCTION = """
    def train_and_test(batch_size=20, epochs=20, **settings):
        net = build_CNN(Xtrain.shape[1:], 'categorical_crossentropy', act_fun='relu', optimizer='adam',
                        **settings)
        history = net.fit(Xtrain, Ytrain, validation_data=(Xval, Yval), batch_size=batch_size,
                          epochs=epochs)
        return net, history, net.evaluate(Xtest, Ytest, return_dict=True)
"""
CALLS = {
    "model1 = build_CNN": "model1, history1, score = train_and_test(n_conv_layers=2, n_filters=16)",
    "model1b = build_CNN": "model1b, history1b, score1b = train_and_test(n_dense_layers=1)",
    "model2 = build_CNN": "model2, history2, score2 = train_and_test(n_conv_layers=4, n_dense_layers=1)",
    "model3 = build_CNN": "model3, history3, score3 = train_and_test(n_conv_layers=4, n_dense_layers=1, "
    "use_dropout=True)",
    "model4 = build_CNN": "model4, history4, score4 = train_and_test(n_filters=32, batch_size=64, epochs=25)",
}
IN_A_LOOP = """
    results = {}
    for n_conv, drop, size in [(4, True, 20), (2, False, 50), (4, False, 50)]:
        model = build_CNN(input_shape, loss, n_conv_layers=n_conv, n_dense_layers=1, use_dropout=drop,
                          act_fun='relu', optimizer='adam', print_summary=True)
        history = model.fit(Xtrain, Ytrain, validation_data=(Xval, Yval), batch_size=size, epochs=7)
        results[n_conv, drop] = model.evaluate(Xtest, Ytest, verbose=0)
"""
BY_HAND = """
    import keras
    from keras import layers
    model1 = keras.Sequential([keras.Input((32, 32, 3))])
    for n in (16, 32):
        model1.add(layers.Conv2D(n, 3, padding='same', activation='relu'))
        model1.add(layers.BatchNormalization())
        model1.add(layers.MaxPooling2D())
    model1.add(layers.Flatten())
    model1.add(layers.Dense(10, activation='softmax'))
    model1.compile(loss='categorical_crossentropy', optimizer=keras.optimizers.Adam(0.01),
                   metrics=['accuracy'])
    history1 = model1.fit(Xtrain, Ytrain, validation_data=(Xval, Yval), batch_size=20, epochs=20, verbose=0)
"""
PREDICTED = "(0, np.mean(np.argmax(model1.predict(Xtest), axis=1) == np.argmax(Ytest, axis=1)))"
HALVES = (
    "model1.fit(Xtrain, Ytrain, validation_data=(Xval, Yval), batch_size=20, epochs=10)\n"
    "history1 = model1.fit("
)


def utilities(old: str, new: str) -> Edit:
    """Another ``build_CNN``."""
    return replace(old, new, file="utilities.py")


def every_fit(old: str, new: str) -> tuple[Edit, ...]:
    """Another argument of every training."""
    return tuple(fitted(task, old, new) for task in MODELS)


RIGHT = (
    Rewrite("trainings-as-they-are", tasks=ALL),
    Rewrite(
        "trainings-in-a-function",
        (
            insert_cell(IN_A_FUNCTION, before="model1 = build_CNN"),
            replace("score = model1.evaluate(Xtest, Ytest, verbose=0)", "score = list(score.values())"),
            drop_cell("score3 = model3.evaluate"),
            drop_cell("score4 = model4.evaluate"),
            *(replace_cell(cell, call) for cell, call in CALLS.items()),
        ),
        ALL,
    ),
    Rewrite(
        "trainings-in-a-loop",
        (
            replace_cell("model1b = build_CNN", IN_A_LOOP),
            drop_cell("model2 = build_CNN"),
            drop_cell("model3 = build_CNN"),
            drop_cell("score3 = model3.evaluate"),
            replace("model2.summary()", "model.summary()"),
        ),
        ("4.3", "4.4", "4.5"),
    ),
    Rewrite(
        "trainings-tf-keras",
        (
            utilities(FLAVOUR, "import tf_keras as keras\nfrom tf_keras"),
            utilities("keras.models import", "tf_keras.models import"),
            utilities("keras.optimizers import", "tf_keras.optimizers import"),
        ),
        ALL,
    ),
    Rewrite(
        "trainings-tensorflow-keras",
        utilities(FLAVOUR, "from tensorflow import keras\nfrom tensorflow.keras"),
        ALL,
    ),
    Rewrite(
        "trainings-all-called-model",
        tuple(replace(name, "model", count=0) for name in ("model1b", "model1", "model2", "model3")),
        ("4.2", "4.3", "4.4", "4.5"),
    ),
    Rewrite("trainings-validation-split", every_fit(BOTH, "validation_split=0.25"), ALL),
    Rewrite(
        "trainings-split-of-all",
        (
            insert_cell(
                "Xall, Yall = X.astype('float32') / 127.5 - 1, to_categorical(Y, 10)",
                before="model1 = build_CNN",
            ),
            fitted("4.2", f"{TRAIN}, {BOTH}", "Xall, Yall, validation_split=0.25"),
        ),
        ("4.2",),
    ),
    Rewrite("trainings-30-percent", replace("test_size=0.25", "test_size=0.3", count=0), ("4.2", "4.3")),
    Rewrite(
        "trainings-of-data-sets",
        (
            insert_cell(DATASET, before="model1 = build_CNN"),
            fitted("4.2", f"{TRAIN}, {BOTH}, batch_size=batch_size", "train_set, validation_data=val_set"),
            evaluated("4.2", "model1.evaluate(test_set)"),
        ),
        ("4.2",),
    ),
    Rewrite(
        "trainings-of-plain-flows",
        (
            insert_cell(FLOWS, before="model1 = build_CNN"),
            fitted(
                "4.2", f"{TRAIN}, {BOTH}, batch_size=batch_size", "train_plain, validation_data=val_plain"
            ),
        ),
        ("4.2",),
    ),
    Rewrite(
        "trainings-in-two-halves",
        (fitted("4.2", "history1 = model1.fit(", HALVES), fitted("4.2", "epochs=epochs", "epochs=10")),
        ("4.2",),
    ),
    Rewrite(
        "trainings-epoch-by-epoch",
        (
            fitted("4.2", "history1 = model1.fit(", "for epoch in range(20):\n    history1 = model1.fit("),
            fitted("4.2", "epochs=epochs", "epochs=1"),
        ),
        ("4.2",),
    ),
    Rewrite(
        "trainings-with-whole-labels",
        (
            insert_cell(
                "Ynumbers, Vnumbers = Ytrain.argmax(axis=1), Yval.argmax(axis=1)", before="model1 = build_CNN"
            ),
            replace("loss = 'categorical", "loss = 'sparse_categorical"),
            fitted("4.2", TRAIN, "Xtrain, Ynumbers"),
            fitted("4.2", VALIDATE, "(Xval, Vnumbers)"),
            evaluated("4.2", "model1.evaluate(Xtest, Ytest.argmax(axis=1))"),
        ),
        ("4.2",),
    ),
    Rewrite(
        "trainings-early-attempt",
        insert_cell(
            """
            attempt = build_CNN(Xtrain.shape[1:], 'categorical_crossentropy', learning_rate=0.1)
            attempt.fit(Xtrain, Ytrain, validation_data=(Xtest, Ytest), epochs=2)
        """,
            before="model1 = build_CNN",
        ),
        ("4.2",),
    ),
    Rewrite("trainings-with-sgd", built("4.2", ", optimizer='adam'", ""), ("4.2",)),
    Rewrite("trainings-by-hand", replace_cell("model1 = build_CNN", BY_HAND), ("4.2",)),
    Rewrite("trainings-predicted", evaluated("4.2", PREDICTED), ("4.2",)),
    Rewrite(
        "trainings-evaluated-as-a-dictionary",
        evaluated(
            "4.2", "list(model1.evaluate(x=Xtest, y=Ytest, batch_size=100, return_dict=True).values())"
        ),
        ("4.2",),
    ),
    Rewrite(
        "trainings-best-weights-loaded",
        (
            insert_cell("import keras", before="model1 = build_CNN"),
            fitted(
                "4.2",
                "verbose=2",
                "callbacks=[keras.callbacks.ModelCheckpoint('best.keras', save_best_only=True)]",
            ),
            evaluated("4.2", "keras.models.load_model('best.keras').evaluate(Xtest, Ytest)"),
        ),
        ("4.2",),
    ),
    Rewrite(
        "trainings-other-settings-later",
        (
            fitted("4.3a", "batch_size=batch_size, epochs=epochs", "batch_size=100, epochs=10"),
            fitted("4.3b", "epochs=epochs", "epochs=15"),
        ),
        ("4.3",),
    ),
    Rewrite(
        "trainings-32-filters-later",
        (built("4.3a", "n_filters=16", "n_filters=32"), built("4.3b", "n_filters=16", "n_filters=32")),
        ("4.3",),
    ),
    Rewrite(
        "best-with-another-batch-only",
        (
            built("4.6", "n_dense_layers=1, n_nodes=32", "n_dense_layers=0"),
            built("4.6", "use_dropout=True", "use_dropout=False"),
        ),
        ("4.2", "4.6"),
    ),
    Rewrite(
        "best-of-several",
        replace(
            "history4 = model4.fit(",
            "for n in (8, 32):\n    build_CNN(input_shape, loss, n_filters=n).fit(Xtrain, Ytrain, "
            "validation_data=(Xval, Yval))\nhistory4 = model4.fit(",
        ),
        ("4.6",),
    ),
    Rewrite(
        "summary-while-building",
        (replace("model2.summary()", "pass"), built("4.3b", "n_nodes=50", "n_nodes=50, print_summary=True")),
        ("4.3", "4.4"),
    ),
    Rewrite(
        "summary-by-hand",
        replace(
            "model2.summary()",
            "for layer in model2.layers:\n    print(layer.name, layer.output.shape, layer.count_params())",
        ),
        ("4.3", "4.4"),
    ),
    Rewrite(
        "summary-as-a-plot",
        replace("model2.summary()", "import keras\nkeras.utils.plot_model(model2, show_shapes=True)"),
        ("4.3", "4.4"),
    ),
)

COUNTED_ELSEWHERE = (
    Rewrite(
        "trainings-of-an-overlapping-split",
        insert_cell("Xval, Yval = Xtrain[:2500], Ytrain[:2500]", after="train_test_split(X, Y"),
        ("4.2", "4.3"),
    ),
    Rewrite(
        "trainings-of-labels-split-apart",
        insert_cell("Ytrain = Ytrain[::-1]", after="train_test_split(X, Y"),
        ("4.2",),
    ),
    Rewrite("trainings-with-padding-valid", utilities("padding='same'", "padding='valid'"), ("4.2",)),
    Rewrite(
        "trainings-with-learning-rate-ignored",
        utilities("Adam(learning_rate=learning_rate)", "Adam(learning_rate=0.005)"),
        ("4.2",),
    ),
    Rewrite(
        "trainings-with-dropout-ignored",
        utilities("        if use_dropout:\n            model.add(Dropout(0.5))\n", ""),
        ("4.3", "4.5"),
    ),
    Rewrite("trainings-with-dropout-always", utilities("if use_dropout:", "if True:"), ("4.3", "4.5")),
    Rewrite("trainings-with-dropout-of-0.3", utilities("Dropout(0.5)", "Dropout(0.3)"), ("4.3", "4.5")),
    Rewrite(
        "trainings-with-one-convolution-more",
        utilities("for i in range(n_conv_layers):", "for i in range(n_conv_layers + 1):"),
        ("4.2",),
    ),
    Rewrite(
        "trainings-with-dense-layers-ignored",
        utilities("in range(n_dense_layers)", "in range(0)"),
        ("4.2", "4.3", "4.5"),
    ),
    Rewrite("trainings-not-scaled", drop_cell("Xtest = Xtest / 127.5 - 1"), ("4.2",)),
)

REWRITES = (*RIGHT, *COUNTED_ELSEWHERE)
