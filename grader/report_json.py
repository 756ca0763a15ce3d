"""A report as JSON and back, complete but for the executed notebook, so that it outlives its process."""

from __future__ import annotations

import dataclasses
import functools
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


def value_of(kind: Any, value: Any) -> Any:
    """What JSON has made of a value, as the annotation ``kind`` wants it.

    Raises:
        ValueError, TypeError: it is something else.
    """
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
    fields = {field.name: field for field in dataclasses.fields(kind) if field.name != "executed"}
    if not isinstance(value, dict) or not set(value) <= set(fields):
        raise ValueError(f"not the fields of {kind.__name__}")
    # A field that came later than the document has its default.
    if any(_is_required(fields[name]) for name in set(fields) - set(value)):
        raise ValueError(f"a field of {kind.__name__} is missing")
    hints = _hints(kind)
    return kind(**{name: value_of(hints[name], one) for name, one in value.items()})


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    """The types of a record's fields; Python works them out anew each time it is asked."""
    return get_type_hints(kind)


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _tuple(kinds: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"{type(value).__name__} instead of a list")
    each = (kinds[0],) * len(value) if kinds[1:] == (...,) else kinds
    if len(each) != len(value):
        raise ValueError(f"{len(value)} values instead of {len(each)}")
    return tuple(value_of(kind, item) for kind, item in zip(each, value, strict=True))


def _literal(choices: tuple[Any, ...], value: Any) -> Any:
    if value not in choices:
        raise ValueError("none of the choices")
    return value


def _optional(kinds: tuple[Any, ...], value: Any) -> Any:
    if value is None and types.NoneType in kinds:
        return None
    kind = next((one for one in kinds if one is not types.NoneType and _has_form(one, value)), None)
    if kind is None:
        raise ValueError("none of the kinds of record that may stand here")
    return value_of(kind, value)


def _has_form(kind: Any, value: Any) -> bool:
    """Whether a value may be of this kind: records are told apart by the names of their fields."""
    if not dataclasses.is_dataclass(kind):
        return True
    fields = dataclasses.fields(kind)
    required = {field.name for field in fields if _is_required(field)}
    return isinstance(value, dict) and required <= set(value) <= {field.name for field in fields}


_READERS: dict[Any, Callable[[tuple[Any, ...], Any], Any]] = {
    tuple: _tuple, Literal: _literal, Union: _optional, types.UnionType: _optional,
}  # fmt: skip
