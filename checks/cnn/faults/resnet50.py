"""Faults and rewrites of task 7: photographs classified with a pre-trained ResNet50."""

from __future__ import annotations

from checks.kit.fault import Edit, Fault, Rewrite, append_cell, drop_cell, replace, replace_cell

LOAD = "model8 = ResNet50(weights='imagenet')"
LOOP = "# Classify five photos"
NAMES = "['cat.jpg', 'dog.jpg', 'car.jpg', 'boat.jpg', 'house.jpg']"
PREPROCESS = "    x = preprocess_input(x)"
PREDICT = "    preds = model8.predict(x, verbose=0)"
EXPAND = "    x = np.expand_dims(x, axis=0)\n"
READ = "    img = image.load_img(name, target_size=(224, 224))\n    x = image.img_to_array(img)\n"
PRINT = "    print(name, 'predicted:', decode_predictions(preds, top=3)[0])"
IMPORT = "from keras.applications.resnet50 import ResNet50, preprocess_input, decode_predictions"


def preprocessed(code: str) -> Edit:
    """Another line in the place of ``x = preprocess_input(x)``."""
    return replace(PREPROCESS, f"    {code}", cell=LOOP)


def loaded(call: str) -> Edit:
    """Another network in ``model8``."""
    return replace(LOAD, f"import keras\nmodel8 = {call}")


def printed(code: str) -> Edit:
    """Another line in the place of the one that prints what was decoded."""
    return replace(PRINT, f"    {code}")


def module_of(name: str) -> Edit:
    """Another network's ``preprocess_input``."""
    ours = "from keras.applications.resnet50 import ResNet50, decode_predictions"
    return replace(IMPORT, f"{ours}\nfrom keras.applications.{name} import preprocess_input")


NETWORK = (
    Fault("resnet-weights-none", "7/network", loaded("ResNet50(weights=None)"), ("random weights",)),
    Fault("resnet-without-top", "7/network", loaded("ResNet50(include_top=False)"), ("include_top",)),
    Fault(
        "resnet-is-mobilenet", "7/network", loaded("keras.applications.MobileNetV2(weights='imagenet')"),
        ("MobileNetV2",),
    ),
    Fault("resnet-is-v2", "7/network", loaded("keras.applications.ResNet50V2()"), ("ResNet50V2",)),
    Fault("resnet-misspelt", "7/network", loaded("ResNet50(weight='imagenet')"), ("TypeError",)),
)  # fmt: skip

SHAPE = (
    Fault("photos-no-batch-axis", "7/predicted", replace(EXPAND, "", cell=LOOP), ("batch axis",)),
    Fault("photos-other-size", "7/predicted", replace("(224, 224)", "(299, 299)", cell=LOOP), ("299",)),
    Fault(
        "photos-original-size", "7/predicted", replace(", target_size=(224, 224)", "", cell=LOOP), ("224",)
    ),
    Fault("photos-not-predicted", "7/predicted", drop_cell(LOOP), ("No photograph",)),
    Fault(
        "photos-batch-axis-twice", "7/predicted", replace(EXPAND, EXPAND * 2, cell=LOOP), ("more than once",)
    ),
    Fault(
        "photos-misspelt", "7/predicted", replace("img_to_array(img)", "img_to_array(imag)"), ("NameError",)
    ),
)

PIXELS = (
    Fault("photos-not-preprocessed", "7/preprocessing", preprocessed("pass"), ("not preprocessed",)),
    Fault("photos-for-mobilenet", "7/preprocessing", module_of("mobilenet_v2"), ("another network",)),
    Fault("photos-for-inception", "7/preprocessing", module_of("inception_v3"), ("another network",)),
    Fault("photos-for-densenet", "7/preprocessing", module_of("densenet"), ("DenseNet",)),
    Fault(
        "photos-preprocessed-twice", "7/preprocessing",
        preprocessed("x = preprocess_input(preprocess_input(x))"), ("twice",),
    ),
    Fault(
        "photos-preprocessed-in-place-twice", "7/preprocessing",
        preprocessed("preprocess_input(x)\n    x = preprocess_input(x)"), ("twice",),
    ),
    Fault("photos-divided-by-255", "7/preprocessing", preprocessed("x = x / 255.0"), ("[0, 1]",)),
    Fault(
        "photos-divided-before", "7/preprocessing", preprocessed("x = preprocess_input(x / 255.0)"),
        ("before preprocess_input",),
    ),
    Fault(
        "photos-divided-after", "7/preprocessing", preprocessed("x = preprocess_input(x) / 255.0"),
        ("after preprocess_input",),
    ),
    Fault("photos-as-cifar", "7/preprocessing", preprocessed("x = x / 127.5 - 1"), ("[−1, 1]",)),
    Fault(
        "photos-blue-first", "7/preprocessing",
        replace(READ, "    import cv2\n    x = cv2.resize(cv2.imread(name), (224, 224))\n", cell=LOOP),
        ("red and blue are swapped",),
    ),
    Fault(
        "photos-means-only", "7/preprocessing", preprocessed("x = x - [123.68, 116.779, 103.939]"),
        ("not swapped",),
    ),
)  # fmt: skip

