"""How a submission becomes feedback: intake, sandbox, execution, probes, report, pages."""

import logging

__version__ = "0.1.0"

# Faults of ours are logged; where they go is for the process to say (see grader/fault_log.py).
logging.getLogger(__name__).addHandler(logging.NullHandler())
