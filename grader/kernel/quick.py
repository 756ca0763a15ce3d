"""Sequential models of Keras 3 whose layers are joined once, when all of them were added.

``add`` joins all layers anew each time, so that ten layers take as long as fifty: most of the time in which a
network is built, and the grader asks for dozens.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

from . import calls

MODULE = "keras.src.models.sequential"
JOIN = "_maybe_rebuild"  # what ``add`` calls at its end, unless it is told not to


def build(make: Callable[[], Any]) -> Any:
    """What ``make`` returns; where that does not go with layers that are joined late, as Keras itself does.

    Raises:
        StudentRaised: ``make`` raises in the usual way.
    """
    with contextlib.suppress(calls.StudentRaised), joined_late():
        return make()
    return make()


@contextlib.contextmanager
def joined_late() -> Iterator[None]:
    """Models are joined at the end, where nobody has done it before.

    Raises:
        StudentRaised: layers do not fit together.
    """
    sequential = getattr(sys.modules.get(MODULE), "Sequential", None)
    join = getattr(sequential, JOIN, None)
    if sequential is None or join is None:
        yield
        return
    waiting: list[Any] = []

    def later(model: Any) -> None:
        model.built, model._functional = False, None
        if not any(one is model for one in waiting):
            waiting.append(model)

    setattr(sequential, JOIN, later)
    try:
        yield
    finally:
        setattr(sequential, JOIN, join)
    for model in waiting:
        if model._functional is None:
            calls.guard(join, model)
