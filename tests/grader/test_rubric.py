"""What an instructor may set, and what is said about every mistake in it."""

from __future__ import annotations

import pickle
import time

import pytest

from grader.errors import UsageProblem
from grader.rubric import RubricProblem, Task, read_rubric
from grader.rubric_mistakes import Known, line_of

OWN = """\
[lab]
title = "A lab"

[tasks."1.1"]
title = "Filters"
asked = "Filter."

[tasks."4.1"]
title = "Network"

[checks."1.1/gaussian"]
points = 2

[checks."1.1/sobel"]
points = 3

[checks."4.1/accuracy"]
points = 5
threshold = 0.35

[answers]
Q1 = 1
Q2 = 1.5
"""
KNOWN = Known(
    checks=("1.1/gaussian", "1.1/sobel", "1.1/unlisted", "4.1/accuracy"), questions={"Q1": "1.1", "Q2": "4.1"}
)


@pytest.fixture
def read(tmp_path):
    """A function that reads OWN with the changes given."""

    def call(changes=None, own=OWN, known=KNOWN):
        (tmp_path / "own.toml").write_text(own)
        mine = None
        if changes is not None:
            mine = tmp_path / "mine.toml"
            mine.write_bytes(changes if isinstance(changes, bytes) else changes.encode())
        return read_rubric("Untitled", tmp_path / "own.toml", mine, known)

    return call


# ---- what may be set


def test_the_lab_s_own(read):
    """Titles, points, thresholds and the points of answers, and nothing is switched off."""
    rubric = read()
    assert rubric.title == "A lab"
    assert rubric.tasks == (Task("1.1", "Filters", "Filter."), Task("4.1", "Network", ""))
    assert rubric.points == {"1.1/gaussian": 2.0, "1.1/sobel": 3.0, "4.1/accuracy": 5.0}
    assert (rubric.thresholds, rubric.answers) == ({"4.1/accuracy": 0.35}, {"Q1": 1.0, "Q2": 1.5})
    assert (rubric.bonus, rubric.switched_off) == ({}, frozenset())


SETTINGS = {
    "points": ('[checks."1.1/gaussian"]\npoints = 7', {"points": {"1.1/gaussian": 7.0}}),
    "points-zero": ('[checks."1.1/gaussian"]\npoints = 0', {"points": {"1.1/gaussian": 0.0}}),
    "points-dotted": ('[checks]\n"1.1/gaussian".points = 7', {"points": {"1.1/gaussian": 7.0}}),
    "points-in-line": ('checks = {"1.1/gaussian" = {points = 7}}', {"points": {"1.1/gaussian": 7.0}}),
    "threshold": ('[checks."4.1/accuracy"]\nthreshold = 0.2', {"thresholds": {"4.1/accuracy": 0.2}}),
    "answers": ("[answers]\nQ2 = 4", {"answers": {"Q2": 4.0}}),
    "windows": ("\ufeff[answers]\r\nQ2 = 4\r\n", {"answers": {"Q2": 4.0}}),
}


@pytest.mark.parametrize(("changes", "expected"), SETTINGS.values(), ids=SETTINGS)
def test_one_key_is_changed(read, changes, expected):
    """A file changes the key that it holds and leaves all others as they are."""
    own, rubric = read(), read(changes)
    for field in ("points", "bonus", "thresholds", "answers"):
        assert getattr(rubric, field) == {**getattr(own, field), **expected.get(field, {})}
    assert (rubric.tasks, rubric.title, rubric.switched_off) == (own.tasks, own.title, own.switched_off)


def test_a_task_is_renamed(read):
    """A task's title and what was asked are the instructor's to word."""
    rubric = read('[tasks."4.1"]\ntitle = "Net"\nasked = "Build."\n[lab]\ntitle = "Mine"')
    assert (rubric.title, rubric.tasks[1]) == ("Mine", Task("4.1", "Net", "Build."))


def test_a_check_is_switched_off(read):
    """It is named as such, and has neither points nor a threshold, whatever else is set."""
    rubric = read('[checks."4.1/accuracy"]\nenabled = false\npoints = 9\nbonus = true')
    assert rubric.switched_off == {"4.1/accuracy"}
    assert set(rubric.points) == {"1.1/gaussian", "1.1/sobel"}
    assert (rubric.bonus, rubric.thresholds) == ({}, {})


