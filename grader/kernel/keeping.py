"""What a look at a live notebook must leave as it was: names, random numbers, figures, Keras' counters.

Only what is loaded is looked at, so a notebook that never imports a library does not get it from us.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import numpy as np

Undo = Callable[[], None]
KERAS_STATE = "keras.src.backend.common.global_state"
SEED_GENERATOR, NAME_COUNTERS = "global_seed_generator", "object_name_uids"


@contextmanager
def undisturbed(namespace: dict[str, Any]) -> Iterator[None]:
    """Put back, at the end, what the code that runs inside has drawn, drawn on, named or moved to.

    The objects that names are bound to are not copied: a function of the student's that changes one of
    its own globals in place still does.
    """
    with ExitStack() as undoing:
        for keep in (_names, _folder, _draws, _figures, _tensorflow, _keras, _tf_keras):
            with suppress(Exception):  # a library of another version; the rest is kept all the same
                undoing.callback(_quietly, keep(namespace))
        yield


def _quietly(undo: Undo) -> None:
    with suppress(Exception):
        undo()


def _names(namespace: dict[str, Any]) -> Undo:
    before = dict(namespace)

    def undo() -> None:
        for name in namespace.keys() - before.keys():
            del namespace[name]
        namespace.update(before)

    return undo


def _folder(_namespace: dict[str, Any]) -> Undo:
    folder, path = os.getcwd(), list(sys.path)  # noqa: PTH109 - a text is what chdir gets back

    def undo() -> None:
        os.chdir(folder)
        sys.path[:] = path

    return undo


def _draws(_namespace: dict[str, Any]) -> Undo:
    state, other = random.getstate(), np.random.get_state()

    def undo() -> None:
        random.setstate(state)
        np.random.set_state(other)

    return undo


def _figures(_namespace: dict[str, Any]) -> Undo:
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return lambda: None
    numbers = set(pyplot.get_fignums())
    current = pyplot.gcf().number if numbers else None
    axes = pyplot.gcf().gca() if numbers and pyplot.gcf().axes else None
    settings = dict(pyplot.rcParams)

    def undo() -> None:
        for number in set(pyplot.get_fignums()) - numbers:
            pyplot.close(number)
        if current in pyplot.get_fignums():
            pyplot.figure(current)
            if axes is not None:
                pyplot.sca(axes)
        changed = {name: value for name, value in settings.items() if pyplot.rcParams.get(name) != value}
        pyplot.rcParams.update(changed)

    return undo


def _tensorflow(_namespace: dict[str, Any]) -> Undo:
    """The numbers that TensorFlow draws where none of its own generators is named."""
    if "tensorflow" not in sys.modules:
        return lambda: None
    context = sys.modules["tensorflow.python.eager.context"].context()
    seed, draws = context._seed, context._rng
    if draws is not None:  # with the same numbers its operations would share a counter with the notebook's
        context._rng = random.Random("labgrade")  # noqa: S311 - no secret
    generator = sys.modules.get("tensorflow.python.ops.stateful_random_ops")
    common = getattr(generator, "global_generator", None)
    drawn = None if common is None else common.state.numpy()

    def undo() -> None:
        context._seed, context._rng = seed, draws
        if common is not None and drawn is not None:
            common.state.assign(drawn)

    return undo


def _keras(_namespace: dict[str, Any]) -> Undo:
    """Keras 3's own generator, and the numbers in the names of its layers."""
    state = sys.modules.get(KERAS_STATE)
    if state is None:
        return lambda: None
    generator = state.get_global_attribute(SEED_GENERATOR)
    drawn = None if generator is None else np.array(generator.state)
    names = dict(state.get_global_attribute(NAME_COUNTERS) or {})

    def undo() -> None:
        now = state.get_global_attribute(SEED_GENERATOR)
        if generator is not None:
            generator.state.assign(drawn)
        elif now is not None:
            state.set_global_attribute(SEED_GENERATOR, None)
        counters = state.get_global_attribute(NAME_COUNTERS)
        if counters is not None:
            counters.clear()
            counters.update(names)

    return undo


def _tf_keras(_namespace: dict[str, Any]) -> Undo:
    """The same of Keras 2."""
    backend = sys.modules.get("tf_keras.src.backend")
    if backend is None:
        return lambda: None
    counters = backend.get_default_graph_uid_map()
    names = dict(counters)
    generator = getattr(backend._SEED_GENERATOR, "generator", None)
    drawn = None if generator is None else generator.getstate()

    def undo() -> None:
        counters.clear()
        counters.update(names)
        if generator is not None:
            generator.setstate(drawn)

    return undo
