"""What reading the claims, judging the answers, the findings and the comparison add to a class, alone.

    python -m bench.claims [--notebooks 5] [--class-of 100]

Seconds of processor time, of which other work on the machine takes nothing away. Outputs are read, and
answers judged, of the notebooks of submissions/demo, each five times. Findings are made of notebooks as
tests/checks/cnn/claimed.py draws them, with the images that the rules trace: "findings alone" traces them,
"findings" is what is left when the checks have done so before, as they have in a graded run. A class is
compared once, so what that costs is divided among its members. No network is trained, and no kernel started.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.similarity import compare_class, made_class
from grader import labs
from grader.claims.findings import claim_findings, saved_of
from grader.manual import judged, written_answers
from grader.notebooks import ReadNotebook, Unreadable, read_notebook
from grader.records import Answer
from tests.checks.cnn.claimed import Written, honest

DEMO = Path(__file__).resolve().parents[1] / "submissions" / "demo"
REPEATED = 5


def seconds(work: Callable[[], object]) -> float:
    """The processor time of one call."""
    started = time.process_time()
    work()
    return time.process_time() - started


def notebooks() -> list[ReadNotebook]:
    """The demo's notebooks that can be read, of lab cnn."""
    found = [read_notebook(path) for path in sorted(DEMO.glob("*/*.ipynb")) if _is_readable(path)]
    return [one for one in found if (lab := labs.recognise(one.text)) and lab.id == "cnn"]


def _is_readable(path: Path) -> bool:
    try:
        read_notebook(path)
    except Unreadable:
        return False
    return True


def reading(found: Sequence[ReadNotebook]) -> list[float]:
    """Of each notebook: logs, summaries, scores and all numbers of its saved outputs."""
    return [seconds(lambda one=one: saved_of(one.saved)) for one in found for _ in range(REPEATED)]


def verdicts(found: Sequence[ReadNotebook]) -> list[float]:
    """Of each notebook: the verdicts on all of its answers."""
    rubric = labs.load_rubric(labs.load_lab("cnn"))
    taken = []
    for one in found:
        answers = written_answers("cnn", rubric, one.notebook.cells, printed=None)

        def judge_all(answers: Sequence[Answer] = answers, one: ReadNotebook = one) -> list[Answer]:
            return [judged("cnn", answer, one.printed) for answer in answers]

        judge_all()  # reads the rules, which a process does once
        taken += [seconds(judge_all) for _ in range(REPEATED)]
    return taken


def findings(note: Written) -> tuple[float, float]:
    """Of a made-up notebook: the findings with the tracing of its images, and again without."""
    lab, student, saved = labs.load_lab("cnn"), note.student(), note.saved()
    answers = [Answer(id, "4.2", "", text, 1, "unclear", "") for id, text in note.answers.items()]  # noqa: A001

    def find() -> object:
        return claim_findings(lab, student, saved, answers)

    return seconds(find), seconds(find)


def show(what: str, taken: Sequence[float]) -> float:
    """Print mean and largest in milliseconds; the mean in seconds."""
    mean = sum(taken) / len(taken)
    print(f"{what:<28}{1000 * mean:>10.1f}{1000 * max(taken):>10.1f}", flush=True)
    return mean


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--notebooks", type=int, default=5, help="how many are made up for the findings")
    parser.add_argument("--class-of", type=int, default=100, help="how many are compared")
    options = parser.parse_args()
    if options.notebooks < 1 or options.class_of < 2:
        parser.error("--notebooks is at least 1, and --class-of at least 2")
    found = notebooks()
    print(f"{'ms of processor time each':<28}{'mean':>10}{'most':>10}")
    added = show(f"reading, {len(found)} notebooks", reading(found))
    added += show("verdicts on the answers", verdicts(found))
    both = [findings(honest(seed)) for seed in range(options.notebooks)]
    show("findings alone", [first for first, _ in both])
    added += show("findings", [second for _, second in both])
    compared, _ = compare_class(made_class(options.class_of))
    added += show(f"comparison in {options.class_of}", [compared / options.class_of])
    whole = added * options.class_of
    print(f"together {1000 * added:.0f} ms for each of {options.class_of}, {whole:.1f} s in all")


if __name__ == "__main__":
    main()
