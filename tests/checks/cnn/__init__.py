"""Tests of the checks of the lab ``cnn``."""
