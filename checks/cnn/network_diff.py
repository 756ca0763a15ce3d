"""The one sentence that names what is wrong with a network of task 4.1."""

from __future__ import annotations

from collections.abc import Sequence

from checks.cnn.building import Case
from checks.kit.architecture import Operation, Pair

OTHER_CONVOLUTIONS = ("SeparableConv2D", "DepthwiseConv2D", "Conv2DTranspose", "Conv1D", "Conv3D")
Sentence = tuple[str, str]  # what is wrong, and what to try


def name_difference(
    case: Case, expected: Sequence[Operation], received: Sequence[Operation], pairs: Sequence[Pair]
) -> Sentence:
    """What is wrong in a student's words, and a hint.

    Args:
        case: the call.
        expected: the operations that the task asks for.
        received: the student's, activations of convolutions and dropout left out.
        pairs: the two aligned.
    """
    for rule in (_convolutions, _order, _output, _flattening, _dense_count, _first_pair):
        sentence = rule(case, expected, received, pairs)
        if sentence is not None:
            return sentence
    return "The layers of the network are not those asked for.", "Compare the two columns of the table."


def _convolutions(
    case: Case, _expected: Sequence[Operation], received: Sequence[Operation], _pairs: Sequence[Pair]
) -> Sentence | None:
    kinds = [step.kind for step in received]
    other = next((kind for kind in kinds if kind in OTHER_CONVOLUTIONS), None)
    if other:
        return (
            f"{other} stands where Conv2D is asked for.",
            "In a Conv2D each filter runs over all channels at once.",
        )
    count = kinds.count("Conv2D")
    if count != case.n_conv_layers:
        return (
            f"n_conv_layers={case.n_conv_layers} gives {_number(count, 'convolution')}.",
            "Count how often the loop over the convolutional layers runs, and what it adds each time.",
        )
    return None


def _order(
    _case: Case, _expected: Sequence[Operation], received: Sequence[Operation], _pairs: Sequence[Pair]
) -> Sentence | None:
    kinds = [step.kind for step in received]
    wrong_stage = _pooling_first(kinds)
    if wrong_stage:
        return (
            f"In stage {wrong_stage} the pooling stands before the batch normalisation.",
            "The order is convolution, batch normalisation, pooling.",
        )
    if kinds[:2] == ["BatchNormalization", "Conv2D"]:
        return (
            "In stage 1 the batch normalisation stands before the convolution.",
            "The order is convolution, batch normalisation, pooling.",
        )
    return None


def _output(
    _case: Case, _expected: Sequence[Operation], received: Sequence[Operation], _pairs: Sequence[Pair]
) -> Sentence | None:
    if sum(step.kind == "Activation" and step.get("kind") == "softmax" for step in received) < 2:
        return None
    return (
        "The output passes through softmax twice.",
        "Either the last dense layer has activation='softmax', or a softmax layer follows it; not both.",
    )


def _flattening(
    _case: Case, _expected: Sequence[Operation], received: Sequence[Operation], _pairs: Sequence[Pair]
) -> Sentence | None:
    kinds = [step.kind for step in received]
    for pooling in ("GlobalAveragePooling2D", "GlobalMaxPooling2D"):
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
    return None


def _dense_count(
    case: Case, _expected: Sequence[Operation], received: Sequence[Operation], _pairs: Sequence[Pair]
) -> Sentence | None:
    dense = sum(step.kind == "Dense" for step in received)
    if dense != case.n_dense_layers + 1:
        return (
            f"n_dense_layers={case.n_dense_layers} gives {_number(dense, 'dense layer')} in all; "
            f"with the output layer there should be {case.n_dense_layers + 1}.",
            "The intermediate dense layers come from the loop; the output layer stands after it.",
        )
    return None


def _pooling_first(kinds: Sequence[str]) -> int:
    """The first stage whose pooling comes before its batch normalisation, counted from 1, or 0."""
    stage = 0
    for place, kind in enumerate(kinds):
        stage += kind == "Conv2D"
        if list(kinds[place : place + 3]) == ["Conv2D", "MaxPooling2D", "BatchNormalization"]:
            return stage
    return 0


