"""Tests of the judge of written answers."""
