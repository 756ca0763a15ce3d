"""Task 6: trackers that measure nothing, and the many right places for them."""

from __future__ import annotations

from checks.kit.fault import Fault, Rewrite, replace, replace_cell

CELL = "tracker = CarbonTracker"
CHECK = "6/tracked"
BUILD = """
    model7 = build_CNN(input_shape, loss, n_conv_layers=2, n_dense_layers=1, learning_rate=learning_rate,
                       act_fun='relu', optimizer='adam')
"""
FIT = "model7.fit(Xtrain, Ytrain, validation_data=(Xval, Yval), batch_size=batch_size, epochs=5, verbose=0)"
CALLBACK = """
    import keras
    class Track(keras.callbacks.Callback):
        def __init__(self, tracker):
            super().__init__()
            self.tracker = tracker
        def on_epoch_begin(self, epoch, logs=None):
            self.tracker.epoch_start()
        def on_epoch_end(self, epoch, logs=None):
            self.tracker.epoch_end()
"""


def cell(*parts: str, begin: str = "from carbontracker.tracker import CarbonTracker") -> str:
    """The cell of task 6: an import, the network, and what is done with it."""
    lines = [line[4:] if line.startswith("    ") else line for line in f"{BUILD}{CALLBACK}".splitlines()]
    return "\n".join([begin, *lines, *parts])


def _fault(name: str, *parts: str, words: tuple[str, ...], begin: str | None = None) -> Fault:
    source = cell(*parts) if begin is None else cell(*parts, begin=begin)
    return Fault(f"carbon-{name}", CHECK, words=words, edits=replace_cell(CELL, source))


def _rewrite(name: str, *parts: str) -> Rewrite:
    return Rewrite(f"carbon-{name}", tasks=("6",), edits=replace_cell(CELL, cell(*parts)))


MADE = "tracker = CarbonTracker(epochs=5)"
FAULTS = (
    _fault("no-tracker", FIT, words=("CarbonTracker", "no tracker is made")),
    Fault(
        "carbon-nothing-at-all", CHECK, words=("No CarbonTracker was made",),
        edits=replace_cell(CELL, f"{BUILD.strip()}\n{FIT}"),
    ),
    _fault("never-started", MADE, FIT, "tracker.stop()", words=("epoch_start() was never called",)),
    _fault(
        "never-ended", MADE, "tracker.epoch_start()", FIT, "tracker.stop()",
        words=("epoch_end() never was", "stop() throws away"),
    ),
    _fault(
        "trained-before", MADE, FIT, "tracker.epoch_start()", "tracker.epoch_end()",
        words=("No training runs between", "runs before epoch_start()"),
    ),
    _fault(
        "trained-after", MADE, "tracker.epoch_start()", "tracker.epoch_end()", FIT,
        words=("No training runs between", "runs after epoch_end()"),
    ),
    _fault(
        "only-evaluated", MADE, "tracker.epoch_start()", "model7.evaluate(Xval, Yval, verbose=0)",
        "tracker.epoch_end()", words=("No training runs between",),
    ),
    _fault(
        "callback-not-passed", MADE, "callback = Track(tracker)", FIT,
        words=("epoch_start() was never called",),
    ),
    _fault(
        "unfinished", MADE, "tracker.epoch_start()", "history7 = model.fit(???)", "tracker.epoch_end()",
        words=("SyntaxError", "???"),
    ),
    _fault(
        "model-not-there", MADE, "tracker.epoch_start()",
        FIT.replace("model7", "model_seven"), "tracker.epoch_end()", words=("NameError", "model_seven"),
    ),
    _fault(
        "labels-left-out", MADE, "tracker.epoch_start()",
        "model7.fit(Xtrain, batch_size=batch_size, verbose=0)", "tracker.epoch_end()",
        words=("stopped with",),
    ),
    _fault(
        "epochs-left-out", "tracker = CarbonTracker()", "tracker.epoch_start()", FIT, "tracker.epoch_end()",
        words=("TypeError", "epochs"),
    ),
    _fault(
        "codecarbon", "tracker = EmissionsTracker()", "tracker.start()", FIT, "tracker.stop()",
        words=("codecarbon", "the task asks for CarbonTracker"),
        begin="from codecarbon import EmissionsTracker",
    ),
)  # fmt: skip

REWRITES = (
    Rewrite("carbon-as-handed-out", tasks=("6",)),
    Rewrite("carbon-reference", tasks=("6",), base="solution"),
    _rewrite(
        "once-around-everything", MADE, "tracker.epoch_start()", FIT, "tracker.epoch_end()", "tracker.stop()"
    ),
    _rewrite("callback", MADE, FIT.replace("verbose=0", "verbose=0, callbacks=[Track(tracker)]")),
    _rewrite(
        "one-epoch", "tracker = CarbonTracker(epochs=1)", "tracker.epoch_start()",
        FIT.replace("epochs=5", "epochs=1"), "tracker.epoch_end()",
    ),
    _rewrite(
        "many-epochs-of-which-some", "tracker = CarbonTracker(epochs=100, monitor_epochs=3)",
        "for epoch in range(3):", "    tracker.epoch_start()", f"    {FIT.replace('epochs=5', 'epochs=1')}",
        "    tracker.epoch_end()", "tracker.stop()",
    ),
    _rewrite(
        "options", "tracker = CarbonTracker(5, components='cpu', log_dir='logs', verbose=2)",
        "tracker.epoch_start()", FIT, "tracker.epoch_end()",
    ),
    _rewrite(
        "in-a-function", "def train_tracked(model, n):", "    tracker = CarbonTracker(epochs=n)",
        "    for i in range(n):", "        tracker.epoch_start()",
        "        model.fit(Xtrain, Ytrain, batch_size=128, verbose=0)", "        tracker.epoch_end()",
        "    tracker.stop()", "train_tracked(model7, 3)",
    ),
    _rewrite(
        "own-loop", MADE, "for epoch in range(2):", "    tracker.epoch_start()",
        "    for i in range(0, 256, 128):",
        "        model7.train_on_batch(Xtrain[i:i+128], Ytrain[i:i+128])", "    tracker.epoch_end()",
    ),
    _rewrite(
        "second-tracker-is-right", MADE, "tracker.epoch_start()", "tracker = CarbonTracker(epochs=1)",
        "tracker.epoch_start()", FIT, "tracker.epoch_end()",
    ),
    Rewrite("carbon-older-model", tasks=("6",), edits=replace("    model7.fit(", "    model1.fit(")),
)  # fmt: skip
