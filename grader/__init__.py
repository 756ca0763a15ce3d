"""How a submission becomes feedback: intake, sandbox, execution, probes, report, pages."""

import logging
from typing import Any

__version__ = "0.1.0"

# Faults of ours are logged; where they go is for the process to say (see grader/fault_log.py).
logging.getLogger(__name__).addHandler(logging.NullHandler())


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext grader`` in a notebook: then ``%labgrade 4.1`` checks a task on the live kernel."""
    from grader.cli import magic  # noqa: PLC0415 - IPython is there in a notebook only

    magic.load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """``%unload_ext grader``."""
    from grader.cli import magic  # noqa: PLC0415 - as above

    magic.unload(shell)
