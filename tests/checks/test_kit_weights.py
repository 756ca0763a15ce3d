"""Layers that a training has not moved are named, whatever the reply holds besides."""

from __future__ import annotations

import pytest

from checks.kit import Failure, Reply
from checks.kit.weights import require_moving_layers


def layer(place: int, change: object) -> dict[str, object]:
    return {"place": place, "kind": "Conv2D", "change": change}


@pytest.mark.parametrize(
    "layers", [None, [], "x", [3], [layer(1, 0.5)], [layer(1, None)], [layer(1, "0")], [layer(1, False)]]
)
def test_what_moves_or_is_not_known_is_let_be(layers: object):
    """Only a number below the limit says that a layer stood still."""
    require_moving_layers(Reply({"layers": layers}), "code", epochs=3, hint="hint")


@pytest.mark.parametrize(
    ("layers", "message", "received"),
    [
        ([layer(1, 0.0)], "Training changes nothing", "1 of 1 layers"),
        ([layer(1, 0.0), layer(2, 0.1)], "weights of layer 1 (Conv2D) unchanged", "1 of 2 layers"),
        (
            [*(layer(n, 0) for n in range(1, 6)), layer(9, 1)],
            "layer 3 (Conv2D) and others unchanged",
            "5 of 6",
        ),
    ],
)
def test_what_stands_still_is_named(layers: list[object], message: str, received: str):
    """Three layers at most by name, how many of all, and the lab's own hint and call."""
    with pytest.raises(Failure) as caught:
        require_moving_layers(Reply({"layers": layers}), "code", epochs=3, hint="look here")
    assert message in str(caught.value)
    assert received in caught.value.received
    assert "3 epochs" in caught.value.received
    assert (caught.value.hint, caught.value.counterexample) == ("look here", "code")
