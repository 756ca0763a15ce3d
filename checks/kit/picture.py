"""Small pictures that a failure may carry: plain data, drawn where the feedback is made."""

from __future__ import annotations

from dataclasses import dataclass

FREE = -1  # a pixel of an expected mask that may be set or not

Vectors = tuple[tuple[tuple[float, float], ...], ...]
Levels = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class FlowPicture:
    """A flow field as arrows, and beside it two masks made from it.

    ``flow`` is (height, width) pairs of x to the right and y down, in pixels per frame. ``expected`` and
    ``received`` are (height, width) of 0 and anything above; ``FREE`` in ``expected`` where both are right.
    Their titles say what each of them is.
    """

    flow: Vectors
    expected: Levels
    received: Levels
    expected_title: str = "expected mask"
    received_title: str = "your mask"
