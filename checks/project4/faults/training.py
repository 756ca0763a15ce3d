"""Tasks P2.3 and P2.4: mistakes with the eight training cases and what is shown of them, and other right ways."""

# ruff: noqa: E501 - a table of edits reads better with one a line

from __future__ import annotations

from checks.kit.fault import Edit, Fault, Rewrite, drop_cell, replace, replace_cell

TABLE = "cases = {"
LOOP = "for case, (settings, learning_rate, batch_size, epochs) in cases.items():"
CURVES = "# Training and validation curves of each case"
CHART = "# Correct and incorrect test predictions of each case"
BEST = "best = max(scores"
COMPILE = "model.compile(optimizer=Adam(learning_rate=learning_rate), loss='categorical_crossentropy', metrics=['accuracy'])"
FIT = "history = model.fit(Xtrain, Ytrain, validation_data=(Xval, Yval), batch_size=batch_size, epochs=epochs, verbose=2)"
EVALUATE = "scores[case] = model.evaluate(Xtest, Ytest, batch_size=batch_size, verbose=0)"
PREDICT = "predictions[case] = np.argmax(model.predict(Xtest, batch_size=batch_size, verbose=0), axis=1)"
BUILD = "model = build_vgg16(**settings)"
PRINT = "print('The best is case %d with a test accuracy of %.4f' % (best, scores[best][1]))"


ROWS = {
    1: "    1: (standard, 1e-3, 128, 20),\n",
    2: "    2: (normalised, 1e-5, 32, 10),\n",
    3: "    3: (halved, 1e-3, 128, 10),\n",
    4: "    4: (quartered, 1e-3, 128, 10),\n",
    5: "    5: (narrow, 1e-3, 128, 10),\n",
    6: "    6: (normalised, 1e-3, 128, 10),\n",
    7: "    7: (standard, 1e-1, 128, 10),\n",
    8: "    8: (standard, 1e-5, 128, 10),\n",
}
SMALL = (3, 4)  # cases that are trained fast; what does not depend on the case is tried with these
LEARNS = "P2.3/learns"
TRAINED = ("as-it-is", "tf-keras", "compiled-in-the-function", "own-mistake-of-the-function-counts-once")


def only(*numbers: int) -> tuple[Edit, ...]:
    """No other cases than these: eight large networks take half a minute."""
    return tuple(replace(row, "", cell=TABLE) for number, row in ROWS.items() if number not in numbers)


def wrong(
    name: str, check: str, edit: Edit | tuple[Edit, ...], *words: str, cases: tuple[int, ...] = SMALL
) -> Fault:
    """A mistake in one of some cases, and words of the message that it must give."""
    edits = edit if isinstance(edit, tuple) else (edit,)
    return Fault(f"vgg-training-{name}", check, (*only(*cases), *edits), words)


def right(name: str, *edits: Edit, task: str = "P2.3") -> Rewrite:
    """A right way; of P2.4 it is tried with two cases, unless it counts them from 1."""
    few = only(*SMALL) if task == "P2.4" and name != "winner-by-argmax" else ()
    without = () if name in TRAINED or task != "P2.3" else (LEARNS,)
    return Rewrite(f"vgg-training-{name}", (*few, *edits), tasks=(task,), without=without)


def case(old: str, new: str) -> Edit:
    """Another row in the table of the cases."""
    return replace(old, new, cell=TABLE)


def loop(old: str, new: str) -> Edit:
    """Another line in the loop of the trainings."""
    return replace(old, new, cell=LOOP)


