"""Written answers are found whatever the format; text that no student wrote is not taken for one."""

from __future__ import annotations

import doctest
import time
import tomllib
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import checks.cnn
from grader import wording
from grader.answers import TEXT_LIMIT, find_answers
from grader.editions import handout, reference_of, solution
from grader.questions import Questions, load_questions
from grader.wording import without_placeholders
from tests.grader.answer_formats import FORMATS, Item, code, markdown

QUESTIONS = load_questions("cnn")
IDS = [question.id for question in QUESTIONS.items]
TEXTS = {question.id: question.text for question in QUESTIONS.items}


def found(*cells):
    """Id to text of every answer found in these cells; a string is a cell of text."""
    made = [markdown(cell) if isinstance(cell, str) else cell for cell in cells]
    return {answer.id: answer.text for answer in find_answers(QUESTIONS, made) if answer.text}


def test_every_question_of_the_lab_is_there():
    """37 questions in the lab's order, two of which share their numbers with two others."""
    assert len(IDS) == 37
    assert [one for one in IDS if one.endswith("b")] == ["Q28b", "Q29b"]
    numbers = [question.number for question in QUESTIONS.items]
    assert sorted(numbers) == sorted([*range(1, 36), 28, 29])
    assert load_questions("no such lab") == Questions()


def test_the_references_answers_are_found():
    """The reference's own notebook answers all questions, each with the text that stands there."""
    notebook = solution(reference_of("cnn")).notebook
    answers = find_answers(QUESTIONS, notebook.cells)
    assert {answer.verdict for answer in answers} == {"unclear"}
    for answer in answers:
        source = notebook.cells[answer.cell - 1].source
        assert source.startswith(f"**Question {answer.id[1:]}:**")
        assert source.endswith(answer.text)
        assert answer.question not in answer.text


def test_nothing_in_the_handout_is_an_answer():
    """The handout edition has all questions and no answer; each is missing at its own cell."""
    cells = handout(reference_of("cnn")).notebook.cells
    answers = find_answers(QUESTIONS, cells)
    assert [answer.id for answer in answers if answer.verdict != "missing" or answer.text] == []
    for answer in answers:
        assert f"Question {answer.id[1:]}:" in cells[answer.cell - 1].source


# ---- the handouts' words and numbers -----------------------------------------------------------------

ENTRIES = tomllib.loads((Path(checks.cnn.__file__).parent / "answers.toml").read_text("utf-8"))["questions"]
WORDINGS = [
    pytest.param(name, text, id=f"{name}-{n}")
    for name, entry in ENTRIES.items()
    for n, text in enumerate([entry["text"], *entry.get("also", ())])
]
SAID = ["It blurs.", "512×512, 1; colour 3", "15x15 and 3x3", "The size is the same, 512 x 512.", "n - m + 1"]
ANSWERS = dict(zip(IDS, [*SAID, *(f"My own words, number {n}." for n in range(32))], strict=True))
NUMBERINGS = {
    "printed": [one[1:].removesuffix("b") for one in IDS],
    "ids": [one[1:] for one in IDS],
    "straight": [str(n) for n in range(1, 38)],
    "with-a-gap": [str(n) for n in range(1, 31)] + [str(n) for n in range(41, 48)],
}


def items(numbers, wording):
    """Every question under these numbers, in the lab's own words (0) or another handout's (-1)."""
    texts = [[entry["text"], *entry.get("also", ())][wording] for entry in ENTRIES.values()]
    return [Item(number, text, ANSWERS[one]) for one, number, text in zip(IDS, numbers, texts, strict=True)]


def a_notebook(form, every):
    """All questions in a format, with the headings of their tasks and code between."""
    cells = []
    pairs = zip(QUESTIONS.items, every, strict=True)
    for task, group in groupby(pairs, key=lambda pair: pair[0].task):
        own = form([item for _, item in group])
        cells += [markdown(f"## {task} A heading"), code("x = 1"), *own, code("y = 2")]
    return cells


