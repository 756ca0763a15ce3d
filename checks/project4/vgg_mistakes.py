"""The one sentence that names what is wrong with a network of task P2.2."""

from __future__ import annotations

from collections.abc import Sequence

from checks.kit.architecture import Operation, Pair

Sentence = tuple[str, str]  # what is wrong, and what to try
Steps = Sequence[Operation]
COMPARE = "Compare the two columns of the table."
GLOBAL = ("GlobalAveragePooling2D", "GlobalMaxPooling2D")


def name_difference(expected: Steps, received: Steps, pairs: Sequence[Pair]) -> Sentence:
    """What is wrong in a student's words, and a hint.

    Args:
        expected: the operations that the task asks for.
        received: the student's.
        pairs: the two aligned, with a difference.
    """
    for rule in (_kinds, _blocks, _normalisations, _dense_count, _softmax):
        sentence = rule(expected, received)
        if sentence is not None:
            return sentence
    return _first_pair(pairs)


def _kinds(expected: Steps, received: Steps) -> Sentence | None:
    kinds = [step.kind for step in received]
    for pooling in GLOBAL:
        if pooling in kinds:
            return (
                f"{pooling} stands where Flatten is asked for.",
                "Global pooling keeps one number per channel; Flatten keeps every pixel of the last map.",
            )
    if "Flatten" not in kinds and "Dense" in kinds:
        return (
            "There is no Flatten between the convolutions and the dense layers.",
            "A dense layer on an unflattened map works on each pixel alone.",
        )
    if "AveragePooling2D" in kinds:
        return "AveragePooling2D stands where MaxPooling2D is asked for.", "VGG-16 takes the maximum."
    noise = next((step for step in received if "Dropout" in step.kind), None)
    if noise is not None and not any("Dropout" in step.kind for step in expected):
        return f"There is a {noise.text()} that the task does not ask for.", "Leave it out."
    return None


def _blocks(expected: Steps, received: Steps) -> Sentence | None:
    """Five poolings, and the right number of convolutions before each."""
    want, got = _sizes(expected), _sizes(received)
    if want == got:
        return None
    if len(want) != len(got):
        return (
            f"The network has {_number(len(got), 'pooling')} and should have {len(want)}, "
            "one after each block.",
            "Each block is closed by one MaxPooling2D((2, 2)), after its last convolution.",
        )
    return (
        f"The blocks have {_listed(got)} convolutions and should have {_listed(want)}.",
        "The first two blocks have two convolutions each, the other three have three.",
    )


def _sizes(steps: Steps) -> list[int]:
    """The number of convolutions before each pooling, since the one before."""
    sizes, count = [], 0
    for step in steps:
        count += step.kind == "Conv2D"
        if step.kind == "MaxPooling2D":
            sizes.append(count)
            count = 0
    return sizes


def _normalisations(expected: Steps, received: Steps) -> Sentence | None:
    want, got = (_count(steps, "BatchNormalization") for steps in (expected, received))
    if got and not want:
        return (
            f"The network has {_number(got, 'BatchNormalization')} though batch_norm is False.",
            "Add them only inside `if batch_norm:`.",
        )
    if want and not got:
        return "batch_norm=True adds no BatchNormalization.", "Use the argument where the layers are added."
    return _places([step.kind for step in received]) if want else None


def _places(kinds: list[str]) -> Sentence | None:
    """A batch normalisation that is asked for and stands somewhere else."""
    if kinds[0] != "BatchNormalization":
        return (
            "With batch_norm=True the input is not normalised.",
            "The first layer is then a BatchNormalization, before the first convolution.",
        )
    if _follow(kinds, "Conv2D", "Activation", "BatchNormalization"):
        return (
            "The batch normalisation stands after the relu, and should stand before it.",
            "The order is convolution, batch normalisation, relu: Conv2D then has no activation of its own.",
        )
    if "Flatten" in kinds and "BatchNormalization" in kinds[kinds.index("Flatten") :]:
        return (
            "There is a batch normalisation in the dense part.",
            "Only the input and the convolutions are normalised.",
        )
    return None


def _follow(kinds: list[str], *wanted: str) -> bool:
    size = len(wanted)
    return any(kinds[place : place + size] == list(wanted) for place in range(len(kinds)))


