"""Task 8: searches that cannot choose, and the many right ways to search."""

from __future__ import annotations

from checks.kit.fault import Edit, Fault, Rewrite, drop_cell, replace, replace_cell

TRAIN = "def train_CNN(config):"
RUN = "tuner = tune.Tuner("
REPORT = "    tune.report({'val_accuracy': history.history['val_accuracy'][-1]})"
SHOWN = """best = results.get_best_result()
print(best.config, best.metrics['val_accuracy'])"""
SEARCH, BEST = "8/search", "8/best"


def _train(report: str, *, begin: str = "from ray import tune", head: str = TRAIN, extra: str = "") -> str:
    """The cell of the trainable."""
    return f"""{begin}

{head}
    model = build_CNN((32, 32, 3), 'categorical_crossentropy', n_filters=config['n_filters'],
                      learning_rate=config['learning_rate'], act_fun='relu', optimizer='adam')
    history = model.fit(Xtrain, Ytrain, validation_data=(Xval, Yval), epochs=2, verbose=0{extra})
    {report}"""


def _written(name: str, train: str, run: str) -> Rewrite:
    return Rewrite(f"tuning-{name}", tasks=("8",), edits=_both(train, run))


def _both(train: str, run: str) -> tuple[Edit, ...]:
    return replace_cell(RUN, run), replace_cell(TRAIN, train)


RETURNED = _train("return {'acc': history.history['val_accuracy'][-1]}")
SPACE = "{'n_filters': tune.choice([8, 16]), 'learning_rate': tune.loguniform(1e-4, 1e-2)}"
GRID = "{'n_filters': tune.grid_search([8, 16]), 'learning_rate': 0.001}"
NUMBERS = "configs = [{'n_filters': n, 'learning_rate': 0.001} for n in (4, 8)]\n"

FAULTS = (
    Fault(
        "tuning-never-started", SEARCH, words=("no search was run", "start"),
        edits=(replace("results = tuner.fit()\n", ""), replace(SHOWN, "")),
    ),
    Fault(
        "tuning-only-the-trainable", SEARCH, words=("no search was run",), edits=drop_cell(RUN),
    ),
    Fault(
        "tuning-one-configuration", SEARCH, words=("one configuration",),
        edits=(
            replace("tune.choice([2, 3, 4])", "2"), replace("tune.choice([16, 32])", "16"),
            replace("tune.choice([32, 50, 100])", "50"), replace("tune.loguniform(1e-4, 1e-2)", "0.01"),
        ),
    ),
    Fault(
        "tuning-one-choice", SEARCH, words=("one configuration",),
        edits=_both(RETURNED, "tuner = tune.Tuner(train_CNN, param_space={'n_filters': tune.choice([8]), "
                    "'learning_rate': 0.001}, tune_config=tune.TuneConfig(num_samples=2))\n"
                    "results = tuner.fit()"),
    ),
    Fault(
        "tuning-nothing-reported", SEARCH, words=("reports no metric", "tune.report"),
        edits=(replace(REPORT, "    print(history.history['val_accuracy'][-1])"), replace(SHOWN, "")),
    ),
    Fault(
        "tuning-other-metric", SEARCH, words=("'val_accuracy'", "'accuracy'"),
        edits=replace("tune.report({'val_accuracy':", "tune.report({'accuracy':"),
    ),
    Fault(
        "tuning-name-not-in-config", SEARCH, words=("KeyError", "filters", "config"),
        edits=replace("config['n_filters']", "config['filters']"),
    ),
    Fault(
        "tuning-space-misspelt", SEARCH, words=("NameError", "search_spaces"),
        edits=replace("param_space=search_space", "param_space=search_spaces"),
    ),
    Fault(
        "tuning-best-not-asked-for", BEST, words=("never asked for",), edits=replace(SHOWN, "print(results)"),
    ),
    Fault(
        "tuning-best-not-shown", BEST, words=("no cell shows it",),
        edits=replace(SHOWN, "settings = results.get_best_result().config"),
    ),
    Fault(
        "tuning-best-without-metric", BEST, words=("ValueError", "asks for the best"),
        edits=replace(", metric='val_accuracy', mode='max'", ""),
    ),
    Fault(
        "tuning-best-of-an-unknown-metric", BEST, words=("RuntimeError", "No best trial"),
        edits=replace("results.get_best_result()", "results.get_best_result('mean_accuracy', 'max')"),
    ),
)  # fmt: skip