def test_a_task_is_switched_off(read):
    """All its checks go with it, listed or not, and its questions."""
    rubric = read('[tasks."1.1"]\nenabled = false\n[checks."1.1/sobel"]\nenabled = true')
    assert [task.id for task in rubric.tasks] == ["4.1"]
    assert rubric.switched_off == {"1.1/gaussian", "1.1/sobel", "1.1/unlisted"}
    assert (set(rubric.points), set(rubric.answers)) == ({"4.1/accuracy"}, {"Q2"})


def test_what_is_off_is_switched_on(read):
    """A file may switch on what the lab's own has off, with the points it has there."""
    own = OWN.replace("points = 3", "points = 3\nenabled = false")
    assert read(own=own).switched_off == {"1.1/sobel"}
    assert read('[checks."1.1/sobel"]\nenabled = true', own=own).points["1.1/sobel"] == 3.0


def test_a_bonus_stands_apart(read):
    """The points of a bonus are not among those of the maximum score."""
    rubric = read('[checks."1.1/sobel"]\nbonus = true')
    assert rubric.bonus == {"1.1/sobel": 3.0}
    assert "1.1/sobel" not in rubric.points


def test_the_sum_is_of_what_is_in_effect(read):
    """Layout, order and what says nothing new leave the sum as it is; every real change changes it."""
    same = ("", OWN, '# mine\n[checks."1.1/sobel"]\npoints = 3.0\n[checks."1.1/gaussian"]\nenabled = true')
    other = (
        '[checks."1.1/sobel"]\npoints = 4', '[checks."1.1/sobel"]\nbonus = true', '[lab]\ntitle = "B"',
        '[checks."1.1/sobel"]\nenabled = false', '[checks."1.1/unlisted"]\nenabled = false',
        '[tasks."1.1"]\nasked = "?"', '[checks."4.1/accuracy"]\nthreshold = 1', "[answers]\nQ1 = 2", '[checks."1.1/unlisted"]\npoints = 1',
    )  # fmt: skip
    assert {read(text).sha256 for text in same} == {read().sha256}
    assert len({read().sha256, *(read(text).sha256 for text in other)}) == 1 + len(other)


def test_a_check_that_the_lab_does_not_list(read):
    """It may be given points, and is worth nothing until then."""
    assert read('[checks."1.1/unlisted"]\npoints = 1').points["1.1/unlisted"] == 1.0
    assert read('[checks."1.1/unlisted"]\nbonus = true').bonus == {"1.1/unlisted": 0.0}
    assert read('[checks."1.1/unlisted"]\nenabled = false').switched_off == {"1.1/unlisted"}


# ---- mistakes

