"""How a submission becomes feedback: intake, sandbox, execution, probes, report, pages."""

__version__ = "0.1.0"
