"""Task 4.1: ``build_CNN``, judged by the networks it builds for drawn arguments."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st

from checks.cnn.behaviour import judge_learning
from checks.cnn.building import ALL_ARGUMENTS, CASE_DEFAULTS, Case, Way, model_for, way_of_calling
from checks.cnn.layers import CLASSES, compare_layers, numbered
from checks.cnn.proving import prove
from checks.cnn.trained import undecided
from checks.kit import Failure, Holds, Mismatch, Raised, Student, Undecided, check, falsify, first_failure
from checks.kit.architecture import ACTIVATION_LAYERS, activation, operations
from checks.kit.model import Model
from checks.kit.student import Array

EXAMPLES = 80  # distinct calls, where something is wrong
FURTHER = 16  # calls after one for each structure, where nothing is
LOSSES = ("categorical_crossentropy", "mean_squared_error", "mean_absolute_error")
LEARNING_RATES = (0.01, 0.001, 0.05, 0.1, 0.0005)
SUMMARY = "model = {}\nmodel.summary()"
SETTINGS = "model = {}\nmodel.get_compile_config()"
STRUCTURE = ("n_conv_layers", "n_filters", "n_dense_layers", "n_nodes")


@dataclass(frozen=True)
class Count:
    """A known call and the parameters it must have (LAB.md, 4.1, checked by running it)."""

    case: Case
    total: int
    trainable: int


KNOWN_COUNTS = (
    Count(replace(CASE_DEFAULTS, n_conv_layers=2), 25_770, 25_674),
    Count(replace(CASE_DEFAULTS, n_conv_layers=4, n_dense_layers=1), 124_760, 124_180),
    Count(
        replace(CASE_DEFAULTS, n_conv_layers=4, n_dense_layers=1, use_dropout=True),
        124_760, 124_180,
    ),
)  # fmt: skip


@st.composite
def cases(draw: st.DrawFn, like: Case | None = None) -> Case:
    """Calls of ``build_CNN`` whose maps never shrink to zero; the simplest is one small convolution.

    With ``like`` only those of as many layers and the same dropout.
    """
    n_conv = draw(st.integers(1, 4) if like is None else st.just(like.n_conv_layers))
    more = st.integers(0, 9)  # drawn apart from the least, so that with fewer layers the rest stays as it is
    n_dense = draw(st.integers(0, 3) if like is None else st.just(like.n_dense_layers))
    return Case(
        input_shape=(2**n_conv + draw(more), 2**n_conv + draw(more), draw(st.integers(1, 4))),
        loss=draw(st.sampled_from(LOSSES)),
        n_conv_layers=n_conv,
        n_filters=draw(st.integers(1, 12)),
        n_dense_layers=n_dense,
        n_nodes=draw(st.integers(1, 30)) if n_dense else CASE_DEFAULTS.n_nodes,
        use_dropout=draw(st.booleans() if like is None else st.just(like.use_dropout)),
        learning_rate=draw(st.sampled_from(LEARNING_RATES)),
    )


def structures(seed: int) -> tuple[Case, ...]:
    """A call for each number of convolutions, of dense layers and each dropout; the rest is drawn."""
    draw = random.Random(seed)  # noqa: S311 - nothing secret
    every = [
        Case(
            input_shape=(2**n_conv + draw.randint(0, 9), 2**n_conv + draw.randint(0, 9), draw.randint(1, 4)),
            loss=draw.choice(LOSSES),
            n_conv_layers=n_conv,
            n_filters=draw.randint(1, 12),
            n_dense_layers=n_dense,
            n_nodes=draw.randint(1, 30) if n_dense else CASE_DEFAULTS.n_nodes,
            use_dropout=use_dropout,
            learning_rate=draw.choice(LEARNING_RATES),
        )
        for n_conv, n_dense, use_dropout in itertools.product(range(1, 5), range(4), (False, True))
    ]
    draw.shuffle(every)  # so that every part of them is a mixture
    return tuple(every)


def search(
    student: Student,
    way: Way,
    claim: Callable[[Case, Model], None],
    reset: Callable[[Case], Case],
    shown: str = SUMMARY,
) -> None:
    """Raise the simplest failure of a claim about the model of a call, with that call as code to paste.

    Calls that raise count only when no call that returns a model shows a fault, since a wrong model
    says more. ``reset`` puts the arguments that another check answers for to their defaults, so that
    one mistake costs once. ``shown`` is the code around the call that shows the fault.
    """

    def fixed(case: Case) -> Case:
        return replace(case, **way.fixed(case))

    stopped: list[Case] = []

    def on_models(case: Case) -> None:
        try:
            with_code(way.code(case, shown), lambda: claim(case, model_for(student, way, case)))
        except Raised:
            stopped.append(case)

    def on_errors(case: Case) -> None:
        own = reset(case)
        raised = raised_by(student, way, own)
        base = only_structure(own)
        others_fault = reset is not only_structure and (
            base == own or raised_by(student, way, base) is not None
        )
        if raised is None or others_fault:
            return
        raise Failure(
            f"`build_CNN` stops with {raised}.",
            expected="a compiled model for every combination of the arguments",
            received=f"{raised}",
            hint="Call it with the arguments below and read where the error comes from.",
            counterexample=way.code(own, "model = {}"),
        )

    drawn = cases().map(fixed)
    found = first_failure(on_models, [fixed(case) for case in structures(student.seed)])
    examples = EXAMPLES if found is not None else min(FURTHER, EXAMPLES)
    failure = falsify(on_models, drawn, examples=examples, seed=student.seed)
    if failure is None and found is not None:
        near = cases(like=found[0]).map(fixed)
        failure = falsify(on_models, near, examples=EXAMPLES, seed=student.seed) or found[1]
    if failure is None and (stopping := first_failure(on_errors, stopped)) is not None:
        failure = falsify(on_errors, drawn, examples=EXAMPLES, seed=student.seed) or stopping[1]
    if failure is not None:
        raise failure


def with_code(code: str, claim: Callable[[], None]) -> None:
    """Run a claim; a failure without code to paste gets this."""
    try:
        claim()
    except Failure as failure:
        failure.counterexample = failure.counterexample or code
        raise


def raised_by(student: Student, way: Way, case: Case) -> Raised | None:
    """What the student's function raises for a case, or ``None``."""
    try:
        model_for(student, way, case)
    except Raised as raised:
        return raised
    return None