HEAD = '[checks."1.1/sobel"]\n'
MISTAKES = {
    "no-toml": ("[answers]\npoints: 3", "no valid TOML: Expected '=' after a key in a key/value pair (at line 2"),
    "no-end": ('[lab]\ntitle = """x\n', "no valid TOML: Unterminated string (at line 3, the end"),
    "no-text": (b"[lab]\ntitle = '\xff'", "no valid TOML: no UTF-8 text (at line 2)"),
    "twice": ("[answers]\nQ1 = 1\nQ1 = 2", "no valid TOML: Cannot overwrite a value (at line 3"),
    "unknown-table": ("\n[chekcs]", "unknown table [chekcs] in line 2; did you mean 'checks'?"),
    "auto-answers": ("auto_answers = 1", "auto_answers of the rubric in line 1 must be true or false, not 1"),
    "auto-answers-of-lab": ("[lab]\nauto_answers = 'no'", "auto_answers of the lab in line 2 must be true"),
    "auto-answers-misspelled": ("[lab]\nauto_answer = true", "in line 2; did you mean 'auto_answers'?"),
    "unknown-key-on-top": ("points = 3", "unknown table [points] in line 1"),
    "table-a-list": ("checks = [1]", "[checks] in line 1 must be a table"),
    "tables-of-tables": ('[[checks]]\n"1.1/sobel" = 3', "[checks] in line 1 must be a table"),
    "unknown-check": (
        '# x\n\n[checks."4.1/acuracy"]\npoints = 3', "unknown check '4.1/acuracy' in line 3; did you mean '4.1/accuracy'?",
    ),
    "unknown-check-far": ('[checks."9/zzzzzz"]\npoints = 3', "unknown check '9/zzzzzz' in line 1"),
    "unknown-check-capitals": (
        '[checks."4.1/ACCURACY"]', "unknown check '4.1/ACCURACY' in line 1; did you mean '4.1/accuracy'?",
    ),
    "unknown-task": ('[tasks."4.2"]', "unknown task '4.2' in line 1; did you mean '4.1'?"),
    "task-without-quotes": ("[tasks.4.1]", "unknown task '4' in line 1; an id with a dot stands in quotes: [tasks.\"4.1\"]"),
    "unknown-question": ("[answers]\nQ1 = 1\nq2 = 1", "unknown question 'q2' in line 3; did you mean 'Q2'?"),
    "unknown-key": (HEAD + "pionts = 3", "unknown key 'pionts' of check '1.1/sobel' in line 2; did you mean 'points'?"),
    "unknown-key-of-a-task": ('[tasks."1.1"]\ntitel = ""', "unknown key 'titel' of task '1.1' in line 2; did you mean 'title'?"),
    "unknown-key-of-the-lab": ("[lab]\nname = ''", "unknown key 'name' of the lab in line 2"),
    "points-of-a-task": ('[tasks."1.1"]\npoints = 3', "unknown key 'points' of task '1.1' in line 2"),
    "no-threshold-there": (HEAD + "threshold = 3", "unknown key 'threshold' of check '1.1/sobel' in line 2; there is none to set"),
    "points-a-text": (HEAD + "points = '3'", "points of check '1.1/sobel' in line 2 must be a number that is not negative, not '3'"),
    "points-true": (HEAD + "points = true", "that is not negative, not true"),
    "points-negative": (HEAD + "points = -1", "that is not negative, not -1"),
    "points-nan": (HEAD + "points = nan", "that is not negative, not nan"),
    "points-infinite": (HEAD + "points = inf", "that is not negative, not inf"),
    "points-endless": (HEAD + f"points = {'9' * 400}", "that is not negative, not 9999"),
    "points-a-list": (HEAD + "points = [\n1,\n2]", "points of check '1.1/sobel' in line 2 must be"),
    "points-a-date": (HEAD + "points = 2024-01-01", "points of check '1.1/sobel' in line 2 must be"),
    "enabled-a-text": (HEAD + "enabled = 'no'", "enabled of check '1.1/sobel' in line 2 must be true or false, not 'no'"),
    "enabled-a-number": ('[tasks."1.1"]\nenabled = 0', "enabled of task '1.1' in line 2 must be true or false, not 0"),
    "bonus-a-number": (HEAD + "bonus = 3", "bonus of check '1.1/sobel' in line 2 must be true or false, not 3"),
    "threshold-a-text": ('[checks."4.1/accuracy"]\nthreshold = "low"', "threshold of check '4.1/accuracy' in line 2 must be a number, not 'low'"),
    "threshold-nan": ('[checks."4.1/accuracy"]\nthreshold = nan', "must be a number, not nan"),
    "title-a-number": ('[tasks."1.1"]\ntitle = 3', "title of task '1.1' in line 2 must be a text, not 3"),
    "check-a-number": ('[checks]\n"1.1/sobel" = 3', "check '1.1/sobel' in line 2 must be a table: [checks.\"1.1/sobel\"]"),
    "task-a-text": ('[tasks]\n"1.1" = "x"', "task '1.1' in line 2 must be a table"),
    "answer-negative": ("[answers]\nQ1 = -1", "points of question 'Q1' in line 2 must be"),
    "answer-a-table": ("[answers.Q1]\npoints = 1", "points of question 'Q1' in line 1 must be"),
    "lab-a-text": ('lab = "x"', "[lab] in line 1 must be a table"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "reason"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named(read, changes, reason):
    """One line names the file, the key, its line and, where there is one, the name that was meant."""
    with pytest.raises(RubricProblem) as refused:
        read(changes)
    text = str(refused.value)
    assert "mine.toml: " in text
    assert reason in text
    assert "\n" not in text
    assert refused.value.mistakes == 1


def test_all_mistakes_are_named_at_once(read):
    """Several mistakes are numbered in the order of their lines."""
    with pytest.raises(RubricProblem) as refused:
        read('[answers]\nQ9 = 1\n[checks."1.1/soble"]\n[answers2]\n[tasks."1.1"]\ntitle = 2')
    text = str(refused.value)
    assert "mine.toml has 4 mistakes: (1) unknown question 'Q9' in line 2" in text
    assert text.index("(2) unknown check '1.1/soble' in line 3") < text.index("(3) unknown table [answers2]")
    assert text.index("in line 4") < text.index("(4) title of task '1.1' in line 6")
    assert refused.value.mistakes == 4


def test_a_problem_travels_between_processes(read):
    """It is raised as it was where it has been pickled on its way."""
    with pytest.raises(RubricProblem) as refused:
        read("x = 1\ny = 2")
    again = pickle.loads(pickle.dumps(refused.value))
    assert (str(again), again.mistakes) == (str(refused.value), 2)


@pytest.mark.parametrize(("name", "reason"), [("none.toml", "No such file"), (".", "Is a directory")])
def test_a_rubric_that_cannot_be_read(tmp_path, read, name, reason):
    """A file that is missing, or a folder, is refused with the system's reason."""
    read()
    with pytest.raises(UsageProblem, match=reason):
        read_rubric("A lab", tmp_path / "own.toml", tmp_path / name, KNOWN)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        pytest.param(lambda text: "", "there is no [tasks] table", id="empty"),
        pytest.param(lambda text: text.replace('title = "Network"', ""), '[tasks."4.1"] in line 8 needs title', id="no-title"),
        pytest.param(
            lambda text: text.replace("points = 3", ""), '[checks."1.1/sobel"] in line 14 needs points',
            id="no-points",
        ),
    ],
)  # fmt: skip
def test_the_lab_s_own_is_whole(read, spoil, reason):
    """A lab's own rubric has a title for each task and points for each check it lists."""
    with pytest.raises(RubricProblem) as refused:
        read(own=spoil(OWN))
    assert reason in str(refused.value)


