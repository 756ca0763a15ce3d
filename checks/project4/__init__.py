"""Lab ``project4``: optical flow on a highway, and fish classified by VGG-16."""

from checks.kit import Lab, Marker

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
    watch=(),
    modules=("flow", "vgg16"),
)
