"""The verdicts, on rules made up here: half a truth, a denial or a second number leaves it to a person."""

from __future__ import annotations

import pytest

from grader.judging.judge import LONGEST, judge
from grader.judging.rules import read_rules

RULES = read_rules(
    {
        "questions": {
            "Q1": {
                "text": "What is the size?",
                "facts": [
                    {"idea": "the size", "says": ["15x15"]},
                    {"idea": "the number", "says": ["≈25583592"]},
                ],
                "exact": True,
                "numbers": ["3x3", 4],
                "wrong": [{"because": "That is the response.", "says": ["526x526"]}],
            },
            "Q2": {
                "text": "Why?",
                "facts": [
                    {"idea": "it shrinks", "says": ["shrink*", "smaller"]},
                    {"idea": "nothing is left", "says": ["nothing .. left"]},
                ],
                "wrong": [{"because": "It does not grow.", "says": ["grow*"]}],
                "doubts": [{"because": "It depends.", "says": ["depend*"]}],
                "beside": ["not padding"],
            },
            "Q3": {
                "text": "How much?",
                "own": {"pairs": ["from #a to #b", "without #a .. with #b"], "trend": True, "ordered": True},
            },
            "Q4": {"text": "Why not?"},
        },
        "doubts": [{"because": "Not sure.", "says": ["not sure"]}],
    }
)
PRINTED = (0.5240, 0.5615, 0.61)


@pytest.mark.parametrize(
    ("question", "text", "verdict", "reason"),
    [
        ("Q1", "15 by 15 and 25,6 miljoner", "likely_right", "what a right answer holds: the size and the number"),
        ("Q1", "15x15", "unclear", "It says the size; not found: the number."),
        ("Q1", "15x15 and 25 583 592, or 17", "unclear", "a number that is not expected"),
        ("Q1", "526 × 526", "likely_wrong", "That is the response."),
        ("Q1", "17x17", "likely_wrong", "not the number asked for"),
        ("Q1", "16x16", "unclear", "a number that is not expected"),
        ("Q1", "not 17x17", "unclear", "a number that is not expected"),
        ("Q2", "Maps shrink until nothing is left.", "likely_right", "it shrinks and nothing is left"),
        ("Q2", "Maps shrink.", "unclear", "not found: nothing is left"),
        ("Q2", "Maps do not shrink, so nothing is left.", "unclear", "this does not hold: it shrinks"),
        ("Q2", "Maps shrink until nothing is left, so grow.", "unclear", "Part of it may be right"),
        ("Q2", "They grow.", "likely_wrong", "It does not grow."),
        ("Q2", "They do not grow.", "unclear", "Not found"),
        ("Q2", "They shrink, nothing is left, which is no problem.", "unclear", "denies something"),
        ("Q2", "They shrink without padding, nothing is left.", "likely_right", "it shrinks"),
        ("Q2", "They shrink, nothing is left. It depends.", "unclear", "It depends."),
        ("Q2", "They shrink, nothing is left. I am not sure.", "unclear", "Not sure."),
        ("Q2", "They shrink, nothing is left?", "unclear", "It asks something itself."),
        ("Q2", "They shrink, nothing is left. " + "Word " * LONGEST, "unclear", "too long"),
        ("Q3", "from 0.524 to 56.15 %", "likely_right", "among those that the notebook printed"),
        ("Q3", "It increased from 0,524 to 0,5615, 3.75 percentage points", "likely_right", "printed"),
        ("Q3", "It increased from 0.524 to 0.5615, by 7 %", "unclear", "none that"),
        ("Q3", "It decreased from 0.524 to 0.5615", "likely_wrong", "does not fit its own two numbers"),
        ("Q3", "It went from 0.5615 to 0.5240", "unclear", "the other way round"),
        ("Q3", "from 0.51 to 0.60", "unclear", "none that the notebook's saved outputs show"),
        ("Q3", "It improved.", "unclear", "not found"),
        ("Q4", "Because.", "unclear", "no rule"),
        ("Q5", "Because.", "unclear", "no rule"),
    ],
)  # fmt: skip
def test_verdicts(question, text, verdict, reason):
    """Each verdict has its reason, and quotes what stands in the answer."""
    found = judge(question, text, RULES, PRINTED)
    assert (found.verdict, reason in found.reason) == (verdict, True), found
    assert all(" ".join(said.split()) in " ".join(text.split()) for said in found.words)


def test_without_outputs_a_claim_stays_a_claim():
    """Numbers that cannot be compared are never called right, but may contradict themselves."""
    assert judge("Q3", "from 0.524 to 0.5615", RULES).verdict == "unclear"
    assert judge("Q3", "It got worse, from 0.524 to 0.5615", RULES).verdict == "likely_wrong"


def test_the_words_are_those_it_rests_on():
    """Words close together are one quotation, and each is the answer's own."""
    found = judge("Q2", "The maps shrink in each layer until there is nothing at all left.", RULES)
    assert found.words == ("shrink", "nothing at all left")