def only_structure(case: Case) -> Case:
    """The case with everything but the layers' numbers and sizes at its default."""
    return replace(only_layers(case), use_dropout=CASE_DEFAULTS.use_dropout)


def only_layers(case: Case) -> Case:
    """The case with the arguments of ``compile`` at their defaults."""
    return replace(case, loss=CASE_DEFAULTS.loss, learning_rate=CASE_DEFAULTS.learning_rate)


def only_compilation(case: Case) -> Case:
    """The case without dropout."""
    return replace(case, use_dropout=CASE_DEFAULTS.use_dropout)


def require(way: Way, *arguments: str) -> None:
    """Raise a failure if the student's function cannot be given one of the arguments."""
    missing = [argument for argument in arguments if not way.signature.takes(argument)]
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        raise Failure(
            f"`build_CNN` has no argument {names}.",
            expected=f"the handout's arguments {', '.join(ALL_ARGUMENTS)}",
            received=f"a function without {names}",
            hint="Keep the arguments of the handout; you may add others after them.",
        )


@check(task="4.1")
def callable(student: Student) -> None:  # noqa: A001 - the check's id is 4.1/callable
    """build_CNN can be called as the handout calls it and returns a Keras model"""
    way = way_of_calling(student)
    model_for(student, way, CASE_DEFAULTS)


@check(task="4.1", needs=callable)
def architecture(student: Student) -> str | None:
    """build_CNN builds the layers that are asked for, whatever its arguments"""
    way = way_of_calling(student)
    require(way, *STRUCTURE)
    without_activation: list[Case] = []

    def claim(case: Case, model: Model) -> None:
        if compare_layers(case, model):
            without_activation.append(case)

    search(student, way, claim, only_structure)
    prove(student, way)
    if without_activation:
        return (
            "There is no activation function between the convolutions. The task does not ask for one, but "
            "without it several convolutions in a row can do little more than a single one."
        )
    return None


@check(task="4.1", needs=architecture)
def parameters(student: Student) -> None:
    """The known calls have the numbers of parameters that they must have"""
    way = way_of_calling(student)
    for count in KNOWN_COUNTS:
        if count.case.use_dropout and not way.signature.takes("use_dropout"):
            continue
        try:
            model = model_for(student, way, count.case)
        except Raised:
            if count.case.use_dropout:
                continue  # the check of the dropout says so
            raise
        free = [layer for layer in model.layers if layer.kind in ACTIVATION_LAYERS and layer.parameters > 0]
        received = (
            model.parameters - sum(layer.parameters for layer in free),
            model.trainable - sum(layer.trainable for layer in free),
        )
        if received != (count.total, count.trainable):
            frozen = next((layer for layer in model.layers if layer.parameters > 0 == layer.trainable), None)
            raise Failure(
                f"{numbered(model.layers, frozen)} is frozen: none of its parameters is trained."
                if frozen
                else "The network does not have the number of parameters that it must have.",
                expected=f"{count.total:,} parameters, {count.trainable:,} of them trainable",
                received=f"{received[0]:,} parameters, {received[1]:,} of them trainable",
                hint="model.summary() shows the parameters of each layer; hold it against the task.",
                counterexample=way.code(count.case, SUMMARY),
            )


