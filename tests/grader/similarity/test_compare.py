"""Copies are found in every disguise, and honest students are not."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest

from grader import labs
from grader.similarity.compare import SHOWN, similar
from grader.similarity.given import given_in
from grader.similarity.levels import load_levels
from grader.similarity.records import Level, Levels, Part, Work
from tests.grader.similarity.students import WHOLE, demo, honest, hostile, reworded, solutions

SHORTEST = "kim"  # of project4: what is left of it in a class of seven is too little
COPIED = ("bilal", "carla", "edda", "farid", "hiro", "ben")  # who wrote enough of their own


def found(*works: Work, levels=load_levels):
    return similar(works, given_in, levels)


def named(name: str) -> Work:
    return next(work for work in honest() if work.slug == name)


def copy_of(work: Work, disguise=WHOLE["as it is"], seed: int = 0) -> Work:
    return replace(disguise(work, random.Random(seed)), student="zoe", slug="zoe")


def between(result) -> set[tuple[str, str]]:
    return {(pair.left.slug, pair.right.slug) for pair in result.pairs}


def test_no_honest_class_is_accused():
    """Solutions and demo hand-ins with answers of their own give no pair, all in one class."""
    assert len(solutions()) >= 8
    result = found(*honest())
    assert (result.compared, result.pairs) == (len(solutions()) + len(demo()), ())


@pytest.mark.parametrize("start", range(4))
def test_no_honest_two_are_accused(start):
    """Nor do two of them alone, where the class cannot show what everybody writes."""
    pairs = list(itertools.combinations(honest(), 2))[start::12]
    assert [(a.slug, b.slug) for a, b in pairs if found(a, b).pairs] == []


def test_the_second_lab_accuses_nobody_honest():
    """Solutions of project4 give no pair, in one class and in twos."""
    works = honest("project4")
    assert len(works) >= 6
    assert found(*works).pairs == ()
    pairs = itertools.combinations(works, 2)
    assert [(a.slug, b.slug) for a, b in pairs if found(a, b).pairs] == []


def test_the_second_lab_finds_copies():
    """A copy with other names, order and comments is found: of the shortest between two, of others in a class."""
    works = honest("project4")
    for work in works:
        copy = copy_of(work, WHOLE["all of it"])
        result = found(work, copy) if work.slug == SHORTEST else found(*works, copy)
        assert between(result) == {(work.slug, "zoe")}, work.slug


@pytest.mark.parametrize("disguise", WHOLE, ids=str)
def test_copies_are_found(disguise):
    """A whole copy is found in every disguise, among honest students, and nobody else is named."""
    for name in COPIED:
        others = [work for work in honest() if work.slug != name][:5]
        result = found(*others, named(name), copy_of(named(name), WHOLE[disguise]))
        assert between(result) == {(name, "zoe")}, name
        assert result.pairs[0].passages


def test_one_function_is_found():
    """Who takes only build_CNN and its helpers from somebody, and writes the rest, is found."""
    taken = [part for part in named("carla").code if part.place == "utilities.py"]
    zoe = replace(named("jonas"), student="zoe", slug="zoe")
    zoe = replace(zoe, code=(*(part for part in zoe.code if part.place != "utilities.py"), *taken))
    (pair,) = found(named("carla"), zoe).pairs
    assert {passage.left.place for passage in pair.passages} == {"utilities.py"}
    assert pair.text.tokens == 0


def test_answers_alone_are_found():
    """So is who takes only the answers, and changes a word here and there."""
    zoe = copy_of(replace(named("agnes"), text=named("edda").text), reworded(0.1))
    (pair,) = found(named("edda"), zoe, named("bilal")).pairs
    assert {passage.kind for passage in pair.passages} == {"text"}
    assert pair.passages[0].left.place == pair.passages[0].right.place


def test_passages_show_both_sides():
    """A passage gives the lines of both, under their own names, with the cells that hold them."""
    pair = found(named("carla"), copy_of(named("carla"), WHOLE["renamed"])).pairs[0]
    longest = next(one for one in pair.passages if "def experiment" in one.left.text)
    assert longest.left.place.startswith("cell ")
    assert "def experiment" not in longest.right.text
    assert "def " in longest.right.text


def test_what_a_third_has_is_the_courses():
    """Of a function that three of six have, nobody has copied it; two of six are a pair."""
    helper = named("carla").code[-1]
    six = [replace(work, code=work.code[:-1], text=()) for work in honest()[:6]]
    three = [replace(work, code=(*work.code, helper)) for work in six[:3]]
    two = [*three[:2], *six[2:]]
    assert found(*three, *six[3:]).pairs == ()
    assert len(found(*two).pairs) == 1


def test_the_handout_is_nobodys():
    """Two who hand in the handout, or the lab's own solution, share nothing of their own."""
    for lab in labs.lab_ids():
        for given in given_in(lab):
            works = [replace(given, student=name, slug=name) for name in ("ada", "ben")]
            assert found(*works).pairs == ()


def test_the_same_people_are_no_pair():
    """Who hands in twice is not compared with themselves, and does not make their own work the course's."""
    twice = [
        replace(named("farid"), student=name, slug=name) for name in ("Farid Z", "farid z (2)", "z_farid")
    ]
    assert found(*twice).pairs == ()
    result = found(*twice, copy_of(named("farid")))
    assert {pair.right.slug for pair in result.pairs} | {pair.left.slug for pair in result.pairs} >= {"zoe"}
    assert len(result.pairs) == 3


def test_labs_are_kept_apart():
    """Submissions of two labs are not compared, nor those of a lab without levels."""
    other = replace(copy_of(named("farid")), lab="project4")
    assert found(named("farid"), other).pairs == ()
    assert found(named("farid"), copy_of(named("farid")), levels=lambda _lab: None).compared == 0


def test_pairs_are_sorted_by_strength():
    """The strongest first, whatever the order of the submissions, and no more than can be read."""
    half = replace(copy_of(named("hiro")), slug="half", student="half", code=named("hiro").code[-2:])
    works = [named("carla"), replace(copy_of(named("carla")), slug="xia", student="xia"), named("hiro"), half]
    result = found(*works)
    assert [pair.strength for pair in result.pairs] == sorted(
        (p.strength for p in result.pairs), reverse=True
    )
    assert found(*reversed(works)) == result
    assert len(result.pairs) == 2


def test_a_class_of_copies_is_bounded():
    """Hostile submissions end soon, and what is reported of them can be read."""
    result = found(*hostile(12))
    assert len(result.pairs) <= SHOWN
    assert all(len(passage.left.text) < 2_100 for pair in result.pairs for passage in pair.passages)


def test_a_level_of_one_is_reached():
    """The honest are kept apart by the level alone: with the lowest there are pairs."""
    low = Level(least=1, share=0.01, passage=16)
    assert found(*honest(), levels=lambda _lab: Levels(low, low)).pairs


def test_empty_and_short_work():
    """Nothing to compare is no fault."""
    bare = [
        Work(name, name, "cnn", (Part("cell 1", code),))
        for name, code in (("a", ""), ("b", "x"), ("c", "  \n"))
    ]
    assert found(*bare).pairs == ()
    assert found().compared == 0


@pytest.mark.parametrize("lab", labs.lab_ids())
def test_each_lab_has_levels(lab):
    """The levels of a lab stand beside its rubric."""
    levels = load_levels(lab)
    assert levels is not None
    assert levels.code.passage < levels.code.least
