"""Tasks 4.2 to 4.6: networks, settings and images that are not those asked for."""

from __future__ import annotations

from checks.kit.fault import Edit, Fault, drop_cell, insert_cell, replace, replace_cell

MODELS = {"4.2": "model1", "4.3a": "model1b", "4.3b": "model2", "4.5": "model3", "4.6": "model4"}
TRAIN, VALIDATE = "Xtrain, Ytrain", "(Xval, Yval)"
BOTH = "validation_data=(Xval, Yval)"


def built(task: str, old: str, new: str) -> Edit:
    """Another argument where a task's network is built."""
    return replace(old, new, cell=f"{MODELS[task]} = build_CNN")


def fitted(task: str, old: str, new: str) -> Edit:
    """Another argument where it is trained."""
    call = f"{MODELS[task]}.fit("
    return replace(old, new, cell=call)


def evaluated(task: str, new: str) -> Edit:
    """Another line where it is evaluated."""
    return replace(f"{MODELS[task]}.evaluate(Xtest, Ytest, verbose=0)", new)


def without_fit(task: str) -> Edit:
    """The network is built, and never trained."""
    return replace(f"{MODELS[task]}.fit(", "dict(x=", cell=f"{MODELS[task]}.fit(")


NETWORKS = (
    Fault("train-3-convolutions", "4.2/network", built("4.2", "n_conv_layers=2", "n_conv_layers=3"),
          ("3 convolutional layers", "nearest")),
    Fault("train-8-filters", "4.2/network", built("4.2", "n_filters=16", "n_filters=8"), ("8 filters",)),
    Fault("train-with-dense-layer", "4.2/network", built("4.2", "n_dense_layers=0", "n_dense_layers=1"),
          ("1 intermediate dense layer",)),
    Fault("train-never", "4.2/network", replace("history1 = model1.fit(", "history1 = dict(x="),
          ("4.2", "was not trained: cell")),
    Fault("train-no-fit-at-all", "4.2/network",
          replace(f"model1.fit({TRAIN}, {BOTH}, batch_size=batch_size, epochs=epochs, verbose=2)", "None"),
          ("No network was trained", "no call of fit")),
    Fault("train-float-epochs", "4.2/network", fitted("4.2", "epochs=epochs", "epochs=epochs / 1"),
          ("cell", "stopped with TypeError", "whole numbers")),
    Fault("train-misspelt-images", "4.2/network", fitted("4.2", "Xtrain, Ytrain", "Xtrein, Ytrain"),
          ("NameError", "Xtrein")),
    Fault("train-more-images-than-labels", "4.2/network",
          fitted("4.2", "Xtrain, Ytrain", "Xtrain, Yval"), ("stopped with", "images than labels")),
    Fault("dense-training-40-nodes", "4.3/networks", built("4.3a", "n_nodes=50", "n_nodes=40"),
          ("4.3 (a)", "40 nodes")),
    Fault("dense-training-without-dense-layer", "4.3/networks",
          built("4.3a", "n_dense_layers=1", "n_dense_layers=0"), ("4.3 (a)", "no intermediate dense layer")),
    Fault("deep-training-3-convolutions", "4.3/networks",
          built("4.3b", "n_conv_layers=4", "n_conv_layers=3"), ("4.3 (b)", "3 convolutional layers")),
    Fault("deep-training-missing", "4.3/networks", drop_cell("model2 = build_CNN"), ("4.3 (b)",)),
    Fault("deep-training-with-dropout", "4.3/networks",
          built("4.3b", "n_nodes=50", "n_nodes=50, use_dropout=True"),
          ("4.3 (b)", "dropout")),
    Fault("deep-training-two-dense-layers", "4.3/networks",
          built("4.3b", "n_dense_layers=1", "n_dense_layers=2"), ("4.3 (b)", "2 intermediate dense layers")),
    Fault("dropout-not-passed", "4.5/dropout", built("4.5", "use_dropout=True", "use_dropout=False"),
          ("4.5", "has none", "use_dropout=True")),
    Fault("dropout-with-the-same-model", "4.5/dropout",
          replace_cell("model3 = build_CNN", """
              model3 = model2
              history3 = model3.fit(Xtrain, Ytrain, validation_data=(Xval, Yval), batch_size=20, epochs=20)
          """), ("new model",)),
    Fault("dropout-of-0.2", "4.5/dropout",
          (replace("use_dropout=False,", "use_dropout=False, dropout_rate=0.5,", file="utilities.py"),
           replace("Dropout(0.5)", "Dropout(dropout_rate)", file="utilities.py"),
           built("4.5", "use_dropout=True", "use_dropout=True, dropout_rate=0.2")), ("0.2", "rate")),
    Fault("dropout-on-two-convolutions", "4.5/dropout", built("4.5", "n_conv_layers=4", "n_conv_layers=2"),
          ("4.5", "2 convolutional layers")),
    Fault("dropout-without-dense-layer", "4.5/dropout",
          built("4.5", "n_dense_layers=1", "n_dense_layers=0"), ("4.5", "no intermediate dense layer")),
    Fault("best-missing", "4.6/trained", drop_cell("model4 = build_CNN"), ("4.6",)),
    Fault("best-is-an-older-model", "4.6/trained", replace_cell("model4 = build_CNN", "model4 = model1"),
          ("only the trainings of",)),
    Fault("best-only-built", "4.6/trained", without_fit("4.6"), ("4.6", "stopped with")),
    Fault("best-stops", "4.6/trained", fitted("4.6", "epochs=epochs", "epochs=epochs / 1"),
          ("4.6", "stopped with TypeError", "whole numbers")),
)  # fmt: skip

