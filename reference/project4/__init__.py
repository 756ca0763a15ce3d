"""The lab `project4`: optical flow on a highway, and fish classified by VGG-16."""

NOTEBOOK = "project4.ipynb"

HAND_IN = {
    "flow.py": "flow.py",
    "video.py": "video.py",
    "fish.py": "fish.py",
    "vgg16.py": "vgg16.py",
    "training.py": "training.py",
}

HAND_OUT = ("video.py",)  # complete; what students need of the others stands in their notebook