SPELLED_OUT = """
def train(number, learning_rate, batch_size, epochs, **settings):
    model = build_vgg16((128, 128, 3), 9, **settings)
    optimizer = keras.optimizers.Adam(learning_rate)
    model.compile(loss=keras.losses.CategoricalCrossentropy(), optimizer=optimizer, metrics=['accuracy'])
    history = model.fit(x=Xtrain, y=Ytrain, batch_size=batch_size, epochs=epochs, validation_split=0.2, verbose=0)
    histories[number] = history.history
    scores[number] = model.evaluate(Xtest, Ytest, verbose=0)
    predictions[number] = model.predict(Xtest, verbose=0).argmax(axis=-1)
    return model

histories, scores, predictions = {}, {}, {}
model1 = train(1, 0.001, 128, 20)
model8 = train(8, 0.00001, 128, 10)
model7 = train(7, 0.1, 128, 10)
model6 = train(6, 0.001, 128, 10, **normalised)
model5 = train(5, 0.001, 128, 10, **narrow)
model4 = train(4, 0.001, 128, 10, **quartered)
model3 = train(3, 0.001, 128, 10, **halved)
model2 = train(2, 0.00001, 32, 10, **normalised)
""".strip()
IN_TWO_HALVES = (
    "for half in range(2):\n        history = model.fit(Xtrain, Ytrain, validation_data=(Xval, Yval), "
    "batch_size=batch_size, epochs=epochs // 2, verbose=2)"
)
INTEGER_LABELS = (
    loop("loss='categorical_crossentropy'", "loss='sparse_categorical_crossentropy'"),
    loop(
        FIT,
        "history = model.fit(Xtrain, Ytrain.argmax(axis=1), validation_data=(Xval, Yval.argmax(axis=1)), batch_size=batch_size, epochs=epochs, verbose=2)",
    ),
    loop(
        EVALUATE,
        "scores[case] = model.evaluate(Xtest, Ytest.argmax(axis=1), batch_size=batch_size, verbose=0)",
    ),
)
DATASETS = (
    loop(
        FIT,
        "import tensorflow as tf\n    train_set = tf.data.Dataset.from_tensor_slices((Xtrain, Ytrain)).shuffle(100).batch(batch_size)\n    val_set = tf.data.Dataset.from_tensor_slices((Xval, Yval)).batch(batch_size)\n    history = model.fit(train_set, validation_data=val_set, epochs=epochs, verbose=2)",
    ),
)
PANDAS_CURVES = (
    "import pandas as pd\nfor case, history in histories.items():\n    frame = pd.DataFrame(history)\n"
    "    frame[['loss', 'val_loss']].plot(title=f'Case {case}')\n    plt.show()"
)
PIES = (
    "true_classes = np.argmax(Ytest, axis=1)\nfor case in cases:\n    right = int((predictions[case] == true_classes).sum())\n"
    "    plt.pie([right, len(true_classes) - right], labels=['correct', 'incorrect'])\n    plt.title(f'Case {case}')\n    plt.show()"
)
STACKED = (
    "true_classes = np.argmax(Ytest, axis=1)\nnames = [f'Case {case}' for case in cases]\n"
    "share = np.array([np.mean(predictions[case] == true_classes) for case in cases]) * 100\n"
    "plt.barh(names, share, label='correct (%)')\nplt.barh(names, 100 - share, left=share, label='wrong (%)')\nplt.legend()\nplt.show()"
)

