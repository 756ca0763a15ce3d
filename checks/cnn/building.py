"""How a student's ``build_CNN`` wants to be called: under which names, with which form of loss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import Any

from checks.kit import Failure, Raised, Student
from checks.kit.calling import Signature, imports, read_signature
from checks.kit.model import Model, read_model

FUNCTION = "build_CNN"
LEADING = ("input_shape", "loss")
SPELLINGS = {
    "input_shape": ("shape", "in_shape", "image_shape", "img_shape"),
    "loss": ("loss_function", "loss_fn", "loss_func"),
    "n_conv_layers": ("num_conv_layers", "conv_layers", "nr_conv_layers", "n_conv"),
    "n_filters": ("num_filters", "filters", "nr_filters"),
    "n_dense_layers": ("num_dense_layers", "dense_layers", "nr_dense_layers", "n_dense"),
    "n_nodes": ("num_nodes", "nodes", "n_units", "units", "nr_nodes", "n_dense_nodes"),
    "use_dropout": ("dropout", "with_dropout", "use_drop_out"),
    "learning_rate": ("lr", "learningrate"),
    "act_fun": ("activation", "act_func", "activation_function", "act_function", "act"),
    "optimizer": ("optimiser", "opt"),
    "dropout_rate": ("drop_rate", "rate", "dropout_prob", "p_dropout"),
    "print_summary": ("summary", "verbose"),
}
ALL_ARGUMENTS = tuple(SPELLINGS)[:8]
FLAVOURS = ("keras", "tf_keras")
LOSS_FORMS = ("string", "object", "class", "function")
OPTIMIZER_FORMS: tuple[Any, ...] = ("adam", "Adam", "ADAM", {"$keras": "optimizers.Adam"})
ACTIVATION_FORMS: tuple[Any, ...] = ("relu", {"$keras": "activations.relu"}, {"$keras": "layers.ReLU"})
WHATEVER_THE_ARGUMENTS = ("NameError", "ImportError", "ModuleNotFoundError", "SystemExit")
MAX_UNUSUAL = 2  # of loss, optimiser and activation, how many may have another form than a string


@dataclass(frozen=True)
class Case:
    """One call of ``build_CNN``; ``input_shape`` is (height, width, channels)."""

    input_shape: tuple[int, int, int]
    loss: str = "categorical_crossentropy"
    n_conv_layers: int = 2
    n_filters: int = 16
    n_dense_layers: int = 0
    n_nodes: int = 50
    use_dropout: bool = False
    learning_rate: float = 0.01


CASE_DEFAULTS = Case(input_shape=(32, 32, 3))


@dataclass(frozen=True)
class Way:
    """A way of calling: names, Keras flavour of objects, and the forms of loss, optimiser and activation."""

    signature: Signature
    flavour: str = FLAVOURS[0]
    loss_form: str = LOSS_FORMS[0]
    optimizer: Any = OPTIMIZER_FORMS[0]
    activation: Any = ACTIVATION_FORMS[0]

    @property
    def unusual(self) -> int:
        """How many of the three have another form than a string."""
        forms = (self.loss_form, self.optimizer, self.activation)
        usual = (LOSS_FORMS[0], OPTIMIZER_FORMS[0], ACTIVATION_FORMS[0])
        return sum(form != plain for form, plain in zip(forms, usual, strict=True))

    def arguments(self, case: Case) -> dict[str, Any]:
        """The keyword arguments of a call, as JSON that the kernel turns into Python objects."""
        values: dict[str, Any] = asdict(case)
        values["input_shape"] = {"$tuple": list(case.input_shape)}
        if self.loss_form != "string":
            values["loss"] = {"$loss": case.loss, "form": self.loss_form}
        if isinstance(self._default("use_dropout"), float):  # dropout=0.0 is a rate, not a switch
            values["use_dropout"] = 0.5 if case.use_dropout else 0.0
        fixed = {
            "act_fun": self.activation, "optimizer": self.optimizer, "dropout_rate": 0.5,
            "print_summary": False,
        }  # fmt: skip
        values |= {name: value for name, value in fixed.items() if name in self.signature.names}
        return self.signature.arguments(values)

    def _default(self, argument: str) -> Any:
        return self.signature.defaults.get(self.signature.names.get(argument, argument))

    def request(self, case: Case) -> dict[str, Any]:
        """The kernel request that builds this case."""
        return {"function": FUNCTION, "arguments": self.arguments(case), "flavour": self.flavour}

    def code(self, case: Case, frame: str = "{}") -> str:
        """Code to paste: the call where ``frame`` has ``{}``, and the imports that its arguments need."""
        arguments = self.arguments(case)
        return imports(arguments, self.flavour) + frame.format(self.signature.code(arguments))

    def fixed(self, case: Case) -> dict[str, Any]:
        """The values that a function without such arguments must have: those of the handout's defaults."""
        return {
            name: getattr(CASE_DEFAULTS, name)
            for name in asdict(case)
            if name != "input_shape" and not self.signature.takes(name)
        }


