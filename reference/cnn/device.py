"""Part 2: which of the machine's devices a network is trained on."""

from __future__ import annotations

from collections.abc import Sequence

import keras

NAMES = {"gpu": "the graphics card", "tpu": "the TPU", "cpu": "the CPU"}  # what Keras prefers comes first


def list_devices() -> list[str]:
    """Every device that Keras can use, e.g. ``["gpu:0"]``; without a graphics card ``["cpu:0"]``."""
    try:
        return list(keras.distribution.list_devices())
    except AttributeError:  # Keras does not list PyTorch's; what it has made lies on the one that it prefers
        return [str(keras.ops.zeros(1).device).replace("cuda", "gpu")]


def used(devices: Sequence[str]) -> str:
    """The kind of device that Keras trains on: a graphics card where there is one, else the CPU.

    Args:
        devices: names as ``list_devices`` gives them, perhaps none: Keras always has the CPU.

    Returns:
        ``gpu``, ``tpu`` or ``cpu``.
    """
    kinds = {name.lower().split(":")[0] for name in devices}
    return next((kind for kind in NAMES if kind in kinds), "cpu")


def report(devices: Sequence[str]) -> str:
    """One line for people: the devices there are, and the one that training runs on.

    Example:
        >>> report(["gpu:0"])
        'Devices: gpu:0. Training runs on the graphics card.'
    """
    return f"Devices: {', '.join(devices) or 'cpu'}. Training runs on {NAMES[used(devices)]}."