def _dense_count(expected: Steps, received: Steps) -> Sentence | None:
    want, got = _count(expected, "Dense"), _count(received, "Dense")
    if want == got:
        return None
    return (
        f"The network has {_number(got, 'dense layer')} and should have {want}: "
        f"{want - 1} for dense, and the output.",
        "The dense layers come from the argument `dense`; the output layer stands after them.",
    )


def _softmax(_expected: Steps, received: Steps) -> Sentence | None:
    last = [step for step in received if step.kind == "Activation" and step.get("kind") == "softmax"]
    if len(last) > 1:
        return (
            "The output passes through softmax twice.",
            "Either the last dense layer has activation='softmax', or a softmax layer follows it; not both.",
        )
    return None


def _first_pair(pairs: Sequence[Pair]) -> Sentence:
    shapes_decide = all(pair.expected == pair.received for pair in pairs)
    place = next(
        number
        for number, pair in enumerate(pairs)
        if not (pair.same if shapes_decide else pair.expected == pair.received)
    )
    expected, received, where = pairs[place].expected, pairs[place].received, _where(pairs, place)
    if expected is None and received is not None:
        return f"There is a layer too many {where}: {_name(received)}.", COMPARE
    if expected is not None and received is None:
        return (
            f"There is no {_name(expected)} {where}.",
            "Go through one block of your code against the task.",
        )
    if expected is None or received is None:
        return "The layers are not those that are asked for.", COMPARE
    if expected.kind != received.kind:
        return f"{_name(received)} stands {where} in the place of {_name(expected)}.", COMPARE
    return _setting(expected, received, where)


def _setting(expected: Operation, received: Operation, where: str) -> Sentence:
    names = [name for name, value in expected.settings if received.get(name) != value]
    if not names:
        return (
            f"{_name(expected)} {where} gives {received.text()}; {expected.text()} is expected.",
            "The layer has the right settings, so look at what is fed into it.",
        )
    name = names[0]
    want, got = expected.get(name), received.get(name)
    if expected.kind == "Activation":
        return (
            f"The activation {where} is {got}; {want} is asked for.",
            "Convolutions and dense layers use relu, the output softmax.",
        )
    hint = {
        "filters": "All convolutions of a block have the number of filters that `filters` gives for it.",
        "units": "The numbers of nodes come from `dense`, that of the last layer from `n_classes`.",
        "padding": "Which padding keeps the size of the map?",
    }.get(name, COMPARE)
    return f"{_name(expected)} {where} has {name}={_value(got)}; {_value(want)} is asked for.", hint


def _where(pairs: Sequence[Pair], place: int) -> str:
    """Where in the network a pair stands, in words."""
    before = [step for pair in pairs[: place + 1] if (step := pair.expected or pair.received) is not None]
    poolings, dense = _count(before[:-1], "MaxPooling2D"), _count(before, "Dense")
    total = sum(pair.expected is not None and pair.expected.kind == "Dense" for pair in pairs)
    if dense:
        return "at the output" if dense >= total else f"at dense layer {dense}"
    if _count(before, "Flatten"):
        return "at Flatten"
    convolutions = 0
    for step in before:
        convolutions = 0 if step.kind == "MaxPooling2D" else convolutions + (step.kind == "Conv2D")
    if not convolutions and before[-1].kind != "MaxPooling2D":
        return "at the beginning" if not poolings else f"at the beginning of block {poolings + 1}"
    spot = f" after convolution {convolutions}" if before[-1].kind != "Conv2D" and convolutions else ""
    return f"in block {poolings + 1}{spot}"


def _name(step: Operation) -> str:
    return f"{step.get('kind')} activation" if step.kind == "Activation" else step.kind


def _count(steps: Steps, kind: str) -> int:
    return sum(step.kind == kind for step in steps)


def _value(value: object) -> str:
    return "×".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _number(count: int, noun: str) -> str:
    return f"no {noun}" if count == 0 else f"{count} {noun}{'' if count == 1 else 's'}"


def _listed(sizes: Sequence[int]) -> str:
    return ", ".join(map(str, sizes))