REWRITES = (
    Rewrite("tuning-as-handed-out", tasks=("8",)),
    Rewrite("tuning-reference", tasks=("8",), base="solution"),
    _written("tune-run", RETURNED, f"""
        analysis = tune.run(train_CNN, config={SPACE}, num_samples=3, metric='acc', mode='max',
                            resources_per_trial={{'cpu': 1, 'gpu': 0}})
        print('Best config:', analysis.best_config)
    """),
    _written(
        "keras-callback",
        _train(
            "pass", extra=", callbacks=[TuneReportCallback({'mean_accuracy': 'accuracy'})]",
            begin="import ray; from ray import tune\n"
            "from ray.tune.integration.keras import TuneReportCallback",
        ), f"""
        from ray.tune.schedulers import AsyncHyperBandScheduler
        ray.init(num_cpus=2, ignore_reinit_error=True)
        sched = AsyncHyperBandScheduler(time_attr='training_iteration', max_t=400, grace_period=20)
        analysis = tune.run(train_CNN, name='exp', scheduler=sched, metric='mean_accuracy', mode='max',
                            stop={{'mean_accuracy': 0.99}}, num_samples=2, config={SPACE})
        print('Best hyperparameters found were: ', analysis.best_config)
        ray.shutdown()
    """),
    _written("grid", RETURNED, f"""
        results = tune.Tuner(train_CNN, param_space={GRID}).fit()
        print(results.get_best_result(metric='acc', mode='max').config)
    """),
    _written(
        "session-report",
        _train("session.report({'acc': history.history['val_accuracy'][-1]})",
               begin="import ray\nfrom ray import air, tune\nfrom ray.air import session"), f"""
        tuner = tune.Tuner(tune.with_resources(train_CNN, {{'cpu': 1}}), param_space={SPACE},
                           run_config=air.RunConfig(name='lab'),
                           tune_config=tune.TuneConfig(num_samples=2, metric='acc', mode='max'))
        grid = tuner.fit()
        print(grid.get_dataframe())
        best = grid.get_best_result()
        print('lr', best.config['learning_rate'])
    """),
    _written(
        "report-with-keywords",
        _train("tune.report(acc=history.history['val_accuracy'][-1])"), f"""
        analysis = tune.run(train_CNN, config={SPACE}, num_samples=2)
        trial = analysis.get_best_trial('acc', 'max', 'last')
        print('Best trial config: {{}}'.format(trial.config), trial.last_result['acc'])
    """),
    _written(
        "with-parameters",
        _train("return {'acc': history.history['val_accuracy'][-1]}",
               head="def train_CNN(config, images, labels):"), f"""
        t = tune.with_parameters(train_CNN, images=Xtrain, labels=Ytrain)
        results = tune.Tuner(t, param_space={SPACE}, tune_config=tune.TuneConfig(num_samples=2)).fit()
        table = results.get_dataframe().sort_values('acc')
        print(table.tail(1))
    """),
    _written("picked-by-hand", RETURNED, f"""
        results = tune.Tuner(train_CNN, param_space={SPACE}, tune_config=tune.TuneConfig(num_samples=2)).fit()
        top = max(results, key=lambda r: r.metrics['acc'])
        print(top.config)
    """),
    _written(
        "class-trainable", """
        from ray import tune
        class train_CNN(tune.Trainable):
            def setup(self, config):
                self.model = build_CNN((32, 32, 3), 'categorical_crossentropy', n_filters=config['n_filters'],
                                       act_fun='relu', optimizer='adam')
            def step(self):
                h = self.model.fit(Xtrain, Ytrain, epochs=1, verbose=0)
                return {'acc': h.history['accuracy'][-1]}
        """, f"""
        analysis = tune.run(train_CNN, config={SPACE}, num_samples=2, stop={{'training_iteration': 2}})
        analysis.get_best_config(metric='acc', mode='max')
    """),
    _written("hand-written-loop", _train("return history.history['val_accuracy'][-1]", begin=""), f"""
        {NUMBERS.strip()}
        scores = [train_CNN(config) for config in configs]
        print('best', configs[int(np.argmax(scores))], max(scores))
    """),
    _written("keras-tuner", """
        import keras_tuner as kt
        def train_CNN(hp):
            return build_CNN((32, 32, 3), 'categorical_crossentropy', n_filters=hp.Int('f', 16, 32),
                             act_fun='relu', optimizer='adam')
        """, """
        tuner = kt.RandomSearch(train_CNN, objective='val_accuracy', max_trials=5)
        tuner.search(Xtrain, Ytrain, epochs=5, validation_data=(Xval, Yval))
        print(tuner.get_best_hyperparameters()[0].values)
    """),
    _written("optuna", """
        import optuna
        def objective(trial):
            model = build_CNN((32, 32, 3), 'categorical_crossentropy', act_fun='relu', optimizer='adam',
                              n_filters=trial.suggest_int('n_filters', 16, 64))
            h = model.fit(Xtrain, Ytrain, validation_data=(Xval, Yval), epochs=2, verbose=0)
            return h.history['val_accuracy'][-1]
        """, """
        study = optuna.create_study(direction='maximize')
        study.optimize(objective, n_trials=10)
        print(study.best_params)
    """),
)  # fmt: skip
