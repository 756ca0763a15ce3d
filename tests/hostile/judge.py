"""What came of each hostile submission, held against what must come of it."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.names import readable
from tests.hostile.case import FULL, Case

TIMES = ("seconds", "phases", "peak_mib")
REACHED = "REACHED"


@dataclass(frozen=True)
class Outcome:
    """A submission's result, ``None`` where there is none, and each expectation that was not met."""

    case: Case
    result: Any
    seconds: float
    faults: tuple[str, ...]

    @property
    def happened(self) -> str:
        """In a few words."""
        if self.result is None:
            return "no result"
        run = self.result["execution"]["status"]
        return f"{self.result['status']}, {run}, {self.result['score']:g} of {self.result['max_score']:g}"

    @property
    def told(self) -> str:
        """What the student reads first."""
        if self.result is None:
            return ""
        execution = self.result["execution"]
        first = execution["first_error"]
        raised = f"cell {first['cell']}: {first['ename']}: {first['evalue']}" if first else ""
        failed = next((one["message"] for one in self.result["checks"] if one["status"] == "failed"), "")
        parts = (self.result["problem"], self.result["note"], execution["note"], raised, failed)
        return " ".join(next((part for part in parts if part), "").split())


def judge(case: Case, found: Mapping[str, Path], seconds: Mapping[str, float]) -> Outcome:
    """Judge one submission by the files that were written for it; ``found`` are the folders by student."""
    folder = found.get(readable(case.student))
    if folder is None:
        return Outcome(case, None, 0.0, ("no result was written",))
    result = json.loads((folder / "result.json").read_text("utf-8"))
    faults = (*_of_result(case, result), *_of_pages(case, folder, result))
    return Outcome(case, result, seconds.get(folder.name, 0.0), faults)


def _of_result(case: Case, result: Any) -> Iterable[str]:
    expect, run = case.expect, result["execution"]["status"]
    if result["status"] != expect.status:
        yield f"its status is {result['status']}, not {expect.status} ({result['problem']})"
    if not expect.least <= result["score"] <= expect.most:
        yield f"its score is {result['score']:g}, not {expect.least:g} to {expect.most:g}"
    if expect.run and run not in expect.run:
        yield f"its run is {run}, not {' or '.join(expect.run)}"
    if result["status"] == "graded" and result["max_score"] != FULL:
        yield f"{result['max_score']:g} points are counted, not {FULL:g}"
    for check in result["checks"]:
        if check["status"] == "error":
            yield f"{check['id']} is an error: {check['message']}"
    for kind in set(expect.findings) - {finding["kind"] for finding in result["findings"]}:
        yield f"there is no finding of the kind {kind}"


def _of_pages(case: Case, folder: Path, result: Any) -> Iterable[str]:
    page = html.unescape(re.sub(r"<[^<>]*>", "", (folder / "feedback.html").read_text("utf-8")))
    for words in case.expect.says:
        if words not in page:
            yield f"the page does not say {words!r}"
    executed = folder / "executed.ipynb"
    if executed.is_file() != (result["status"] == "graded"):
        yield "executed.ipynb is there, or is not, against its status"
    if executed.is_file() and REACHED in printed(json.loads(executed.read_text("utf-8"))):
        yield f"it got out: {[line for line in printed(json.loads(executed.read_text('utf-8'))).splitlines() if REACHED in line]}"


def printed(notebook: Any) -> str:
    """All outputs of an executed notebook, as text."""
    return "\n".join(
        "".join(output["text"]) if "text" in output else json.dumps(output)
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
    )


def results_in(out: Path) -> dict[str, Path]:
    """Each student's folder."""
    return {
        json.loads(path.read_text("utf-8"))["student"]: path.parent
        for path in sorted(out.glob("*/result.json"))
    }


def comparable(folder: Path) -> dict[str, str]:
    """A student's files without times, byte for byte as sums; the page without its durations."""
    result = _without_times(json.loads((folder / "result.json").read_text("utf-8")))
    page = (folder / "feedback.html").read_text("utf-8")
    page = re.sub(r"\d[\d.,]*(?: min \d+)? (?:s|MiB)\b", "", page)
    executed = json.loads((folder / "executed.ipynb").read_text("utf-8"))
    for cell in executed["cells"]:
        cell["metadata"].pop("execution", None)  # when it ran
    return {
        "result.json": json.dumps(result, indent=2),
        "feedback.html": page,
        "executed.ipynb": json.dumps(executed, indent=1),
    }


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_times(item) for key, item in value.items() if key not in TIMES}
    return [_without_times(item) for item in value] if isinstance(value, list) else value


def state_of(folder: Path) -> dict[str, str]:
    """Every file, link and folder below ``folder`` with what it holds, to see what changes."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            found[str(path)] = f"link to {path.readlink()}"
        elif path.is_file():
            found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            found[str(path)] = "folder" if path.is_dir() else "special"
    return found
