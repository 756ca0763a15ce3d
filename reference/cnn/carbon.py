"""Part 6: the energy that training takes, and the carbon dioxide that this energy stands for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
from carbontracker.tracker import CarbonTracker


class CarbonCallback(keras.callbacks.Callback):
    """Has CarbonTracker measure each epoch of a ``fit``.

    CarbonTracker foretells the whole training from its first epoch, so ``epoch_start`` and ``epoch_end``
    belong inside the epoch loop. ``fit`` runs that loop itself, and a callback is the way into it. The
    number of epochs comes from ``fit`` too, and so is never out of step with it.

    Neither a network nor power counters are needed. Where the location cannot be looked up,
    CarbonTracker takes the world's average carbon intensity; where the processor has no counter,
    half of its rated power; and it leaves a graphics card without a counter out. A counter that only
    root may read counts as 0 W, and CarbonTracker prints the command that mends it.

    Args:
        log_dir: a folder for CarbonTracker's logs, which ``carbontracker.parser`` reads. Made if missing.
        update_interval_s: seconds between two readings of the counters.
        verbose: 0 for warnings alone, 1 to print the prediction and the consumption as well.

    Example:
        >>> train(CONFIGURATIONS["4.2"], data, callbacks=[CarbonCallback()])  # doctest: +SKIP

    Source: Anthony, Kanding and Selvan, Carbontracker, 2020, https://arxiv.org/abs/2007.03051
    """

    tracker: CarbonTracker  # a new one for each training

    def __init__(self, log_dir: Path | None = None, update_interval_s: float = 1.0, verbose: int = 1) -> None:
        super().__init__()
        self.log_dir = log_dir
        self.update_interval_s = update_interval_s
        self.verbose = verbose

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Find out what can be measured."""
        self.tracker = CarbonTracker(
            epochs=self.params["epochs"],
            # By default an error in the measurement ends the whole process.
            ignore_errors=True,
            update_interval=self.update_interval_s,
            log_dir=None if self.log_dir is None else str(self.log_dir),
            verbose=self.verbose,
        )

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Begin to measure an epoch."""
        self.tracker.epoch_start()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Add the epoch up. The first is followed by the prediction, the last by the consumption."""
        self.tracker.epoch_end()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Report the consumption of a training that ended early; after the last epoch this does nothing."""
        # CarbonTracker takes the epoch that it is stopped in for unfinished and does not count it.
        self.tracker.epoch_start()
        self.tracker.stop()