NUMBER = (
    Fault(
        "photos-four",
        "7/photos",
        replace(NAMES, "['cat.jpg', 'dog.jpg', 'car.jpg', 'boat.jpg']"),
        ("4 of 5",),
    ),
    Fault("photos-one", "7/photos", replace(NAMES, "['cat.jpg']"), ("1 of 5",)),
    Fault("photos-same-five-times", "7/photos", replace(NAMES, "['cat.jpg'] * 5"), ("1 of 5", "cat.jpg")),
    Fault("photos-wrong-loop", "7/photos", replace("load_img(name,", "load_img('cat.jpg',"), ("1 of 5",)),
)

NAMED = (
    Fault("classes-not-decoded", "7/decoded", printed("print(name, preds)"), ("not decoded",)),
    Fault("classes-as-numbers", "7/decoded", printed("print(np.argmax(preds))"), ("not decoded",)),
    Fault(
        "classes-never-shown", "7/decoded",
        (printed("best = decode_predictions(preds, top=3)[0]"), drop_cell("from ray import tune"),
         drop_cell("search_space = {")),
        ("never shown",),
    ),
    Fault(
        "classes-of-one-row", "7/decoded", printed("print(name, decode_predictions(preds[0], top=3))"),
        ("(1000,)",),
    ),
)  # fmt: skip

FAULTS = (*NETWORK, *SHAPE, *PIXELS, *NUMBER, *NAMED)


def loop(body: str, before: str = "") -> Edit:
    """Another cell in the place of the loop over the five photographs."""
    return replace_cell(LOOP, f"{LOOP}\n{before}for name in {NAMES}:\n{body}")


def imports(lines: str) -> Edit:
    """Other imports in the place of Keras'."""
    return replace(f"{IMPORT}\nfrom keras.preprocessing import image", lines)


def flavour(library: str) -> Edit:
    """The same imports from another flavour of Keras."""
    return imports(
        f"from {library}.applications.resnet50 import ResNet50, preprocess_input, decode_predictions\n"
        f"from {library}.preprocessing import image"
    )


