"""Where student code runs: bubblewrap, or nothing on a student's own machine; a watchdog around both.

The only module that knows bubblewrap. A sandbox is a command line that is put before the kernel's.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import site
import subprocess
import sys
import sysconfig
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from grader import seccomp, watchdog
from grader.errors import UsageProblem
from grader.limits import MIB, Limits

SandboxName = Literal["bubblewrap", "none"]
NOBODY = "65534"
CARDS = "CUDA_VISIBLE_DEVICES"
CURE = "install it with: sudo apt install bubblewrap"
OURS = ("grader", "checks", "reference")  # what a submission must not see where labgrade is installed
WINDOWS = ("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "PROCESSOR_ARCHITECTURE", "APPDATA")
SYSTEM = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin")
KERNEL_FILES = ("/proc/sys", "/proc/irq", "/proc/bus", "/proc/sysrq-trigger")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/fonts", "/etc/alternatives", "/etc/localtime", "/etc/mime.types")


@dataclass(frozen=True)
class Room:
    """The folders of one submission's run.

    ``home`` is the only place the submission may write to, ``lab`` (inside it) where it starts.
    ``sockets`` holds the kernel's channels, ``code`` the kernel module, ``given`` the data; the
    latter two are read-only for it. ``watch`` is the watchdog's, and not seen by it. ``threads`` are
    those that numerical libraries may use for one operation.
    """

    home: Path
    sockets: Path
    code: Path
    given: Path
    watch: Path
    threads: int = 2

    @property
    def ending(self) -> Path:
        """The file that says how the sandbox ended."""
        return self.watch / "ending.json"

    @property
    def lab(self) -> Path:
        """The submission's working folder."""
        return self.home / "lab"


def choose(wanted: str) -> tuple[SandboxName, str]:
    """The sandbox to use for ``auto``, ``bubblewrap`` or ``none``, and a one-line warning or ``""``.

    Raises:
        UsageProblem: bubblewrap was demanded and does not work here, or the name is unknown.
    """
    if wanted == "none":
        return "none", "isolation is off (--sandbox none): submissions run with your own rights"
    if wanted not in ("auto", "bubblewrap"):
        raise UsageProblem(f"unknown sandbox {wanted!r}; use auto, bubblewrap or none")
    problem = why_not()
    if not problem:
        return "bubblewrap", ""
    if wanted == "bubblewrap":
        raise UsageProblem(f"{problem}; {CURE}, or use --sandbox none for code you trust")
    return "none", f"isolation is reduced: {problem}, so submissions run with your own rights; {CURE}"


