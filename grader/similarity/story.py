"""What is said of similar submissions: in ``similarity.json``, and on the class page."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from grader.similarity.records import Author, Excerpt, Likeness, Pair, Passage, Similar

SCHEMA = 1


def as_json(found: Similar) -> dict[str, object]:
    """What ``similarity.json`` holds: a finding per pair, in the form of those in result.json, and more."""
    return {
        "schema": SCHEMA,
        "compared": found.compared,
        "left_out": list(found.left_out),
        "more": found.more,
        "findings": [_finding(pair) for pair in found.pairs],
    }


def _finding(pair: Pair) -> dict[str, Any]:
    evidence = [
        f"{author.student}, {excerpt.place}: {excerpt.text}"
        for passage in pair.passages[:1]
        for author, excerpt in ((pair.left, passage.left), (pair.right, passage.right))
    ]
    return {
        "kind": "similarity",
        "task": "",
        "message": message(pair),
        "evidence": evidence,
        "lab": pair.lab,
        "students": [asdict(pair.left), asdict(pair.right)],
        "strength": pair.strength,
        "code": asdict(pair.code),
        "text": asdict(pair.text),
        "passages": [asdict(passage) for passage in pair.passages],
    }


def from_json(document: dict[str, Any]) -> Similar:
    """What ``as_json`` was made of.

    Raises:
        ValueError: it is of another version.
        TypeError, KeyError: it is damaged.
    """
    if document["schema"] != SCHEMA:
        raise ValueError(f"schema {document['schema']!r} of similarity.json is not known")
    pairs = tuple(_pair(entry) for entry in document["findings"])
    return Similar(
        int(document["compared"]), pairs, int(document["more"]), tuple(map(str, document["left_out"]))
    )


def _pair(entry: dict[str, Any]) -> Pair:
    left, right = (Author(str(one["student"]), str(one["slug"])) for one in entry["students"])
    code, text = (Likeness(**entry[kind]) for kind in ("code", "text"))
    passages = tuple(
        Passage(one["kind"], int(one["tokens"]), Excerpt(**one["left"]), Excerpt(**one["right"]))
        for one in entry["passages"]
    )
    return Pair(str(entry["lab"]), left, right, code, text, float(entry["strength"]), passages)


def message(pair: Pair) -> str:
    """One sentence on what the two share."""
    said = [
        f"{round(100 * like.share)} % of {what} of one of the two ({like.tokens} {unit})"
        for like, what, unit in (
            (pair.code, "the code", "names and signs"), (pair.text, "the answers", "words"),
        )
        if _is_shown(pair, like)
    ]  # fmt: skip
    return f"The submissions share {' and '.join(said)}, beyond what the course gives to all."


def _is_shown(pair: Pair, like: Likeness) -> bool:
    kind = "code" if like is pair.code else "text"
    return any(passage.kind == kind for passage in pair.passages)
