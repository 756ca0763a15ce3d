"""Lab ``cnn``: filters, and convolutional networks that classify CIFAR-10."""

from checks.kit import Lab, Marker

# The kernel reports the spellings of one variable in this order, so the handout's own name comes last:
# where one cell sets two of them (x_test and Xtest = x_test[:2000]), the handout's is the latest version.
_WATCH = (
    ("image", ("img", "ascent_image", "image")),
    ("gaussFilter", ("gauss_filter", "gaussfilter", "gaussianFilter", "gaussFilter")),
    ("sobelX", ("sobel_x", "sobelx", "sobelX")),
    ("sobelY", ("sobel_y", "sobely", "sobelY")),
    (
        "filterResponseGauss",
        ("filter_response_gauss", "filterresponseGauss", "filterResponseGaussian", "filterResponseGauss"),
    ),
    (
        "filterResponseSobelX",
        ("filter_response_sobel_x", "filterresponseSobelX", "filterResponseSobelx", "filterResponseSobelX"),
    ),
    (
        "filterResponseSobelY",
        ("filter_response_sobel_y", "filterresponseSobelY", "filterResponseSobely", "filterResponseSobelY"),
    ),
    ("X", ("X_all", "X_full", "X_data", "Xall", "X")),
    ("Y", ("Y_all", "Y_full", "Y_data", "Yall", "y", "Y")),
    ("Xtrain", ("x_train", "X_train", "xtrain", "XTrain", "Xtr", "X_tr", "Xtrain")),
    ("Ytrain", ("y_train", "Y_train", "ytrain", "YTrain", "Ytr", "Y_tr", "y_tr", "Ytrain")),
    (
        "Xval",
        ("x_val", "X_val", "xval", "XVal", "Xvalid", "X_valid", "x_valid", "X_validation",
         "Xvalidation", "Xval"),
    ),
    (
        "Yval",
        ("y_val", "Y_val", "yval", "YVal", "Yvalid", "Y_valid", "y_valid", "Y_validation", "y_validation",
         "Yvalidation", "Yval"),
    ),
    ("Xtest", ("x_test", "X_test", "xtest", "XTest", "Xte", "Xtest")),
    ("Ytest", ("y_test", "Y_test", "ytest", "YTest", "Yte", "Ytest")),
    (
        "miss",
        ("misses", "missed", "miss_idx", "miss_indices", "mis_idx", "misclassified", "misclassified_idx",
         "misclassified_index", "misclassified_indices", "misclassified_indexes", "missclassified",
         "missclassified_idx", "missclassified_indices", "wrong", "wrong_idx", "wrong_indices", "incorrect",
         "incorrect_idx", "incorrect_indices", "error_idx", "errors_idx", "error_indices", "miss"),
    ),
)  # fmt: skip

LAB = Lab(
    id="cnn",
    title="2D CNN image classification on CIFAR-10",
    markers=(
        Marker(r"cifar[-_ ]?10\b", 3.0),
        Marker(r"\bbuild_CNN\b", 3.0),
        Marker(r"filterResponse(Gauss|Sobel)", 3.0),
        Marker(r"\bmyrotate\b", 2.0),
        Marker(r"\bdatasets\b.*\bascent\b|\bascent\(", 2.0),
        Marker(r"\b2D[ _]CNNs?\b", 1.0),
        Marker(r"\bsobel[XY]\b|\bgaussFilter\b", 1.5),
        Marker(r"\bconvolve2d\b", 1.5),
        Marker(r"\bCarbonTracker\b", 1.5),
        Marker(r"\bXtest_rotated\b", 1.5),
        Marker(r"\bResNet50\b", 1.0),
    ),
    watch=_WATCH,
    modules=(
        "convolutions",
        "device",
        "data",
        "network",
        "training",
        "rotation",
        "augmentation",
        "carbon",
        "resnet50",
        "tuning",
    ),
    trust="trust",
    shows="shows",
    accuracies="accuracies",
)