@pytest.mark.parametrize("wording", [0, -1], ids=["own-words", "other-words"])
@pytest.mark.parametrize("numbers", NUMBERINGS.values(), ids=NUMBERINGS)
@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
def test_every_format(form, numbers, wording):
    """Each answer is given back as written, whatever the format, the numbers and the handout's words."""
    assert found(*a_notebook(form, items(numbers, wording))) == ANSWERS


@pytest.mark.parametrize(("name", "text"), WORDINGS)
def test_every_wording_is_recognised(name, text):
    """A question is known by its words alone, and nothing of them is left in the answer."""
    assert found(f"Question 77: {text}\n\nMine.") == {name: "Mine."}
    assert found(f"Question 77: {text} Mine.") == {name: "Mine."}
    assert found(f"Question 77: {text}") == {}


PARTS = st.lists(
    st.text(st.sampled_from("abcdeåäö 0159.,;()=×−–*_`$\\é漢🙂"), min_size=1, max_size=30).map(
        lambda text: f"Say {text.strip()} so"
    ),
    min_size=1,
    max_size=3,
).map("\n".join)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    form=st.sampled_from(sorted(FORMATS)),
    numbers=st.sampled_from(sorted(NUMBERINGS)),
    wording=st.sampled_from([0, -1]),
    answers=st.lists(st.none() | PARTS, min_size=37, max_size=37),
)
def test_what_is_written_is_found(form, numbers, wording, answers):
    """Any text comes back as it was written, and a question left out is not answered by another's text."""
    every = [
        Item(item.number, item.question, said or "[Your answer here]")
        for item, said in zip(items(NUMBERINGS[numbers], wording), answers, strict=True)
    ]
    expected = {one: said for one, said in zip(IDS, answers, strict=True) if said}
    assert found(*a_notebook(FORMATS[form], every)) == expected


# ---- single cases ------------------------------------------------------------------------------------

