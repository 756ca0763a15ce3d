"""What a training or evaluation stopped with, and what to do about it."""

from __future__ import annotations

import re

_CURES = (
    (
        r"'float' object cannot be interpreted as an integer",
        "Keras 3 takes whole numbers only for epochs, batch_size and steps: a division gives a float. "
        "Write int(np.ceil(len(Xtrain) / batch_size)) for the steps, and 20 instead of 20.0.",
    ),
    (
        r"has no attribute 'next'",
        "In Keras 3 an iterator has no .next(): write next(train_flow).",
    ),
    (
        r"'NoneType' object has no attribute '(fit|evaluate|summary)'",
        "build_CNN returns nothing: end it with `return model`.",
    ),
    (
        r"cardinality|inconsistent number|same (length|number of samples)",
        "There are more images than labels, or fewer: pass images and labels of the same set.",
    ),
    (
        r"target and output|`target` and `output`|Shapes \(.*\) and \(.*\) are incompatible|rank of 2|"
        r"does not match the shape",
        "The labels do not have the form that the loss asks for: categorical_crossentropy wants one-hot "
        "labels, (n, 10), which to_categorical makes.",
    ),
    (
        r"must (first )?(call|be) .{0,20}compile|not compiled|call `?compile",
        "The model was not compiled: build_CNN ends with model.compile(…) before it returns the model.",
    ),
    (
        r"optimizer cannot recognize variable|optimizer.{0,60}different|was not built for|unknown variable",
        "The optimiser was made for another model: make a new one for each model, inside build_CNN.",
    ),
    (
        r"unexpected keyword argument",
        "The call passes an argument that the function does not have: compare it with the line of its def.",
    ),
    (
        r"negative dimension|Computed output size would be negative|downsampling",
        "The map has shrunk to nothing: use padding='same', and fewer poolings.",
    ),
    (
        r"incompatible with the layer|expected shape=|expected axis|expected min_ndim",
        "The images do not have the shape that the network was built for: pass input_shape=Xtrain.shape[1:].",
    ),
    (
        r"^(Timeout|Stopped|KeyboardInterrupt)",
        "The cell ran for too long, although the grader cuts each training short: how much does it do?",
    ),
    (r"^(ResourceExhaustedError|MemoryError|OOM)", "Take smaller batches."),
    (
        r"^NameError",
        "The name is not known when the cell runs: does an earlier cell set it, and did that cell run to "
        "its end?",
    ),
    (
        r"^(ModuleNotFoundError|ImportError)",
        "The import failed: hand in the file that is imported together with the notebook.",
    ),
    (r"^AttributeError: 'str' object", "A text stands where a model or an array is wanted."),
)  # fmt: skip


def cure(error: str) -> str:
    """What to do about an error, written ``TypeError: …``; "" where it says enough itself."""
    found = (words for pattern, words in _CURES if re.search(pattern, error, re.IGNORECASE))
    return next(found, "")


def sentence(error: str) -> str:
    """An error on one line, cut where libraries go on for pages."""
    line = " ".join(error.split())
    return line if len(line) <= 300 else f"{line[:299]}…"
