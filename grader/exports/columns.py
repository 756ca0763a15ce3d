"""Which column of a platform's file is meant."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from grader.errors import UsageProblem
from grader.people import listed


def chosen(
    names: Mapping[int, Sequence[str]], wanted: str | None, guesses: Sequence[str], where: str
) -> int:  # fmt: skip
    """The place of the one column that is meant.

    Args:
        names: for each place, the ways to call its column; the first is shown to people.
        wanted: what somebody called it, or ``None``.
        guesses: names that it has if nobody said anything.
        where: the file, for people.

    Raises:
        UsageProblem: it is none or several of them; the message names those that there are.
    """
    for name in [wanted] if wanted is not None else guesses:
        found = [place for place, called in names.items() if name and _is_one_of(name, called)]
        if len(found) == 1:
            return found[0]
    if wanted is None and len(names) == 1:
        return next(iter(names))
    shown = [called[0] for called in names.values()]
    columns = f"its columns for points are {listed(shown, 8)}"
    if wanted is None:
        raise UsageProblem(f"which column of {where}? Name it with --column: {columns}.")
    near = difflib.get_close_matches(wanted, shown, n=1, cutoff=0.5)
    guess = f"did you mean “{near[0]}”? " if near else ""
    raise UsageProblem(f"{where} has no one column “{wanted}”: {guess}{columns}.")


def _is_one_of(name: str, called: Sequence[str]) -> bool:
    return name.strip().casefold() in (one.casefold() for one in called)
