"""Task P2.1: mistakes with the fish and the sets made of them, and other right ways."""

# ruff: noqa: E501 - a table of edits reads better with one a line

from __future__ import annotations

from checks.kit.fault import Edit, Fault, Rewrite, drop_cell, replace, replace_cell

TASK = "P2.1"
CELL = "def load_fish"
SKIP = "if not folder.is_dir() or folder.name.endswith(' GT'):"
GLOB = "sorted(folder.glob('*.png'))"
READ = "image = cv2.imread(str(path))"
RGB = "image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)"
IMAGE = "images.append(cv2.resize(image, (size, size)))"
LABEL = "labels.append(folder.name)"
RETURN = "return np.array(images, dtype=np.uint8), np.array(labels)"
TRAIN = "Xtrain, Xtest, ytrain, ytest = train_test_split(images, labels, test_size=0.2, random_state=42, stratify=labels)"
VAL = "Xtrain, Xval, ytrain, yval = train_test_split(Xtrain, ytrain, test_size=0.2, random_state=42, stratify=ytrain)"
BINARISE = "Ytrain = binarizer.fit_transform(ytrain)"


def wrong(name: str, check: str, edit: Edit | tuple[Edit, ...], *words: str) -> Fault:
    """A mistake, and words of the message that it must give."""
    return Fault(f"fish-{name}", f"{TASK}/{check}", edit, words)


def right(name: str, *edits: Edit) -> Rewrite:
    """A right way."""
    return Rewrite(f"fish-{name}", edits, tasks=(TASK,))


def load(old: str, new: str) -> Edit:
    """Another line in ``load_fish``."""
    return replace(old, new, cell=CELL)


