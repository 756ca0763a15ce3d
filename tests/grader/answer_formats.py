"""Ways in which students write their answers down, to make notebooks of for the tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Cell = dict[str, Any]


@dataclass(frozen=True)
class Item:
    """One question as a handout numbers and words it, with a student's answer."""

    number: str
    question: str
    answer: str


def markdown(source: str) -> Cell:
    """A cell of text."""
    return {"cell_type": "markdown", "source": source}


def raw(source: str) -> Cell:
    """A raw cell."""
    return {"cell_type": "raw", "source": source}


def code(source: str) -> Cell:
    """A cell of code."""
    return {"cell_type": "code", "source": source}


def commented(text: str) -> str:
    """The text as comments of Python."""
    return "\n".join(f"# {line}".rstrip() for line in text.split("\n"))


def _each(*templates: str, kinds: Sequence[Callable[[str], Cell]] = (markdown,)) -> Callable[..., list[Cell]]:
    """Cells for each question, one for each template."""

    def cells(items: Sequence[Item]) -> list[Cell]:
        made = []
        for item in items:
            for place, template in enumerate(templates):
                text = template.format(n=item.number, q=item.question, a=item.answer)
                made.append(kinds[place % len(kinds)](text))
        return made

    return cells


def _all_first(ask: str, reply: str, kind: Callable[[str], Cell] = markdown) -> Callable[..., list[Cell]]:
    """One cell with all questions, and one below with all answers."""

    def cells(items: Sequence[Item]) -> list[Cell]:
        asked = "\n\n".join(ask.format(n=one.number, q=one.question) for one in items)
        replies = "\n\n".join(reply.format(n=one.number, a=one.answer) for one in items)
        return [markdown(asked), kind(replies)]

    return cells


def _together(template: str) -> Callable[..., list[Cell]]:
    """All questions, each with its answer, in one cell."""

    def cells(items: Sequence[Item]) -> list[Cell]:
        texts = (template.format(n=one.number, q=one.question, a=one.answer) for one in items)
        return [markdown("\n\n".join(texts))]

    return cells


FORMATS: dict[str, Callable[[Sequence[Item]], list[Cell]]] = {
    "one-cell-each": _each("**Question {n}:** {q}\n\n{a}"),
    "answer-word": _each("**Question {n}:** {q}\n\n**Answer:** {a}"),
    "placeholder-left": _each("Question {n}: {q}\n\n[Your answer here]\n\n{a}"),
    "placeholder-after": _each("Question {n}: {q}\n\n{a}\n\n[Write your answer here]"),
    "same-line": _each("Question {n}: {q} {a}"),
    "next-line": _each("Question {n}: {q}\n{a}"),
    "inline-answer-word": _each("Q{n}: {q} **Answer:** {a}"),
    "number-bold": _each("**{n}.** {q}\n\n{a}"),
    "heading-with-question": _each("### Question {n}: {q}\n{a}"),
    "heading-then-question": _each("#### Question {n}\n\n{q}\n\nAnswer: {a}"),
    "html": _each("<b>Question {n}:</b> {q}<br>\n{a}"),
    "quoted-question": _each("> **Question {n}**: {q}\n\n{a}"),
    "two-cells": _each("Question {n}: {q}", "{a}"),
    "two-cells-placeholder": _each("Question {n}: {q}\n\n[Your answer here]", "{a}"),
    "two-cells-marked": _each("Question {n}: {q}", "**Answer {n}:** {a}"),
    "two-cells-answer": _each("Question {n}: {q}", "Answer: {a}"),
    "answer-heading": _each("Question {n}: {q}", "### Answer\n{a}"),
    "raw-cell": _each("Question {n}: {q}", "{a}", kinds=(markdown, raw)),
    "comments": _each("Question {n}: {q}", "{a}", kinds=(markdown, lambda text: code(commented(text)))),
    "together": _together("Question {n}: {q}\n\n{a}"),
    "together-next-line": _together("**Question {n}:** {q}\n{a}"),
    "together-number": _together("{n}. {q}\n\n{a}"),
    "list-q": _all_first("Question {n}: {q}", "Q{n}: {a}"),
    "list-answer": _all_first("Question {n}: {q}", "**Answer {n}:** {a}"),
    "list-answer-q": _all_first("Question {n}: {q}", "Answer Q{n}: {a}"),
    "list-question": _all_first("**Question {n}:** {q}", "**Question {n}:** {a}"),
    "list-heading": _all_first("Question {n}: {q}", "#### Question {n}\n{a}"),
    "list-dash": _all_first("Question {n}: {q}", "Q{n} - {a}"),
    "list-number": _all_first("Question {n}: {q}", "{n}. {a}"),
    "list-bracket": _all_first("Question {n}: {q}", "{n}) {a}"),
    "list-in-brackets": _all_first("Question {n}: {q}", "({n}) {a}"),
    "list-bold-number": _all_first("Question {n}: {q}", "**{n}** {a}"),
    "list-italic-number": _all_first("Question {n}: {q}", "*{n}.* {a}"),
    "list-raw": _all_first("Question {n}: {q}", "{n}. {a}", raw),
    "list-svar": _all_first("Fråga {n}: {q}", "Svar på fråga {n}: {a}"),
}
