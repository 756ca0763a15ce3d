"""What tells a notebook of the lab ``project4``, and that its typical hand-in and reference are recognised."""

from __future__ import annotations

import pytest

from checks.project4.faults import HAND_IN
from grader import editions, labs


@pytest.mark.parametrize(
    "text",
    [
        "flow = cv2.calcOpticalFlowFarneback(prev, frame, None, 0.5, 3, 15, 3, 5, 1.2, 0)",
        "def flow_mask(flow, threshold):",
        "images, labels = load_fish(DATA / 'fish')",
        "model = build_vgg16(batch_norm=True)",
        "DATA = pathlib.Path(os.environ.get('LAB_DATA', 'data'))",
    ],
)
def test_a_part_of_the_notebook_is_enough_to_recognise_it(text: str) -> None:
    """One typical line says which lab it is."""
    lab = labs.recognise(text)
    assert lab is not None
    assert lab.id == "project4"


@pytest.mark.parametrize(
    "text",
    [
        "from keras.datasets import cifar10\nmodel = build_CNN(input_shape, loss)",
        "from keras.applications import VGG16, ResNet50\nResNet50(weights='imagenet')  # cifar10",
        "A highway through the fish market",
    ],
)
def test_others_are_not_taken_for_it(text: str) -> None:
    """The other lab's notebook stays the other lab's, and a few words make none."""
    lab = labs.recognise(text)
    assert lab is None or lab.id != "project4"


def test_the_typical_hand_in_and_the_reference_are_of_this_lab() -> None:
    """Both are recognised by their own text."""
    reference = editions.solution(editions.reference_of("project4"))
    notebook = "\n".join(cell.source for cell in reference.notebook.cells)
    for text in ("\n".join(cell.source for cell in HAND_IN.cells), notebook):
        lab = labs.recognise(text)
        assert lab is not None
        assert lab.id == "project4"
