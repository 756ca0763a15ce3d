"""Search spaces as Ray Tune writes them: dictionaries of values and of things to draw values from."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

Draw = Callable[[random.Random], Any]
Path = tuple[Any, ...]
TRIES = 50  # at a configuration that differs from those before it


@dataclass(frozen=True)
class Domain:
    """What one value of a configuration is drawn from.

    ``count`` is how many different values there are, infinity where they are not counted. A grid holds
    its ``values``, of which each is tried. ``late`` makes a value out of those that are drawn already.
    """

    draw: Draw
    count: float = math.inf
    values: tuple[Any, ...] = ()
    late: Callable[[Any], Any] | None = None

    def sample(self, *_: Any, **__: Any) -> Any:
        """One value, as ``tune.choice([…]).sample()`` gives."""
        return self.draw(random.Random())  # noqa: S311 - hyper-parameters, not secrets

    def quantized(self, q: float) -> Domain:
        """The same, in steps of ``q``."""
        return replace(self, draw=lambda source: _step(self.draw(source), q))


class Found(dict[str, Any]):
    """A configuration that ``sample_from`` may read as ``spec.config.name`` and as ``config["name"]``."""

    @property
    def config(self) -> Found:
        """The configuration itself."""
        return self

    def __getattr__(self, name: str) -> Any:
        return self[name]


# ---- what a notebook calls ----------------------------------------------------------------------------


def choice(categories: Sequence[Any]) -> Domain:
    """One of these."""
    kept = tuple(categories)
    return Domain(lambda source: source.choice(kept), count=len({repr(one) for one in kept}))


def uniform(lower: float, upper: float) -> Domain:
    """A number between the two."""
    return Domain(lambda source: source.uniform(lower, upper), _between(lower, upper))


def loguniform(lower: float, upper: float, base: float = 10) -> Domain:
    """A number between the two, each order of magnitude as often."""
    low, high = math.log(lower), math.log(upper)
    return Domain(lambda source: math.exp(source.uniform(low, high)), _between(lower, upper))


def randn(mean: float = 0.0, sd: float = 1.0) -> Domain:
    """A number from the normal distribution."""
    return Domain(lambda source: source.gauss(mean, sd))


def randint(lower: int, upper: int) -> Domain:
    """A whole number from ``lower`` to ``upper − 1``."""
    return Domain(lambda source: source.randrange(lower, upper), count=upper - lower)


def lograndint(lower: int, upper: int, base: float = 10) -> Domain:
    """A whole number from ``lower`` to ``upper − 1``, each order of magnitude as often."""
    numbers = loguniform(lower, upper)
    return Domain(lambda source: min(upper - 1, int(numbers.draw(source))), count=upper - lower)


def quniform(lower: float, upper: float, q: float) -> Domain:
    """As ``uniform``, in steps of ``q``."""
    return uniform(lower, upper).quantized(q)


def qloguniform(lower: float, upper: float, q: float, base: float = 10) -> Domain:
    """As ``loguniform``, in steps of ``q``."""
    return loguniform(lower, upper, base).quantized(q)


def qrandn(mean: float, sd: float, q: float) -> Domain:
    """As ``randn``, in steps of ``q``."""
    return randn(mean, sd).quantized(q)


def qrandint(lower: int, upper: int, q: int = 1) -> Domain:
    """A whole number from ``lower`` to ``upper``, in steps of ``q``."""
    return Domain(lambda source: _step(source.randint(lower, upper), q), count=(upper - lower) // q + 1)


def qlograndint(lower: int, upper: int, q: int, base: float = 10) -> Domain:
    """As ``lograndint``, in steps of ``q``."""
    return lograndint(lower, upper + 1, base).quantized(q)


def grid_search(values: Sequence[Any]) -> dict[str, list[Any]]:
    """Each of these, as Ray Tune writes it down."""
    return {"grid_search": list(values)}


def sample_from(function: Callable[[Any], Any]) -> Domain:
    """What a function makes of the values that are drawn already."""
    return Domain(lambda _: None, late=function)


def _between(lower: float, upper: float) -> float:
    return math.inf if upper > lower else 1


def _step(value: float, q: float) -> float:
    stepped = round(value / q) * q
    return stepped if isinstance(q, int) else round(stepped, 12)


# ---- what the stand-in asks of a space ----------------------------------------------------------------


def names(space: Mapping[str, Any]) -> list[str]:
    """What is drawn, by name, ``outer/inner`` where one lies in another."""
    return sorted("/".join(map(str, path)) for path, _ in domains(space))


def size(space: Mapping[str, Any]) -> float:
    """How many different configurations a space holds, perhaps infinity."""
    return math.prod(domain.count for _, domain in domains(space))


def grid_size(space: Mapping[str, Any]) -> int:
    """How many configurations one sample is: the product of all grids."""
    return math.prod(len(domain.values) for _, domain in domains(space) if domain.values)


def draw(space: Mapping[str, Any], number: int, source: random.Random) -> list[dict[str, Any]]:
    """Configurations to try, each grid's values in their order, different ones where there are."""
    found = list(domains(space))
    grids = [[(path, value) for value in domain.values] for path, domain in found if domain.values]
    drawn: list[dict[str, Any]] = []
    for fixed in itertools.islice(itertools.cycle(itertools.product(*grids)), number):
        for _ in range(TRIES):
            config = _one(space, found, dict(fixed), source)
            if repr(config) not in map(repr, drawn):
                break
        drawn.append(config)
    return drawn


def _one(
    space: Mapping[str, Any], found: list[tuple[Path, Domain]], fixed: dict[Path, Any], source: random.Random
) -> dict[str, Any]:
    values = {path: domain.draw(source) for path, domain in found if path not in fixed} | fixed
    for path, domain in found:
        if domain.late is not None:
            values[path] = domain.late(Found(_filled(space, values)))
    config: dict[str, Any] = _filled(space, values)
    return config


def domains(value: Any, path: Path = ()) -> Iterator[tuple[Path, Domain]]:
    """Everything that is drawn, with the way to it."""
    if isinstance(value, Domain):
        yield path, value
    elif _is_grid(value):
        kept = tuple(value["grid_search"])
        yield path, Domain(lambda source: source.choice(kept), count=len(set(map(repr, kept))), values=kept)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from domains(item, (*path, name))
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from domains(item, (*path, number))


def _filled(value: Any, values: Mapping[Path, Any], path: Path = ()) -> Any:
    """The space with its values in place."""
    if path in values:
        return values[path]
    if isinstance(value, Mapping):
        return {name: _filled(item, values, (*path, name)) for name, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_filled(item, values, (*path, number)) for number, item in enumerate(value))
    return value


def _is_grid(value: Any) -> bool:
    return isinstance(value, Mapping) and list(value) == ["grid_search"]