@check(task="4.1", needs=callable)
def dropout(student: Student) -> None:
    """Dropout(0.5) follows each intermediate dense layer if use_dropout is set, and only then"""
    way = way_of_calling(student)
    require(way, "use_dropout")
    search(student, way, compare_dropout, only_layers)
    if not any(has_dense_stage(student, way, number) for number in (3, 2, 1)):
        raise Failure(
            "No call of `build_CNN` gives an intermediate dense layer that dropout could follow.",
            expected="n_dense_layers intermediate dense layers, each with Dropout(0.5) if use_dropout is set",
            received="only the output layer",
            hint="First let n_dense_layers add dense layers; then add the Dropout to them.",
            counterexample=way.code(replace(CASE_DEFAULTS, n_dense_layers=1, use_dropout=True), SUMMARY),
        )


def has_dense_stage(student: Student, way: Way, n_dense_layers: int) -> bool:
    """Whether a call with so many dense layers and dropout gives a dense layer besides the output's."""
    case = replace(CASE_DEFAULTS, n_dense_layers=n_dense_layers, use_dropout=True)
    try:
        model = model_for(student, way, case)
    except Raised:
        return False
    return sum(step.kind == "Dense" for step in operations(model)) > 1


def compare_dropout(case: Case, model: Model) -> None:
    """Raise a failure where dropout stands where it should not, is missing, or has another rate."""
    steps = operations(model)
    places = [place for place, step in enumerate(steps) if step.kind == "Dense"]
    noisy = [place for place, step in enumerate(steps) if "Dropout" in step.kind]
    if not case.use_dropout:
        if noisy:
            raise Mismatch(
                expected="no dropout, since use_dropout is False",
                received=steps[noisy[0]].text(),
                hint="Add the Dropout layers only inside `if use_dropout:`.",
            )
        return
    if not places:
        return
    if len(places) > case.n_dense_layers and any(place > places[-1] for place in noisy):
        raise Mismatch(
            expected="the softmax layer as the last one",
            received=f"{steps[noisy[-1]].text()} after it, which sets half of the probabilities to zero",
            hint="Dropout belongs to the intermediate dense layers, not to the output.",
        )
    stages = list(itertools.pairwise(places))[: case.n_dense_layers]
    for number, (start, end) in enumerate(stages, start=1):
        own = [steps[place] for place in noisy if start < place < end]
        wanted = f"one Dropout(0.5) after dense layer {number} of {len(stages)}"
        if not own:
            raise Mismatch(
                expected=wanted, received="none there",
                hint="Look at where the Dropout layer is added: is it inside the loop over the dense layers?",
            )  # fmt: skip
        rate = own[0].get("rate")
        right = isinstance(rate, int | float) and abs(rate - 0.5) < 1e-6
        if len(own) > 1 or own[0].kind != "Dropout" or not right:
            raise Mismatch(
                expected=wanted,
                received=", ".join(step.text() for step in own),
                hint="The task asks for keras.layers.Dropout with the rate 0.5.",
            )


@check(task="4.1", needs=callable)
def compilation(student: Student) -> None:
    """The model is compiled with the given loss, Adam at the given learning rate, and accuracy"""
    way = way_of_calling(student)
    require(way, "loss", "learning_rate")
    search(student, way, compare_compilation, only_compilation, SETTINGS)
    measure(student, way)


