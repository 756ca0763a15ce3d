"""A search as the stand-in runs it: a few trials of the student's own trainable, one after the other."""

from __future__ import annotations

import copy
import functools
import inspect
import math
import random
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from . import search_space
from .recording import Log
from .search_results import Anything, Results, Trial

MAX_TRIALS = 2  # of one search: two show that the search works, and each trains a network
MAX_STEPS = 2  # of a trainable that is a class
SAID = "[labgrade: Ray is not run here; a stand-in of the grader runs {ran} of the {asked} trials]"


class TuneError(Exception):
    """Ray's own name for a search that failed."""


class Trainable:
    """Ray's base class of trainables that are classes."""

    def __init__(self, config: dict[str, Any] | None = None, **_: Any) -> None:
        self.config = config or {}
        self.iteration = self.training_iteration = 0
        self.setup(self.config)

    def setup(self, config: dict[str, Any]) -> None:
        """Prepare; for a subclass to write."""

    def step(self) -> dict[str, Any]:
        """Train for a while and report; for a subclass to write."""
        raise NotImplementedError("a Trainable needs a method `step`")

    def cleanup(self) -> None:
        """Tidy up; for a subclass to write."""


class Tune:
    """The searches of one notebook. ``running`` is the trial that runs now."""

    def __init__(self, log: Log, seed: int) -> None:
        self.log = log
        self.random = random.Random(seed)  # noqa: S311 - hyper-parameters, not secrets
        self.running: Trial | None = None
        self.registered: dict[str, Any] = {}

    # ---- a search ----

    def run(self, run_or_experiment: Any, raise_on_failed_trial: bool = True, **options: Any) -> Results:
        """Ray's ``tune.run``.

        Raises:
            TuneError: a trial stopped with an error.
        """
        results = self.search(run_or_experiment, options.get("config"), options)
        if results.errors and raise_on_failed_trial:
            failed = [one for one in results if one.error]
            raise TuneError("Trials did not complete", failed) from failed[0].error
        return results

    def search(self, trainable: Any, space: Mapping[str, Any] | None, options: Mapping[str, Any]) -> Results:
        """Try a few configurations of the space and record the search.

        Args:
            trainable: a function, a class, a trainer of Ray's, or the name of a registered one.
            space: what to draw configurations from.
            options: of ``tune.run`` or ``TuneConfig``: ``num_samples``, ``metric``, ``mode``, ``scheduler`` …
        """
        space = dict(space or _option("space", options) or {})
        asked = _asked(options.get("num_samples", 1), search_space.grid_size(space))
        configs = search_space.draw(space, min(asked, MAX_TRIALS), self.random)
        metric, mode = (_option(name, options) for name in ("metric", "mode"))
        print(SAID.format(ran=len(configs), asked=asked))
        began, trials = self.log.next_order(), []
        try:
            for number, config in enumerate(configs):
                trials.append(Trial(f"trial_{number:05d}", config))
                self.attempt(trainable, trials[-1])
        finally:
            self.log.event("search", what="run", began=began, **_said(space, asked, metric, mode, trials))
        return Results(trials, metric, mode, self.log)

    def attempt(self, trainable: Any, trial: Trial) -> None:
        """Run one trial; where it raises, say so and go on, as Ray does."""
        before, self.running = self.running, trial
        try:
            self.call(self.registered.get(trainable) if isinstance(trainable, str) else trainable, trial)
        except Exception as error:  # noqa: BLE001 - a student's trainable may raise anything
            trial.error = error
            traceback.print_exc()
        finally:
            self.running = before

    def call(self, trainable: Any, trial: Trial) -> None:
        """Run a trainable of whatever kind on a copy of the trial's configuration."""
        config = copy.deepcopy(trial.config)
        if isinstance(trainable, Anything) and "train_loop_per_worker" in trainable.options:
            config = {**(trainable.train_loop_config or {}), **config.get("train_loop_config", config)}
            trainable = trainable.train_loop_per_worker
        if isinstance(trainable, type) and issubclass(trainable, Trainable):
            return self.step(trainable(config))
        if not callable(trainable):
            raise TuneError(f"Unknown trainable: {trainable!r}")
        returned = trainable(config, self.report) if _wants_reporter(trainable) else trainable(config)
        for reported in returned if inspect.isgenerator(returned) else [returned]:
            if reported is not None:
                self.report(reported)
        return None

    def step(self, worker: Trainable) -> None:
        """Run a trainable that is a class for a few of its steps."""
        for _ in range(MAX_STEPS):
            self.report(worker.step())
            worker.iteration += 1
        worker.cleanup()

    def report(self, metrics: Any = None, *_: Any, checkpoint: Any = None, **named: Any) -> None:
        """What a trainable reports: a dictionary, keywords, or a single number."""
        reported = dict(metrics) if isinstance(metrics, Mapping) else {}
        if metrics is not None and not isinstance(metrics, Mapping):
            reported["_metric"] = metrics
        if self.running is not None:
            self.running.reports.append({**reported, **named})

    def register_trainable(self, name: str, trainable: Any, **_: Any) -> None:
        """Ray's ``tune.register_trainable``."""
        self.registered[name] = trainable


