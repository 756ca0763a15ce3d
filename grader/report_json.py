"""A report as JSON and back, complete but for the executed notebook, so that it outlives its process."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from grader.records import Report


def to_json(report: Report) -> dict[str, Any]:
    """Return the report as dictionaries, tuples and plain values, without ``executed``."""
    fields = dataclasses.asdict(dataclasses.replace(report, executed=None))
    del fields["executed"]
    return fields


def from_json(document: object) -> Report:
    """Return the report that ``to_json`` made into ``document``, after JSON has made lists of tuples.

    Raises:
        ValueError: it holds anything else than a report.
    """
    report = _record(Report, document)
    if not isinstance(report, Report):
        raise TypeError("no report")
    return report


def _value(kind: Any, value: Any) -> Any:
    """``value`` as the annotation ``kind`` wants it."""
    if dataclasses.is_dataclass(kind):
        return _record(kind, value)
    origin = get_origin(kind)
    if origin in _READERS:
        return _READERS[origin](get_args(kind), value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise ValueError(f"{type(value).__name__} instead of {kind}")
    return value


def _record(kind: Any, value: object) -> Any:
    names = {field.name for field in dataclasses.fields(kind)} - {"executed"}
    if not isinstance(value, dict) or set(value) != names:
        raise ValueError(f"not the fields of {kind.__name__}")
    hints = get_type_hints(kind)
    return kind(**{name: _value(hints[name], value[name]) for name in names})


def _tuple(kinds: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"{type(value).__name__} instead of a list")
    each = (kinds[0],) * len(value) if kinds[1:] == (...,) else kinds
    if len(each) != len(value):
        raise ValueError(f"{len(value)} values instead of {len(each)}")
    return tuple(_value(kind, item) for kind, item in zip(each, value, strict=True))


def _literal(choices: tuple[Any, ...], value: Any) -> Any:
    if value not in choices:
        raise ValueError("none of the choices")
    return value


def _optional(kinds: tuple[Any, ...], value: Any) -> Any:
    (kind,) = (one for one in kinds if one is not types.NoneType)
    return None if value is None else _value(kind, value)


_READERS: dict[Any, Callable[[tuple[Any, ...], Any], Any]] = {
    tuple: _tuple, Literal: _literal, Union: _optional, types.UnionType: _optional,
}  # fmt: skip
