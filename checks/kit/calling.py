"""Calling a student's function by the names that its own signature has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checks.kit.student import Student


@dataclass(frozen=True)
class Signature:
    """A student's function: which of the handout's arguments it takes, and under which name.

    ``names`` maps the handout's argument to the student's; ``defaults`` the student's argument to
    its default where that is plain data; ``takes_any`` says that it has ``**kwargs``.
    """

    function: str
    names: Mapping[str, str]
    defaults: Mapping[str, Any]
    takes_any: bool

    def takes(self, argument: str) -> bool:
        """Whether the handout's argument can be passed."""
        return argument in self.names or self.takes_any

    def arguments(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The keyword arguments of a call, in the student's names; what is not taken is left out."""
        return {self.names.get(name, name): value for name, value in values.items() if self.takes(name)}

    def code(self, arguments: Mapping[str, Any]) -> str:
        """The call as code to paste; arguments that equal the student's own default are left out."""
        words = [
            f"{name}={literal(value)}"
            for name, value in arguments.items()
            if name not in self.defaults or self.defaults[name] != value
            or isinstance(self.defaults[name], bool) != isinstance(value, bool)
        ]  # fmt: skip
        return f"{self.function}({', '.join(words)})"


def read_signature(
    student: Student, function: str, spellings: Mapping[str, tuple[str, ...]], leading: tuple[str, ...]
) -> Signature:
    """Match a function's parameters to the handout's arguments.

    Args:
        student: whose function.
        function: its name.
        spellings: for each of the handout's arguments further names that mean it; case and
            underscores do not count.
        leading: the handout's first arguments, matched by position where the names say nothing.

    Raises:
        Raised: there is no such function (``NameError``), or its module cannot be imported.
        Gone: the kernel is.
    """
    entries = student.ask("signature", function=function).data.get("parameters", [])
    parameters = [entry for entry in entries if isinstance(entry, dict)]
    named = [str(entry.get("name")) for entry in parameters if not str(entry.get("kind")).startswith("VAR")]
    meanings = {
        _plain(word): argument for argument, words in spellings.items() for word in (argument, *words)
    }
    names = {name: name for name in named if name in spellings}
    for name in named:
        argument = meanings.get(_plain(name))
        if argument is not None and argument not in names and name not in names:
            names[argument] = name
    for argument, name in zip(leading, named, strict=False):
        if argument not in names and name not in names.values():
            names[argument] = name
    defaults = {
        str(entry.get("name")): entry.get("default") for entry in parameters if entry.get("required") is False
    }
    takes_any = any(entry.get("kind") == "VAR_KEYWORD" for entry in parameters)
    return Signature(function, names, defaults, takes_any)


def literal(value: Any) -> str:
    """A JSON argument as Python source."""
    if isinstance(value, dict) and "$tuple" in value:
        return repr(tuple(value["$tuple"]))
    if isinstance(value, dict) and "$loss" in value:
        words = "".join(part.capitalize() for part in str(value["$loss"]).split("_"))
        forms = {"string": repr(value["$loss"]), "class": words, "object": f"{words}()"}
        return forms.get(value["form"], str(value["$loss"]))
    if isinstance(value, dict) and "$keras" in value:
        return str(value["$keras"]).rpartition(".")[2]
    return repr(value)


def imports(arguments: Mapping[str, Any], flavour: str) -> str:
    """The import lines that the literals of the arguments need, each with its line break."""
    modules = {}
    for value in arguments.values():
        if isinstance(value, dict) and "$loss" in value and value["form"] != "string":
            modules[literal(value).removesuffix("()")] = "losses"
        elif isinstance(value, dict) and "$keras" in value:
            modules[literal(value)] = str(value["$keras"]).rpartition(".")[0]
    return "".join(f"from {flavour}.{module} import {name}\n" for name, module in modules.items())


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
