"""The server from which all children of a batch are forked, with the pipeline loaded once.

It loads for a second. Whoever calls ``start`` before anything else is imported has it ready by the time that
there is work; so this module needs nothing but the standard library.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext


def fork_context() -> ForkServerContext:
    """Where our child processes come from: a server that has the pipeline loaded and nothing else running."""
    start()
    return multiprocessing.get_context("forkserver")


def start() -> None:
    """Start it, unless it runs, deaf to the terminal's Ctrl-C, which else could end it while it imports."""
    forkserver.set_forkserver_preload(["grader.cache.loaded", "grader.preload"])
    if threading.current_thread() is not threading.main_thread():
        forkserver.ensure_running()
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        forkserver.ensure_running()
    finally:
        signal.signal(signal.SIGINT, before)