def compare_compilation(case: Case, model: Model) -> None:
    """Raise a failure where optimiser, learning rate, loss or metrics are not those asked for."""
    compiled = model.compiled
    if compiled is None:
        raise Mismatch(
            expected="a compiled model", received="a model that was not compiled",
            hint="Call model.compile(…) before returning the model.",
        )  # fmt: skip
    if "Adam" not in (compiled.optimizer, *compiled.optimizer_bases):
        raise Mismatch(
            expected="the optimiser Adam", received=compiled.optimizer,
            hint="Which optimiser does the task ask for, and does your argument `optimizer` reach compile?",
        )  # fmt: skip
    rate = compiled.learning_rate
    if rate is None or abs(rate - case.learning_rate) > 1e-4 * case.learning_rate:
        raise Mismatch(
            expected=f"the learning rate {case.learning_rate:g} that was passed",
            received="none that can be read" if rate is None else f"{rate:g}",
            hint="Pass learning_rate on to the optimiser: a string such as 'adam' keeps Keras' own rate.",
        )
    if same_word(compiled.loss) != same_word(case.loss):
        raise Mismatch(
            expected=f"the loss {case.loss} that was passed",
            received=compiled.loss or "no loss",
            hint="Pass the argument `loss` on to compile instead of naming a loss there.",
        )
    softmax = operations(model)[-1:] == (activation("softmax"),)
    if softmax and compiled.loss_options.get("from_logits") is True:
        raise Failure(
            "The loss expects logits, and the network gives probabilities.",
            expected="from_logits=False, since the last layer is a softmax",
            received="from_logits=True",
            hint="Leave from_logits at its default.",
        )
    if not compiled.metrics:
        raise Mismatch(
            expected="accuracy as a metric", received="no metric", hint="compile takes a list of metrics."
        )


def same_word(name: str) -> str:
    """A loss' name without case and underscores; Keras' short names written out."""
    plain = name.replace("_", "").lower()
    return {
        "mse": "meansquarederror",
        "kld": "kldivergence",
        "kullbackleiblerdivergence": "kldivergence",
    }.get(plain, plain)


def measure(student: Student, way: Way) -> None:
    """Hold the model's own evaluate against loss and accuracy computed from its predictions."""
    case = replace(CASE_DEFAULTS, n_filters=2)
    rng = np.random.default_rng(student.seed)
    images = rng.uniform(-1, 1, (40, *case.input_shape)).astype("float32")
    call = way.request(case)
    predictions = student.ask("predict", arrays=(images,), keep="measured", **call).arrays[0]
    if predictions.shape != (40, CLASSES) or not np.isfinite(predictions).all():
        return  # the wrong output is the architecture's fault
    classes = predictions.argmax(axis=1)
    classes[::4] = (classes[::4] + 1) % CLASSES
    labels = np.eye(CLASSES, dtype="float32")[classes]
    scores = student.ask("evaluate", arrays=(images, labels), keep="measured").data
    regularised = any(layer.regularizers for layer in model_for(student, way, case).layers)
    code = way.code(case, "model = {}\nmodel.evaluate(Xtest[:40], Ytest[:40])")
    compare_scores(scores, predictions, classes, code, judge_loss=not regularised)


def compare_scores(
    scores: Mapping[str, object], predictions: Array, classes: Array, code: str, *, judge_loss: bool
) -> None:
    """Raise a failure where what ``evaluate`` reports is neither the accuracy nor the cross-entropy."""
    reported = {str(name): float(value) for name, value in scores.items() if isinstance(value, int | float)}
    right = float((predictions.argmax(axis=1) == classes).mean())
    others = {name: value for name, value in reported.items() if name != "loss"}
    if not any(abs(value - right) < 1e-4 for value in others.values()):
        shown = ", ".join(f"{name} {value:.3f}" for name, value in others.items()) or "no metric"
        raise Failure(
            "The metric of your model does not measure the accuracy.",
            expected=f"{right:.3f}: the share of 40 images whose most probable class is the right one",
            received=shown,
            hint="The word 'accuracy' in metrics lets Keras choose the accuracy that fits the loss.",
            counterexample=code,
        )
    probabilities = (predictions >= 0).all() and np.allclose(predictions.sum(axis=1), 1, atol=1e-3)
    if not judge_loss or not probabilities:
        return
    chosen = np.clip(predictions[np.arange(len(classes)), classes], 1e-7, 1)
    entropy = float(-np.log(chosen).mean())
    loss = reported.get("loss", entropy)
    if abs(loss - entropy) > 1e-2 * max(1.0, entropy):
        raise Failure(
            "The loss of your model is not the categorical cross-entropy of its predictions.",
            expected=f"a loss of {entropy:.3f} on 40 images",
            received=f"{loss:.3f}",
            hint="After a softmax the predictions are probabilities, not logits.",
            counterexample=code,
        )


@check(task="4.1", needs=(architecture, parameters, compilation))
def learns(student: Student) -> Holds:
    """A network of build_CNN learns: after a short training it recognises images it has never seen"""
    if student.training == "claimed":
        raise Undecided(undecided(student))
    return judge_learning(student, way_of_calling(student))
