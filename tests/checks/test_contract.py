"""What holds for every check of every lab."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import checks
from checks.kit import Check, Lab
from grader import labs

LABS = [labs.load_lab(lab) for lab in labs.lab_ids()]
CHECKS = [
    pytest.param(lab, check, id=f"{lab.id}-{check.id}") for lab in LABS for check in labs.every_check(lab)
]
each_lab = pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.id)
each_check = pytest.mark.parametrize(("lab", "check"), CHECKS)


@each_check
def test_the_title_is_a_claim(lab: Lab, check: Check) -> None:
    """A title is one line that says what holds, not a name, a question or an order."""
    assert re.match(r"[A-Za-z`]", check.title)
    assert len(check.title.split()) >= 4
    assert len(check.title) <= 110
    assert not check.title.endswith((".", "?", "!", ":"))
    assert not re.match(
        r"(check|test|verify|make sure|whether|whenever|ensure)s?\b", check.title, re.IGNORECASE
    )


@each_check
def test_the_id_is_made_for_reading(lab: Lab, check: Check) -> None:
    """An id is its task and a word or two, in small letters."""
    task, _, name = check.id.partition("/")
    assert task == check.task
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)


@each_check
def test_the_rubric_knows_the_check(lab: Lab, check: Check) -> None:
    """A check's task has a title and says what was asked, and the check is worth something.

    Those of the full level are not, since their thresholds are not calibrated.
    """
    rubric = labs.load_rubric(lab)
    task = next((task for task in rubric.tasks if task.id == check.task), None)
    assert task is not None
    assert task.title
    assert task.asked.endswith(".")
    assert ({**rubric.points, **rubric.bonus}[check.id] > 0) != check.full


@each_check
def test_what_is_needed_comes_before(lab: Lab, check: Check) -> None:
    """A check needs only checks of its own lab that are judged before it."""
    order = labs.every_check(lab)
    for need in check.needs:
        assert need in order
        assert order.index(need) < order.index(check)


@each_lab
def test_ids_and_titles_are_unique(lab: Lab) -> None:
    """No two checks of a lab share an id or a title."""
    found = labs.every_check(lab)
    assert len({check.id for check in found}) == len(found)
    assert len({check.title for check in found}) == len(found)


@each_lab
def test_every_entry_of_the_rubric_has_a_check(lab: Lab) -> None:
    """No points stand in a rubric that no check can give, and no task in which nothing is asked."""
    rubric = labs.load_rubric(lab)
    found = labs.every_check(lab)
    asked = {about["task"] for about in questions(lab).values()}
    assert {*rubric.points, *rubric.bonus} == {check.id for check in found}
    assert {task.id for task in rubric.tasks} <= {check.task for check in found} | asked


@each_lab
def test_every_question_has_points(lab: Lab) -> None:
    """The rubric gives points to each written question, and to no other."""
    assert set(labs.load_rubric(lab).answers) == set(questions(lab))


def questions(lab: Lab) -> dict[str, dict[str, str]]:
    """The written questions of a lab by id."""
    place = Path(checks.__file__).parent / lab.id / "answers.toml"
    return dict(tomllib.loads(place.read_text("utf-8"))["questions"]) if place.exists() else {}


@each_lab
def test_the_points_sum_to_100(lab: Lab) -> None:
    """Without bonus, the points of all checks and all written answers of a lab are 100."""
    rubric = labs.load_rubric(lab)
    assert sum(rubric.points.values()) + sum(rubric.answers.values()) == pytest.approx(100)


@each_lab
def test_the_tasks_are_in_order(lab: Lab) -> None:
    """The rubric names the tasks in the order of the lab."""
    tasks = [task.id for task in labs.load_rubric(lab).tasks]
    assert tasks == sorted(tasks, key=lambda task: [int(part) for part in re.findall(r"\d+", task)])


@each_lab
def test_watched_spellings_are_apart(lab: Lab) -> None:
    """No spelling belongs to two variables, and each variable's own name is the last of its spellings."""
    spellings = [spelling for _, names in lab.watch for spelling in names]
    assert len(set(spellings)) == len(spellings)
    for variable, names in lab.watch:
        assert names[-1] == variable
