"""Task 4.1, what goes wrong with dropout."""

from __future__ import annotations

from checks.cnn.faults.written import NAMED, PARTS, fault

FAULTS = (
    fault("dropout-ignored", "dropout", "none there", drop=""),
    fault("dense-layers-ignored", "dropout", "intermediate dense layer", dense_loop="for i in range(0):"),
    fault("dropout-always", "dropout", "use_dropout is False", drop="model.add(Dropout(0.5))"),
    fault(
        "dropout-inverted",
        "dropout",
        "use_dropout is False",
        drop="if not use_dropout:\n    model.add(Dropout(0.5))",
    ),
    fault("dropout-rate-0.3", "dropout", "Dropout(0.3)", drop="if use_dropout:\n    model.add(Dropout(0.3))"),
    fault(
        "dropout-rate-as-default-argument",
        "dropout",
        "Dropout(0.2)",
        arguments=NAMED + ", p=0.2",
        drop="if use_dropout:\n    model.add(Dropout(p))",
    ),
    fault(
        "dropout-from-two-dense-on",
        "dropout",
        "none there",
        drop="if use_dropout and n_dense_layers > 1:\n    model.add(Dropout(0.5))",
    ),
    fault(
        "dropout-after-the-last-dense-only",
        "dropout",
        "dense layer 1 of 2",
        drop="if use_dropout and i == n_dense_layers - 1:\n    model.add(Dropout(0.5))",
    ),
    fault(
        "dropout-twice",
        "dropout",
        "one Dropout(0.5)",
        drop="if use_dropout:\n    model.add(Dropout(0.5))\n    model.add(Dropout(0.5))",
    ),
    fault(
        "dropout-after-output",
        "dropout",
        "softmax layer as the last",
        output=PARTS["output"] + "\nif use_dropout:\n    model.add(Dropout(0.5))",
    ),
    fault(
        "dropout-in-stages-only",
        "dropout",
        "none there",
        drop="",
        pool=PARTS["pool"] + "\nif use_dropout:\n    model.add(Dropout(0.5))",
    ),
    fault(
        "dropout-in-stages-always",
        "dropout",
        "use_dropout is False",
        pool=PARTS["pool"] + "\nmodel.add(SpatialDropout2D(0.2))",
    ),
    fault(
        "gaussian-dropout",
        "dropout",
        "GaussianDropout",
        drop="if use_dropout:\n    model.add(GaussianDropout(0.5))",
    ),
    fault(
        "alpha-dropout", "dropout", "AlphaDropout", drop="if use_dropout:\n    model.add(AlphaDropout(0.5))"
    ),
    fault(
        "typo-in-dropout-branch",
        "dropout",
        "stops with NameError",
        drop="if use_dropout:\n    model.add(Droput(0.5))",
    ),
    fault(
        "no-argument-use-dropout",
        "dropout",
        "no argument `use_dropout`",
        arguments=NAMED.replace(", use_dropout=False", ""),
        drop="",
    ),
)
