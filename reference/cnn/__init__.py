"""The lab `cnn`: 2D convolutions and image classification on CIFAR-10."""

NOTEBOOK = "2D_CNN.ipynb"

HAND_IN = {
    "convolutions.py": "convolutions.py",
    "device.py": "device.py",
    "data.py": "data.py",
    "network.py": "utilities.py",  # the handout's name for it
    "training.py": "training.py",
    "rotation.py": "rotation.py",
    "augmentation.py": "augmentation.py",
    "carbon.py": "carbon.py",
    "resnet50.py": "resnet50.py",
    "tuning.py": "tuning.py",
}

HAND_OUT = ("network.py",)  # with gaps; what students need of the others stands in their notebook
