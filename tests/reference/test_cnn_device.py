"""Part 2 of the reference: the devices of a machine, with and without a graphics card."""

from __future__ import annotations

import pytest

from reference.cnn import device


def test_this_machine_has_a_device():
    """Whatever the machine, at least one device is listed, and the report names it."""
    found = device.list_devices()
    assert found
    assert found[0] in device.report(found)


@pytest.mark.parametrize(
    ("devices", "kind", "words"),
    [
        (["cpu:0"], "cpu", "Training runs on the CPU."),
        ([], "cpu", "Devices: cpu."),
        (["gpu:0", "gpu:1"], "gpu", "Devices: gpu:0, gpu:1. Training runs on the graphics card."),
        (["GPU:0"], "gpu", "the graphics card"),
        (["cpu:0", "gpu:0"], "gpu", "the graphics card"),
        (["tpu:0"], "tpu", "the TPU"),
    ],
)
def test_a_graphics_card_is_used_where_there_is_one(devices, kind, words):
    """The report names all devices and the one that Keras prefers; none at all means the CPU."""
    assert device.used(devices) == kind
    assert words in device.report(devices)