ASKED = {
    n: f"Question {n}: {text}"
    for n, text in enumerate((TEXTS[one] for one in ("Q1", "Q2", "Q3", "Q4", "Q5", "Q6")), 1)
}
LISTED = "\n\n".join(ASKED.values())
CASES = {
    "mask-of-the-filters": (
        ["Question 3: What is the size (mask) of the different filters?\n\n15 x 15"],
        {"Q3": "15 x 15"},
    ),
    "doubled-numbers-by-section": (
        ["## 5.3 Sizes", "Q28: No.", "Q29: Pooling.", "## Part 6: Carbon", "Q28: Epochs.", "Q29: Less."],
        {"Q28": "No.", "Q29": "Pooling.", "Q28b": "Epochs.", "Q29b": "Less."},
    ),
    "doubled-numbers-by-order": (
        ["Q28: No.\n\nQ29: Pooling.", "Q28: Epochs.\n\nQ29: Less."],
        {"Q28": "No.", "Q29": "Pooling.", "Q28b": "Epochs.", "Q29b": "Less."},
    ),
    "doubled-numbers-only-the-second": (["# Part 6: Carbon footprint", "Q28: Epochs."], {"Q28b": "Epochs."}),
    "letters": (["Q28b: Epochs.", "Q29b) Less."], {"Q28b": "Epochs.", "Q29b": "Less."}),
    "straight-through": (["Q30: Epochs.", "Q33: 53", "Q37: Far lower."], {"Q28b": "Epochs.", "Q31": "53", "Q35": "Far lower."}),
    "choices-in-an-answer": (
        [ASKED[1] + "\n\nBlurs.", ASKED[2] + "\n\n512", f"Question 22: {TEXTS['Q22']}\n\n1. L1\n2. L2\n3. early stopping"],
        {"Q1": "Blurs.", "Q2": "512", "Q22": "1. L1\n2. L2\n3. early stopping"},
    ),
    "choices-in-the-next-cell": (
        [ASKED[1] + "\n\nBlurs.", f"Question 22: {TEXTS['Q22']}", "1. L1\n2. L2"],
        {"Q1": "Blurs.", "Q22": "1. L1\n2. L2"},
    ),
    "choices-numbered-from-one-below-question-1": (
        [ASKED[1] + "\n\n1. Gauss blurs\n2. Sobel X\n3. Sobel Y", ASKED[2] + "\n\n512", ASKED[3] + "\n\n15"],
        {"Q1": "1. Gauss blurs\n2. Sobel X\n3. Sobel Y", "Q2": "512", "Q3": "15"},
    ),
    "choices-inside-a-list": (
        [LISTED, "1. Blurs\n2. Two things:\n   1. 512\n   2. 3\n3. 15\n4. 512\n5. 498\n6. Shrinks:\n1. maps\n2. borders"],
        {"Q1": "Blurs", "Q2": "Two things:\n   1. 512\n   2. 3", "Q3": "15", "Q4": "512", "Q5": "498", "Q6": "Shrinks:\n1. maps\n2. borders"},
    ),
    "some-of-a-list": ([LISTED, "2. 512\n5. 498"], {"Q2": "512", "Q5": "498"}),
    "two-answers-counted-from-one": (
        [f"Question 9: {TEXTS['Q9']}\n\nQuestion 10: {TEXTS['Q10']}", "1. 10,496\n2. 24 GB"],
        {"Q9": "10,496", "Q10": "24 GB"},
    ),
    "as-many-lines-as-questions": (
        [f"Question 9: {TEXTS['Q9']}\n\nQuestion 10: {TEXTS['Q10']}", "- 10,496\n- 24 GB"],
        {"Q9": "- 10,496", "Q10": "- 24 GB"},
    ),
    "one-text-for-two-questions": (
        [f"Question 9: {TEXTS['Q9']}\n\nQuestion 10: {TEXTS['Q10']}", "It has 10,496 and 24 GB."],
        {"Q9": "It has 10,496 and 24 GB.", "Q10": "It has 10,496 and 24 GB."},
    ),
    "numbers-alone-below-a-heading": (["## 1.2 Questions", "1. Blurs\n2. 512"], {"Q1": "Blurs", "Q2": "512"}),
    "numbers-alone-in-cells": (["## 1.2 Questions", "1. Blurs", "2) 512", "**3.** 15"], {"Q1": "Blurs", "Q2": "512", "Q3": "15"}),
    "no-numbers-at-all": ([f"**{TEXTS['Q6']}**\n\nThey shrink."], {"Q6": "They shrink."}),
    "number-in-heading-question-below": (
        [f"### Question 31\n\n{TEXTS['Q33']}\n\n224"],
        {"Q33": "224"},
    ),
    "unknown-words-under-a-number": (["Question 4: What about the weather, and how is it?\n\nRain."], {"Q4": "Rain."}),
    "unknown-words-without-answer": (["Question 4: What about the weather, and how is it?\n\n[Your answer here]"], {}),
    "unknown-question-between-known": (
        [f"Question 11: {TEXTS['Q15']}\n\nA\n\nQuestion 12: How is the weather today?\n\nB\n\nQuestion 13: {TEXTS['Q17']}\n\nC"],
        {"Q15": "A", "Q16": "B", "Q17": "C"},
    ),
    "the-question-repeated": (
        [ASKED[3] + "\n\nThe size of the filters is 15 x 15."],
        {"Q3": "The size of the filters is 15 x 15."},
    ),
    "subheadings": (["### Question 1\n#### Gauss\nBlurs.\n#### Sobel\nEdges.\n## 2.1 Next\nText of the lab."], {"Q1": "#### Gauss\nBlurs.\n#### Sobel\nEdges."}),
    "code-in-an-answer": (
        [f"Question 22: {TEXTS['Q22']}\n\nL2:\n```python\n# Part 1\n1. + 2.\n\nConv2D(…)\n```\nDone."],
        {"Q22": "L2:\n```python\n# Part 1\n1. + 2.\n\nConv2D(…)\n```\nDone."},
    ),
    "paragraphs": ([ASKED[1] + "\n\nOne.\n\nTwo.\nThree."], {"Q1": "One.\n\nTwo.\nThree."}),
    "windows-lines": ([f"{ASKED[1]}\r\n\r\nBlurs.\r\nYes."], {"Q1": "Blurs.\nYes."}),
    "swedish-numbers": ([f"Fråga 24: {TEXTS['Q24']}\n\nSvar: 0,58 och 0,25"], {"Q24": "0,58 och 0,25"}),
    "a-number-is-no-marker": ([f"Question 10: {TEXTS['Q10']}\n\nAnswer 24 GB"], {"Q10": "Answer 24 GB"}),
    "prose-is-no-marker": ([ASKED[6] + "\n\nThey shrink, as\nQuestion 5 showed."], {"Q6": "They shrink, as\nQuestion 5 showed."}),
    "comments-in-code": ([ASKED[1], code("# It blurs\n# and finds edges.")], {"Q1": "It blurs\nand finds edges."}),
    "comments-with-numbers": ([LISTED, code("x = 1"), code("# Q1: blurs\n# Q2: 512")], {"Q1": "blurs", "Q2": "512"}),
    "comments-among-code": ([ASKED[1], code("# It blurs\nx = 1")], {}),
    "marked-below-code": ([ASKED[1], code("x = 1"), "Answer: blurs"], {"Q1": "blurs"}),
    "text-of-the-lab-below-code": ([ASKED[1], code("x = 1"), "The images are small."], {}),
    "text-of-the-lab-below-an-answer": ([ASKED[1] + "\n\nBlurs.", "The images are small."], {"Q1": "Blurs."}),
    "heading-below-a-question": ([ASKED[6] + "\n\n[Your answer here]", "## 2.1 Cards\nSee which card there is."], {}),
    "text-that-leads-on": ([ASKED[6], "Some of the images:"], {}),
    "placeholder-in-the-line": ([ASKED[3] + "\n\n[Your answer here] 15 x 15"], {"Q3": "15 x 15"}),
    "placeholder-below": ([ASKED[3] + "\n\n15 x 15\n\n???"], {"Q3": "15 x 15"}),
    "question-then-todo": ([ASKED[3] + "\n\nTODO"], {}),
    "sub-questions": (["Q2a: 512 x 512\n\nQ2b: 1 channel"], {"Q2": "512 x 512\n\n1 channel"}),
    "a-picture": ([ASKED[1] + "\n\n![blur](attachment:blur.png)"], {"Q1": "![blur](attachment:blur.png)"}),
    "a-comment-of-html": ([ASKED[1] + "\n\n<!-- write here -->"], {}),
}  # fmt: skip


