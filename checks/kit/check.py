"""``@check``: one claim about a submission, as a function of the student's evidence."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

from checks.kit.picture import Picture
from checks.kit.student import Student


@dataclass(frozen=True)
class Holds:
    """The claim holds: with a hint, or "", and with pictures that show what was seen."""

    hint: str = ""
    pictures: tuple[Picture, ...] = ()


CheckFunction = Callable[[Student], "str | Holds | None"]


@dataclass(frozen=True)
class Check:
    """A claim of the rubric.

    ``run`` returns ``None`` (the claim holds), a sentence (it holds, and here is a hint), ``Holds`` (that,
    with pictures), or raises ``Failure``. Any other exception is the grader's own fault and costs the
    student nothing. With ``full`` it is there only where notebooks are trained in full.
    """

    id: str
    task: str
    title: str
    run: CheckFunction
    needs: tuple[Check, ...] = ()
    full: bool = False


def check(
    *, task: str, needs: tuple[Check, ...] | Check = (), full: bool = False
) -> Callable[[CheckFunction], Check]:
    """Turn a function into a check of ``task``; its docstring is the title the student reads.

    The check's id is ``task/function-name`` with ``_`` written as ``-``. A check whose ``needs``
    did not pass is skipped, so that one mistake costs once.

    Raises:
        ValueError: the function has no docstring.
    """

    def decorate(function: CheckFunction) -> Check:
        title = inspect.getdoc(function)
        if not title:
            raise ValueError(f"check {function.__name__!r} needs a docstring: it is the title students read")
        return Check(
            id=f"{task}/{function.__name__.replace('_', '-')}",
            task=task,
            title=title.splitlines()[0],
            run=function,
            needs=(needs,) if isinstance(needs, Check) else tuple(needs),
            full=full,
        )

    return decorate
