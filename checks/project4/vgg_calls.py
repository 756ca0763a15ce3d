"""How a student's ``build_vgg16`` is called, and the model that it returns."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from checks.kit import Failure, Raised, Student
from checks.kit.calling import Signature, read_signature
from checks.kit.model import Model, read_model
from checks.project4.asking import missing

FUNCTION = "build_vgg16"
LEADING = ("input_shape", "n_classes", "filters", "dense")
SPELLINGS = {
    "input_shape": ("shape", "in_shape", "image_shape", "img_shape", "input_size"),
    "n_classes": ("num_classes", "classes", "nb_classes", "nr_classes", "number_of_classes", "n_outputs"),
    "filters": ("n_filters", "conv_filters", "num_filters", "block_filters", "filter_sizes"),
    "dense": (
        "dense_units", "dense_layers", "dense_nodes", "dense_sizes", "n_dense", "nodes", "n_nodes", "units",
        "fc", "fc_units",
    ),
    "batch_norm": (
        "use_batch_norm", "with_batch_norm", "bn", "use_bn", "batch_normalization", "batch_normalisation",
        "use_batch_normalization", "norm",
    ),
}  # fmt: skip
WRONG_FORM = ("TypeError", "AttributeError")  # of a function that wants lists where it is given tuples


@dataclass(frozen=True)
class Case:
    """One call: ``input_shape`` is (height, width, channels), ``filters`` one number for each block."""

    input_shape: tuple[int, int, int] = (128, 128, 3)
    n_classes: int = 9
    filters: tuple[int, ...] = (2, 3, 4, 5, 6)
    dense: tuple[int, ...] = (8, 7, 5)
    batch_norm: bool = False


@dataclass(frozen=True)
class Way:
    """A way of calling: the student's names, and whether filters and dense layers are given as lists."""

    signature: Signature
    lists: bool = False

    def arguments(self, case: Case) -> dict[str, Any]:
        """The keyword arguments of a call, as JSON that the kernel turns into Python objects."""
        values: dict[str, Any] = asdict(case)
        values["input_shape"] = {"$tuple": list(case.input_shape)}
        for name in ("filters", "dense"):
            values[name] = list(values[name]) if self.lists else {"$tuple": list(values[name])}
        return self.signature.arguments(values)

    def code(self, case: Case, then: str = "model.summary()") -> str:
        """The call as code to paste, and what shows the fault."""
        return f"model = {self.signature.code(self.arguments(case))}\n{then}".rstrip()


def model_for(student: Student, way: Way, case: Case, *, large: bool = False) -> Model:
    """The model that the student's function returns for a case.

    ``large`` leaves its weights without values, so that it takes no memory.

    Raises:
        Failure: the function raises, or returns something else than a Keras model.
        Gone: the kernel is.
    """
    try:
        return _model(student, way, case, large)
    except Raised as raised:
        raise _stopped(raised, way.code(case, "")) from None


def _model(student: Student, way: Way, case: Case, large: bool) -> Model:
    reply = student.ask("describe", function=FUNCTION, arguments=way.arguments(case), large=large)
    model = read_model(reply.data)
    if isinstance(model, Model):
        return model
    returned = "nothing" if model == "NoneType" else f"something of the type {model}"
    raise Failure(
        f"`{FUNCTION}` returns {returned}, not a Keras model.",
        expected="a keras.Model, compiled or not",
        received=returned,
        hint="End the function with `return model`.",
        counterexample=way.code(case, "type(model)"),
    )


def way_of_calling(student: Student) -> Way:
    """How the function is called: with tuples as in the handout, or with lists.

    Raises:
        Failure: it is missing, or returns no model either way.
        Gone: the kernel is.
    """
    try:
        signature = read_signature(student, FUNCTION, SPELLINGS, LEADING)
    except Raised as raised:
        if raised.ename == "NameError" and FUNCTION in raised.evalue:
            raise missing(student, FUNCTION) from None
        raise _stopped(raised, None) from None
    way, lists = Way(signature), Way(signature, lists=True)
    try:
        _model(student, way, Case(), large=False)
    except Raised as raised:
        if raised.ename in WRONG_FORM and _works(student, lists):
            return lists
        raise _stopped(raised, way.code(Case(), "")) from None
    return way


def _works(student: Student, way: Way) -> bool:
    try:
        _model(student, way, Case(), large=False)
    except Raised:
        return False
    return True


def _stopped(raised: Raised, code: str | None) -> Failure:
    shrunk = raised.ename == "ValueError" and "negative" in raised.evalue
    hint = "Run the call in a cell of its own and read the last lines of the error."
    return Failure(
        f"`{FUNCTION}` stops with {raised}.",
        expected="a Keras model",
        received=f"{raised}",
        hint="The map shrinks to nothing: which padding of a convolution keeps its size?" if shrunk else hint,
        counterexample=code,
    )


def require(way: Way, *arguments: str) -> None:
    """Raise Failure if the student's function cannot be given one of the handout's arguments."""
    lacking = [argument for argument in arguments if not way.signature.takes(argument)]
    if lacking:
        names = ", ".join(f"`{name}`" for name in lacking)
        raise Failure(
            f"`{FUNCTION}` has no argument {names}.",
            expected=f"the handout's arguments {', '.join(SPELLINGS)}",
            received=f"a function without {names}",
            hint="Keep the arguments of the handout; you may add others after them.",
        )
