"""Notebooks that leave the beaten track: they end, hang, break or rebuild the process they run in."""

from __future__ import annotations

from tests.hostile.case import (
    CALLABLE,
    EARNED,
    KERNELS,
    RESPONSES,
    RIGHT,
    START,
    WRONG,
    Case,
    Expect,
    notebook,
)

STUBBORN = """
import signal as signals, time
for number in (signals.SIGINT, signals.SIGTERM, signals.SIGHUP, signals.SIGALRM):
    signals.signal(number, signals.SIG_IGN)
while True:
    try:
        time.sleep(1)
    except BaseException:
        pass
"""
THREADS = """
import threading, time
def forever():
    while True:
        time.sleep(0.01)
for daemon in (True, False):
    threading.Thread(target=forever, daemon=daemon).start()
import atexit
atexit.register(forever)
"""
DAEMON = """
import os, signal as signals, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signals.signal(signals.SIGTERM, signals.SIG_IGN)
        while True:
            open('alive', 'w').write(str(time.time()))
            time.sleep(0.05)
    os._exit(0)
"""
DEEP = """
import os
for _ in range(3000):
    os.mkdir('d'); os.chdir('d')
os.chdir(os.path.expanduser('~/lab'))
"""
LOCKED = """
import os
os.makedirs('locked/in/side'); open('locked/in/file', 'w').close()
for place in ('locked/in/side', 'locked/in/file', 'locked/in', 'locked'): os.chmod(place, 0)
"""
MODES = """
import keras, tensorflow as tf
keras.mixed_precision.set_global_policy('mixed_float16')
tf.compat.v1.disable_eager_execution()
"""
NEVER_LOADS = "import sys; sys.setrecursionlimit(10**9)\ndef down(): down()\ndown()"
ENDS = "raise SystemExit", "exit()", "quit", "import sys; sys.exit(3)"
CANCELLED = "raise KeyboardInterrupt"
TALKS = "name = input('Your name? ')"
SHELL = "!ls -la /; cat /etc/passwd; rm -rf ~/lab/nothing\n%pip install numpy==1.0\n%cd /tmp\n%cd -q ~/lab"
BASH = "%%bash\nset -e\necho from bash; kill -9 $$"
LINKS = """
import glob, os
for path in glob.glob(os.path.dirname(os.path.dirname(os.path.expanduser('~/'))) + '/s/*'):
    if path.endswith('.json'):
        os.remove(path)
        os.symlink('<<OUTSIDE>>/canary.txt', path)
os._exit(0)
"""


def quirk(name: str, tries: str, *cells: str, expect: Expect = EARNED, **flags: bool) -> Case:
    """A right hand-in with these cells before its responses."""
    return Case(name, tries, notebook(START, KERNELS, *cells, RESPONSES), expect, **flags)


def lost(
    name: str, tries: str, cell: str, *says: str, run: tuple[str, ...] = ("died",), **flags: bool
) -> Case:
    """A right hand-in with a cell that costs the kernel; the cell is left out, and all others count."""
    return quirk(name, tries, cell, expect=Expect(most=4, least=4, run=run, says=says), **flags)


CASES = (
    quirk("input", "input(), which nobody answers", TALKS),
    quirk("shell", "%pip, !ls and %%bash", SHELL, BASH, sample=True),
    quirk("leaves", "exit() and its kin", *ENDS, CANCELLED, sample=True),
    Case("forgets", "%reset -f at the end", notebook(*RIGHT, "%reset -f\n%xdel np"), EARNED),
    quirk("moves", "another working directory, then none at all", "import os, tempfile\nos.chdir(tempfile.mkdtemp())\nos.rmdir(os.getcwd())"),
    quirk("silent", "no standard output", "import sys\nsys.stdout = sys.stderr = None\nsys.stdin = None"),
    quirk("strict", "warnings as errors, floating point errors raised", "import warnings; warnings.simplefilter('error')\nnp.seterr(all='raise')"),
    quirk("threads", "threads that never end, at exit too", THREADS, sample=True),
    quirk("daemon", "a process that leaves its parent and session", DAEMON, sample=True),
    quirk("deep-folders", "three thousand folders in one another", DEEP, sample=True),
    quirk("locked-folders", "folders that nobody may enter", LOCKED),
    quirk("recursion", "recursion without end", NEVER_LOADS, expect=Expect(most=4, least=4)),
    quirk("homeless", "its own home removed", "import os, shutil\nshutil.rmtree(os.path.expanduser('~'), ignore_errors=True)", expect=Expect(most=4)),
    quirk("closed", "all file descriptors closed", "import os; os.closerange(3, 4096)", expect=Expect(most=4)),
    quirk("other-signals", "alarms in the middle of things", "import signal as signals\nsignals.setitimer(signals.ITIMER_REAL, 0.05, 0.05)", expect=Expect(most=4, least=4)),
    quirk("late-alarm", "an alarm for a later cell", "import signal as signals\nsignals.setitimer(signals.ITIMER_REAL, 1.0, 0.5)", expect=Expect(most=4, least=4)),
    lost("ends-itself", "os._exit in a cell", "import os; os._exit(0)", "ended in cell 3"),
    lost("kills-itself", "kill -9 of itself", "import os; os.kill(os.getpid(), 9)"),
    lost("kills-all", "kill -9 of all processes there are", "import os; os.kill(-1, 9)", run=("died", "error")),
    lost("crashes", "a segmentation fault", "import ctypes; ctypes.string_at(0)", sample=True),
    quirk("hangs", "a loop without end", "while True: pass", expect=Expect(most=4, least=4, run=("timeout",), says=("stopped",))),
    lost("stubborn", "a loop that ignores every signal", STUBBORN, run=("timeout", "died"), sample=True),
    lost("swaps-sockets", "the kernel's own files replaced by links to files outside, before it is run again", LINKS, sample=True),
    Case("gives-up", "more deadly cells than are worth a run", notebook(*WRONG, *["import os; os._exit(0)"] * 6), Expect(run=("died",))),
    Case("other-modes", "mixed precision, eager mode switched off", notebook(*RIGHT, MODES, "def build_CNN(input_shape, loss): return keras.Sequential([keras.Input(input_shape), keras.layers.Flatten()])"), Expect(most=4 + CALLABLE, least=4), keras=True),
)  # fmt: skip
