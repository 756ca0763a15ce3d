"""Task P2.2: mistakes with VGG-16, and other right ways to build it."""

# ruff: noqa: E501 - a table of edits reads better with one a line

from __future__ import annotations

from checks.kit.fault import Edit, Fault, Rewrite, drop_cell, replace, replace_cell, write

TASK = "P2.2"
HEAD = """def build_vgg16(input_shape=(128, 128, 3), n_classes=9, filters=(64, 128, 256, 512, 512),
                dense=(4096, 4096, 1000), batch_norm=False):"""
BLOCKS = "zip((2, 2, 3, 3, 3), filters)"
CONVOLUTION = "model.add(layers.Conv2D(n_filters, (3, 3), padding='same'))"
POOLING = "        model.add(layers.MaxPooling2D((2, 2), strides=(2, 2)))"
FLATTEN = "model.add(layers.Flatten())"
DENSE = "model.add(layers.Dense(n_nodes, activation='relu'))"
OUTPUT = "model.add(layers.Dense(n_classes, activation='softmax'))"
INPUT_NORM = "    if batch_norm:\n        model.add(layers.BatchNormalization())\n"
NORM_AND_RELU = """            if batch_norm:
                model.add(layers.BatchNormalization())
            model.add(layers.Activation('relu'))
"""
RETURN = "    return model\n"
IMPORTS = "import keras\nfrom keras import layers\nfrom keras.models import Sequential\n\n"


def wrong(name: str, check: str, edit: Edit, *words: str) -> Fault:
    """A mistake, and words of the message that it must give."""
    return Fault(f"vgg-{name}", f"{TASK}/{check}", edit, words)


def right(name: str, *edits: Edit) -> Rewrite:
    """A right way."""
    return Rewrite(f"vgg-{name}", edits, tasks=(TASK,))


def written(source: str, head: str = HEAD, imports: str = IMPORTS) -> Edit:
    """Another body of the function."""
    body = "\n".join(f"    {line}" if line else "" for line in source.strip().split("\n"))
    return replace_cell("def build_vgg16", f"{imports}from keras.optimizers import Adam\n\n{head}\n{body}")


def before_return(line: str) -> Edit:
    """Something done with the model before it is returned."""
    return replace(OUTPUT, f"{OUTPUT}\n    {line}", cell="def build_vgg16")


SECOND_DENSE = """
    for n_nodes in dense:
        model.add(layers.Dense(n_nodes, activation='relu'))"""

