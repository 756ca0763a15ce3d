"""Sequential models that are asked for are joined once, and are what Keras makes of them."""

from __future__ import annotations

import pytest

NETWORK = """
import keras
from keras import layers
from labgrade_kernel import calls, models, quick
joins = []
def network(n=3, kind="plain"):
    model = keras.Sequential(name="network")
    if kind != "late":
        model.add(keras.Input((8, 8, 1)))
    for number in range(n):
        model.add(layers.Conv2D(2 + number, 3, padding="same", name=f"conv{number}"))
        model.add(layers.BatchNormalization(name=f"norm{number}"))
        if kind == "looks":
            joins.append(model.output_shape)
    if kind == "nested":
        model.add(keras.Sequential([layers.Flatten(name="f"), layers.Dense(4, name="d")], name="inner"))
    model.add(layers.Flatten(name="flat"))
    if kind == "unfit":
        model.add(layers.Conv2D(1, 3))
    if kind == "late":
        model.build((None, 8, 8, 1))
    model.add(layers.Dense(2, activation="softmax", name="last"))
    model.compile(loss="mse", optimizer=keras.optimizers.Adam(0.01))
    return model
"""


@pytest.mark.parametrize("kind", ["plain", "looks", "nested", "late"])
def test_a_network_is_what_keras_makes(live, kind):
    """Layers, shapes, parameters and compilation are those that the same call has in a cell."""
    told = live.tell(
        NETWORK,
        f"""
alone, quickly = network(kind={kind!r}), quick.build(lambda: calls.guard(network, kind={kind!r}))
told = [models.describe(one, None) for one in (alone, quickly)]
for one in told:
    one["layers"] = [{{**layer, "name": "", "identity": 0}} for layer in one["layers"]]
told += [[weight.path.split("/")[-1] + str(weight.shape) for weight in one.weights] for one in (alone, quickly)]
""",
    )
    assert told[0]["layers"] and told[2]
    assert told[0] == told[1]
    assert told[2] == told[3]


def test_layers_are_joined_once(live):
    """While a network is built nothing is joined but where the function looks; afterwards Keras is as before."""
    told = live.tell(
        NETWORK,
        """
own = keras.Sequential._maybe_rebuild
counted = []
def counting(self):
    counted.append(len(self.layers))
    return own(self)
keras.Sequential._maybe_rebuild = counting
quick.build(lambda: network(6))
quickly = list(counted)
network(6)
told = [quickly, len(counted) - 1, keras.Sequential._maybe_rebuild is counting]
keras.Sequential._maybe_rebuild = own
""",
    )
    assert told == [[14], 15, True]


def test_what_does_not_fit_is_keras_s_to_say(live):
    """A network whose layers do not fit raises what it raises in a cell."""
    told = live.tell(
        NETWORK,
        """
own = ours = None
try:
    network(kind="unfit")
except ValueError as error:
    own = str(error)
try:
    quick.build(lambda: calls.call(network, {"kind": "unfit"}, "keras"))
except calls.StudentRaised as error:
    ours = [error.ename, error.evalue]
told = [own, ours]
""",
    )
    own, (ename, evalue) = told
    assert ename == "ValueError"
    assert "ndim" in own and "ndim" in evalue
