"""Honest students and copyists: notebooks that were written independently, and disguised copies of them."""

from __future__ import annotations

import functools
import io
import json
import random
import re
import tokenize
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from checks.kit.fault import Rewrite
from grader import audit_cases, labs
from grader.notebooks import Unreadable, read_notebook
from grader.similarity.records import Part, Work

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
DEMO = ROOT / "submissions" / "demo"
ANSWERS = ROOT / "tests" / "answers"
STUDENTS = 20  # so many answers of different people there are to nearly every question


@functools.cache
def solutions(lab: str = "cnn") -> tuple[Work, ...]:
    """Solutions, each written from the task alone in a style of its own: of 1.1 to 4.5, or of P1.1 to P2.3."""
    folder = HERE / "solutions" / ("" if lab == "cnn" else lab)
    return tuple(_solution(path, lab) for path in sorted(folder.glob("*.txt")))


def _solution(path: Path, lab: str) -> Work:
    text = path.read_text("utf-8")
    cells = re.split(r"^# %%(.*)\n", text, flags=re.MULTILINE)[1:]
    named = zip(cells[::2], cells[1::2], strict=True)
    code = [Part(name.strip() or f"cell {number}", source) for number, (name, source) in enumerate(named, 1)]
    return Work(path.stem, path.stem, lab, tuple(code))


@functools.cache
def demo() -> tuple[Work, ...]:
    """The small hand-ins of ``submissions/demo`` that can be read."""
    works = []
    for folder in sorted(DEMO.iterdir()):
        notebook = next(folder.glob("*.ipynb"))
        try:
            cells = read_notebook(notebook).notebook.cells
        except Unreadable:
            continue
        code = [Part(f"cell {n}", c.source) for n, c in enumerate(cells, 1) if c.cell_type == "code"]
        code += [Part(path.name, path.read_text("utf-8")) for path in sorted(folder.glob("*.py"))]
        works.append(Work(folder.name, folder.name, "cnn", tuple(code)))
    return tuple(works)


def rewrites(lab: str) -> tuple[Work, ...]:
    """The equivalent rewrites of a lab's typical hand-in, each with its own spelling of some tasks."""
    entries = audit_cases.entries(labs.load_lab(lab))
    cases = [entry.case for entry in entries if entry.case is not None and isinstance(entry.seeded, Rewrite)]
    return tuple(
        Work(case.name, case.name, lab, (
            *(Part(f"cell {n}", source) for n, source in enumerate(case.sources, 1)),
            *(Part(name, text) for name, text in case.files.items()),
        ))
        for case in cases
    )  # fmt: skip


