"""Whether a training by the grader has moved the weights of every layer of a student's network."""

from __future__ import annotations

from checks.kit.failure import Failure
from checks.kit.student import Json, Reply

STANDS_STILL = 1e-12  # the largest change of a weight that no step has moved
SHOWN = 3  # layers that a message names


def require_moving_layers(reply: Reply, code: str, *, epochs: int, hint: str) -> None:
    """Raise Failure where a layer has exactly the weights that it had before the training.

    Args:
        reply: the kernel's answer to ``train``; its ``layers`` say by how much each one's weights changed.
        code: a call that shows it.
        epochs: of the training.
        hint: where to look.

    Raises:
        Failure: one layer at least stands still.
    """
    entries = reply.data.get("layers")
    layers = [one for one in (entries if isinstance(entries, list) else []) if isinstance(one, dict)]
    still = [one for one in layers if _stands_still(one.get("change"))]
    if not still:
        return
    names = [f"layer {one.get('place')} ({str(one.get('kind'))[:80]})" for one in still]
    shown = ", ".join(names[:SHOWN]) + (" and others" if len(still) > SHOWN else "")
    raise Failure(
        "Training changes nothing: every weight of the network stays as it was."
        if len(still) == len(layers)
        else f"Training leaves the weights of {shown} unchanged.",
        expected="every layer with weights changes while it is trained",
        received=f"{len(still)} of {len(layers)} layers with the same weights after {epochs} epochs",
        hint=hint,
        counterexample=code,
    )


def _stands_still(change: Json) -> bool:
    known = isinstance(change, int | float) and not isinstance(change, bool)
    return known and float(change) < STANDS_STILL
