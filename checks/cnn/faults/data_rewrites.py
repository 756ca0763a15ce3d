"""Tasks 3.1 to 3.4: other right ways to load, split, scale and encode."""

from __future__ import annotations

from checks.cnn.faults.data import ENCODING, LOADING, SCALING, SPLIT, encoded_by, scaled_by, split_by
from checks.kit.fault import Edit, Rewrite, drop_cell, insert_cell, replace, replace_cell

TASKS = ("3.1", "3.2", "3.3", "3.4")
IMPORT = "from keras.datasets import cifar10"


def right(name: str, *edits: Edit) -> Rewrite:
    """A right way through the tasks 3.1 to 3.4."""
    return Rewrite(name, edits, tasks=TASKS)


REWRITES = (
    right("data-as-in-the-handout"),
    Rewrite("reference-data", tasks=TASKS, base="solution"),
    # ---- loading
    right("data-from-tensorflow-keras", replace(IMPORT, "from tensorflow.keras.datasets import cifar10"),
          replace("from keras.utils import", "from tensorflow.keras.utils import")),
    right("data-from-tf-keras", replace(IMPORT, "from tf_keras.datasets import cifar10"),
          replace("from keras.utils import", "from tf_keras.utils import")),
    right("data-by-dotted-names", replace(IMPORT, "import keras"),
          replace("= cifar10.load_data()", "= keras.datasets.cifar10.load_data()")),
    right("cut-when-loaded", replace_cell(LOADING, """
        import numpy as np
        from tensorflow import keras
        (X, Y), (Xtest, Ytest) = keras.datasets.cifar10.load_data()
        X, Y, Xtest, Ytest = X[:10_000], Y[:10_000], Xtest[:2_000], Ytest[:2_000]
        """)),
    right("labels-flattened", insert_cell("Y = Y.flatten()\nYtest = Ytest.ravel()", before=SPLIT)),
    right("lower-case-names", *(replace(old, new, count=0) for old, new in (
          ("Xtrain", "x_train"), ("Xval", "x_val"), ("Xtest", "x_test"), ("Ytrain", "y_train"),
          ("Yval", "y_val"), ("Ytest", "y_test")))),
    # ---- splitting
    right("thirty-percent", split_by(SPLIT.replace("0.25", "0.3"))),
    right("no-random-state", split_by(SPLIT.replace(", random_state=42", ""))),
    right("stratified", split_by(SPLIT.replace(", random_state", ", stratify=Y, random_state"))),
    right("size-as-a-number", split_by(SPLIT.replace("0.25", "2500"))),
    right("train-size", split_by(SPLIT.replace("test_size=0.25", "train_size=0.75"))),
    right("not-shuffled", split_by(SPLIT.replace("random_state=42", "shuffle=False"))),
    right("split-by-slicing", split_by(
          "Xtrain, Xval, Ytrain, Yval = X[:7500], X[7500:], Y[:7500], Y[7500:]")),
    right("split-by-a-permutation", split_by(
          "order = np.random.permutation(len(X))\n"
          "Xtrain, Xval, Ytrain, Yval = X[order[2500:]], X[order[:2500]], Y[order[2500:]], Y[order[:2500]]")),
    right("split-with-one-seed-twice", split_by(
          "Xtrain, Xval = train_test_split(X, test_size=0.25, random_state=7)\n"
          "Ytrain, Yval = train_test_split(Y, test_size=0.25, random_state=7)")),
    right("shuffled-before-the-split", split_by(
          f"from sklearn.utils import shuffle\nX, Y = shuffle(X, Y, random_state=3)\n{SPLIT}")),
    # ---- scaling
    right("scaled-in-one-line", scaled_by("x.astype('float32') / 127.5 - 1")),
    right("scaled-by-255-times-2", scaled_by("2 * (x.astype('float32') / 255) - 1")),
    right("scaled-by-subtracting-first", scaled_by("(x.astype('float32') - 127.5) / 127.5")),
    right("scaled-as-float64-first", scaled_by("(x / 127.5 - 1).astype(np.float32)")),
    right("scaled-by-np-float32", scaled_by("np.float32(x) / np.float32(127.5) - 1")),
    right("scaled-by-interpolation", scaled_by("np.interp(x, (0, 255), (-1, 1)).astype('float32')")),
    right("scaled-by-a-function", replace_cell(SCALING, """
        def preprocess(images):
            return images.astype('float32') / 127.5 - 1
        Xtrain, Xval, Xtest = map(preprocess, (Xtrain, Xval, Xtest))
        """)),
    right("scaled-in-place", replace_cell(SCALING, """
        Xtrain, Xval, Xtest = [images.astype('float32') for images in (Xtrain, Xval, Xtest)]
        for images in (Xtrain, Xval, Xtest):
            images /= 127.5
            images -= 1
        """)),
    right("scaled-by-a-layer", replace_cell(SCALING, """
        import keras
        rescale = keras.layers.Rescaling(1 / 127.5, offset=-1)
        Xtrain, Xval, Xtest = [rescale(images).numpy() for images in (Xtrain, Xval, Xtest)]
        """)),
    right("scaled-before-the-split", drop_cell(SCALING), insert_cell(
          "X = X.astype('float32') / 127.5 - 1\nXtest = Xtest.astype('float32') / 127.5 - 1", before=SPLIT)),
    # ---- encoding
    right("one-hot-with-tensorflow", encoded_by("__import__('tensorflow').one_hot(y.ravel(), 10).numpy()")),
    right("one-hot-by-hand", encoded_by("np.eye(10)[y.ravel()]")),
    right("one-hot-by-comparison", encoded_by("(y.reshape(-1, 1) == np.arange(10)).astype('float32')")),
    right("one-hot-in-a-loop", replace_cell(ENCODING, """
        def hot(labels):
            rows = np.zeros((len(labels), 10))
            for row, label in enumerate(labels):
                rows[row, int(label[0])] = 1
            return rows
        Ytrain, Yval, Ytest = hot(Ytrain), hot(Yval), hot(Ytest)
        """)),
    right("one-hot-by-scikit-learn", encoded_by(
          "__import__('sklearn.preprocessing').preprocessing.OneHotEncoder().fit(Y).transform(y).toarray()")),
    right("one-hot-by-keyword", encoded_by("to_categorical(y, num_classes=10)")),
    right("one-hot-without-a-number", encoded_by("to_categorical(y)")),
    right("one-hot-as-integers", encoded_by("to_categorical(y, 10).astype('uint8')")),
    right("encoded-before-the-split", drop_cell(ENCODING), insert_cell(
          "from keras.utils import to_categorical\n"
          "Y = to_categorical(Y, 10)\nYtest = to_categorical(Ytest, 10)", before=SPLIT)),
    right("all-in-one-cell", drop_cell(SCALING), drop_cell(ENCODING), split_by(f"""{SPLIT}
from keras.utils import to_categorical
Xtrain, Xval, Xtest = [(x.astype('float32') / 127.5) - 1 for x in (Xtrain, Xval, Xtest)]
Ytrain, Yval, Ytest = [to_categorical(y, 10) for y in (Ytrain, Yval, Ytest)]""")),
)  # fmt: skip
