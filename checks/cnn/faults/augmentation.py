"""Tasks 5.1 and 5.2: mistakes with generators and the training from them, and other right ways."""

from __future__ import annotations

from checks.kit.fault import (
    Edit,
    Fault,
    HandIn,
    Rewrite,
    drop_cell,
    edited,
    insert_cell,
    replace,
    replace_cell,
)

GENERATOR = "ImageDataGenerator(rotation_range=30, horizontal_flip=True, vertical_flip=True)"
TRAIN = "train_flow = datagen.flow(Xtrain, Ytrain, batch_size=batch_size)"
VALIDATION = "val_flow = datagen.flow(Xval, Yval, batch_size=batch_size)"
FLOWS = f"# Setup flows for training and validation data\n{TRAIN}\n{VALIDATION}"
SPLIT = (
    "Xtrain, Xval, Ytrain, Yval = train_test_split(Xtrain, Ytrain, test_size=0.25, random_state=42)\n\n"
    "# Change data type and rescale range\nXtrain = Xtrain"
)
SCALE_TRAIN = "Xtrain = Xtrain.astype('float32') / 127.5 - 1\nXval = Xval"
SCALE_VALIDATION = "Xval = Xval.astype('float32') / 127.5 - 1\n"
RELOAD = "# Get all 10,000 training images again."
GENERATOR_CELL = "# Set up a data generator with on-the-fly data augmentation"
BUILD = "model6 = build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=1, n_nodes=32,"
FIT = "history6 = model6.fit(train_flow, validation_data=val_flow, epochs=epochs,"
STEPS = "steps_per_epoch=int(np.ceil(len(Xtrain)/batch_size))"
VALIDATION_STEPS = "validation_steps=int(np.ceil(len(Xval)/batch_size)), "
EVALUATE = "score6 = model6.evaluate(Xtest, Ytest, verbose=0)"
TRAINING_CELL = "# Build model (your best config)"
PREDICT = "y_pred = model6.predict(Xtest, verbose=0)"
MISS = "miss = np.flatnonzero(y_correct != y_pred)"
IMPORT = "from tensorflow.keras.preprocessing.image import ImageDataGenerator"
IMPORT_TF_KERAS = "from tf_keras.preprocessing.image import ImageDataGenerator"
OWN_STEPS = replace(f"{STEPS},\n                      {VALIDATION_STEPS}", "")


def generator(arguments: str) -> Edit:
    """The generator with other arguments."""
    return replace(GENERATOR, f"ImageDataGenerator({arguments})")


def also(arguments: str) -> Edit:
    """The generator with more arguments."""
    return generator(f"rotation_range=30, horizontal_flip=True, vertical_flip=True, {arguments}")


def flows(train: str, validation: str) -> Edit:
    """Other sources for training and validation."""
    return replace(FLOWS, f"train_flow = {train}\nval_flow = {validation}")


def missed(text: str) -> Edit:
    """Another way to find the misclassified images."""
    return replace(MISS, text)


def right(name: str, *edits: Edit) -> Rewrite:
    """A right way to do tasks 5.1 and 5.2."""
    return Rewrite(name, edits, tasks=("5.1", "5.2"))


def in_tf_keras(hand_in: HandIn) -> HandIn:
    """Generator and networks of Keras 2."""
    edits = (
        replace(IMPORT, IMPORT_TF_KERAS),
        replace("import keras\n", "import tf_keras as keras\n", file="utilities.py"),
        replace("from keras.", "from tf_keras.", file="utilities.py", count=0),
    )
    return edited(hand_in, edits)


SUBSETS = (
    also("validation_split=0.25"),
    replace(SPLIT, "Xtrain = Xtrain"),
    replace(SCALE_VALIDATION, "", cell=RELOAD),
    replace("Yval = to_categorical(Yval, 10)\n", "", cell=RELOAD),
)  # fmt: skip
SUBSET_FLOWS = flows(
    "datagen.flow(Xtrain, Ytrain, batch_size=batch_size, subset='training')",
    "datagen.flow(Xtrain, Ytrain, batch_size=batch_size, subset='validation')",
)