FAULTS = (
    # ---- what comes back
    wrong("not-written", "loads", drop_cell(CELL), "no function"),
    wrong("not-returned", "loads", load(RETURN, "images, labels = np.array(images), np.array(labels)"), "images and labels"),
    wrong("only-images", "loads", load(RETURN, "return np.array(images, dtype=np.uint8)"), "two things"),
    wrong("not-resized", "loads", load("cv2.resize(image, (size, size))", "image"), "load_fish"),
    wrong("read-grey", "loads", (load(READ, "image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)"), load(f"            {RGB}\n", "")), "shape"),
    wrong("flattened", "loads", load(IMAGE, "images.append(cv2.resize(image, (size, size)).flatten())"), "shape"),
    wrong("channels-first", "loads", load(IMAGE, "images.append(cv2.resize(image, (size, size)).transpose(2, 0, 1))"), "shape"),
    wrong("a-label-for-each-class", "loads", (load(f"            {LABEL}\n", ""), load("        for path in", f"        {LABEL}\n        for path in")), "labels"),
    wrong("default-of-224", "loads", load("size=128", "size=224"), "224"),
    # ---- the pictures
    wrong("with-masks", "pictures", load(SKIP, "if not folder.is_dir():"), "masks"),
    wrong("masks-by-wrong-ending", "pictures", load("endswith(' GT')", "endswith('_GT')"), "masks"),
    wrong("searches-all-below", "pictures", load(GLOB, "sorted(pathlib.Path(root).glob(folder.name + '*/*.png'))"), "masks"),
    wrong("only-the-masks", "pictures", load(SKIP, "if not folder.name.endswith(' GT') and (folder.parent / (folder.name + ' GT')).is_dir():"), "masks"),
    wrong("one-image-a-class", "pictures", load(GLOB, f"{GLOB}[:1]"), "leaves out"),
    wrong("first-image-lost", "pictures", load(GLOB, f"{GLOB}[1:] or {GLOB}"), "leaves out"),
    wrong("names-with-two-words-only", "pictures", load(SKIP, "if ' ' not in folder.name or folder.name.endswith(' GT'):"), "leaves out", "Shrimp"),
    wrong("a-last-t-taken-for-masks", "pictures", load("folder.name.endswith(' GT')", "'GT' in folder.name or 't' in folder.name.split()[-1][-1]"), "leaves out", "Trout"),
    wrong("every-image-twice", "pictures", load(LABEL, f"{LABEL}\n            images.append(images[-1])\n            labels.append(labels[-1])"), "more than once"),
    wrong("augmented-while-loading", "pictures", load(LABEL, f"{LABEL}\n            images.append(images[-1][:, ::-1])\n            labels.append(labels[-1])"), "do not show"),
    wrong("turned", "pictures", load(IMAGE, "images.append(cv2.resize(image, (size, size)).transpose(1, 0, 2))"), "do not show"),
    wrong("reshaped-for-resized", "pictures", load("cv2.resize(image, (size, size))", "np.resize(image, (size, size, 3))"), "do not show"),
    wrong("grey-in-three-channels", "pictures", load(RGB, "image = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2RGB)"), "do not show"),
    # ---- values and size
    wrong("scaled-while-loading", "levels", load(RETURN, "return np.array(images) / 255.0, np.array(labels)"), "float64"),
    wrong("floats-returned", "levels", load(RETURN, "return np.array(images, dtype=np.float32), np.array(labels)"), "float32"),
    wrong("fixed-size", "size", load("cv2.resize(image, (size, size))", "cv2.resize(image, (128, 128))"), "128"),
    wrong("no-argument-size", "size", (load("root, size=128", "root"), load("(size, size)", "(128, 128)")), "no argument"),
    # ---- labels
    wrong("labels-sorted-apart", "pairing", load(RETURN, "return np.array(images, dtype=np.uint8), np.array(sorted(labels, reverse=True))"), "belong together"),
    wrong("label-of-the-last-word", "pairing", load(LABEL, "labels.append(folder.name.split()[-1])"), "have too"),
    wrong("label-of-the-file", "pairing", load(LABEL, "labels.append(path.stem)"), "belong together"),
    wrong("images-shuffled-alone", "pairing", load(f"    {RETURN}", f"    np.random.default_rng(0).shuffle(images)\n    {RETURN}"), "belong together"),
    wrong("numbers-for-names", "names", load(LABEL, "labels.append(sorted(p.name for p in pathlib.Path(root).iterdir()).index(folder.name))"), "names"),
    wrong("whole-path-for-name", "names", load(LABEL, "labels.append(str(folder))"), "names"),
    # ---- the sets
    wrong("no-test-set", "split", replace_cell(TRAIN, "from sklearn.preprocessing import LabelBinarizer\nXtrain, ytrain = load_fish(DATA / 'fish')\nXval = yval = Xt = yt = None"), "no training set"),
    wrong("test-set-not-taken-off", "split", replace(VAL, "Xtrain, Xval, ytrain, yval = train_test_split(images, labels, test_size=0.2, random_state=7)"), "are in"),
    wrong("validation-set-not-taken-off", "split", replace(VAL, "Xval, yval = Xtrain[:20], ytrain[:20]"), "Xval"),
    wrong("augmented-before-the-split", "split", replace(TRAIN, f"images = np.concatenate([images, images[:, :, ::-1]])\nlabels = np.concatenate([labels, labels])\n{TRAIN}"), "are in"),
    wrong("labels-split-apart", "binarised", replace(TRAIN, "Xtrain, Xtest = train_test_split(images, test_size=0.2, random_state=1)\nytrain, ytest = train_test_split(labels, test_size=0.2, random_state=2)"), "another class"),
    wrong("not-binarised", "binarised", replace_cell("binarizer = LabelBinarizer()", ""), "no binarised labels"),
    wrong("numbers-for-rows", "binarised", replace_cell("binarizer = LabelBinarizer()", "from sklearn.preprocessing import LabelEncoder\nencoder = LabelEncoder()\nYtrain = encoder.fit_transform(ytrain)\nYval, Ytest = encoder.transform(yval), encoder.transform(ytest)"), "shape"),
    wrong("rows-of-minus-one", "binarised", replace("LabelBinarizer()", "LabelBinarizer(neg_label=-1)", cell=BINARISE), "one-hot"),
    wrong("other-columns-for-the-test", "binarised", replace("Ytest = binarizer.transform(ytest)", "Ytest = binarizer.transform(ytest)[:, ::-1]"), "another class"),
)  # fmt: skip

