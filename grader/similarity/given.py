"""What the course gives to all, or dictates: who has it too has copied nobody.

That is the handout with the wording of its questions, and the plainest ways to solve its tasks: the lab's own
solution, its typical hand-in, and the rewrites of it that ``similarity.toml`` names. Tasks like these leave
many students only one way that comes to mind.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from checks.kit.fault import HandIn, NotebookCell
from grader import audit_cases, labs
from grader.editions import Edition, handout, labs_with_reference, reference_of, solution
from grader.questions import load_questions
from grader.similarity.levels import load_levels
from grader.similarity.records import Part, Work


@functools.cache
def given_in(lab: str) -> tuple[Work, ...]:
    """The works of a lab that are nobody's own; without a reference here, only the typical hand-in's."""
    found = [_questions(lab)]
    typical = labs.typical_hand_in(lab)
    if typical is not None:
        found.append(_work(lab, typical))
    if lab in labs_with_reference():
        reference = reference_of(lab)
        found += [_work(lab, _as_hand_in(edition)) for edition in (handout(reference), solution(reference))]
        levels = load_levels(lab)
        ways = audit_cases.rewritten(labs.load_lab(lab), levels.ways if levels else ())
        found += [_work(lab, way) for way in ways]
    return tuple(found)


def _questions(lab: str) -> Work:
    items = load_questions(lab).items
    wordings = [" ".join(words) for question in items for words in question.wordings]
    texts = [Part("question", text) for text in (*(question.text for question in items), *wordings)]
    return Work("", "", lab, text=tuple(texts))


def _as_hand_in(edition: Edition) -> HandIn:
    cells = [
        NotebookCell("code" if cell.cell_type == "code" else "markdown", str(cell.source))
        for cell in edition.notebook.cells
    ]
    return HandIn(tuple(cells), edition.files)


def _work(lab: str, hand_in: HandIn) -> Work:
    code = [cell.source for cell in hand_in.cells if cell.kind == "code"] + list(hand_in.files.values())
    text = [cell.source for cell in hand_in.cells if cell.kind != "code"]
    return Work("", "", lab, _parts(code), _parts(text))


def _parts(texts: Iterable[str]) -> tuple[Part, ...]:
    return tuple(Part("given", text) for text in texts)
