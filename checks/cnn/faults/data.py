"""Tasks 3.1 to 3.4: mistakes with loading, splitting, scaling and encoding."""

from __future__ import annotations

from checks.kit.fault import Edit, Fault, drop_cell, insert_cell, replace, replace_cell

SPLIT = "Xtrain, Xval, Ytrain, Yval = train_test_split(X, Y, test_size=0.25, random_state=42)"
SCALING = "# Convert datatype for Xtrain"
ENCODING = "# Your code for converting Ytrain"
LOADING = "# Download CIFAR train and test data"
SETS = ("train", "val", "test")


def split_by(code: str) -> Edit:
    """The split in another way."""
    return replace(SPLIT, code)


def scaled_by(expression: str, *names: str) -> Edit:
    """The images of some sets, or of all, by another expression in ``x``."""
    usual = "x.astype('float32') / 127.5 - 1"
    code = {name: expression if name in (names or SETS) else usual for name in SETS}
    return replace_cell(SCALING, "\n".join(f"X{name} = (lambda x: {code[name]})(X{name})" for name in SETS))


def encoded_by(expression: str, *names: str) -> Edit:
    """The labels of some sets, or of all, by another expression in ``y``."""
    usual = "to_categorical(y, 10)"
    lines = ["from keras.utils import to_categorical", "import numpy as np"]
    code = {name: expression if name in (names or SETS) else usual for name in SETS}
    lines += [f"Y{name} = (lambda y: {code[name]})(Y{name})" for name in SETS]
    return replace_cell(ENCODING, "\n".join(lines))


def wrong(name: str, check: str, edits: Edit | tuple[Edit, ...], *words: str) -> Fault:
    """A fault of the tasks 3.1 to 3.4."""
    return Fault(name, check, edits, words)