FAULTS = (
    # ---- 5.1: there is one
    Fault("no-generator", "5.1/generator", drop_cell(GENERATOR_CELL), ("no generator",)),
    Fault("generator-not-imported", "5.1/generator",
          replace(IMPORT, "from keras.preprocessing.image import ImageDataGenerator"), ("legacy",)),
    Fault("generator-that-stops", "5.1/generator",
          flows("datagen.flow(Xtrain, Ytrain[:100], batch_size=batch_size)", "None"), ("stopped",)),
    # ---- 5.1: what it does
    Fault("no-vertical-flip", "5.1/augments", generator("rotation_range=30, horizontal_flip=True"),
          ("never flips", "vertically")),
    Fault("no-horizontal-flip", "5.1/augments", generator("rotation_range=30, vertical_flip=True"),
          ("never flips", "horizontally")),
    Fault("no-flips", "5.1/augments", generator("rotation_range=30"), ("horizontally or vertically",)),
    Fault("no-rotation", "5.1/augments", generator("horizontal_flip=True, vertical_flip=True"),
          ("never rotates",)),
    Fault("rotation-in-radians", "5.1/augments",
          generator("rotation_range=0.5, horizontal_flip=True, vertical_flip=True"), ("0.5°", "degrees")),
    Fault("rotation-of-2-degrees", "5.1/augments",
          generator("rotation_range=2, horizontal_flip=True, vertical_flip=True"), ("2°",)),
    Fault("rotation-of-90-degrees", "5.1/augments",
          generator("rotation_range=90, horizontal_flip=True, vertical_flip=True"), ("90°",)),
    Fault("rotation-of-180-degrees", "5.1/augments",
          generator("rotation_range=180, horizontal_flip=True, vertical_flip=True"), ("90° and more",)),
    Fault("rotation-of-60-degrees", "5.1/augments",
          generator("rotation_range=60, horizontal_flip=True, vertical_flip=True"), ("60°",)),
    Fault("only-the-validation-is-augmented", "5.1/augments",
          flows("ImageDataGenerator().flow(Xtrain, Ytrain, batch_size=batch_size)",
                "datagen.flow(Xval, Yval, batch_size=batch_size)"), ("never rotates",)),
    # ---- 5.1: values
    Fault("rescaled-again", "5.1/range", also("rescale=1./255"), ("rescale",)),
    Fault("standardised-by-the-generator", "5.1/range",
          also("samplewise_center=True, samplewise_std_normalization=True"), ("leave the range",)),
    Fault("not-preprocessed-after-the-reload", "5.1/range",
          replace(SCALE_TRAIN, "Xval = Xval", cell=RELOAD), ("not preprocessed", "255")),
    Fault("other-scale-after-the-reload", "5.1/range",
          replace(SCALE_TRAIN, "Xtrain = Xtrain.astype('float32') / 255\nXval = Xval", cell=RELOAD),
          ("as before",)),
    Fault("corners-filled-with-255", "5.1/range", also("fill_mode='constant', cval=255"), ("cval",)),
    # ---- 5.1: labels
    Fault("labels-shuffled-for-the-generator", "5.1/labels",
          flows("datagen.flow(Xtrain, np.random.permutation(Ytrain), batch_size=batch_size)",
                "datagen.flow(Xval, Yval, batch_size=batch_size)"), ("label",)),
    Fault("images-shuffled-for-the-generator", "5.1/labels",
          flows("datagen.flow(Xtrain[::-1], Ytrain, batch_size=batch_size)",
                "datagen.flow(Xval, Yval, batch_size=batch_size)"), ("label",)),
    Fault("validation-labels-of-others", "5.1/labels",
          flows("datagen.flow(Xtrain, Ytrain, batch_size=batch_size)",
                "datagen.flow(Xval, Ytrain[:len(Xval)], batch_size=batch_size)"), ("label",)),
    # ---- 5.1: apart
    Fault("validated-on-the-training-images", "5.1/apart",
          flows("datagen.flow(Xtrain, Ytrain, batch_size=batch_size)",
                "datagen.flow(Xtrain, Ytrain, batch_size=batch_size)"), ("also training images",)),
    Fault("validated-on-the-test-images", "5.1/apart",
          flows("datagen.flow(Xtrain, Ytrain, batch_size=batch_size)",
                "datagen.flow(Xtest, Ytest, batch_size=batch_size)"), ("test images",)),
    Fault("stale-validation-after-the-reload", "5.1/apart",
          (replace(SPLIT, "Xtrain = Xtrain"), replace(SCALE_VALIDATION, "", cell=RELOAD),
           replace("Yval = to_categorical(Yval, 10)\n", "", cell=RELOAD)),
          ("also training images", "again")),
    Fault("split-without-subset", "5.1/apart",
          (*SUBSETS, flows("datagen.flow(Xtrain, Ytrain, batch_size=batch_size)",
                           "datagen.flow(Xtrain, Ytrain, batch_size=batch_size)"),
           replace("len(Xval)", "len(Xtrain)")), ("subset",)),
    Fault("subsets-swapped", "5.1/apart",
          (*SUBSETS, flows("datagen.flow(Xtrain, Ytrain, batch_size=batch_size, subset='validation')",
                           "datagen.flow(Xtrain, Ytrain, batch_size=batch_size, subset='training')"),
           OWN_STEPS), ("swapped",)),
    Fault("augmented-without-validation", "5.1/apart",
          (replace(FIT, "history6 = model6.fit(train_flow, epochs=epochs,"), replace(VALIDATION_STEPS, "")),
          ("no validation images",), tasks=("5.1", "5.2")),
    # ---- 5.2: trained
    Fault("steps-as-a-float", "5.2/trained", replace(STEPS, "steps_per_epoch=len(Xtrain)/batch_size"),
          ("float", "int(np.ceil")),
    Fault("fit-generator-in-keras-3", "5.2/trained", replace("model6.fit(", "model6.fit_generator("),
          ("fit_generator",)),
    Fault("generator-of-another-keras", "5.2/trained", replace(IMPORT, IMPORT_TF_KERAS),
          ("the same Keras",)),
    Fault("trained-on-plain-images", "5.2/trained",
          (replace(FIT, "history6 = model6.fit(Xtrain, Ytrain, validation_data=(Xval, Yval), epochs=epochs,"),
           replace(f"\n                      {STEPS},\n                      {VALIDATION_STEPS}", " ")),
          ("not from the generator",)),
    Fault("not-trained-with-augmentation", "5.2/trained", drop_cell(TRAINING_CELL),
          ("No network was trained",)),
    # ---- 5.2: a new network
    Fault("model6-is-model4", "5.2/new-model",
          (replace(BUILD, "model6 = model4\nbuild_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, "
                          "n_dense_layers=1, n_nodes=32,")), ("model4", "not a new network")),
    Fault("model4-trained-further", "5.2/new-model",
          (replace(BUILD, BUILD.removeprefix("model6 = ")), replace("model6", "model4", count=0)),
          ("already",)),
    Fault("model6-pretrained-on-plain-images", "5.2/new-model",
          replace("# Train the model using on the fly augmentation\n",
                  "model6.fit(Xtrain, Ytrain, epochs=2, batch_size=batch_size)\n"), ("not a new network",)),
    # ---- 5.2: steps
    Fault("steps-are-images", "5.2/steps", replace(STEPS, "steps_per_epoch=len(Xtrain)"),
          ("the number of images",)),
    Fault("steps-of-another-batch-size", "5.2/steps", replace(STEPS, "steps_per_epoch=int(len(Xtrain)/20)"),
          ("batches of 20", "128")),
    Fault("steps-of-the-validation-set", "5.2/steps",
          replace(STEPS, "steps_per_epoch=int(np.ceil(len(Xval)/batch_size))"), ("59",)),
    Fault("steps-are-the-batch-size", "5.2/steps", replace(STEPS, "steps_per_epoch=batch_size"),
          ("the batch size",)),
    # ---- 5.2: evaluated
    Fault("model6-only-on-rotated-images", "5.2/evaluated",
          (replace(EVALUATE, "score6 = [0, 0]"), drop_cell("# Find misclassified images")),
          ("not evaluated", "turned by 90°")),
    Fault("model4-evaluated-for-model6", "5.2/evaluated",
          (replace("model6.evaluate(", "model4.evaluate(", count=2),
           drop_cell("# Find misclassified images")), ("model6", "model4")),
    Fault("model6-evaluated-with-other-labels", "5.2/evaluated",
          (replace(EVALUATE, "score6 = model6.evaluate(Xtest, Ytest[::-1], verbose=0)"),
           drop_cell("# Find misclassified images")), ("label",)),
    Fault("model6-evaluated-on-validation", "5.2/evaluated",
          (replace(EVALUATE, "score6 = model6.evaluate(Xval, Yval, verbose=0)"),
           drop_cell("# Find misclassified images")), ("not evaluated",)),
    # ---- 5.2: misclassified
    Fault("rightly-classified-are-shown", "5.2/misclassified",
          missed("miss = np.flatnonzero(y_correct == y_pred)"), ("inverted",)),
    Fault("first-images-are-shown", "5.2/misclassified", missed("miss = np.arange(1000)"),
          ("classified rightly",)),
    Fault("compared-in-another-order", "5.2/misclassified",
          missed("miss = np.flatnonzero(y_correct[::-1] != y_pred)"), ("classified rightly",)),
    Fault("no-predictions", "5.2/misclassified", replace(PREDICT, "y_pred = np.zeros((2000, 10))"),
          ("no predictions",)),
)  # fmt: skip