SETTINGS = (
    Fault("settings-batch-32", "4.2/settings", replace("batch_size = 20", "batch_size = 32"),
          ("batches of 32",)),
    Fault("settings-batch-of-keras", "4.2/settings", fitted("4.2", "batch_size=batch_size, ", ""),
          ("batches of 32", "Keras takes 32")),
    Fault("settings-5-epochs", "4.2/settings", replace("epochs = 20", "epochs = 5"), ("5 epochs",)),
    Fault("settings-epochs-of-keras", "4.2/settings", fitted("4.2", "epochs=epochs, ", ""), ("1 epoch",)),
    Fault("settings-learning-rate-0.1", "4.2/settings",
          replace("learning_rate = 0.01", "learning_rate = 0.1"),
          ("learning rate 0.1",)),
    Fault("settings-learning-rate-0.001", "4.2/settings",
          built("4.2", "learning_rate=learning_rate", "learning_rate=0.001"), ("learning rate 0.001",)),
)  # fmt: skip

DATA = (
    Fault("validated-on-test", "4.2/data", fitted("4.2", VALIDATE, "(Xtest, Ytest)"),
          ("test images were used for validation", "Xtest[0] is test image 0")),
    Fault("validated-on-training", "4.2/data", fitted("4.2", VALIDATE, "(Xtrain, Ytrain)"),
          ("validated on the images that it was trained on",)),
    Fault("validated-on-part-of-training", "4.2/data",
          fitted("4.2", VALIDATE, "(np.concatenate([Xval[:625], Xtrain[:1875]]), "
                 "np.concatenate([Yval[:625], Ytrain[:1875]]))"),
          ("1,875 of the 2,500 validation images are among the training images", "validation_data[0][625]")),
    Fault("validated-with-other-names", "4.2/data",
          (insert_cell("held_out, labels_held_out = Xtest, Ytest", before="model1 = build_CNN"),
           fitted("4.2", VALIDATE, "(held_out, labels_held_out)")), ("test images were used",)),
    Fault("validated-partly-on-test", "4.2/data",
          fitted("4.2", VALIDATE, "(np.concatenate([Xval, Xtest]), np.concatenate([Yval, Ytest]))"),
          ("2,000 of the 4,500 validation images are test images",)),
    Fault("trained-on-reloaded-images", "4.2/data",
          insert_cell("""
              Xtrain = X.astype('float32') / 127.5 - 1
              Ytrain = to_categorical(Y, 10)
          """, before="model1 = build_CNN"),
          ("2,500 of the 2,500 validation images are among", "trained on 10,000 images", "run again")),
    Fault("trained-on-test-too", "4.2/data",
          fitted("4.2", TRAIN, "np.concatenate([Xtrain, Xtest]), np.concatenate([Ytrain, Ytest])"),
          ("trained on 2,000 test images",)),
    Fault("trained-with-labels-of-others", "4.2/data",
          fitted("4.2", TRAIN, "Xtrain, np.roll(Ytrain, 1, axis=0)"),
          ("label of another image", "] is training image")),
    Fault("validated-with-labels-of-others", "4.2/data", fitted("4.2", VALIDATE, "(Xval, Yval[::-1])"),
          ("label of another image", "Xval[")),
    Fault("trained-on-500", "4.2/data", fitted("4.2", TRAIN, "Xtrain[:500], Ytrain[:500]"),
          ("500 images only",)),
    Fault("not-validated", "4.2/data", fitted("4.2", f"{BOTH}, ", ""), ("was not validated",)),
    Fault("dense-validated-on-test", "4.3/both-data", fitted("4.3a", VALIDATE, "(Xtest, Ytest)"),
          ("4.3 (a)", "test images were used for validation")),
    Fault("deep-validated-on-training", "4.3/both-data",
          fitted("4.3b", VALIDATE, "(Xtrain[:2500], Ytrain[:2500])"),
          ("4.3 (b)", "2,500 of the 2,500 validation images")),
    Fault("deep-not-validated", "4.3/both-data", fitted("4.3b", f"{BOTH}, ", ""),
          ("4.3 (b)", "not validated")),
    Fault("deep-trained-with-labels-of-others", "4.3/both-data",
          fitted("4.3b", TRAIN, "Xtrain, Ytrain[::-1]"), ("4.3 (b)", "label of another image")),
    Fault("dropout-validated-on-test", "4.5/dropout-data", fitted("4.5", VALIDATE, "(Xtest, Ytest)"),
          ("test images were used",)),
    Fault("dropout-validated-on-training", "4.5/dropout-data", fitted("4.5", VALIDATE, "(Xtrain, Ytrain)"),
          ("that it was trained on",)),
    Fault("dropout-trained-on-validation-too", "4.5/dropout-data",
          fitted("4.5", TRAIN, "np.concatenate([Xtrain, Xval]), np.concatenate([Ytrain, Yval])"),
          ("2,500 of the 2,500 validation images",)),
    Fault("best-chosen-on-test", "4.6/best-data", fitted("4.6", VALIDATE, "(Xtest, Ytest)"),
          ("test images were used",)),
    Fault("best-trained-on-all", "4.6/best-data",
          fitted("4.6", TRAIN, "X.astype('float32') / 127.5 - 1, to_categorical(Y, 10)"),
          ("2,500 of the 2,500 validation images",)),
    Fault("best-not-validated", "4.6/best-data", fitted("4.6", f"{BOTH}, ", ""), ("not validated",)),
)  # fmt: skip