@functools.cache
def answers() -> tuple[tuple[Part, ...], ...]:
    """The written answers of so many students, each answer somebody else's."""
    by_question: dict[str, list[str]] = {}
    for path in sorted(ANSWERS.glob("cnn*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            entry = json.loads(line)
            by_question.setdefault(entry["question"], []).append(entry["text"])
    draw = random.Random(1)
    drawn = {question: draw.sample(texts, len(texts)) for question, texts in by_question.items()}
    return tuple(
        tuple(Part(question, texts[number]) for question, texts in drawn.items() if number < len(texts))
        for number in range(STUDENTS)
    )


def honest(lab: str = "cnn") -> tuple[Work, ...]:
    """A class of honest students: solutions and demo hand-ins, with answers of their own where it asks any."""
    if lab != "cnn":
        return solutions(lab)
    works = (*solutions(), *demo())
    return tuple(replace(work, text=texts) for work, texts in zip(works, answers(), strict=False))


# ---- disguises ---------------------------------------------------------------------------------------

Disguise = Callable[[Work, random.Random], Work]


def renamed(work: Work, draw: random.Random) -> Work:
    """Other names for everything that the student named."""
    everything = "\n".join(part.text for part in work.code)
    bound = re.findall(r"^[ \t]*([\w, ]+?)[ \t]*=[^=]", everything, re.MULTILINE)
    bound += re.findall(r"\b(?:def|for|class)[ \t]+([\w, ]+?)[ \t]*(?:\(|\bin\b|:)", everything)
    names = {name for group in bound for name in re.findall(r"[A-Za-z_]\w+", group)} - {"in", "for"}
    new = {name: f"{draw.choice(['my', 'the', 'tmp', 'new'])}_{name[::-1].lower()}" for name in sorted(names)}
    return _each(
        work,
        lambda text: re.sub(r"(?<![\w.'\"])\w+\b(?!\s*=[^=].*[,)])", lambda m: new.get(m[0], m[0]), text),
    )


def recommented(work: Work, draw: random.Random) -> Work:
    """Comments removed, others added, other white space and blank lines."""

    def edit(text: str) -> str:
        lines = [re.sub(r"\s*#[^'\"]*$", "", line) for line in text.splitlines()]
        lines = [
            re.sub(r"(?<=[\w)\]]), (?=\S)", "," if draw.random() < 0.5 else ",  ", line) for line in lines
        ]
        return "\n".join(
            line + ("  # my own idea" if draw.random() < 0.2 and not line.endswith("\\") else "")
            for line in lines
        )

    return _each(work, edit)


def reordered(work: Work, draw: random.Random) -> Work:
    """Cells in another order, functions of helper files too, answers shuffled."""
    code = []
    for part in work.code:
        blocks = re.split(r"^(?=def |class |@)", part.text, flags=re.MULTILINE)
        code.append(Part(part.place, blocks[0] + "".join(draw.sample(blocks[1:], len(blocks) - 1))))
    return replace(
        work, code=tuple(draw.sample(code, len(code))), text=tuple(draw.sample(work.text, len(work.text)))
    )


def reformatted(work: Work, _draw: random.Random) -> Work:
    """One statement a line, tokens joined anew, as a formatter does."""
    return _each(work, _reformat)


def reworded(share: float) -> Disguise:
    """A share of the words of each answer replaced, dropped or added."""

    def disguise(work: Work, draw: random.Random) -> Work:
        return replace(
            work, text=tuple(Part(part.place, _reword(part.text, share, draw)) for part in work.text)
        )

    return disguise


def _each(work: Work, edit: Callable[[str], str]) -> Work:
    return replace(work, code=tuple(Part(part.place, edit(part.text)) for part in work.code))


def _reformat(text: str) -> str:
    try:
        found = [(one.type, one.string) for one in tokenize.generate_tokens(io.StringIO(text).readline)]
        return tokenize.untokenize(found)
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return text


def _reword(text: str, share: float, draw: random.Random) -> str:
    words: list[str] = []
    for word in text.split():
        chance = draw.random()
        words += [draw.choice(["really", "maybe", "this", "so"])] if chance < share / 2 else []
        words += [word] if chance < share / 4 or chance > share * 0.75 else []
    return " ".join(words)


def together(*disguises: Disguise) -> Disguise:
    """All of them, one after the other."""

    def disguise(work: Work, draw: random.Random) -> Work:
        for one in disguises:
            work = one(work, draw)
        return work

    return disguise


WHOLE: dict[str, Disguise] = {
    "as it is": lambda work, _draw: work,
    "renamed": renamed,
    "comments": recommented,
    "reordered": reordered,
    "reformatted": reformatted,
    "all of it": together(renamed, recommented, reordered, reworded(0.15)),
}


def with_part_of(work: Work, other: Work, place: Callable[[Part], bool]) -> Work:
    """``work`` with those parts of ``other``'s code in place of its own."""
    taken = tuple(part for part in other.code if place(part))
    return replace(work, code=(*(part for part in work.code if not place(part)), *taken))


def hostile(size: int) -> tuple[Work, ...]:
    """Submissions that are made to keep the comparison busy: huge, one line, one token, brackets, rubbish."""
    rubbish = "".join(chr((place * 7919) % 0x3000 + 1) for place in range(50_000))
    shapes = ("x = 1; " * 60_000, "(" * 400_000, "a." * 100_000, rubbish, "import (" * 50_000, "'" * 99_999)
    return tuple(
        Work(f"h{number}", f"h{number}", "cnn", (
            Part("cell 1", shapes[number % len(shapes)]),
            *(Part(f"cell {n}", f"v = f(a{n}.b{number // 3 % 50}, {n})\n" * 900) for n in range(2, 12)),
        ), (Part("Q1", rubbish),))
        for number in range(size)
    )  # fmt: skip
