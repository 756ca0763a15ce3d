"""What a notebook asks of CarbonTracker is recorded, and measuring cannot end the process."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

from .recording import Log

NUMBER = "_labgrade_number"  # an attribute of a tracker: it tells one from another
CALLS = ("epoch_start", "epoch_end", "stop")


def patch(module: ModuleType, log: Log) -> None:
    """Record the calls of ``carbontracker.tracker.CarbonTracker`` as events of the kind ``tracker``."""
    tracker = module.CarbonTracker
    tracker.__init__ = wrap_init(tracker.__init__, log)
    for name in CALLS:
        setattr(tracker, name, wrap_call(getattr(tracker, name), name, log))


def wrap_init(original: Callable[..., Any], log: Log) -> Callable[..., Any]:
    """An ``__init__`` that numbers the tracker and records for how many epochs it is made."""
    signature = inspect.signature(original)
    numbers = iter(range(1, 1_000_000))

    @functools.wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        try:
            asked = signature.bind(self, *args, **kwargs).arguments
        except TypeError:
            original(self, *args, **kwargs)  # CarbonTracker's own message is the right one
            raise
        setattr(self, NUMBER, next(numbers))
        log.event("tracker", what="init", tracker=getattr(self, NUMBER), epochs=asked.get("epochs"))
        # By default an error in its measuring thread ends the whole process, and a confirmation waits for
        # a keyboard that is not there.
        original(**asked | {"ignore_errors": True, "stop_and_confirm": False})

    return init


def wrap_call(original: Callable[..., Any], name: str, log: Log) -> Callable[..., Any]:
    """A method that is recorded; where measuring fails, the training goes on."""

    @functools.wraps(original)
    def call(self: Any) -> None:
        log.event("tracker", what=name, tracker=getattr(self, NUMBER, 0))
        try:
            original(self)
        except Exception as error:  # noqa: BLE001 - the sandbox may lack what a student's machine can measure
            print(f"CarbonTracker could not measure: {type(error).__name__}: {error}")

    return call