FAULTS = (
    # ---- the cases
    wrong("case-4-left-out", "P2.3/case-4", case("    4: (quartered, 1e-3, 128, 10),\n", ""), "Case 4", cases=(3, 4)),
    wrong("case-2-with-the-rate-of-6", "P2.3/case-2", case("2: (normalised, 1e-5, 32, 10)", "2: (normalised, 1e-3, 32, 10)"), "learning rate", "1e-05", cases=(2, 6)),
    wrong("case-2-with-batches-of-128", "P2.3/case-2", case("1e-5, 32, 10", "1e-5, 128, 10"), "batch size", "32", cases=(2, 4)),
    wrong("case-1-for-10-epochs", "P2.3/case-1", case("1: (standard, 1e-3, 128, 20)", "1: (standard, 1e-3, 128, 10)"), "epochs", "20", cases=(1, 4)),
    wrong("case-7-at-a-tenth", "P2.3/case-7", case("1e-1", "1e-2"), "learning rate", "0.1", cases=(4, 7)),
    wrong("case-6-without-normalisation", "P2.3/case-6", case("6: (normalised,", "6: ({'filters': (64, 128, 512, 128, 64)},"), "batch normalisation", cases=(4, 6)),
    wrong("case-3-with-whole-dense-layers", "P2.3/case-3", case("'filters': (32, 64, 128, 256, 256), 'dense': (2048, 2048, 500)", "'filters': (32, 64, 128, 256, 256)"), "2048", cases=(3, 4)),
    wrong("case-5-with-dense-of-the-standard", "P2.3/case-5", case("'dense': (4096, 2048, 1000)", "'dense': (4096, 4096, 1000)"), "4096, 2048", cases=(4, 5)),
    wrong("batches-of-64-everywhere", "P2.3/case-1", loop("batch_size=batch_size, epochs", "batch_size=64, epochs"), "batch size 64", cases=(1, 4)),
    wrong("rate-not-passed", "P2.3/case-2", loop("Adam(learning_rate=learning_rate)", "Adam()"), "learning rate 0.001", cases=(2, 4, 6)),
    wrong("epochs-not-passed", "P2.3/case-1", loop("epochs=epochs, ", ""), "epochs", cases=(1, 4)),
    wrong("settings-not-passed", "P2.3/case-2", loop(BUILD, "model = build_vgg16()"), "Case 2", cases=(2, 4)),
    wrong("labels-as-numbers-for-one-hot-loss", "P2.3/case-1", loop("model.fit(Xtrain, Ytrain, validation_data=(Xval, Yval)", "model.fit(Xtrain, Ytrain.argmax(axis=1), validation_data=(Xval, Yval.argmax(axis=1))"), "stopped", cases=(1, 4)),
    wrong("nothing-trained", "P2.3/case-1", drop_cell(LOOP), "no call of fit"),
    wrong("case-8-at-the-default-rate", "P2.3/case-8", case("8: (standard, 1e-5, 128, 10)", "8: (standard, 1e-3, 128, 10)"), "learning rate 0.001", "1e-05", cases=(1, 7, 8)),
    # ---- learns
    wrong("averages-that-never-move", "P2.3/learns", replace("            if batch_norm:\n                model.add(layers.BatchNormalization())", "            if batch_norm:\n                model.add(layers.BatchNormalization(momentum=1.0))"), "recognises only"),
    wrong("kernels-that-start-at-zero", "P2.3/learns", replace("model.add(layers.Conv2D(n_filters, (3, 3), padding='same'))", "model.add(layers.Conv2D(n_filters, (3, 3), padding='same', kernel_initializer='zeros'))"), "unchanged"),
    # ---- compiled
    wrong("sgd", "P2.3/compiled", loop("Adam(learning_rate=learning_rate)", "keras.optimizers.SGD(learning_rate=learning_rate)"), "SGD", "Adam"),
    wrong("binary-crossentropy", "P2.3/compiled", loop("'categorical_crossentropy'", "'binary_crossentropy'"), "binary_crossentropy"),
    wrong("squared-error", "P2.3/compiled", loop("'categorical_crossentropy'", "'mse'"), "loss"),
    wrong("from-logits", "P2.3/compiled", loop("'categorical_crossentropy'", "keras.losses.CategoricalCrossentropy(from_logits=True)"), "logits"),
    # ---- tested
    wrong("not-tested", "P2.3/tested", (loop(f"    {EVALUATE}\n", "    scores[case] = [history.history['val_loss'][-1], history.history['val_accuracy'][-1]]\n"), loop(f"    {PREDICT}\n", "")), "not tested"),
    wrong("tested-on-training-images", "P2.3/tested", (loop("model.evaluate(Xtest, Ytest", "model.evaluate(Xtrain, Ytrain"), loop("model.predict(Xtest", "model.predict(Xtrain")), "not tested"),
    wrong("only-the-last-tested", "P2.3/tested", (loop(f"    {EVALUATE}\n    {PREDICT}\n    print('Case %d: test loss %.4f, test accuracy %.4f' % (case, scores[case][0], scores[case][1]))", f"{EVALUATE}\n{PREDICT}"),), "1 of 2"),
    # ---- the curves
    wrong("no-curves", "P2.4/curves", drop_cell(CURVES), "No curves"),
    wrong("curves-of-training-only", "P2.4/curves", replace("        ax.plot(history['val_' + name], label='validation')\n", "", cell=CURVES), "validation curve"),
    wrong("curves-of-the-last-case-only", "P2.4/curves", replace("for case, history in histories.items():", "for case, history in list(histories.items())[-1:]:", cell=CURVES), "Case 3"),
    wrong("the-same-curves-for-each-case", "P2.4/curves", replace("for case, history in histories.items():", "for case in histories:\n    history = histories[4]", cell=CURVES), "Case 3"),
    wrong("no-validation-data", "P2.4/curves", (loop("validation_data=(Xval, Yval), ", ""), replace("        ax.plot(history['val_' + name], label='validation')\n", "", cell=CURVES)), "validation_data"),
    # ---- the chart
    wrong("no-chart", "P2.4/chart", drop_cell(CHART), "No chart"),
    wrong("chart-of-accuracies", "P2.4/chart", replace_cell(CHART, "plt.bar(range(len(cases)), [scores[case][1] for case in cases])\nplt.show()"), "correct and incorrect"),
    wrong("chart-of-correct-only", "P2.4/chart", replace("plt.bar(places - 0.2, correct, width=0.4, label='correct')\nplt.bar(places + 0.2, incorrect, width=0.4, label='incorrect')", "true_classes = np.argmax(Ytest, axis=1)\nplt.bar(places, correct, width=0.4, label='correct')", cell=CHART), "two numbers"),
    # ---- the winner
    wrong("no-winner", "P2.4/winner", drop_cell(BEST), "No case is named"),
    wrong("no-winner-named", "P2.4/winner", replace(PRINT, "print(scores)", cell=BEST), "No case is named"),
)  # fmt: skip

