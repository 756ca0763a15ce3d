"""Task 7: whether a network is ResNet50 with its weights, told from its description."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checks.cnn.cures import sentence
from checks.kit import Failure, Student, Use
from checks.kit.model import Model

PARAMETERS = 25_636_712
SLACK = 16  # a Normalization layer in front has seven numbers
CLASSES = 1000
NOT_COMPUTING = ("InputLayer", "ZeroPadding2D", "Resizing", "CenterCrop", "Identity", "Reshape", "Permute")
OTHERS = {
    23_587_712: "ResNet50 without its last layer (include_top=False), which knows no classes",
    25_613_800: "ResNet50V2", 44_707_176: "ResNet101", 44_675_560: "ResNet101V2", 60_419_944: "ResNet152",
    60_380_648: "ResNet152V2", 138_357_544: "VGG16", 143_667_240: "VGG19", 23_851_784: "InceptionV3",
    22_910_480: "Xception", 55_873_736: "InceptionResNetV2", 4_253_864: "MobileNet",
    3_538_984: "MobileNetV2", 8_062_504: "DenseNet121", 5_330_571: "EfficientNetB0",
    5_326_716: "NASNetMobile",
}  # fmt: skip


def is_resnet50(network: Model | None) -> bool:
    """Whether a network has ResNet50's parameters, a little preprocessing in front of it allowed."""
    return network is not None and 0 <= network.parameters - PARAMETERS <= SLACK


def uses_of(student: Student) -> tuple[Use, ...]:
    """Every use of a ResNet50 on images, in order; of one that cannot be described by its 1,000 classes."""
    return tuple(
        use
        for use in student.uses
        if use.kind in ("predict", "call") and (is_resnet50(use.model.network) or _looks_like_it(use))
    )


def preprocesses(network: Model | None) -> bool:
    """Whether the network itself computes something with the pixels before its first convolution."""
    if network is None:
        return False
    kinds = [layer.kind for layer in network.layers]
    first = next((place for place, kind in enumerate(kinds) if kind == "Conv2D"), len(kinds))
    return any(kind not in NOT_COMPUTING for kind in kinds[:first])


def judge_network(student: Student) -> str | None:
    """Raise Failure unless a ResNet50 with its last layer and its ImageNet weights was loaded."""
    if not any(is_resnet50(network) for network in _networks(student)) and not uses_of(student):
        raise _missing(student)
    if _without_weights(student):
        raise Failure(
            "ResNet50 was built with random weights: weights=None means that it was not trained at all.",
            expected="ResNet50(weights='imagenet')",
            received="ResNet50(weights=None)",
            hint="The weights are the knowledge of a network; without them its predictions mean nothing.",
        )
    return None


def _looks_like_it(use: Use) -> bool:
    result = use.result
    return use.model.network is None and result is not None and result.shape[-1:] == (CLASSES,)


def _networks(student: Student) -> Iterator[Model]:
    held = [one.model.network for one in student.models]
    for network in [*held, *(use.model.network for use in student.uses)]:
        if network is not None:
            yield network


def _missing(student: Student) -> Failure:
    expected = f"ResNet50(weights='imagenet'), a network of {PARAMETERS:,} parameters and 1,000 classes"
    for cell in student.cells:
        if cell.error and "ResNet50" in cell.source:
            return Failure(
                f"No ResNet50 was loaded: cell {cell.number}, which names it, stopped with "
                f"{sentence(cell.error)}.",
                expected=expected,
                received=sentence(cell.error),
                hint="from keras.applications.resnet50 import ResNet50",
            )
    other = next((OTHERS[n.parameters] for n in _networks(student) if n.parameters in OTHERS), "")
    return Failure(
        f"The network that was loaded is not ResNet50, but {other}." if other else "No ResNet50 was loaded.",
        expected=expected,
        received=other or "no such network in any variable, nor used",
        hint="With its defaults, ResNet50() has all layers, its 1,000 classes and the ImageNet weights."
        if other
        else "It is in keras.applications.resnet50.",
    )


# ---- weights -----------------------------------------------------------------------------------------


def _without_weights(student: Student) -> bool:
    """Whether the code says so at each place, and no weights were loaded in any other way."""
    if any(event.kind == "weights" and event.data.get("what") == "seeded" for event in student.events):
        return False
    text = "\n".join(cell.source for cell in student.cells)
    calls = [call for cell in student.cells for call in _calls(cell.source)]
    return bool(calls) and "load_weights" not in text and all(map(_says_none, calls))


def _calls(source: str) -> Iterator[ast.Call]:
    """The calls of ResNet50 in a cell's code."""
    lines = ["" if line.lstrip().startswith(("%", "!", "?")) else line for line in source.splitlines()]
    try:
        tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "ResNet50":
            yield node


def _says_none(call: ast.Call) -> bool:
    named = [word.value for word in call.keywords if word.arg == "weights"]
    value = (named or call.args[1:2] or [ast.Constant("imagenet")])[0]
    return isinstance(value, ast.Constant) and value.value is None
