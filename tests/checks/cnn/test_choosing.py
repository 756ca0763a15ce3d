"""A wrong ``build_CNN`` is counted in 4.1; a right one that is called wrongly in the task of the call."""

from __future__ import annotations

import dataclasses
from typing import Any

from checks.kit import Gone, Reply, Used
from tests.checks.cnn.student import Notebook
from tests.checks.cnn.trained import NETWORKS, Trained, network, outcome, right_way


def test_a_network_of_a_wrong_build_cnn_is_counted_in_4_1() -> None:
    """Who calls a wrong build_CNN rightly has trained the network of the task, and is told so."""
    made = network(4, dense=(50,), dropout=0.2)
    hints, failed = outcome(asked_for(right_way({"4.5": {"network": made}}), made))
    assert failed == set()
    assert "counted in 4.1" in hints["4.5/dropout"]


def test_a_right_build_cnn_called_wrongly_is_the_callers_fault() -> None:
    """Where build_CNN gives dropout for the right call, a training without it is a mistake of 4.5."""
    student = asked_for(right_way({"4.5": {"network": network(4, dense=(50,))}}), NETWORKS["4.5"]())
    assert outcome(student)[1] == {"4.5/dropout"}


def asked_for(trained: Trained, made: Any) -> Notebook:
    """The notebook with a kernel whose ``build_CNN`` makes one network of every call."""
    parameters = [
        {"name": name, "kind": "POSITIONAL_OR_KEYWORD", "required": True} for name in ("input_shape", "loss")
    ]
    parameters += [
        {"name": name, "kind": "POSITIONAL_OR_KEYWORD", "required": False, "default": default}
        for name, default in (("n_conv_layers", 2), ("n_dense_layers", 0), ("use_dropout", False))
    ]
    layers = [
        {
            "kind": one.kind, "name": one.name, "settings": dict(one.settings), "parameters": one.parameters,
            "activation": {"name": one.activation} if one.activation else None,
        }
        for one in made.layers
    ]  # fmt: skip

    class Kernel(Notebook):
        def ask(self, op: str, arrays: tuple[Any, ...] = (), **arguments: Any) -> Reply:
            if op == "signature":
                return Reply({"parameters": parameters})
            if op == "describe":
                return Reply({"model": True, "flavour": "keras", "layers": layers})
            raise Gone("not asked for here")

    plain = trained.student()
    return Kernel(**{field.name: getattr(plain, field.name) for field in dataclasses.fields(plain)})


def test_a_network_that_cannot_be_read_is_taken_for_the_one_asked_for() -> None:
    """Where a model of a class of the student's own says nothing of its layers, nobody loses points."""
    trained = right_way(leave_out=("4.2",))
    trained.fit(12, Used(9, ("model1",), None))
    hints, failed = outcome(trained)
    assert failed == set()
    assert "could not read" in hints["4.2/network"]