WITH_OS = """
def load_fish(root, size=128):
    images, labels = [], []
    for name in os.listdir(root):
        place = os.path.join(root, name)
        if ' GT' in name or not os.path.isdir(place):
            continue
        for file in os.listdir(place):
            if file.endswith('.png'):
                images.append(cv2.resize(cv2.imread(os.path.join(place, file)), (size, size), interpolation=cv2.INTER_AREA))
                labels.append(name)
    return np.array(images), labels
"""
KERAS_UTILS = """
import keras

def load_fish(root, size=128):
    files = [f for f in sorted(pathlib.Path(root).glob('*/*.png')) if not f.parent.name.endswith('GT')]
    images = [keras.utils.img_to_array(keras.utils.load_img(f, target_size=(size, size)), dtype='uint8') for f in files]
    return np.stack(images), np.array([f.parent.name for f in files])
"""
NAMED = """
KINDS = ['Black Sea Sprat', 'Gilt-Head Bream', 'Hourse Mackerel', 'Red Mullet', 'Red Sea Bream', 'Sea Bass',
         'Shrimp', 'Striped Red Mullet', 'Trout']

def load_fish(path, img_size=128):
    data = []
    for kind in KINDS:
        for file in os.listdir(str(path) + '/' + kind):
            data.append((cv2.imread(str(path) + '/' + kind + '/' + file), kind))
    np.random.default_rng(1).shuffle(data)
    return np.array([cv2.resize(image, (img_size, img_size)) for image, _ in data]), np.array([kind for _, kind in data])
"""
TEXT_ROOT = """
import glob

def load_fish(root, size=128):
    images, labels = [], []
    for file in glob.glob(root + '/*/*.png'):
        kind = file.split('/')[-2]
        if kind[-3:] != ' GT':
            images.append(cv2.resize(cv2.imread(file)[..., ::-1], dsize=(size, size), interpolation=cv2.INTER_CUBIC))
            labels.append(kind)
    return np.asarray(images), np.asarray(labels, dtype=object)
"""
PANDAS = """
import pandas as pd

def load_fish(root, size=128):
    table = pd.DataFrame({'file': sorted(pathlib.Path(root).rglob('*.png'))})
    table['label'] = table['file'].apply(lambda file: file.parent.name)
    table = table[~table['label'].str.contains('GT')]
    images = np.stack([cv2.resize(cv2.imread(str(file)), (size, size)) for file in table['file']])
    return images, table['label']
"""

REWRITES = (
    right("as-it-is"),
    right("os-listdir", replace_cell(CELL, WITH_OS), replace("images.shape, labels.shape", "images.shape, len(labels)")),
    right("keras-load-img", replace_cell(CELL, KERAS_UTILS)),
    right("classes-by-name-and-shuffled", replace_cell(CELL, NAMED)),
    right("root-as-text", replace_cell(CELL, TEXT_ROOT), replace("load_fish(DATA / 'fish')", "load_fish(str(DATA / 'fish'))")),
    right("pandas", replace_cell(CELL, PANDAS)),
    right("bgr", load(f"            {RGB}\n", "")),
    right("letterboxed", load(IMAGE, "side = max(image.shape[:2])\n            frame = np.zeros((side, side, 3), np.uint8)\n            top, left = (side - image.shape[0]) // 2, (side - image.shape[1]) // 2\n            frame[top:top + image.shape[0], left:left + image.shape[1]] = image\n            images.append(cv2.resize(frame, (size, size)))")),
    right("no-validation-set", replace(f"\n{VAL}", "", cell=TRAIN), replace("Yval = binarizer.transform(yval)\n", ""), replace("Xval = Xval.astype('float32') / 127.5 - 1\n", ""), replace("Xval.shape, Yval.shape, ", "")),
    right("not-stratified", replace(", random_state=42, stratify=labels)", ", random_state=0)"), replace(", random_state=42, stratify=ytrain)", ", random_state=0)")),
    right("binarised-before-the-split", replace(TRAIN, "labels = LabelBinarizer().fit_transform(labels)\nX_train, X_test, y_train, y_test = train_test_split(images, labels, test_size=0.25, random_state=3)\nX_train, X_val, y_train, y_val = train_test_split(X_train, y_train, test_size=0.2, random_state=3)"),
          replace(f"\n{VAL}", "", cell="LabelBinarizer().fit_transform(labels)"), drop_cell(BINARISE), drop_cell("# Scale the images to -1 ... 1")),
    right("to-categorical", replace_cell(BINARISE, "from sklearn.preprocessing import LabelEncoder\nfrom keras.utils import to_categorical\nencoder = LabelEncoder().fit(ytrain)\nYtrain, Yval, Ytest = (to_categorical(encoder.transform(y), 9) for y in (ytrain, yval, ytest))")),
    right("scaled-to-one", replace("/ 127.5 - 1", "/ 255", count=3)),
    right("augmented-after-the-split", replace("# Scale the images to -1 ... 1\n", "# Scale the images to -1 ... 1, and mirror those for training\nXtrain = np.concatenate([Xtrain, Xtrain[:, :, ::-1]])\nYtrain = np.concatenate([Ytrain, Ytrain])\n")),
)  # fmt: skip