REWRITES = (
    right("as-it-is"),
    right("a-function-and-eight-calls", replace_cell(LOOP, SPELLED_OUT)),
    right("integer-labels", *INTEGER_LABELS),
    right("datasets", *DATASETS),
    right("tf-keras", replace("import keras\nfrom keras import layers\nfrom keras.models import Sequential\nfrom keras.optimizers import Adam", "import tf_keras as keras\nfrom tf_keras import layers\nfrom tf_keras.models import Sequential\nfrom tf_keras.optimizers import Adam"), replace("layers.Input(shape=input_shape)", "layers.InputLayer(input_shape)")),
    right("twice-half-the-epochs", loop(FIT, IN_TWO_HALVES)),
    right("fewer-epochs-without-a-graphics-card", case("cases = {", "import tensorflow as tf\nGPU = len(tf.config.list_physical_devices('GPU')) > 0\n\ncases = {"), loop("epochs=epochs,", "epochs=epochs if GPU else 1,")),
    right("all-models-kept", loop("    keras.backend.clear_session()\n", ""), loop(BUILD, f"models = globals().setdefault('models', {{}})\n    {BUILD}\n    models[case] = model")),
    right("compiled-in-the-function", replace("    model.add(layers.Dense(n_classes, activation='softmax'))\n    return model", "    model.add(layers.Dense(n_classes, activation='softmax'))\n    model.compile(optimizer='adam', loss='categorical_crossentropy', metrics=['accuracy'])\n    return model"), loop(COMPILE, "model.optimizer.learning_rate = learning_rate")),
    right("an-extra-case", case("    8: (standard, 1e-5, 128, 10),\n", "    8: (standard, 1e-5, 128, 10),\n    9: (quartered, 1e-4, 64, 12),\n")),
    right("own-mistake-of-the-function-counts-once", replace("model.add(layers.Dense(n_classes, activation='softmax'))", "model.add(layers.Dense(17, activation='relu'))\n    model.add(layers.Dense(n_classes, activation='softmax'))")),
    right("curves-by-pandas", replace_cell(CURVES, PANDAS_CURVES), task="P2.4"),
    right("curves-in-percent", replace("ax.plot(history[name], label='training')\n        ax.plot(history['val_' + name], label='validation')", "ax.plot(100 * np.array(history[name]), label='training')\n        ax.plot(100 * np.array(history['val_' + name]), label='validation')", cell=CURVES), task="P2.4"),
    right("pies", replace_cell(CHART, PIES), task="P2.4"),
    right("stacked-bars-in-percent", replace_cell(CHART, STACKED), task="P2.4"),
    right("winner-by-loss", replace_cell(BEST, "best = min(scores, key=lambda case: scores[case][0] if scores[case][0] == scores[case][0] else 1e9)\nprint(f'Winner: case {best}')"), task="P2.4"),
    right("winner-by-argmax", replace("best = max(scores, key=lambda case: scores[case][1])", "best = int(np.argmax([scores[case][1] for case in cases])) + 1", cell=BEST), task="P2.4"),
)  # fmt: skip
