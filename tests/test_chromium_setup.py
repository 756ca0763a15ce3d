"""``make test`` installs Chromium where it can, and says one line where it cannot; it never fails."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "chromium.sh"
TOOLS = ("bash", "dirname", "find", "touch", "timeout")
INSTALLS = (
    '[[ "$*" == *--no-download* ]] && printf "#!/bin/bash\\n" > "$BIN/chromium" && chmod +x "$BIN/chromium"'
)


@pytest.fixture
def system(tmp_path):
    """A system with these programs and no others, and a copy of the script in a checkout."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (tmp_path / ".venv").mkdir()
    (tmp_path / "scripts").mkdir()
    shutil.copy(SCRIPT, tmp_path / "scripts")
    for name in TOOLS:
        (folder / name).symlink_to(shutil.which(name))
    shutil.copy(shutil.which("chmod"), folder / "chmod")

    def run(user, **programs):
        for name, text in {"id": f"echo {user}", **programs}.items():
            (folder / name).write_text(f"#!/bin/bash\n{text}\n")
            (folder / name).chmod(0o755)
        return subprocess.run(
            [shutil.which("bash"), tmp_path / "scripts" / SCRIPT.name],
            env={"PATH": str(folder), "BIN": str(folder)},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,  # it never fails
        )

    return run


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome"])
def test_where_there_is_one_nothing_is_done(system, name):
    """Neither a line nor a call of apt."""
    assert system(0, **{name: "", "apt-get": "echo called >&2"}).stdout == ""


def test_root_installs_it(system):
    """It is loaded first, then unpacked; the next run finds it."""
    assert "installed Chromium" in system(0, **{"apt-get": f"{INSTALLS}; exit 0"}).stdout
    assert system(0).stdout == ""


@pytest.mark.parametrize(
    ("user", "programs", "words"),
    [
        (0, {}, "no apt"),
        (1000, {"apt-get": "exit 0"}, "only root"),
        (0, {"apt-get": "exit 100"}, "apt could not"),
        (0, {"apt-get": "exit 0"}, "apt could not"),  # it says that it did, and there is none
    ],
    ids=["no apt", "no root", "no network", "no such package"],
)
def test_what_cannot_be_done_is_one_line(system, user, programs, words):
    """It says that tests are skipped, why, and what to do."""
    last = system(user, **programs).stdout.splitlines()[-1]
    assert words in last
    assert "skipped" in last
    assert "apt install chromium" in last


def test_a_failed_attempt_is_not_repeated_at_once(system):
    """Without a network each run of the tests would wait for it."""
    system(0, **{"apt-get": "exit 100"})
    again = system(0, **{"apt-get": "echo called >&2; exit 100"})
    assert "less than a day ago" in again.stdout
    assert again.stderr == ""
