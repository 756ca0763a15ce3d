"""What a search leaves behind: its trials, and the ways in which Ray Tune lets one look at them."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterator
from typing import Any

from .recording import Log


class Unknown(type):
    """The type of classes whose class methods do nothing either, such as ``Checkpoint.from_directory``."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()


class Anything(metaclass=Unknown):
    """Stands for what the stand-in does not know: it takes everything, does nothing, and counts as false.

    It keeps what it was made with: ``options`` are the keywords, ``args`` the rest.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        self.args = args
        self.options = options

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        options = self.__dict__.get("options", {})
        return options[name] if name in options else Anything()

    def __call__(self, *args: Any, **options: Any) -> Any:  # noqa: D102 - as the class says
        decorates = len(args) == 1 and callable(args[0]) and not options
        return args[0] if decorates else Anything(*args, **options)

    def __bool__(self) -> bool:
        return False

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __enter__(self) -> Anything:
        return self

    def __exit__(self, *_: object) -> None:
        return None


class Trial:
    """One configuration that was tried: Ray's ``Trial`` and ``Result`` in one.

    ``reports`` are what the trainable reported, in order.
    """

    def __init__(self, trial_id: str, config: dict[str, Any]) -> None:
        self.trial_id = trial_id
        self.config = self.evaluated_params = config
        self.reports: list[dict[str, Any]] = []
        self.error: BaseException | None = None
        self.checkpoint = self.best_checkpoints = Anything()
        self.path = self.local_path = self.log_dir = self.logdir = f"ray_results/{trial_id}"

    @property
    def status(self) -> str:
        """``ERROR`` or ``TERMINATED``."""
        return "ERROR" if self.error else "TERMINATED"

    @property
    def metrics(self) -> dict[str, Any]:
        """The last report, and what Ray adds to it."""
        added = {"training_iteration": len(self.reports), "trial_id": self.trial_id, "done": True}
        return {**added, "config": self.config, **(self.reports[-1] if self.reports else {})}

    @property
    def last_result(self) -> dict[str, Any]:
        """The same, under ``Trial``'s name for it."""
        return self.metrics

    @property
    def metrics_dataframe(self) -> Any:
        """One row for each report."""
        import pandas as pd  # type: ignore[import-untyped]  # noqa: PLC0415 - few notebooks ask for it

        rows = [{"training_iteration": number, **one} for number, one in enumerate(self.reports, start=1)]
        return pd.DataFrame(rows)

    def value(self, metric: str, mode: str, scope: str = "last") -> float:
        """The metric as it was last, or at its best in scope ``all``; NaN where it was not reported."""
        reported = [float(one[metric]) for one in self.reports if isinstance(one.get(metric), numbers.Real)]
        if not reported:
            return math.nan
        return {"max": max, "min": min}[mode](reported) if scope == "all" else reported[-1]

    def get_best_checkpoint(self, *_: Any, **__: Any) -> Anything:
        """There is none."""
        return self.checkpoint

    def __repr__(self) -> str:
        shown = {name: value for name, value in self.metrics.items() if name != "config"}
        return f"Result(metrics={shown}, config={self.config})"


class Results:
    """All trials of one search: Ray's ``ResultGrid`` and ``ExperimentAnalysis`` in one.

    Asking for the best trial is recorded.
    """

    def __init__(self, trials: list[Trial], metric: str | None, mode: str | None, log: Log) -> None:
        self.trials = trials
        self.default_metric = metric
        self.default_mode = mode
        self.log = log
        self.experiment_path = "ray_results"

    def __len__(self) -> int:
        return len(self.trials)

    def __getitem__(self, index: int) -> Trial:
        return self.trials[index]

    def __iter__(self) -> Iterator[Trial]:
        return iter(self.trials)

    @property
    def errors(self) -> list[BaseException]:
        """What the trials stopped with."""
        return [one.error for one in self.trials if one.error]

    @property
    def num_errors(self) -> int:
        """How many trials stopped with an error."""
        return len(self.errors)

    @property
    def num_terminated(self) -> int:
        """How many ran to their end."""
        return len(self) - self.num_errors

    @property
    def results(self) -> dict[str, dict[str, Any]]:
        """The last report of each trial."""
        return {one.trial_id: one.metrics for one in self.trials}

    # ---- the best one ----

    def get_best_result(
        self, metric: str | None = None, mode: str | None = None, scope: str = "last", **_: Any
    ) -> Trial:
        """The best trial.

        Raises:
            ValueError: no metric was named, here or for the search.
            RuntimeError: no trial reported it.
        """
        metric, mode = metric or self.default_metric, mode or self.default_mode or "max"
        best = None if metric is None else self._best(metric, mode, scope)
        config = {} if best is None else {name: str(value)[:200] for name, value in best.config.items()}
        self.log.event("search", what="best", metric=metric, mode=mode, config=config)
        if metric is None:
            raise ValueError("No metric is provided. Either pass `metric` here or set it in TuneConfig.")
        if best is None:
            raise RuntimeError(
                f"No best trial found for the given metric: {metric}. "
                "This means that no trial has reported this metric."
            )
        return best

    def _best(self, metric: str, mode: str, scope: str) -> Trial | None:
        known = [one for one in self.trials if not math.isnan(one.value(metric, mode, scope))]
        pick = {"max": max, "min": min}[mode]
        return pick(known, key=lambda one: one.value(metric, mode, scope), default=None)

    get_best_trial = get_best_result

    def get_best_config(self, *args: Any, **options: Any) -> dict[str, Any]:
        """The configuration of the best trial."""
        return self.get_best_result(*args, **options).config

    def get_best_checkpoint(self, *_: Any, **__: Any) -> Anything:
        """There is none."""
        return Anything()

    def get_best_logdir(self, *args: Any, **options: Any) -> str:
        """The folder of the best trial, which does not exist."""
        return self.get_best_result(*args, **options).path

    @property
    def best_trial(self) -> Trial:
        """The best trial."""
        return self.get_best_result()

    @property
    def best_config(self) -> dict[str, Any]:
        """Its configuration."""
        return self.get_best_result().config

    @property
    def best_result(self) -> dict[str, Any]:
        """Its last report."""
        return self.get_best_result().metrics

    @property
    def best_dataframe(self) -> Any:
        """All its reports."""
        return self.get_best_result().metrics_dataframe

    # ---- tables ----

    def dataframe(self, *_: Any, **__: Any) -> Any:
        """One row for each trial: its last report and its configuration."""
        import pandas as pd  # noqa: PLC0415 - few notebooks ask for it

        return pd.DataFrame([_row(one) for one in self.trials])

    get_dataframe = dataframe

    @property
    def results_df(self) -> Any:
        """The same table, by the trials' names."""
        return self.dataframe().set_index("trial_id")

    @property
    def trial_dataframes(self) -> dict[str, Any]:
        """The reports of each trial."""
        return {one.trial_id: one.metrics_dataframe for one in self.trials}

    def fetch_trial_dataframes(self) -> dict[str, Any]:
        """The same."""
        return self.trial_dataframes

    def get_all_configs(self, *_: Any, **__: Any) -> dict[str, dict[str, Any]]:
        """The configuration of each trial."""
        return {one.trial_id: one.config for one in self.trials}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()


def _row(trial: Trial) -> dict[str, Any]:
    reported = {name: value for name, value in trial.metrics.items() if name != "config"}
    return {**reported, **{f"config/{name}": value for name, value in trial.config.items()}}
