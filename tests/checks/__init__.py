"""Tests of what is asked of a submission, one module per module of ``checks``."""
