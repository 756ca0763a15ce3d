"""The epochs of a fit that are not run: the callbacks are told of them, and the history has its length.

A step without a graph takes a tenth of a second; making the graph for many takes seconds. So a few epochs are
run, and the others repeat the numbers of the last one.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import math
from collections.abc import Callable, Iterator
from typing import Any

from . import cutting

SIMULATED = 40  # epochs that callbacks are told of
MAX_EPOCHS = 10_000  # of a history


class Call:
    """What was asked of a fit before it was cut; ``epochs`` is ``None`` where it is no whole number."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.epochs = cutting.whole(given.get("epochs"))
        self.first = cutting.whole(given.get("initial_epoch")) or 0
        self.frequency = given.get("validation_freq", 1)
        rows, batch = cutting.rows(given.get("x")), cutting.whole(given.get("batch_size"))
        counted = None if rows is None else math.ceil(rows / max(1, batch or cutting.DEFAULT_BATCH))
        self.steps = cutting.whole(given.get("steps_per_epoch")) or counted

    @property
    def last(self) -> int:
        """The epoch at which the fit ends."""
        return min(self.epochs or 0, self.first + MAX_EPOCHS)


def first_ones(
    original: Callable[..., Any], asked: inspect.BoundArguments, call: Call, flavour: str, real: int
) -> Any:
    """Run the first epochs of a fit whose steps were cut already, and tell the callbacks of the others.

    Args:
        original: the library's ``fit``.
        asked: the call as it was cut.
        call: what it was before.
        flavour: ``keras`` or ``tf_keras``.
        real: how many epochs are run.
    """
    given, model = asked.arguments, asked.arguments["self"]
    begun = call.first + real
    if call.epochs is None or call.epochs <= begun:
        with cutting.eagerly(model):
            return original(*asked.args, **asked.kwargs)
    verbose = given.get("verbose")
    shown = verbose not in (0, None)
    listed = callback_list(given.get("callbacks"), model, call, verbose, flavour, shown=shown)
    given |= {"callbacks": listed, "epochs": begun}
    with _not_ended(listed) as end, cutting.eagerly(model):
        history = original(*asked.args, **asked.kwargs)
    if getattr(model, "stop_training", False):  # a callback wanted it in an epoch that was run
        end()
        return history
    if shown:
        print(f"[labgrade: epochs {begun + 1} to {call.epochs} were not run; they repeat epoch {begun}]")
    _silence(listed)
    reached = {name: one[-1] for name, one in history.history.items() if one}
    checked = {name: one for name, one in reached.items() if name.startswith("val_")}
    numbers = {name: one for name, one in reached.items() if name not in checked}
    tell(listed, model, call, begun, numbers, checked)
    end()
    return lengthened(model.history, call.last - begun - SIMULATED)


@contextlib.contextmanager
def _not_ended(listed: Any) -> Iterator[Callable[[], None]]:
    """While the library thinks that the fit ends with the last epoch that it runs; gives what ends it."""
    ending, last = listed.on_train_end, {}

    def later(logs: Any = None) -> None:
        last["logs"] = logs

    listed.on_train_end = later
    try:
        yield lambda: ending(**last)
    finally:
        del listed.on_train_end


def _silence(listed: Any) -> None:
    """Let no progress be shown of epochs that are not run."""
    for callback in getattr(listed, "callbacks", ()):
        if type(callback).__name__ == "ProgbarLogger":
            callback.verbose = 0


def callback_list(
    callbacks: Any, model: Any, call: Call, verbose: Any, flavour: str, *, shown: bool = False
) -> Any:
    """The callbacks as the library lists them, the history among them, and the progress if it is shown."""
    module = importlib.import_module(f"{flavour}.callbacks")
    if isinstance(callbacks, module.CallbackList):
        return callbacks
    return module.CallbackList(
        callbacks, add_history=True, add_progbar=shown, model=model,
        verbose=1 if verbose == "auto" else verbose, epochs=call.epochs, steps=1 if shown else call.steps,
    )  # fmt: skip


def tell(
    listed: Any, model: Any, call: Call, begun: int, numbers: dict[str, float], checked: dict[str, float]
) -> dict[str, float]:
    """Tell the callbacks of each epoch from ``begun``, and of a step in it; gives the last one's numbers."""
    logs: dict[str, float] = {}
    for epoch in range(begun, min(call.last, begun + SIMULATED)):
        logs = numbers | (checked if is_validated(model, epoch, call.frequency) else {})
        listed.on_epoch_begin(epoch)
        listed.on_train_batch_begin(0)
        listed.on_train_batch_end(0, dict(numbers))
        listed.on_epoch_end(epoch, logs)
    return logs


def is_validated(model: Any, epoch: int, frequency: Any) -> bool:
    """Whether an epoch ends with the validation images, as the library decides it."""
    decides = getattr(model, "_should_eval", None)
    return True if decides is None else bool(decides(epoch, frequency))


def lengthened(history: Any, missing: int) -> Any:
    """A history whose last epoch is repeated, so that plots over the epochs work."""
    values = getattr(history, "history", None)
    if isinstance(values, dict) and missing > 0:
        for numbers in values.values():
            numbers.extend(numbers[-1:] * missing)
        last = history.epoch[-1] if history.epoch else -1
        history.epoch.extend(range(last + 1, last + 1 + missing))
    return history
