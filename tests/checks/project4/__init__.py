"""Tests of the checks of lab project4."""
