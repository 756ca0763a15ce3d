"""Which sandbox is chosen, and what is said where there is none."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from grader import sandbox
from grader.errors import UsageProblem


def fake_bwrap(folder: Path, script: str) -> str:
    """A search path with a program called bwrap that does what the script says."""
    program = folder / "bwrap"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(folder)


class TestChoose:
    """The words of ``--sandbox``."""

    def test_bubblewrap_where_it_works(self, needs_bubblewrap):
        """``auto`` and ``bubblewrap`` choose it, and have nothing to warn of."""
        assert sandbox.choose("auto") == ("bubblewrap", "")
        assert sandbox.choose("bubblewrap") == ("bubblewrap", "")

    def test_none_warns(self):
        """``none`` is obeyed, with a warning that says what it means."""
        name, warning = sandbox.choose("none")
        assert name == "none"
        assert "your own rights" in warning

    def test_an_unknown_word(self):
        """Any other word is refused with those that exist."""
        with pytest.raises(UsageProblem, match="'docker'; use auto, bubblewrap or none"):
            sandbox.choose("docker")

    @pytest.mark.parametrize(
        ("script", "reason"),
        [
            pytest.param(None, "bubblewrap is missing", id="missing"),
            pytest.param(
                "echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1",
                "bubblewrap does not work here (setting up uid map: Permission denied)",
                id="forbidden",
            ),
            pytest.param("exit 1", "bubblewrap does not work here (no reason given)", id="silent"),
        ],
    )
    def test_without_bubblewrap(self, monkeypatch, tmp_path, script, reason):
        """Where it does not work ``auto`` warns with the reason and the cure, and ``bubblewrap`` refuses."""
        monkeypatch.setenv("PATH", fake_bwrap(tmp_path, script) if script else str(tmp_path))
        assert sandbox.why_not() == reason
        name, warning = sandbox.choose("auto")
        assert name == "none"
        assert reason in warning
        assert sandbox.CURE in warning
        with pytest.raises(UsageProblem) as refused:
            sandbox.choose("bubblewrap")
        assert reason in str(refused.value)
        assert sandbox.CURE in str(refused.value)

    def test_a_program_that_is_none(self, monkeypatch, tmp_path):
        """A file called bwrap that is no program is a reason too, not a crash."""
        (tmp_path / "bwrap").write_bytes(b"\x7fELF nonsense")
        (tmp_path / "bwrap").chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        assert sandbox.why_not() == "bubblewrap does not start (OSError)"
