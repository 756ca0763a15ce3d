"""The lab `project4`: optical flow on a highway, and fish classified by VGG-16."""

HAND_IN = {
    "flow.py": "flow.py",
    "fish.py": "fish.py",
    "vgg16.py": "vgg16.py",
    "training.py": "training.py",
}
