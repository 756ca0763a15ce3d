"""The audit: a fault that is missed, a right way that fails and an edit that does not fit are all told."""

from __future__ import annotations

import dataclasses

import pytest

from checks.cnn.faults import HAND_IN
from checks.kit.fault import Fault, HandIn, Rewrite, append_cell, drop_cell, read_cells, replace, write
from grader import audit_cases, labs
from grader.audit import Entry, Trial, judge, summarise, worst_first
from grader.audit_pool import run_cases
from grader.pages import render_audit
from grader.records import CheckResult, Settings
from grader.sandbox import choose

LAB = labs.load_lab("cnn")
FAULT = Fault("wrong-sign", "1.1/convolution", (), ("opposite sign",))
REWRITE = Rewrite("same", (), ("1.1",))


def result(check: str, status: str, message: str = "", hint: str = "") -> CheckResult:
    return CheckResult(check, check.partition("/")[0], "A claim", status, 0.0, 1.0, message, hint=hint)


def verdict(seeded, *results, problem=""):
    return judge(Entry("topic", seeded, ("1.1",)), Trial(results, problem=problem))


@pytest.mark.parametrize(
    ("results", "outcome"),
    [
        ([("1.1/convolution", "failed", "The opposite sign.")], "caught"),
        ([("1.1/convolution", "failed", "Something.")], "vague"),
        ([("1.1/convolution", "passed", "")], "missed"),
        ([("1.1/convolution", "skipped", ""), ("1.1/sobel", "failed", "Wrong.")], "elsewhere"),
        ([("1.1/convolution", "passed", ""), ("1.1/sobel", "failed", "Wrong.")], "elsewhere"),
        ([("1.1/convolution", "failed", "opposite sign"), ("1.1/sobel", "error", "Ours.")], "error"),
        ([], "missed"),
    ],
    ids=["caught", "vague", "missed", "skipped", "another", "error", "nothing"],
)
def test_a_fault_is_caught_by_the_named_check_alone(results, outcome):
    """Only a failure of the check that the fault names, in the fault's words, is a catch."""
    found = verdict(FAULT, *(result(*one) for one in results))
    assert found.outcome == outcome
    assert found.good == (outcome == "caught")


def test_words_may_stand_in_the_hint():
    """What a student reads counts, wherever it stands."""
    assert verdict(FAULT, result("1.1/convolution", "failed", "No.", hint="opposite sign")).good


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("passed", "passed"),
        ("manual", "passed"),
        ("failed", "false alarm"),
        ("skipped", "false alarm"),
        ("error", "error"),
    ],
)
def test_a_rewrite_passes_every_check(status, outcome):
    """Whatever does not pass, and is not left to a person, is a false alarm or a fault of ours."""
    assert verdict(REWRITE, result("1.1/sobel", "passed"), result("1.1/gaussian", status)).outcome == outcome


def test_a_problem_of_the_audit_is_no_verdict_on_the_checks():
    """A process that was lost is an error of ours, for faults and rewrites alike."""
    assert {verdict(one, problem="it ended").outcome for one in (FAULT, REWRITE)} == {"error"}


def test_the_summary_counts_by_task_and_in_all():
    """Each kind is counted with what went well of it, and the line of all comes last."""
    good = verdict(FAULT, result("1.1/convolution", "failed", "opposite sign"))
    lines = summarise([good, verdict(FAULT), verdict(REWRITE)])
    assert [(line.task, line.caught, line.faults, line.passed, line.rewrites) for line in lines] == [
        ("1.1", 1, 2, 1, 1),
        ("all", 1, 2, 1, 1),
    ]
    assert [one.outcome for one in worst_first([good, verdict(FAULT)])] == ["missed", "caught"]


def test_the_page_shows_misses_first_and_escapes():
    """What went wrong stands before what went well, and no text of a hand-in becomes a tag."""
    bad = dataclasses.replace(verdict(FAULT), difference="<script>alert(1)</script>")
    page = render_audit([verdict(REWRITE), bad])
    assert page.index("wrong-sign") < page.index(">same<")
    assert "<script>alert" not in page
    assert "0 of 1 faults caught" in page


def test_entries_that_do_not_fit_are_told_and_not_run():
    """A text that is not there, an unknown check and an unknown task are problems, not misses."""
    seeded = (
        Fault("a", "4.1/architecture", replace("not there", "")),
        Fault("b", "4.1/architectur", ()),
        Rewrite("c", (), ("4.9",)),
    )
    entries = [audit_cases.entry_of("topic", one, LAB, HAND_IN) for one in seeded]
    assert [entry.case for entry in entries] == [None] * 3
    found = [judge(entry, Trial()) for entry in entries]
    assert [one.outcome for one in found] == ["broken"] * 3
    assert ["not there" in found[0].message, "4.1/architectur" in found[1].message] == [True, True]


