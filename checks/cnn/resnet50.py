"""Task 7: photographs classified with a pre-trained ResNet50."""

from __future__ import annotations

from checks.cnn import classified, decoding, pretrained
from checks.kit import Student, check


@check(task="7")
def network(student: Student) -> str | None:
    """A pre-trained ResNet50 with all its layers is loaded"""
    return pretrained.judge_network(student)


@check(task="7", needs=network)
def predicted(student: Student) -> None:
    """Photographs reach the network in the shape that it expects"""
    classified.judge_shape(student)


@check(task="7", needs=predicted)
def preprocessing(student: Student) -> str | None:
    """The photographs are preprocessed once, and in ResNet50's own way"""
    return classified.judge_pixels(student)


@check(task="7", needs=predicted)
def photos(student: Student) -> str | None:
    """Five different photographs are put through the network"""
    return classified.judge_number(student)


@check(task="7", needs=predicted)
def decoded(student: Student) -> str | None:
    """The names of the predicted classes are shown"""
    return decoding.judge(student)