REWRITES = (
    # ---- generators
    right("validation-split-with-subsets", *SUBSETS, SUBSET_FLOWS, OWN_STEPS),
    right("validation-split-and-the-handouts-steps", *SUBSETS, SUBSET_FLOWS,
          replace("len(Xval)/batch_size", "len(Xtrain)*0.25/batch_size")),
    right("plain-validation-generator",
          flows("datagen.flow(Xtrain, Ytrain, batch_size=batch_size)",
                "ImageDataGenerator().flow(Xval, Yval, batch_size=batch_size, shuffle=False)")),
    right("validation-as-arrays",
          replace(FIT, "history6 = model6.fit(train_flow, validation_data=(Xval, Yval), epochs=epochs,"),
          replace(VALIDATION_STEPS, "")),
    right("more-augmentation",
          also("width_shift_range=0.1, height_shift_range=0.1, zoom_range=0.2, shear_range=10, "
               "channel_shift_range=0.1, brightness_range=(0.8, 1.2), fill_mode='reflect'")),
    right("constant-fill", also("fill_mode='constant', cval=0.0")),
    right("rotation-of-10-degrees", generator("rotation_range=10, horizontal_flip=True, vertical_flip=True")),
    right("rotation-of-45-degrees", generator("rotation_range=45, horizontal_flip=True, vertical_flip=True")),
    right("generator-of-tf-keras", in_tf_keras),
    right("steps-as-a-float-in-tf-keras", in_tf_keras,
          replace(STEPS, "steps_per_epoch=len(Xtrain)/batch_size"),
          replace(VALIDATION_STEPS, "validation_steps=len(Xval)/batch_size, ")),
    right("legacy-generator-of-keras-3",
          replace(IMPORT, "from keras.src.legacy.preprocessing.image import ImageDataGenerator")),
    right("generator-that-scales",
          replace(SCALE_TRAIN, "Xval = Xval", cell=RELOAD), replace(SCALE_VALIDATION, "", cell=RELOAD),
          also("preprocessing_function=lambda image: image / 127.5 - 1")),
    right("flows-inside-the-fit",
          replace(FIT, "history6 = model6.fit(datagen.flow(Xtrain, Ytrain, batch_size=batch_size), "
                       "validation_data=datagen.flow(Xval, Yval, batch_size=batch_size), epochs=epochs,")),
    right("seeded-flow", replace(TRAIN, TRAIN.replace(")", ", seed=1, shuffle=True)"))),
    right("plotted-before-it-is-defined",
          insert_cell("images, labels = train_flow.next()\nplt.imshow(images[0])", before=GENERATOR_CELL),
          insert_cell("images, labels = train_flow.next()\nplt.imshow(images[0])", after=GENERATOR_CELL)),
    right("augmenting-layers",
          replace(TRAINING_CELL, "import keras"),
          replace("# Train the model using on the fly augmentation\n",
                  "model6 = keras.Sequential([keras.layers.Input(Xtrain.shape[1:]), "
                  "keras.layers.RandomFlip('horizontal_and_vertical'), "
                  "keras.layers.RandomRotation(30 / 360), model6])\n"
                  "model6.compile(optimizer='adam', loss=loss, metrics=['accuracy'])\n"),
          replace(FIT, "history6 = model6.fit(Xtrain, Ytrain, batch_size=batch_size, "
                       "validation_data=(Xval, Yval), epochs=epochs,"),
          replace(f"\n                      {STEPS},\n                      {VALIDATION_STEPS}", " ")),
    # ---- training
    right("steps-of-the-generator", replace(STEPS, "steps_per_epoch=len(train_flow)")),
    right("steps-left-out", OWN_STEPS),
    right("steps-rounded-down", replace(STEPS, "steps_per_epoch=len(Xtrain)//batch_size")),
    right("steps-rounded-down-and-one-more", replace(STEPS, "steps_per_epoch=len(Xtrain)//batch_size + 1")),
    right("first-attempt-stopped",
          insert_cell("model6 = build_CNN(input_shape, loss)\n"
                      "model6.fit(train_flow, epochs=2, steps_per_epoch=len(Xtrain)/batch_size)",
                      before=TRAINING_CELL)),
    right("trained-in-two-halves",
          insert_cell("history6 = model6.fit(train_flow, validation_data=val_flow, epochs=epochs)",
                      after=TRAINING_CELL)),
    # ---- after the training
    right("misclassified-as-a-mask", missed("miss = y_correct != y_pred"),
          replace("np.random.permutation(miss)", "np.random.permutation(np.flatnonzero(miss))")),
    right("misclassified-by-where", missed("miss = np.where(y_correct != y_pred)[0]")),
    right("misclassified-by-another-name",
          missed("misclassified_indices = [i for i in range(len(y_pred)) if y_pred[i] != y_correct[i]]"),
          replace("np.random.permutation(miss)", "np.random.permutation(misclassified_indices)")),
    right("misclassified-by-no-name", replace_cell(
        "# Find misclassified images",
        "y_pred = np.argmax(model6.predict(Xtest, verbose=0), axis=1)\ny_correct = np.argmax(Ytest, axis=1)"),
          replace("permutation(miss)", "permutation(np.flatnonzero(y_correct != y_pred))")),
    right("accuracy-from-predictions",
          replace(EVALUATE, "score6 = [0, np.mean(np.argmax(model6.predict(Xtest), axis=1) "
                            "== np.argmax(Ytest, axis=1))]")),
)  # fmt: skip