ONE_BATCH = f"""
import keras
batch = []
{LOOP}
for name in {NAMES}:
    img = keras.utils.load_img('photos/' + name, target_size=(224, 224), interpolation='bilinear')
    batch.append(keras.utils.img_to_array(img))
preds = model8.predict(preprocess_input(np.stack(batch)))
for name, best in zip({NAMES}, decode_predictions(preds, top=1)):
    print(name, best[0][1], best[0][2])
"""
CV2 = """\
    import cv2
    picture = cv2.cvtColor(cv2.imread('/content/drive/MyDrive/' + name), cv2.COLOR_BGR2RGB)
    x = preprocess_input(np.expand_dims(cv2.resize(picture, (224, 224)).astype('float32'), 0))
    print(decode_predictions(model8.predict(x, verbose=0), top=1))
"""
PILLOW = """\
    from PIL import Image
    picture = Image.open(name).convert('RGB').resize((224, 224), Image.LANCZOS)
    x = preprocess_input(np.array(picture)[np.newaxis])
    plt.imshow(picture)
    plt.title(decode_predictions(model8.predict(x), top=1)[0][0][1])
    plt.show()
"""
FOLDER = """
import os
# Classify five photos
for name in sorted(os.listdir('my_photos')):
    img = image.load_img(os.path.join('my_photos', name), target_size=(224, 224), keep_aspect_ratio=True)
    preds = model8.predict(preprocess_input(image.img_to_array(img)[None]), verbose=0)
    print(name, decode_predictions(preds, top=3))
"""
GLOB = """
import numpy as np
from pathlib import Path
# Classify five photos
def classify(path):
    img = image.load_img(path, target_size=(224, 224))
    x = preprocess_input(np.expand_dims(image.img_to_array(img), 0))
    return decode_predictions(model8(x, training=False).numpy(), top=5)[0]
for path in Path('photos').glob('*.jpg'):
    for _, label, score in classify(path):
        print(path.name, label, f'{score:.1%}')
"""
TENSORFLOW = """\
    import tensorflow as tf
    picture = tf.io.decode_jpeg(tf.io.read_file(name), channels=3)
    x = preprocess_input(tf.image.resize(picture, (224, 224))[tf.newaxis, ...])
    print(decode_predictions(model8.predict(x, verbose=0), top=2))
"""
PADDED = """\
    import tensorflow as tf
    picture = np.array(image.load_img(name))
    x = preprocess_input(tf.image.resize_with_pad(picture, 224, 224).numpy()[None])
    print(decode_predictions(model8.predict(x, verbose=0), top=2))
"""
INSIDE = """
import keras
model8b = keras.Sequential([keras.layers.Input((224, 224, 3)), keras.layers.Lambda(preprocess_input), model8])
# Classify five photos
for name in ['cat.jpg', 'dog.jpg', 'car.jpg', 'boat.jpg', 'house.jpg']:
    x = np.array(image.load_img(name, target_size=(224, 224)), dtype='float32')[None]
    print(decode_predictions(model8b.predict(x, verbose=0), top=1))
"""
CIFAR = """
import keras
# Classify five photos
pictures = keras.datasets.cifar10.load_data()[1][0][:5]
large = keras.ops.image.resize(pictures.astype('float32'), (224, 224))
preds = model8.predict(preprocess_input(np.array(large)))
print(decode_predictions(preds, top=1))
"""
DOWNLOADED = """\
    import keras
    path = keras.utils.get_file(name, origin='https://example.org/photos/' + name)
    img = image.load_img(path, target_size=(224, 224))
    x = preprocess_input(np.expand_dims(image.img_to_array(img), 0))
    print(decode_predictions(model8.predict(x, verbose=0), top=1))
"""

TASKS = ("7",)
REWRITES = (
    Rewrite("photos-as-written", (), TASKS),
    Rewrite("photos-tf-keras", flavour("tf_keras"), TASKS),
    Rewrite("photos-tensorflow-keras", flavour("tensorflow.keras"), TASKS),
    Rewrite("photos-one-batch", replace_cell(LOOP, ONE_BATCH), TASKS),
    Rewrite("photos-opencv-from-colab", loop(CV2), TASKS),
    Rewrite("photos-pillow-with-titles", loop(PILLOW), TASKS),
    Rewrite("photos-of-a-folder", replace_cell(LOOP, FOLDER), TASKS),
    Rewrite("photos-by-glob-and-call", replace_cell(LOOP, GLOB), TASKS),
    Rewrite("photos-tensorflow-io", loop(TENSORFLOW), TASKS),
    Rewrite("photos-padded", loop(PADDED), TASKS),
    Rewrite("photos-preprocessed-inside", replace_cell(LOOP, INSIDE), TASKS),
    Rewrite("photos-are-test-images", replace_cell(LOOP, CIFAR), TASKS),
    Rewrite("photos-downloaded", loop(DOWNLOADED), TASKS),
    Rewrite("photos-preprocessed-for-vgg16", module_of("vgg16"), TASKS),
    Rewrite(
        "photos-preprocessed-by-hand", preprocessed("x = x[..., ::-1] - [103.939, 116.779, 123.68]"), TASKS
    ),
    Rewrite(
        "photos-also-without-preprocessing",
        replace(PREPROCESS, f"    print(model8.predict(x.copy(), verbose=0).max())\n{PREPROCESS}", cell=LOOP),
        TASKS,
    ),
    Rewrite("photos-on-windows", replace("load_img(name,", "load_img('C:\\\\photos\\\\' + name,"), TASKS),
    Rewrite("photos-weights-by-default", loaded("keras.applications.ResNet50()"), TASKS),
    Rewrite("photos-and-more-after", append_cell("print(model8.count_params())"), TASKS),
)  # fmt: skip