@pytest.mark.parametrize(("cells", "expected"), CASES.values(), ids=CASES)
def test_case(cells, expected):
    """What each notebook says is found, and no more."""
    assert found(*cells) == expected


@pytest.mark.parametrize(
    "text",
    [
        "[Your answer here]", "[Write your answer here]", "*[your answer here]*", "(Your answer)", "<your answer>",
        "Your answer here", "_Write your answer here._", "???", "?", "...", "…", "-", "TODO", "**TODO**",
        "TODO: write this", "tbd", "yes???", "Yes ??", "no???", "ja??", "xxx", "Answer:", "**Answer:** ???",
        "[Skriv ditt svar här]", "<br>", "<!-- an answer -->", "Write your code here", "\u200b",
    ],
)  # fmt: skip
def test_a_placeholder_alone_is_no_answer(text):
    """Where only a placeholder or question marks stand, nothing was answered."""
    (answer,) = (
        one for one in find_answers(QUESTIONS, [markdown(f"{ASKED[3]}\n\n{text}")]) if one.id == "Q3"
    )
    assert (answer.verdict, answer.text, answer.cell) == ("missing", "", 1)


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "No.",
        "Yes?",
        "53",
        "128???",
        "15x15",
        "$n-m+1$",
        "?? maybe 3x3",
        "I don't know",
        "n/a",
        "4D",
        "漢字",
    ],
)
def test_anything_else_is_an_answer(text):
    """However short or unsure, what says something is for a person to judge."""
    assert without_placeholders(text) == text
    assert found(f"{ASKED[3]}\n\n{text}") == {"Q3": text}