def model_for(student: Student, way: Way, case: Case) -> Model:
    """The model that the student's function returns for a case.

    Raises:
        Raised: the student's function raised.
        Failure: it returned something else than a Keras model.
    """
    model = read_model(student.ask("describe", **way.request(case)).data)
    if isinstance(model, str):
        raise Failure(
            f"`{FUNCTION}` returns {_article(model)}, not a Keras model.",
            expected="a compiled keras.Model",
            received=model,
            hint="End the function with `return model`.",
            counterexample=way.code(case, "type({})"),
        )
    return model


def way_of_calling(student: Student) -> Way:
    """Find how the function is called: loss, optimiser and activation may be wanted as strings or objects.

    Raises:
        Failure: it is missing, or no form of call works.
    """
    try:
        signature = read_signature(student, FUNCTION, SPELLINGS, LEADING)
    except Raised as raised:
        raise _missing(student, raised) from None
    first_problem: Raised | None = None
    for way in _ways(signature):
        try:
            model = model_for(student, way, CASE_DEFAULTS)
        except Raised as raised:
            first_problem = first_problem or raised
            if raised.ename in WHATEVER_THE_ARGUMENTS:
                break
            continue
        flavour = model.flavour if model.flavour in FLAVOURS else way.flavour
        return _with_optimizer(student, replace(way, flavour=flavour), model)
    raise Failure(
        f"`{FUNCTION}` stops with {first_problem}.",
        expected="a compiled model",
        received=f"{first_problem}",
        hint="Run the call below in a cell of its own and read the last lines of the error.",
        counterexample=Way(signature).code(CASE_DEFAULTS),
    )


def _ways(signature: Signature) -> Iterator[Way]:
    """The ways of calling, the usual one first, then those with one form that is not a string, then two."""
    optimizers = OPTIMIZER_FORMS if "optimizer" in signature.names else OPTIMIZER_FORMS[:1]
    activations = ACTIVATION_FORMS if "act_fun" in signature.names else ACTIVATION_FORMS[:1]
    ways = [Way(signature, *forms) for forms in product(FLAVOURS, LOSS_FORMS, optimizers, activations)]
    for way in sorted(ways, key=lambda way: way.unusual):
        if way.unusual <= MAX_UNUSUAL and (way.unusual or way.flavour == FLAVOURS[0]):
            yield way


def _with_optimizer(student: Student, way: Way, model: Model) -> Way:
    """The first form of Adam with which the student's function uses Adam; the given way if none does."""
    if "optimizer" not in way.signature.names or _has_adam(model):
        return way
    for form in OPTIMIZER_FORMS:
        tried = replace(way, optimizer=form)
        try:
            if _has_adam(model_for(student, tried, CASE_DEFAULTS)):
                return tried
        except Raised:
            continue
    return way


def _has_adam(model: Model) -> bool:
    compiled = model.compiled
    return compiled is not None and "Adam" in (compiled.optimizer, *compiled.optimizer_bases)


def _missing(student: Student, raised: Raised) -> Failure:
    if raised.ename == "NameError" and FUNCTION in raised.evalue:
        return Failure(
            f"There is no function `{FUNCTION}`: {student.why_missing(FUNCTION)}.",
            expected=f"a function `{FUNCTION}` in utilities.py or in the notebook",
            received="none",
            hint="Hand in utilities.py together with the notebook, and import the function from it.",
        )
    return Failure(
        f"The file that defines `{FUNCTION}` cannot be imported: {raised}.",
        expected=f"a function `{FUNCTION}`",
        received=f"{raised}",
        hint="Run `import utilities` in a fresh kernel and mend the first error it shows.",
    )


def _article(name: str) -> str:
    if name == "NoneType":
        return "nothing"
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
