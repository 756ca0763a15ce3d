"""Lab ``project4``: optical flow on a highway, and fish classified by VGG-16."""

from checks.kit import Lab, Marker

# The kernel reports the spellings of one variable in this order, so the handout's own name comes last.
_WATCH = (
    ("Xtrain", ("train_images", "images_train", "trainX", "train_X", "x_train", "X_train", "Xtr", "Xtrain")),
    (
        "Ytrain",
        ("train_labels", "labels_train", "trainY", "train_Y", "ytrain", "y_train", "Y_train", "y_train_oh",
         "y_train_bin", "y_train_onehot", "y_train_one_hot", "Y_train_bin", "Ytr", "Ytrain"),
    ),
    ("Xval", ("val_images", "images_val", "valX", "val_X", "x_val", "X_val", "X_valid", "Xvalid", "Xval")),
    (
        "Yval",
        ("val_labels", "labels_val", "valY", "val_Y", "yval", "y_val", "Y_val", "y_val_oh", "y_val_bin",
         "y_val_onehot", "y_val_one_hot", "Y_val_bin", "y_valid", "Yvalid", "Yval"),
    ),
    ("Xtest", ("test_images", "images_test", "testX", "test_X", "x_test", "X_test", "Xte", "Xtest")),
    (
        "Ytest",
        ("test_labels", "labels_test", "testY", "test_Y", "ytest", "y_test", "Y_test", "y_test_oh",
         "y_test_bin", "y_test_onehot", "y_test_one_hot", "Y_test_bin", "Yte", "Ytest"),
    ),
)  # fmt: skip

LAB = Lab(
    id="project4",
    title="Optical flow, and classification of fish",
    markers=(
        Marker(r"\bcalcOpticalFlowFarneback\b", 3.0),
        Marker(r"\b(compute_flow|flow_mask|flow_grid)\b", 3.0),
        Marker(r"\bbuild_vgg16\b", 3.0),
        Marker(r"\bload_fish\b", 3.0),
        Marker(r"\bapply_mask\b", 1.0),
        Marker(r"\boptical flow\b", 2.0),
        Marker(r"\bcartToPolar\b", 1.5),
        Marker(r"\bLAB_DATA\b", 2.0),
        Marker(r"\bFish[ _]Dataset\b", 2.0),
        Marker(r"\bVGG-?16\b", 1.0),
        Marker(r"\bhighway\b", 0.5),
        Marker(r"\bLabelBinarizer\b", 0.5),
    ),
    watch=_WATCH,
    modules=("flow", "fish", "vgg16", "training"),
    shows="shows",
    accuracies="accuracies",
)