LOADED = (
    wrong("images-not-cut", "3.1/loaded", (replace("X = X[0:10000]\n", ""), replace("Y = Y[0:10000]\n", "")),
          "not cut"),
    wrong("only-images-cut", "3.1/loaded", replace("Y = Y[0:10000]\n", ""), "Only one"),
    wrong("test-images-not-cut", "3.1/loaded", (replace("Xtest = Xtest[0:2000]\n", ""),
          replace("Ytest = Ytest[0:2000]\n", "")), "not cut"),
    wrong("too-few-images", "3.1/loaded", (replace("X[0:10000]", "X[0:1000]"),
          replace("Y[0:10000]", "Y[0:1000]")), "fewer rows"),
    wrong("labels-of-other-images", "3.1/loaded", replace("Y = Y[0:10000]", "Y = Y[0:10000][::-1]"),
          "labels of X"),
    wrong("images-shuffled-without-labels", "3.1/loaded",
          replace("X = X[0:10000]", "X = X[np.random.permutation(10000)]"), "labels of X"),
    wrong("train-as-test", "3.1/loaded", replace("Xtest = Xtest[0:2000]", "Xtest = X[0:2000]"), "Xtest"),
    wrong("test-labels-of-training", "3.1/loaded", replace("Ytest = Ytest[0:2000]", "Ytest = Y[0:2000]"),
          "Xtest"),
    wrong("load-misspelled", "3.1/loaded", replace("cifar10.load_data()", "cifar10.load()"),
          "AttributeError"),
    wrong("unpacked-otherwise", "3.1/loaded",
          replace("(X, Y), (Xtest, Ytest) = cifar", "(X, Xtest), (Y, Ytest) = cifar")),
    wrong("another-data-set", "3.1/loaded", replace(
          "(X, Y), (Xtest, Ytest) = cifar10.load_data()", """rng = np.random.default_rng(0)
X, Xtest = rng.integers(0, 256, (10000, 32, 32, 3), 'uint8'), rng.integers(0, 256, (2000, 32, 32, 3), 'uint8')
Y, Ytest = rng.integers(0, 10, (10000, 1)), rng.integers(0, 10, (2000, 1))"""), "none of the given images"),
)  # fmt: skip
SPLITTING = (
    wrong("not-split", "3.2/split", split_by("Xtrain, Ytrain = X, Y"), "Xval"),
    wrong("unpacked-in-the-wrong-order", "3.2/split", split_by(SPLIT.replace("Xval, Ytrain", "Ytrain, Xval")),
          "mixed up", "order"),
    wrong("split-raises", "3.2/split", split_by(SPLIT.replace("0.25", "25000")), "ValueError"),
    wrong("split-not-imported",
          "3.2/split", replace("from sklearn.model_selection import train_test_split\n", ""),
          "NameError"),
    wrong("split-gap-left", "3.2/split", split_by("..."), "Xtrain"),
    wrong("images-flattened", "3.2/split", split_by(SPLIT.replace("(X,", "(X.reshape(10000, -1),")), "32×32"),
    wrong("half-for-validation", "3.2/sizes", split_by(SPLIT.replace("0.25", "0.5")), "50%"),
    wrong("a-tenth-for-validation", "3.2/sizes", split_by(SPLIT.replace("0.25", "0.1")), "10%"),
    wrong("sizes-swapped", "3.2/sizes", split_by(SPLIT.replace("test_size", "train_size")), "swapped"),
    wrong("names-swapped", "3.2/sizes", split_by(
          "Xval, Xtrain, Yval, Ytrain = train_test_split(X, Y, test_size=0.25)"), "swapped"),
    wrong("part-of-the-images-lost", "3.2/sizes", split_by(
          "Xtrain, Xval, Ytrain, Yval = train_test_split(X, Y, test_size=0.25, train_size=0.5)"), "together"),
    wrong("validation-inside-training", "3.2/apart", split_by(
          "_, Xval, _, Yval = train_test_split(X, Y, test_size=0.25)\n"
          "Xtrain, _, Ytrain, _ = train_test_split(X, Y, test_size=0.25)"), "both"),
    wrong("overlap-by-slicing", "3.2/apart", split_by(
          "Xtrain, Ytrain, Xval, Yval = X[:7500], Y[:7500], X[7000:9500], Y[7000:9500]"), "both"),
    wrong("validation-is-the-test-set", "3.2/apart", split_by(
          "Xtrain, _, Ytrain, _ = train_test_split(X, Y, test_size=0.25)\nXval, Yval = Xtest, Ytest"),
          "test images"),
    wrong("labels-split-apart", "3.2/paired", split_by(
          "Xtrain, Xval = train_test_split(X, test_size=0.25)\n"
          "Ytrain, Yval = train_test_split(Y, test_size=0.25)"), "label of another image"),
    wrong("labels-by-another-seed", "3.2/paired", split_by(
          "Xtrain, Xval = train_test_split(X, test_size=0.25, random_state=1)\n"
          "Ytrain, Yval = train_test_split(Y, test_size=0.25, random_state=2)"), "label of another image"),
    wrong("images-shuffled-alone", "3.2/paired", split_by(f"{SPLIT}\nnp.random.shuffle(Xtrain)"),
          "label of another image"),
    wrong("labels-not-shuffled", "3.2/paired", split_by(
          "Xtrain, Xval = train_test_split(X, test_size=0.25)\nYtrain, Yval = Y[:7500], Y[7500:]"),
          "label of another image"),
    wrong("fewer-labels", "3.2/paired", split_by(f"{SPLIT}\nYtrain = Ytrain[:-5]"), "different lengths"),
)  # fmt: skip
SCALED = (
    wrong("scaled-to-0-1", "3.3/range", scaled_by("x.astype('float32') / 255"), "x / 255"),
    wrong("not-preprocessed", "3.3/range", drop_cell(SCALING), "not preprocessed"),
    wrong("only-cast", "3.3/range", scaled_by("x.astype('float32')"), "not preprocessed"),
    wrong("scaled-twice", "3.3/range", insert_cell(
          "Xtrain = Xtrain / 127.5 - 1\nXval = Xval / 127.5 - 1\nXtest = Xtest / 127.5 - 1", after=SCALING),
          "twice"),
    wrong("test-set-not-scaled", "3.3/range", scaled_by("x", "test"), "Xtest are the original"),
    wrong("validation-set-not-scaled", "3.3/range", scaled_by("x.astype('float32')", "val"), "Xval"),
    wrong("sets-scaled-differently", "3.3/range", scaled_by("x.astype('float32') / 255", "val"), "Xval"),
    wrong("test-set-scaled-from-training", "3.3/range", replace("Xtest = Xtest / 127.5",
          "Xtest = Xtrain / 127.5")),
    wrong("standardised", "3.3/range", scaled_by("((x - x.mean()) / x.std()).astype('float32')"),
          "standardised"),
    wrong("divided-by-128", "3.3/range", scaled_by("x.astype('float32') / 128 - 1"), "128"),
    wrong("divided-by-255-minus-1", "3.3/range", scaled_by("x.astype('float32') / 255 - 1"), "-1"),
    wrong("minus-one-forgotten", "3.3/range", scaled_by("x.astype('float32') / 127.5"), "0 and 2"),
    wrong("precedence", "3.3/range", scaled_by("x.astype('float32') / (127.5 - 1)")),
    wrong("inverted", "3.3/range", scaled_by("1 - x.astype('float32') / 127.5")),
    wrong("cast-after-scaling", "3.3/range", scaled_by("(x / 127.5 - 1).astype('uint8')"), "wrapped around"),
    wrong("cast-to-int-after-scaling", "3.3/range", scaled_by("(x / 127.5 - 1).astype(int)"),
          "whole numbers"),
    wrong("float64", "3.3/dtype", scaled_by("x / 127.5 - 1"), "float64"),
    wrong("float64-test-set", "3.3/dtype", scaled_by("x / 127.5 - 1", "test"), "Xtest should be float32"),
    wrong("float16", "3.3/dtype", scaled_by("(x.astype('float16') / 127.5 - 1)"), "float16"),
)  # fmt: skip
ENCODED = (
    wrong("labels-still-numbers", "3.4/one-hot", drop_cell(ENCODING), "still class numbers"),
    wrong("validation-labels-forgotten", "3.4/one-hot", replace("Yval = to_categorical(Yval, 10)\n", ""),
          "Yval are still"),
    wrong("test-labels-forgotten", "3.4/one-hot", replace("Ytest = to_categorical(Ytest, 10)\n", ""),
          "Ytest are still"),
    wrong("nine-columns", "3.4/one-hot", encoded_by("np.eye(9)[np.minimum(y.ravel(), 8)]"), "9 columns"),
    wrong("eleven-columns", "3.4/one-hot", encoded_by("to_categorical(y, 11)"), "11 columns"),
    wrong("too-few-classes", "3.4/one-hot", encoded_by("to_categorical(y, 2)")),
    wrong("encoded-twice", "3.4/one-hot", encoded_by("to_categorical(to_categorical(y, 10), 2)"),
          "encoded twice"),
    wrong("one-axis-too-many", "3.4/one-hot", encoded_by("np.eye(10)[y]"), "one axis too many"),
    wrong("column-shifted", "3.4/one-hot", encoded_by("np.roll(to_categorical(y, 10), 1, axis=1)"),
          "wrong column"),
    wrong("plus-and-minus-one", "3.4/one-hot", encoded_by("2 * to_categorical(y, 10) - 1"), "not one-hot"),
    wrong("only-zeros", "3.4/one-hot", encoded_by("np.zeros((len(y), 10))"), "only zeros"),
    wrong("labels-of-another-set", "3.4/one-hot", replace("Ytest = to_categorical(Ytest",
          "Ytest = to_categorical(Yval")),
    wrong("result-not-kept", "3.4/one-hot", replace("Ytrain = to_categorical(Ytrain, 10)",
          "to_categorical(Ytrain, 10)"),
          "Ytrain are still"),
)  # fmt: skip
FAULTS = (*LOADED, *SPLITTING, *SCALED, *ENCODED)