def _first_pair(
    case: Case, _expected: Sequence[Operation], _received: Sequence[Operation], pairs: Sequence[Pair]
) -> Sentence | None:
    place = next(number for number, pair in enumerate(pairs) if not pair.same)
    expected, received = pairs[place].expected, pairs[place].received
    where = _where(pairs, place)
    if expected is None and received is not None:
        return (
            f"There is a layer too many {where}: {_name(received)}.",
            "Compare the two columns of the table.",
        )
    if expected is not None and received is None:
        return (
            f"There is no {_name(expected)} {where}.",
            "Go through one stage of your code against the handout.",
        )
    if expected is None or received is None:
        return None
    if expected.kind != received.kind:
        return (
            f"{_name(received)} stands {where} in the place of {_name(expected)}.",
            "Compare the two columns of the table.",
        )
    return _setting(case, expected, received, where)


def _setting(case: Case, expected: Operation, received: Operation, where: str) -> Sentence:
    wrong = [name for name, value in expected.settings if received.get(name) != value]
    name = wrong[0] if wrong else ""
    got = received.get(name) if name else None
    want = expected.get(name) if name else None
    sentences: dict[tuple[str, str], Sentence] = {
        ("Conv2D", "padding"): (
            f"The convolution {where} has padding={got!r}, so the map shrinks at its border.",
            "Which padding keeps the map's size? Question Q4 is about it.",
        ),
        ("Conv2D", "filters"): (
            f"The convolution {where} has {_number(got, 'filter')} and should have {want}: "
            "their number doubles from one convolution to the next.",
            f"With n_filters={case.n_filters} the convolutions have "
            f"{', '.join(str(case.n_filters * 2**stage) for stage in range(case.n_conv_layers))} filters.",
        ),
        ("Conv2D", "kernel_size"): (
            f"The convolution {where} has kernels of {_size(got)}; {_size(want)} is asked for.",
            "kernel_size is the second argument of Conv2D.",
        ),
        ("Conv2D", "strides"): (
            f"The convolution {where} has strides {got}, so it makes the map smaller; "
            "that is the pooling's job.",
            "Leave strides at their default.",
        ),
        ("MaxPooling2D", "padding"): (
            f"The pooling {where} has padding={got!r}, which rounds the size up; it should round down.",
            "Leave padding at its default.",
        ),
        ("Dense", "units"): (
            f"{_dense_name(where)} has {_number(got, 'node')} and should have {want}.",
            "The intermediate layers have n_nodes nodes, the last one has one per class.",
        ),
        ("Activation", "kind"): (
            f"The activation {where} is {got}; {want} is asked for.",
            "The intermediate dense layers use relu, the last one softmax.",
        ),
    }
    if (expected.kind, name) in sentences:
        return sentences[expected.kind, name]
    if name:
        layer = _dense_name(where) if expected.kind == "Dense" else f"{expected.kind} {where}"
        return f"{layer} has {name}={got}; {want} is asked for.", "Leave it at its default."
    return (
        f"{expected.kind} {where} gives {received.text()}; {expected.text()} is expected.",
        "The layer has the right settings, so look at what is fed into it.",
    )


def _where(pairs: Sequence[Pair], place: int) -> str:
    """Where in the network a pair stands, in words."""
    before = [pair.expected or pair.received for pair in pairs[: place + 1]]
    kinds = [step.kind for step in before if step is not None]
    convolutions, dense = kinds.count("Conv2D"), kinds.count("Dense")
    total = sum(pair.expected is not None and pair.expected.kind == "Dense" for pair in pairs)
    if dense:
        return "at the output" if dense >= total else f"after dense layer {dense}"
    if "Flatten" in kinds:
        return "at Flatten"
    return f"in stage {convolutions}" if convolutions else "at the beginning"


def _name(step: Operation) -> str:
    return f"{step.get('kind')} activation" if step.kind == "Activation" else step.kind


def _dense_name(where: str) -> str:
    return "The output layer" if where == "at the output" else where.removeprefix("after ").capitalize()


def _number(count: object, noun: str) -> str:
    return f"no {noun}" if count == 0 else f"{count} {noun}{'' if count == 1 else 's'}"


def _size(value: object) -> str:
    return "×".join(map(str, value)) if isinstance(value, tuple) else str(value)