FAULTS = (
    # ---- what comes back
    wrong("not-written", "callable", drop_cell("def build_vgg16"), "no function"),
    wrong("not-returned", "callable", replace("    return model", "    pass", cell="def build_vgg16"), "nothing"),
    wrong("returns-the-summary", "callable", replace("return model", "return model.summary()", cell="def build_vgg16"), "nothing"),
    wrong("typing-error", "callable", replace(FLATTEN, "model.add(layers.Flaten())"), "stops with"),
    wrong("keras-not-imported", "callable", replace("from keras import layers\n", ""), "stops with"),
    # ---- the arguments
    wrong("fixed-input", "architecture", replace("shape=input_shape", "shape=(128, 128, 3)"), "input_shape"),
    wrong("fixed-classes", "architecture", replace("layers.Dense(n_classes,", "layers.Dense(9,"), "units", "n_classes"),
    wrong("fixed-filters", "architecture", replace(BLOCKS, "zip((2, 2, 3, 3, 3), (64, 128, 256, 512, 512))"), "filters"),
    wrong("first-filter-doubled", "architecture", replace("n_filters in zip((2, 2, 3, 3, 3), filters):", "i in zip((2, 2, 3, 3, 3), range(5)):\n        n_filters = filters[0] * 2 ** i"), "filters"),
    wrong("fixed-dense", "architecture", replace("for n_nodes in dense:", "for n_nodes in (4096, 4096, 1000):"), "units"),
    wrong("no-argument-dense", "architecture", replace("dense=(4096, 4096, 1000), batch_norm=False):", "batch_norm=False):\n    dense = (4096, 4096, 1000)"), "no argument", "dense"),
    wrong("for-colour-images-only", "architecture", replace("shape=input_shape", "shape=(*input_shape[:2], 3)"), "input"),
    wrong("height-and-width-exchanged", "architecture", replace("shape=input_shape", "shape=(input_shape[1], input_shape[0], input_shape[2])"), "input"),
    # ---- the blocks
    wrong("as-vgg19", "architecture", replace("(2, 2, 3, 3, 3)", "(2, 2, 4, 4, 4)", cell="def build_vgg16"), "convolutions"),
    wrong("as-vgg13", "architecture", replace("(2, 2, 3, 3, 3)", "(2, 2, 2, 2, 2)", cell="def build_vgg16"), "convolutions"),
    wrong("blocks-in-another-order", "architecture", replace("(2, 2, 3, 3, 3)", "(3, 3, 3, 2, 2)", cell="def build_vgg16"), "convolutions"),
    wrong("four-blocks", "architecture", replace(BLOCKS, "zip((2, 2, 3, 3), filters)"), "4 poolings"),
    wrong("no-pooling-after-the-last-block", "architecture", replace(POOLING, "        if n_filters is not filters[-1]:\n    " + POOLING), "pooling"),
    wrong("pooling-after-each-convolution", "architecture", replace(POOLING, "            model.add(layers.MaxPooling2D((2, 2), padding='same'))"), "poolings"),
    wrong("average-pooling", "architecture", replace("MaxPooling2D", "AveragePooling2D", cell="def build_vgg16"), "AveragePooling2D"),
    wrong("pooling-of-three", "architecture", replace("MaxPooling2D((2, 2), strides", "MaxPooling2D((3, 3), padding='same', strides"), "pool_size", "3×3"),
    wrong("kernels-of-five", "architecture", replace("n_filters, (3, 3)", "n_filters, (5, 5)"), "5×5"),
    wrong("padding-valid", "architecture", replace(", padding='same'", ", padding='same' if i else 'valid'", cell="def build_vgg16"), "padding"),
    wrong("no-relu-in-convolutions", "architecture", replace("            model.add(layers.Activation('relu'))\n", ""), "relu"),
    wrong("sigmoid-in-convolutions", "architecture", replace("layers.Activation('relu')", "layers.Activation('sigmoid')"), "sigmoid"),
    wrong("leaky-relu", "architecture", replace("layers.Activation('relu')", "layers.LeakyReLU()"), "activation"),
    wrong("no-bias", "architecture", replace("padding='same')", "padding='same', use_bias=False)", cell="def build_vgg16"), "use_bias"),
    wrong("always-normalised", "architecture", replace(INPUT_NORM, "    model.add(layers.BatchNormalization())\n"), "batch_norm is False"),
    wrong("one-convolution-for-two", "architecture", replace(CONVOLUTION, "if i < 2:\n                same = layers.Conv2D(n_filters, (3, 3), padding='same')\n            model.add(same if i < 2 else keras.Sequential([same]))"), "share"),
    # ---- the dense part
    wrong("no-flatten", "architecture", replace(f"    {FLATTEN}\n", ""), "Flatten"),
    wrong("global-pooling", "architecture", replace("layers.Flatten()", "layers.GlobalAveragePooling2D()"), "GlobalAveragePooling2D"),
    wrong("two-dense-layers", "architecture", replace("for n_nodes in dense:", "for n_nodes in dense[:2]:"), "dense layers"),
    wrong("dense-reversed", "architecture", replace("for n_nodes in dense:", "for n_nodes in dense[::-1]:"), "units"),
    wrong("dense-without-relu", "architecture", replace(DENSE, "model.add(layers.Dense(n_nodes))"), "relu"),
    wrong("dense-dropout", "architecture", replace(DENSE, f"{DENSE}\n        model.add(layers.Dropout(0.5))"), "Dropout"),
    wrong("output-sigmoid", "architecture", replace("activation='softmax'", "activation='sigmoid'", cell="def build_vgg16"), "sigmoid"),
    wrong("output-of-logits", "architecture", replace(", activation='softmax'", "", cell="def build_vgg16"), "softmax"),
    wrong("softmax-twice", "architecture", before_return("model.add(layers.Softmax())"), "twice"),
    # ---- batch normalisation
    wrong("no-argument-batch-norm", "normalisation", replace(", batch_norm=False):", "):\n    batch_norm = False"), "batch_norm"),
    wrong("batch-norm-not-used", "normalisation", replace("if batch_norm:", "if False:", cell="def build_vgg16", count=2), "BatchNormalization"),
    wrong("input-not-normalised", "normalisation", replace(INPUT_NORM, ""), "input is not normalised"),
    wrong("only-input-normalised", "normalisation", replace(NORM_AND_RELU, "            model.add(layers.Activation('relu'))\n"), "BatchNormalization"),
    wrong("normalised-after-relu", "normalisation", replace(NORM_AND_RELU, "            model.add(layers.Activation('relu'))\n            if batch_norm:\n                model.add(layers.BatchNormalization())\n"), "after the relu"),
    wrong("normalised-once-a-block", "normalisation", replace("            if batch_norm:\n", "            if batch_norm and i == 0:\n"), "BatchNormalization"),
    wrong("dense-normalised", "normalisation", replace(DENSE, f"{DENSE}\n        if batch_norm:\n            model.add(layers.BatchNormalization())"), "dense part"),
    wrong("relu-only-without-batch-norm", "normalisation", replace("            model.add(layers.Activation('relu'))\n", "            else:\n                model.add(layers.Activation('relu'))\n"), "relu"),
    wrong("batch-norm-without-scale", "normalisation", replace("            if batch_norm:\n                model.add(layers.BatchNormalization())", "            if batch_norm:\n                model.add(layers.BatchNormalization(scale=False))"), "scale"),
    # ---- the numbers
    wrong("frozen", "parameters", replace(CONVOLUTION, "model.add(layers.Conv2D(n_filters, (3, 3), padding='same', trainable=False))"), "frozen"),
    wrong("filters-capped", "parameters", replace("n_filters, (3, 3)", "min(n_filters, 256), (3, 3)"), "filters"),
    wrong("dense-capped", "parameters", replace("layers.Dense(n_nodes,", "layers.Dense(min(n_nodes, 1024),"), "units"),
    wrong("normalisations-frozen", "normalised-parameters", replace("layers.BatchNormalization()", "layers.BatchNormalization(trainable=False)", count=2), "frozen"),
    wrong("raises-for-large-batch-norm", "normalised-parameters", replace("    model = Sequential()", "    assert not (batch_norm and filters[0] > 32)\n    model = Sequential()"), "AssertionError"),
)  # fmt: skip

