"""A report that people mark: 20 of 34 points by program, and 6 that wait."""

from checks.kit import TableRow
from grader.records import Answer, CellError, Execution, Finding, Phase, Provenance, Report, TaskResult
from tests.grader.page_reports import NOTEBOOK, check

FAILED = check(
    "4.1/architecture", "failed", 2.0, 8.0, message="The maps shrink, see cell 2.",
    expected="padding='same'", received="padding='valid'", hint="Look at the output shape.",
    counterexample="print(build_CNN((32, 32, 3)).layers[0].output.shape)",
    table=(TableRow("Flatten", "Flatten", same=True), TableRow("BatchNormalization", "", same=False)),
)  # fmt: skip

TASKS = (
    TaskResult(
        "4.1", "build_CNN", "A function that builds a network.", 8.0, 16.0,
        (
            check("4.1/callable", "passed", 4.0, 4.0, message="Defaults are missing; that is allowed."),
            FAILED,
            check("4.1/parameters", "skipped", 0.0, 2.0, message="It needs “Claim 4.1/architecture”."),
            check("4.1/learning-rate", "error", 2.0, 2.0, message="The probe did not answer."),
        ),
    ),
    TaskResult(
        "1.2", "Questions", "", 0.0, 6.0,
        (
            check("1.2/essay", "manual", 0.0, 2.0),
            check("1.2/q1", "manual", 0.0, 1.5),
            check("1.2/q2", "manual", 0.0, 1.5),
            check("1.2/q3", "manual", 0.0, 1.0),
        ),
    ),
    TaskResult("7", "ResNet50", "Five photos.", 12.0, 12.0, (check("7/photos", "passed", 12.0, 12.0),)),
)  # fmt: skip

ANSWERS = (
    Answer(
        "Q1", "1.2", "What do they do?", "They *blur*.\nAnd <more>.", 4, "likely_wrong",
        "It is <too> little.", ("*blur*", "<more>"),
    ),
    Answer("Q2", "1.2", "How large?", "", 5, "missing", "No answer was found below the question."),
    Answer("Q3", "1.2", "Why?", "A long story. " * 80 + "Its end.", 6, "unclear", "It is too long."),
)  # fmt: skip

FULL = Report(
    lab="cnn", lab_title="2D CNN image classification", student="Ada Lovelace", slug="ada",
    notebook="2D_CNN.ipynb", sha256="ab12cd34" * 8, status="incomplete", score=20.0, max_score=34.0,
    pending_manual=6.0,
    execution=Execution("error", 5, 5, 31.2, (CellError(5, "NameError", "boom", "boom"),)),
    tasks=TASKS,
    provenance=Provenance("0.1.0", "c0ffee" * 10, 0, "budget", "bubblewrap", "built-in"),
    findings=(Finding("log_mismatch", "4.2", "The log disagrees.", ("cell 2: 375 steps",)),),
    answers=ANSWERS, phases=(Phase("intake", 0.1),), executed=NOTEBOOK,
)  # fmt: skip
