"""How a student's ``build_CNN`` wants to be called: under which names, with which form of loss."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from checks.kit import Failure, Raised, Student
from checks.kit.calling import Signature, read_signature
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
LOSS_FORMS = (
    ("string", ""), ("object", "keras"), ("object", "tf_keras"), ("class", "keras"), ("class", "tf_keras"),
    ("function", "keras"), ("function", "tf_keras"),
)  # fmt: skip
OPTIMIZER_FORMS: tuple[Any, ...] = ("adam", "Adam", "ADAM", {"$optimizer": "Adam"})


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
    """The way of calling that works: names, the loss' form and Keras flavour, and the optimiser's form."""

    signature: Signature
    loss_form: str
    flavour: str
    optimizer: Any = "adam"

    def arguments(self, case: Case) -> dict[str, Any]:
        """The keyword arguments of a call, as JSON that the kernel turns into Python objects."""
        values: dict[str, Any] = asdict(case)
        values["input_shape"] = {"$tuple": list(case.input_shape)}
        if self.loss_form != "string":
            values["loss"] = {"$loss": case.loss, "form": self.loss_form}
        if isinstance(self._default("use_dropout"), float):  # dropout=0.0 is a rate, not a switch
            values["use_dropout"] = 0.5 if case.use_dropout else 0.0
        fixed = {"act_fun": "relu", "optimizer": self.optimizer, "dropout_rate": 0.5, "print_summary": False}
        values |= {name: value for name, value in fixed.items() if name in self.signature.names}
        return self.signature.arguments(values)

    def _default(self, argument: str) -> Any:
        return self.signature.defaults.get(self.signature.names.get(argument, argument))

    def request(self, case: Case) -> dict[str, Any]:
        """The kernel request that builds this case."""
        return {"function": FUNCTION, "arguments": self.arguments(case), "flavour": self.flavour}

    def code(self, case: Case) -> str:
        """The call as code to paste."""
        return self.signature.code(self.arguments(case))

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
            counterexample=f"type({way.code(case)})",
        )
    return model


def way_of_calling(student: Student) -> Way:
    """Find how the function is called: the loss may be a string, an object, a class or a function.

    Raises:
        Failure: it is missing, or no form of call works.
    """
    try:
        signature = read_signature(student, FUNCTION, SPELLINGS, LEADING)
    except Raised as raised:
        raise _missing(student, raised) from None
    first_problem: Raised | None = None
    for form, flavour in LOSS_FORMS:
        way = Way(signature, form, flavour)
        try:
            model_for(student, way, CASE_DEFAULTS)
        except Raised as raised:
            first_problem = first_problem or raised
            continue
        return _with_optimizer(student, way)
    way = Way(signature, "string", "")
    raise Failure(
        f"`{FUNCTION}` stops with {first_problem}.",
        expected="a compiled model",
        received=f"{first_problem}",
        hint="Run the call below in a cell of its own and read the last lines of the error.",
        counterexample=way.code(CASE_DEFAULTS),
    )


def _with_optimizer(student: Student, way: Way) -> Way:
    """The first way of naming Adam that the student's function understands."""
    if "optimizer" not in way.signature.names:
        return way
    for form in OPTIMIZER_FORMS:
        flavour = way.flavour or "keras"
        tried = Way(way.signature, way.loss_form, flavour, form)
        try:
            model = model_for(student, tried, CASE_DEFAULTS)
        except Raised:
            continue
        if model.compiled is not None and model.compiled.optimizer == "Adam":
            return tried
    return way


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