def why_not() -> str:
    """Why bubblewrap cannot be used here, or ``""`` if it was tried and works."""
    program = shutil.which("bwrap")
    if program is None:
        return "bubblewrap is missing"
    trial = [program, "--unshare-all", "--uid", NOBODY, "--die-with-parent", "--ro-bind", "/", "/", "true"]
    try:
        done = subprocess.run(trial, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not start ({type(error).__name__})"
    if done.returncode == 0:
        return ""
    lines = done.stderr.strip().splitlines() or ["no reason given"]
    return f"bubblewrap does not work here ({lines[-1].removeprefix('bwrap: ')})"


def environment(room: Room) -> dict[str, str]:
    """The whole environment of the student's process; of the grader's own only what its system needs."""
    home = str(room.home)
    cards = {CARDS: os.environ[CARDS]} if CARDS in os.environ else {}  # those of this submission alone
    return {
        **_of_this_system(home),
        **cards,
        "HOME": home,
        "USER": "student",
        "LOGNAME": "student",
        "LANG": "C.UTF-8",
        "TMPDIR": f"{home}/tmp",  # noqa: S108 - the submission's own
        "MPLCONFIGDIR": f"{home}/.config/matplotlib",
        "IPYTHONDIR": f"{home}/.ipython",
        "JUPYTER_RUNTIME_DIR": f"{home}/.jupyter",
        "KERAS_HOME": f"{home}/.keras",
        "LAB_DATA": str(room.given / "lab"),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_NUM_INTRAOP_THREADS": str(room.threads),
        "TF_NUM_INTEROP_THREADS": "1",
        "OMP_NUM_THREADS": str(room.threads),
        "OPENBLAS_NUM_THREADS": str(room.threads),
        # pip would try the network for half a minute before it gives up
        "PIP_RETRIES": "0",
        "PIP_NO_INPUT": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


def _of_this_system(home: str) -> dict[str, str]:
    """Where programs are found, and the packages that a user has installed for himself."""
    scripts = sysconfig.get_path("scripts")
    own = {"PYTHONUSERBASE": site.getuserbase()} if site.ENABLE_USER_SITE else {}
    if os.name != "nt":
        return {**own, "PATH": f"{scripts}:/usr/local/bin:/usr/bin:/bin"}
    kept = {name: os.environ[name] for name in WINDOWS if name in os.environ}
    path = os.pathsep.join([scripts, os.environ.get("PATH", "")])
    temporary = dict.fromkeys(("TEMP", "TMP"), f"{home}/tmp")  # noqa: S108 - the submission's own
    return {**own, **kept, **temporary, "PATH": path, "USERPROFILE": home}


def wrap(command: list[str], room: Room, name: SandboxName, limits: Limits) -> list[str]:
    """The command line that runs ``command`` in the sandbox, watched, with the environment set.

    On a student's own machine, which may be of any kind, nothing may be there to watch with.
    """
    if name == "none" and not watchdog.works_here():
        return command
    program = seccomp.program() if name == "bubblewrap" else b""
    allowed = room.watch / "calls.bpf"
    allowed.write_bytes(program)
    order = watchdog.Order(
        memory_bytes=int(limits.memory_mib * MIB),
        processes=int(limits.processes),
        disk_bytes=int(limits.disk_mib * MIB),
        folders=(str(room.home), str(room.sockets)),
        grader=os.getpid(),
        ending=str(room.ending),
        filter=str(allowed) if program else "",
        sandboxed=name == "bubblewrap",
    )
    written = room.watch / "order.json"
    written.write_text(json.dumps(asdict(order)))
    bootstrap = watchdog.BOOTSTRAP.format(root=str(Path(__file__).resolve().parent.parent))
    inside = (
        command if name == "none" else ["bwrap", *_options(room, limits, filtered=bool(program)), *command]
    )
    return [sys.executable, "-I", "-S", "-c", bootstrap, str(written), *inside]


def _options(room: Room, limits: Limits, *, filtered: bool) -> list[str]:
    options = [
        "--unshare-all", "--die-with-parent", "--new-session", "--uid", NOBODY, "--gid", NOBODY,
        "--hostname", "lab", "--cap-drop", "ALL", "--clearenv",
        "--proc", "/proc", "--dev", "/dev",
    ]  # fmt: skip
    for place in KERNEL_FILES:  # root's files, and the sandbox's user is root's where root grades
        if Path(place).exists():
            options += ["--ro-bind", place, place]
    if filtered:
        options += ["--seccomp", str(watchdog.FILTER_FD)]
    for place in ("/tmp", "/dev/shm"):  # noqa: S108 - inside
        options += [*_bounded(limits), "--tmpfs", place]
    for key, value in environment(room).items():
        options += ["--setenv", key, value]
    options += _system()
    visible = _python_folders()
    # Where these lie below /tmp, which is writable, what holds them must not be.
    holders = sorted({str(folder.parent) for folder in visible if folder.is_relative_to("/tmp")})  # noqa: S108
    for holder in holders:
        options += ["--tmpfs", holder]
    for folder in visible:
        options += ["--ro-bind", str(folder), str(folder)]
    for holder in holders:
        options += ["--remount-ro", holder]
    for hidden in _our_folders([*map(Path, SYSTEM), *visible]):
        options += ["--tmpfs", str(hidden), "--remount-ro", str(hidden)]
    for folder in (room.code, room.given):
        options += ["--ro-bind", str(folder), str(folder)]
    for folder in (room.home, room.sockets):
        options += ["--bind", str(folder), str(folder)]
    # What bubblewrap makes to hold all these is memory that a submission could fill.
    return [*options, "--remount-ro", "/", "--remount-ro", "/dev", "--chdir", str(room.lab)]


def _system() -> list[str]:
    """What of the system is seen, read-only."""
    options: list[str] = []
    for place in SYSTEM:
        path = Path(place)
        if path.is_symlink():
            options += ["--symlink", str(path.readlink()), place]
        elif path.exists():
            options += ["--ro-bind", place, place]
    for place in SYSTEM_FILES:
        options += ["--ro-bind-try", place, place]
    return options


def _bounded(limits: Limits) -> list[str]:
    """The option that bounds the next tmpfs; older bubblewraps have none, and the watchdog counts alone."""
    size = int(min(limits.disk_mib, limits.memory_mib / 4) * MIB)
    return ["--size", str(size)] if _knows_size() else []


@functools.cache
def _knows_size() -> bool:
    try:
        told = subprocess.run(["bwrap", "--help"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return "--size " in told.stdout + told.stderr


def _python_folders() -> list[Path]:
    """The virtual environment and the Python it was made from, where they are not under /usr."""
    folders = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent.parent}
    return sorted(folder for folder in folders if not folder.is_relative_to("/usr"))


def _our_folders(visible: list[Path]) -> list[Path]:
    """Our own packages, where they lie inside something the sandbox sees (an installed wheel)."""
    root = Path(__file__).resolve().parent.parent
    return [
        root / name
        for name in OURS
        if (root / name).is_dir() and any(root.is_relative_to(folder) for folder in visible)
    ]
