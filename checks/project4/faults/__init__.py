"""The tests of this lab's checks: a typical hand-in, and seeded faults and rewrites of it, by topic."""

from checks.project4.faults.handin import HAND_IN

__all__ = ["HAND_IN"]