def test_without_a_list_of_questions(read):
    """Where a lab lists no questions, its own rubric may name any, and a file only those."""
    known = Known(checks=KNOWN.checks)
    assert set(read(known=known).answers) == {"Q1", "Q2"}
    with pytest.raises(RubricProblem, match="unknown question 'Q3' in line 2"):
        read("[answers]\nQ3 = 1", known=known)


# ---- lines

TEXT = '''# [checks."1.1/a"]
[lab]
title = """
[checks."1.1/a"]
points = 3
"""
[checks]   # not yet
"1.1/b" . points = 2

[checks."1.1/a"]
"points" = [
  1,  # ]
]
threshold = 3
[answers]
q.r = {points = 1}'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("lab",), 2),
        (("lab", "title"), 3),
        (("checks",), 7),
        (("checks", "1.1/b"), 8),
        (("checks", "1.1/b", "points"), 8),
        (("checks", "1.1/a"), 10),
        (("checks", "1.1/a", "points"), 11),
        (("checks", "1.1/a", "threshold"), 14),
        (("answers", "q", "r", "points"), 16),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else "",
)
def test_a_key_s_line(path, line):
    """Text in strings and comments is no key; a statement of several lines counts from its first."""
    assert line_of(TEXT, path) == line


def test_many_mistakes_are_found_quickly(read):
    """A file of a thousand lines with a hundred mistakes takes no time to speak of."""
    text = "".join(f'[checks."1.1/sobel{number}"]\n' + "\n" * 9 for number in range(100))
    started = time.monotonic()
    with pytest.raises(RubricProblem, match="100 mistakes"):
        read(text)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("changes", "auto"), [("", False), ("auto_answers = true", True), ("[lab]\nauto_answers = true", True)]
)
def test_verdicts_on_answers_count_only_where_they_are_let(read, changes, auto):
    """The switch is off unless an instructor's file has it, on top or among the lab's own keys."""
    assert read(changes).auto_answers is auto
