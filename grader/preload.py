"""What the processes of a batch need, loaded once in the process that forks them: importing this does it."""

from __future__ import annotations

import contextlib
import gc

from grader import labs, output, resume, session
from grader.cache import loaded, memory, pages  # the first says what was loaded, so it comes first

__all__ = ["labs", "loaded", "memory", "output", "pages", "resume", "session"]

for _lab in labs.lab_ids():
    with contextlib.suppress(Exception):  # said where the lab is used
        labs.load_everything(labs.load_lab(_lab))

gc.collect()
gc.freeze()  # so that no child looks through all that was loaded, which would copy its memory