EVALUATIONS = (
    Fault("evaluated-on-validation", "4.2/evaluated", evaluated("4.2", "model1.evaluate(Xval, Yval)"),
          ("not evaluated on the test images but on Xval",)),
    Fault("evaluated-on-training", "4.2/evaluated", evaluated("4.2", "model1.evaluate(Xtrain, Ytrain)"),
          ("Xtrain",)),
    Fault("evaluated-never", "4.2/evaluated", evaluated("4.2", "(0, 0)"),
          ("was not evaluated", "no evaluate")),
    Fault("evaluated-untrained", "4.2/evaluated",
          evaluated("4.2", "build_CNN(input_shape, loss).evaluate(Xtest, Ytest)"), ("another model",)),
    Fault("evaluated-on-100", "4.2/evaluated", evaluated("4.2", "model1.evaluate(Xtest[:100], Ytest[:100])"),
          ("only 100 of the 2,000 test images",)),
    Fault("evaluated-with-labels-of-others", "4.2/evaluated",
          evaluated("4.2", "model1.evaluate(Xtest, Ytest[::-1])"), ("label of another image", "Xtest[")),
    Fault("evaluated-on-raw-images", "4.2/evaluated",
          evaluated("4.2", "model1.evaluate((Xtest + 1) * 127.5, Ytest)"), ("0 … 255", "−1 … 1")),
    Fault("evaluated-with-too-few-labels", "4.2/evaluated",
          evaluated("4.2", "model1.evaluate(Xtest, Ytest[:100])"), ("stopped with", "images than labels")),
    Fault("evaluated-before-the-training", "4.2/evaluated",
          (evaluated("4.2", "(0, 0)"), fitted("4.2", "history1 = model1.fit(",
           "model1.evaluate(Xtest, Ytest)\nhistory1 = model1.fit(")), ("before the training only",)),
    Fault("deep-evaluates-the-other", "4.3/both-evaluated",
          evaluated("4.3b", "model1b.evaluate(Xtest, Ytest)"), ("4.3 (b)", "another model, model1b")),
    Fault("dense-never-evaluated", "4.3/both-evaluated", evaluated("4.3a", "(0, 0)"),
          ("4.3 (a)", "was not evaluated")),
    Fault("deep-evaluated-on-validation", "4.3/both-evaluated",
          evaluated("4.3b", "model2.evaluate(Xval, Yval)"), ("4.3 (b)", "Xval")),
    Fault("dropout-evaluates-the-other", "4.5/dropout-evaluated",
          evaluated("4.5", "model1.evaluate(Xtest, Ytest)"), ("another model",)),
    Fault("dropout-never-evaluated", "4.5/dropout-evaluated", drop_cell("score3 = model3.evaluate"),
          ("was not evaluated",)),
    Fault("dropout-evaluated-on-training", "4.5/dropout-evaluated",
          evaluated("4.5", "model3.evaluate(Xtrain, Ytrain)"), ("Xtrain",)),
    Fault("best-evaluated-on-validation", "4.6/best-evaluated",
          evaluated("4.6", "model4.evaluate(Xval, Yval)"), ("Xval",)),
    Fault("best-never-evaluated", "4.6/best-evaluated", evaluated("4.6", "(0, 0)"), ("was not evaluated",)),
    Fault("best-evaluate-misspelt", "4.6/best-evaluated", evaluated("4.6", "model_4.evaluate(Xtest, Ytest)"),
          ("which calls evaluate, stopped with NameError",)),
    Fault("summary-of-the-first", "4.4/summary", replace("model2.summary()", "model1.summary()"),
          ("that of a network with 2 convolutional layers",), tasks=("4.3", "4.4")),
    Fault("summary-not-called", "4.4/summary", replace("model2.summary()", "model2.summary"),
          ("no summary",)),
    Fault("summary-misspelt", "4.4/summary", replace("model2.summary()", "Model2.summary()"),
          ("stopped with NameError",), tasks=("4.3", "4.4")),
    Fault("summary-forgotten", "4.4/summary", drop_cell("model2.summary()"), ("was not shown",),
          tasks=("4.3", "4.4")),
)  # fmt: skip

FAULTS = (*NETWORKS, *SETTINGS, *DATA, *EVALUATIONS)