class Tuner:
    """Ray's ``tune.Tuner``; ``tune`` is set by a subclass."""

    tune: Tune

    def __init__(
        self, trainable: Any = None, param_space: Any = None, tune_config: Any = None, **_: Any
    ) -> None:
        self.trainable = trainable
        self.param_space = param_space
        self.options = getattr(tune_config, "options", {})
        self.results: Results | None = None

    def fit(self) -> Results:
        """Run the search."""
        self.results = self.tune.search(self.trainable, self.param_space, self.options)
        return self.results

    def get_results(self) -> Results:
        """The results of the search.

        Raises:
            RuntimeError: it has not run yet.
        """
        if self.results is None:
            raise RuntimeError("Can't return results as experiment has not been run, yet. Call `fit` first.")
        return self.results


class ReportCallback:
    """Ray's callbacks that report what Keras logs; ``tune`` is set by a subclass.

    It works in each flavour of Keras, since these ask of a callback only that it has the methods.
    """

    tune: Tune
    _supports_tf_logs = False
    _chief_worker_only = None

    def __init__(self, metrics: Any = None, *_: Any, **options: Any) -> None:
        named = [metrics] if isinstance(metrics, str) else metrics
        self.metrics = named if isinstance(named, Mapping) else {name: name for name in named or ()}
        moments = options.get("report_metrics_on") or options.get("on") or "epoch_end"
        self.moments = [moments] if isinstance(moments, str) else list(moments)

    def set_model(self, model: Any) -> None:
        """Remember the model."""
        self.model = model

    def set_params(self, params: Any) -> None:
        """Remember how the training was asked for."""
        self.params = params

    def _report(self, moment: str, logs: Mapping[str, Any] | None) -> None:
        if moment in self.moments:
            logs = logs or {}
            missing = [name for name in self.metrics.values() if name not in logs]
            if missing:
                raise KeyError(f"{missing[0]!r} is not among what Keras logs: {sorted(logs)}")
            self.tune.report({name: logs[key] for name, key in self.metrics.items()} or dict(logs))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("on_"):
            return lambda *args, **options: self._hear(name.removeprefix("on_"), *args, **options)
        if name.startswith("_implements_"):
            return lambda: False
        raise AttributeError(name)

    def _hear(self, moment: str, *args: Any, **options: Any) -> None:
        self._report(moment, options.get("logs", args[-1] if args else None))


def with_parameters(trainable: Any, **parameters: Any) -> Any:
    """Ray's ``tune.with_parameters``: a trainable that gets these besides its configuration."""
    if not isinstance(trainable, type):
        return functools.partial(trainable, **parameters)
    original: Any = trainable

    def setup(self: Any, config: dict[str, Any]) -> None:
        original.setup(self, config, **parameters)

    return type(original.__name__, (original,), {"setup": setup})


def with_resources(trainable: Any, *_: Any, **__: Any) -> Any:
    """Ray's ``tune.with_resources``: here there is nothing to share out."""
    return trainable


def _asked(samples: Any, grid: int) -> int:
    """How many trials were asked for; −1 samples mean as many as there is time for."""
    number = samples if isinstance(samples, int) else 1
    return max(1, number) * max(1, grid) if number >= 0 else MAX_TRIALS


def _option(name: str, options: Mapping[str, Any]) -> Any:
    """An option of the search, or of its scheduler or search algorithm, which may name it instead."""
    places: list[Any] = [options.get("search_alg"), options.get("scheduler")]
    places += [part for place in places for part in getattr(place, "args", ())]
    found = (getattr(place, "options", {}).get(name) for place in places)
    return options.get(name) or next((value for value in found if value), None)


def _wants_reporter(trainable: Any) -> bool:
    """Whether a function takes ``(config, reporter)``, as in old versions of Ray."""
    try:
        parameters = list(inspect.signature(trainable).parameters.values())
    except (TypeError, ValueError):
        return False
    needed = [one for one in parameters if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD]
    return len(needed) == 2 and needed[1].name == "reporter"


def _said(
    space: Mapping[str, Any], asked: int, metric: Any, mode: Any, trials: list[Trial]
) -> dict[str, Any]:
    """The search as data: ``configurations`` is ``None`` where there are endlessly many."""
    size = search_space.size(space)
    return {
        "samples": asked,
        "space": search_space.names(space),
        "configurations": None if math.isinf(size) else int(size),
        "metric": metric,
        "mode": mode,
        "trials": [
            {
                "config": {str(name): str(value)[:200] for name, value in trial.config.items()},
                "reported": sorted({str(name) for one in trial.reports for name in one}),
                "error": "" if trial.error is None else f"{type(trial.error).__name__}: {trial.error}"[:500],
            }
            for trial in trials
        ],
    }