FUNCTIONAL = """
x = inputs = layers.Input(input_shape)
if batch_norm:
    x = layers.BatchNormalization()(x)
for number, n_filters in zip([2, 2, 3, 3, 3], filters):
    for _ in range(number):
        if batch_norm:
            x = layers.Conv2D(n_filters, 3, padding='same')(x)
            x = layers.BatchNormalization()(x)
            x = layers.ReLU()(x)
        else:
            x = layers.Conv2D(n_filters, 3, padding='same', activation='relu')(x)
    x = layers.MaxPool2D()(x)
x = layers.Flatten()(x)
for nodes in dense:
    x = layers.Dense(nodes)(x)
    x = layers.Activation('relu')(x)
outputs = layers.Dense(n_classes)(x)
outputs = layers.Softmax()(outputs)
return keras.Model(inputs, outputs, name='VGG16')
"""
ZERO_PADDED = """
model = Sequential()
model.add(layers.Input(input_shape))
if batch_norm:
    model.add(layers.BatchNormalization())
for number, n_filters in zip([2, 2, 3, 3, 3], filters):
    for i in range(number):
        model.add(layers.ZeroPadding2D((1, 1)))
        model.add(layers.Conv2D(n_filters, (3, 3)))
        if batch_norm:
            model.add(layers.BatchNormalization())
        model.add(layers.Activation('relu'))
    model.add(layers.MaxPooling2D((2, 2), padding='same'))
model.add(layers.Flatten())
model.add(layers.Dense(dense[0], activation='relu'))
model.add(layers.Dense(dense[1], activation='relu'))
model.add(layers.Dense(dense[2], activation='relu'))
model.add(layers.Dense(n_classes, activation='softmax'))
return model
"""
NESTED = """
def block(number, n_filters):
    stack = Sequential()
    for _ in range(number):
        stack.add(layers.Conv2D(n_filters, (3, 3), padding='same'))
        if batch_norm:
            stack.add(layers.BatchNormalization())
        stack.add(layers.ReLU())
    stack.add(layers.MaxPooling2D())
    return stack

first = [layers.BatchNormalization()] if batch_norm else []
blocks = [block(number, n) for number, n in zip((2, 2, 3, 3, 3), filters)]
head = [layers.Dense(n, activation='relu') for n in dense]
return Sequential([keras.Input(input_shape), *first, *blocks, layers.Flatten(), *head,
                   layers.Dense(n_classes, activation='softmax')])
"""
SUBCLASS = """import keras
from keras import layers

class VGG16(keras.Model):
    def __init__(self, n_classes, filters, dense, batch_norm):
        super().__init__()
        self.steps = [layers.BatchNormalization()] if batch_norm else []
        for number, n in zip((2, 2, 3, 3, 3), filters):
            for _ in range(number):
                self.steps.append(layers.Conv2D(n, 3, padding='same'))
                if batch_norm:
                    self.steps.append(layers.BatchNormalization())
                self.steps.append(layers.ReLU())
            self.steps.append(layers.MaxPooling2D())
        self.steps.append(layers.Flatten())
        self.steps += [layers.Dense(n, activation='relu') for n in dense]
        self.steps.append(layers.Dense(n_classes, activation='softmax'))

    def call(self, x):
        for step in self.steps:
            x = step(x)
        return x

"""
IN_A_MODULE = f"from keras import layers\nfrom keras.models import Sequential\n\n{HEAD}\n" + "\n".join(
    f"    {line}" if line else "" for line in ZERO_PADDED.strip().split("\n")
)

