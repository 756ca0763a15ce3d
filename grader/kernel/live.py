"""The student's own kernel, asked from inside: the same operations, on the names that live there."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from . import keeping, observe
from .operations import Operations
from .recording import Log


class Borrowed(observe.Store):
    """Arrays that are looked at at once, by this very process: a copy would cost its memory twice."""

    def taken(self, array: Any) -> Any:
        """The array itself, which nobody can change through it."""
        view = array.view()
        view.flags.writeable = False
        return view


class Live(Operations):
    """Answers for the names in ``namespace``; ``watch`` maps watched variables to their spellings."""

    def __init__(self, namespace: dict[str, Any], watch: Mapping[str, Sequence[str]]) -> None:
        store = Borrowed()
        self.namespace = namespace
        self.log_of_calls = Log(store)
        self.observer = observe.Observer({name: list(spelled) for name, spelled in watch.items()}, store)
        self.kept = {}

    @contextlib.contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Leave the notebook as it was, however much is asked inside."""
        with keeping.undisturbed(self.namespace):
            yield

    def answer(self, op: str, arrays: list[Any], arguments: Mapping[str, Any]) -> tuple[Any, list[Any]]:
        """One answer, without what the student's code prints meanwhile.

        Raises:
            StudentRaised: the student's code raised.
        """
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return self.table()[op](arrays, **arguments)
