"""Networks built without memory for their weights: enough to say what they are, not to use them."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Callable, Iterator
from typing import Any

from . import calls

WAITING = "uninitialized_variables"  # where Keras 3 lists the weights that have no values yet


def build(make: Callable[[], Any]) -> Any:
    """What ``make`` returns; weights of Keras 3 stay without values where that can be done.

    Seventy million parameters then cost kilobytes. A function that needs the values, as one that
    compiles with an optimiser does, and a model of ``tf_keras`` are built as usual.

    Raises:
        StudentRaised: ``make`` raises in the usual way too.
    """
    gc.collect()  # a model is part of cycles, so an earlier large one may still be there
    keras = sys.modules.get("keras")
    if keras is None:
        return make()
    with contextlib.suppress(calls.StudentRaised), without_values(keras):
        return make()
    gc.collect()
    return make()


@contextlib.contextmanager
def without_values(keras: Any) -> Iterator[None]:
    """Weights made inside get no values, then or later."""
    state = keras.src.backend.common.global_state
    before = list(state.get_global_attribute(WAITING, []))
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        state.set_global_attribute(WAITING, before)