def test_a_case_runs_what_its_task_needs():
    """A fault of 4.1 loads no data; a dropped cell runs nothing more; an added one runs."""
    sources = [
        audit_cases.entry_of("topic", one, LAB, HAND_IN).case.sources
        for one in (
            Rewrite("a", write("utilities.py", "x = 1"), ("4.1",)),
            Rewrite("b", drop_cell("Xtrain.astype('float32')\nXval"), ("3.3",)),
            Rewrite("c", append_cell("print(7)"), ("1.1",)),
        )
    ]
    assert not any("cifar10" in source for source in sources[0])
    assert len(sources[1]) == 2
    assert sources[2][-1] == "print(7)"


@pytest.mark.parametrize("lab", labs.lab_ids())
def test_every_seeded_edit_fits_its_hand_in(lab):
    """No entry of any lab is broken, no two have one name, and each says what it changes."""
    entries = audit_cases.entries(labs.load_lab(lab))
    assert [f"{entry.name}: {entry.problem}" for entry in entries if entry.problem] == []
    unchanged = [one.name for one in entries if not one.difference and isinstance(one.seeded, Fault)]
    assert unchanged == []


SMALL = HandIn(
    read_cells("""
# %% [markdown]
# ## 1.1 Filters

# %%
import numpy as np
import scipy
from scipy.signal import convolve2d, correlate2d
image = scipy.datasets.ascent()
sobelX = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
sobelY = sobelX.T
x = np.arange(-7.0, 8)
gaussFilter = np.exp(-(x**2 + x[:, None]**2) / 32)
gaussFilter = gaussFilter / gaussFilter.sum()

# %%
filterResponseGauss = convolve2d(image, gaussFilter)
filterResponseSobelX = convolve2d(image, sobelX)
filterResponseSobelY = convolve2d(image, sobelY)
""")
)
SEEDED = (
    Rewrite("as-it-is", (), ("1.1",)),
    Fault("correlated", "1.1/convolution", replace("convolve2d(image, sobelX)", "correlate2d(image, sobelX)")),
    Fault("missed-on-purpose", "1.1/gaussian", replace("import scipy", "import scipy  # no fault")),
    Fault("caught-by-another", "1.1/convolution", replace("convolve2d(image, sobelY)", "image")),
    Rewrite("false-alarm-on-purpose", replace("convolve2d(image, gaussFilter)", "image"), ("1.1",)),
    Fault("ends-the-process", "1.1/gaussian", append_cell("import os\nos._exit(1)")),
    Rewrite("leaves-a-mess", append_cell("import sys, os\nimage = np = None\nos.chdir('/')\nsys.path.clear()"), ("1.1",)),
    Rewrite("after-the-mess", (), ("1.1",)),
    Fault("name-of-an-earlier-case", "1.1/gaussian", replace("filterResponseGauss =", "other =")),
    Fault("module-of-an-earlier-case", "1.1/gaussian", replace("filterResponseGauss =", "from mine import a as filterResponseGauss\nb ="), ("mine",)),
)  # fmt: skip
EXPECTED = {
    "as-it-is": "passed", "correlated": "caught", "missed-on-purpose": "missed",
    "caught-by-another": "elsewhere", "false-alarm-on-purpose": "false alarm", "ends-the-process": "missed",
    "leaves-a-mess": "passed", "after-the-mess": "passed", "name-of-an-earlier-case": "caught",
    "module-of-an-earlier-case": "caught",
}  # fmt: skip


def test_cases_are_judged_on_one_warm_kernel(given, tmp_path):
    """Each case is judged as if it were alone: nothing of an earlier one is left, whatever it did."""
    settings = Settings(out=tmp_path, visible=given, data="built-in", sandbox=choose("auto")[0])
    entries = {one.name: audit_cases.entry_of("topic", one, LAB, SMALL) for one in SEEDED}
    found = {}

    def done(name, trial):
        found[name] = judge(entries[name], trial)

    assert run_cases("cnn", [entry.case for entry in entries.values()], settings, 1, done)
    assert {name: one.outcome for name, one in found.items()} == EXPECTED
    assert "1.1/sobel says" in found["caught-by-another"].message


def test_a_sample_of_the_audit_holds(given, tmp_path):
    """Faults and rewrites of the quick tasks, drawn from the lab's own, end as they should."""
    settings = Settings(out=tmp_path, visible=given, data="built-in", sandbox=choose("auto")[0])
    quick = [one for one in audit_cases.entries(LAB) if {*one.tasks} <= {"1.1", "3.2", "3.4"}]
    entries = {one.name: one for one in quick[:: max(1, len(quick) // 8)]}
    found = {}

    def done(name, trial):
        found[name] = judge(entries[name], trial)

    assert run_cases("cnn", [entry.case for entry in entries.values()], settings, 1, done)
    assert len(found) == len(entries) >= 8
    assert {name: one.message for name, one in found.items() if not one.good} == {}