REWRITES = (
    right("functional", written(FUNCTIONAL)),
    right("zero-padding-and-pooling-same", written(ZERO_PADDED)),
    right("nested-blocks", written(NESTED)),
    right("model-subclass", written("model = VGG16(n_classes, filters, dense, batch_norm)\nmodel.build((None, *input_shape))\nreturn model", imports=SUBCLASS)),
    right("tf-keras", written(FUNCTIONAL, imports="import tf_keras as keras\nfrom tf_keras import layers\n"), ),
    right("tensorflow-keras", written(FUNCTIONAL, imports="from tensorflow import keras\nfrom tensorflow.keras import layers\n")),
    right("compiled", before_return("model.compile(optimizer=Adam(1e-3), loss='categorical_crossentropy', metrics=['accuracy'])")),
    right("own-names", replace("n_classes=9, filters=", "num_classes=9, n_filters=", cell="def build_vgg16"),
          replace("dense=(4096, 4096, 1000), batch_norm=False):", "dense_units=(4096, 4096, 1000), use_bn=False):\n    n_classes, filters, dense, batch_norm = num_classes, n_filters, dense_units, use_bn")),
    right("wants-lists", replace("for n_nodes in dense:", "for n_nodes in dense + []:", cell="def build_vgg16")),
    right("initialisers-and-names", replace("n_filters, (3, 3), padding='same')", "n_filters, (3, 3), padding='same', kernel_initializer='he_normal')", cell="def build_vgg16")),
    right("regularised", replace("n_filters, (3, 3), padding='same')", "n_filters, (3, 3), padding='same', kernel_regularizer=keras.regularizers.l2(5e-4))", cell="def build_vgg16")),
    right("scales-inside", replace("model.add(layers.Input(shape=input_shape))", "model.add(layers.Input(shape=input_shape))\n    model.add(layers.Rescaling(1 / 127.5, offset=-1))", cell="def build_vgg16")),
    right("reshape-for-flatten", replace("layers.Flatten()", "layers.Reshape((-1,))")),
    right("relu-after-pooling-too", replace(POOLING, f"{POOLING}\n        model.add(layers.ReLU())")),
    right("further-arguments", replace("batch_norm=False):", "batch_norm=False, name='vgg16', verbose=False):", cell="def build_vgg16")),
    right("in-a-module", write("vgg.py", IN_A_MODULE),
          replace_cell("def build_vgg16", "import keras\nfrom keras.optimizers import Adam\nfrom vgg import build_vgg16")),
)  # fmt: skip
