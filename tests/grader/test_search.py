"""Ray Tune's stand-in in a real sandboxed kernel: the usual ways to write a search run and are recorded."""

from __future__ import annotations

import pytest

from checks.cnn.tuning import best, search
from tests.grader.test_trackers import NETWORK
from tests.live import judge

TRAINABLE = """
import ray
from ray import air, train, tune
from ray.air import session
from ray.tune.schedulers import ASHAScheduler
from ray.tune.search.optuna import OptunaSearch
from ray.tune.integration.keras import TuneReportCallback
from ray.train.tensorflow.keras import ReportCheckpointCallback
import ray.tune.search.basic_variant as variants
ray.init(num_cpus=2, ignore_reinit_error=True)
space = {"n": tune.choice([4, 8]), "lr": tune.loguniform(1e-4, 1e-1)}
def train_CNN(config):
    history = build().fit(X, Y, epochs=2, verbose=0, callbacks=CALLBACKS)
    REPORT
"""
REPORTS = {
    "dictionary": ("None", "tune.report({'acc': history.history['accuracy'][-1]})"),
    "keywords": ("None", "tune.report(acc=history.history['accuracy'][-1])"),
    "session": ("None", "session.report({'acc': 0.5}, checkpoint=air.Checkpoint.from_dict({}))"),
    "train": ("None", "train.report({'acc': 0.5})"),
    "returned": ("None", "return {'acc': 0.5}"),
    "yielded": ("None", "yield {'acc': 0.5}"),
    "tune callback": ("[TuneReportCallback({'acc': 'accuracy'}, on='epoch_end')]", "pass"),
    "train callback": ("[ReportCheckpointCallback(metrics={'acc': 'accuracy'})]", "pass"),
}
RUNS = {
    "tune.run": "result = tune.run(train_CNN, config=space, num_samples=9, metric='acc', mode='max',\n"
                "    scheduler=ASHAScheduler(max_t=4), search_alg=OptunaSearch(), verbose=1).best_result",
    "Tuner": "tuner = tune.Tuner(tune.with_resources(train_CNN, {'cpu': 1}), param_space=space,\n"
             "    tune_config=tune.TuneConfig(num_samples=9, scheduler=ASHAScheduler(metric='acc', mode='max')))\n"
             "result = tuner.fit().get_best_result().metrics",
}  # fmt: skip


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("run", RUNS)
def test_a_search_runs_and_is_seen(live, run, report):
    """Each way to report and to run gives the metric back, prints one line, and passes both checks."""
    callbacks, line = REPORTS[report]
    source = TRAINABLE.replace("CALLBACKS", callbacks).replace("REPORT", line)
    student = live.run(NETWORK, source, f"{RUNS[run]}\nprint('best', result['acc'], space.keys())")
    assert student.errors == ()
    assert "2 of the 9 trials" in student.cells[-1].text
    assert judge(search, student).status == "passed"
    assert judge(best, student).status == "passed"


def test_tf_keras_reports_too(live):
    """The callbacks work in Keras 2, whose hooks are others."""
    told = live.tell(
        "import numpy as np, tf_keras\n"
        "from ray import tune\nfrom ray.tune.integration.keras import TuneReportCallback\n"
        "model = tf_keras.Sequential([tf_keras.layers.Dense(1, input_shape=(4,))])\n"
        "model.compile(loss='mse')\n"
        "def train_CNN(config):\n"
        "    model.fit(np.zeros((8, 4)), np.zeros((8, 1)), epochs=3, verbose=0,\n"
        "              callbacks=[TuneReportCallback(['loss'])])\n"
        "analysis = tune.run(train_CNN, config={})\n"
        "told = [len(analysis.trials[0].reports), analysis.get_best_trial('loss', 'min').status]"
    )
    assert told == [3, "TERMINATED"]


def test_ray_itself_works_without_processes(live):
    """Remote functions and actors give their results, and the cluster can be started and shut down."""
    told = live.tell(
        "import ray\nray.init()\nstarted = ray.is_initialized()\n"
        "@ray.remote\ndef double(x):\n    return 2 * x\n"
        "@ray.remote(num_cpus=1)\nclass Counter:\n    n = 0\n    def add(self, k):\n"
        "        self.n += k\n        return self.n\n"
        "counter = Counter.remote()\ncounter.add.remote(2)\n"
        "told = [started, ray.get([double.remote(k) for k in range(3)]), ray.get(counter.add.remote(3)),\n"
        "        ray.get(ray.put(7))]\n"
        "ray.shutdown()\ntold.append(ray.is_initialized())"
    )
    assert told == [True, [0, 2, 4], 5, 7, False]