@pytest.mark.parametrize(
    ("cells", "cell", "words"),
    [
        ([], 0, "Neither the question nor an answer"),
        (["Intro", ASKED[3]], 2, "No answer was found below the question"),
        (["Intro", ASKED[3] + "\n\n[Your answer here]"], 2, "only a placeholder"),
    ],
    ids=["no-question", "no-answer", "placeholder"],
)
def test_why_it_is_missing(cells, cell, words):
    """The reason says what was looked for and where."""
    answer = next(one for one in find_answers(QUESTIONS, list(map(markdown, cells))) if one.id == "Q3")
    assert (answer.verdict, answer.cell) == ("missing", cell)
    assert words in answer.reason


def test_cells_count_from_one_with_all_others():
    """The cell is the one where the answer stands, not the question's; code and text both count."""
    cells = [code("x"), markdown(ASKED[3]), markdown("15 x 15")]
    answer = next(one for one in find_answers(QUESTIONS, cells) if one.text)
    assert (answer.id, answer.cell, answer.reason) == ("Q3", 3, "Waits for a person.")


# ---- what nobody writes ------------------------------------------------------------------------------

HOSTILE = {
    "lines": "text\n" * 100_000,
    "paragraphs": "text\n\n" * 50_000,
    "list": "1. a\n" * 100_000,
    "questions": f"{ASKED[3]}\n" * 30_000,
    "todo": "Q1:\n\n" + "TODO\n\n" * 50_000,
    "whys": "Q1: " + "why? " * 100_000,
    "what": "Q1: What " + "is the size of the " * 50_000 + "?",
    "quotes": ">" * 1_000_000,
    "hashes": "#" * 1_000_000,
    "brackets": "Q1: " + "[your " * 100_000,
    "tags": "Q1: " + "<a " * 100_000,
    "comments": "Q1: " + "<!--" * 100_000,
    "spaces": "Q1" + " " * 1_000_000,
    "words": "Q" + " to" * 300_000 + " 1",
    "fences": "```\n" * 100_000,
    "accents": "Q1: a" + "\u0301" * 500_000,
    "digits": "1" * 1_000_000,
    "nul": "Q1: \x00\ud7ff\u202e" * 20_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_takes_seconds_at_most(text):
    """The time grows with the length alone, and no answer is longer than its limit."""
    started = time.monotonic()
    answers = find_answers(QUESTIONS, [markdown(text)])
    assert time.monotonic() - started < 30
    assert len(answers) == 37
    assert max(len(answer.text) for answer in answers) <= TEXT_LIMIT


def test_the_same_notebook_gives_the_same_answers():
    """Nothing depends on chance or on what was read before."""
    cells = [markdown(text) for text in (LISTED, "1. a\n2. b", HOSTILE["whys"])]
    assert find_answers(QUESTIONS, cells) == find_answers(QUESTIONS, cells)


def test_no_questions_no_answers():
    """A lab without the file has no questions."""
    assert find_answers(Questions(), [markdown("Q1: text")]) == ()


def test_the_examples_in_the_docstrings_hold():
    """The functions do what their documentation shows."""
    result = doctest.testmod(wording)
    assert (result.attempted > 0, result.failed) == (True, 0)
