"""Tasks 4.2 to 4.6 in a real kernel: three flavours of Keras, arrays, data sets and generators in one notebook."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from checks.cnn import LAB
from grader.evidence import LiveStudent
from tests.checks.cnn.student import failure_of, text_of
from tests.checks.cnn.trained import BY_ID, outcome
from tests.live import LiveKernel

CELLS = (
    """
    import keras, tf_keras, numpy as np, tensorflow as tf
    from sklearn.model_selection import train_test_split
    (X, Y), (Xtest, Ytest) = keras.datasets.cifar10.load_data()
    X, Y, Xtest, Ytest = X[:10000], Y[:10000], Xtest[:2000], Ytest[:2000]
    Xtrain, Xval, Ytrain, Yval = train_test_split(X, Y, test_size=0.25, random_state=1)
    Xtrain, Xval, Xtest = (part.astype('float32') / 127.5 - 1 for part in (Xtrain, Xval, Xtest))
    Ytrain, Yval, Ytest = (keras.utils.to_categorical(part, 10) for part in (Ytrain, Yval, Ytest))
    """,
    """
    def make(k, convolutions, dense=(), dropout=0):
        model = k.Sequential([k.Input((32, 32, 3))])
        for stage in range(convolutions):
            model.add(k.layers.Conv2D(16 * 2**stage, 3, padding='same', activation='relu'))
            model.add(k.layers.BatchNormalization())
            model.add(k.layers.MaxPooling2D())
        model.add(k.layers.Flatten())
        for nodes in dense:
            model.add(k.layers.Dense(nodes, activation='relu'))
            model.add(k.layers.BatchNormalization())
            if dropout:
                model.add(k.layers.Dropout(dropout))
        model.add(k.layers.Dense(10, activation='softmax'))
        model.compile(k.optimizers.Adam(0.01), 'categorical_crossentropy', metrics=['accuracy'])
        return model
    """,
    """
    model1 = make(tf_keras, 2)
    model1.fit(Xtrain, Ytrain, batch_size=20, epochs=20, validation_data=(Xval, Yval), verbose=0)
    model1.evaluate(Xtest, Ytest, verbose=0)
    """,
    """
    train = tf.data.Dataset.from_tensor_slices((Xtrain, Ytrain)).shuffle(500).batch(20)
    model1b = make(tf.keras, 2, (50,))
    model1b.fit(train, epochs=20, validation_data=tf.data.Dataset.from_tensor_slices((Xval, Yval)).batch(50), verbose=0)
    model1b.evaluate(tf.data.Dataset.from_tensor_slices((Xtest, Ytest)).batch(50), verbose=0)
    """,
    """
    model2 = make(keras, 4, (50,))
    model2.fit(Xtrain, Ytrain, batch_size=20, epochs=20, validation_split=0.25, verbose=0)
    model2.summary()
    model2.evaluate(Xtest, Ytest, verbose=0, return_dict=True)
    """,
    """
    held_out = Xtest, Ytest
    model3 = make(keras, 4, (50,), 0.5)
    model3.fit(Xtrain, Ytrain, batch_size=20, epochs=20, validation_data=held_out, verbose=0)
    """,
    "model3.evaluate(Xtest, Ytest[:100], verbose=0)",
    """
    from tensorflow.keras.preprocessing.image import ImageDataGenerator
    model4 = make(tf_keras, 3, (32,), 0.3)
    plain = ImageDataGenerator()
    model4.fit(plain.flow(Xtrain, Ytrain, batch_size=128), epochs=3, validation_data=(Xval, Yval), verbose=0)
    model4.evaluate(Xtest, Ytest, verbose=0)
    """,
)


@pytest.fixture(scope="module")
def student(given: Path) -> Iterator[LiveStudent]:
    kernel = LiveKernel(given, dict(LAB.watch))
    names = ("x_train", "y_train", "x_test", "y_test")
    arrays = {f"cifar10/{name}": np.load(given / "cifar10" / f"{name}.npy") for name in names}
    yield dataclasses.replace(kernel.run(*map(cleaned, CELLS)), given=arrays)
    kernel.close()


def cleaned(source: str) -> str:
    lines = source.strip("\n").splitlines()
    return "\n".join(line.removeprefix("    ") for line in lines)


def test_trainings_of_every_kind_are_judged(student: LiveStudent) -> None:
    """What was trained is the same in each flavour, from each source; the two mistakes alone are found."""
    assert [cell.number for cell in student.cells if cell.error] == [7]
    assert outcome(student)[1] == {"4.5/dropout-data", "4.5/dropout-evaluated"}


def test_the_mistakes_are_named(student: LiveStudent) -> None:
    """The test set under another name is found by its images; the evaluate that stopped has its error told."""
    validation = text_of(failure_of(BY_ID["4.5/dropout-data"], student))
    assert "The test images were used for validation." in validation
    assert "Xtest[0] is test image 0" in validation
    evaluation = text_of(failure_of(BY_ID["4.5/dropout-evaluated"], student))
    assert "cell 7 stopped with ValueError" in evaluation
    assert "more images than labels" in evaluation
