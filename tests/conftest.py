"""What the whole test run shares: the built-in data, and one sandboxed kernel that has Keras loaded."""

from __future__ import annotations

import itertools
import json
import os
from typing import Any

import pytest

from grader import sandbox
from grader.data import prepare_data
from grader.evidence import LiveStudent
from tests.live import LiveKernel

os.environ["LABGRADE_CACHE"] = "off"  # or a test would look at what an earlier run of the tests has made

NO_BUBBLEWRAP = sandbox.why_not()
TELL = "import json; json.dump(told, open('told.json', 'w')); del told"
WATCH = {"watched": ("otherName", "watched")}


class Teller(LiveKernel):
    """A kernel whose cells leave an answer for the test in the variable ``told``."""

    numbers = itertools.count(1)

    def tell(self, *sources: str) -> Any:
        """Run cells of which none may raise; returns what the last left in ``told``, as JSON carries it."""
        return self.tell_all(*sources)[0]

    def tell_all(self, *sources: str) -> tuple[Any, LiveStudent]:
        """What ``tell`` returns, and the student with the evidence."""
        student = self.run(*sources, TELL)
        assert not student.errors
        return json.loads((self.room.lab / "told.json").read_text()), student

    def fresh(self) -> int:
        """A number that no other test of this kernel has: it sends each array's content only once."""
        return next(self.numbers)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """The data of a run, made of the built-in pictures, whatever this machine has."""
    empty = tmp_path_factory.mktemp("empty")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("LABGRADE_DATA", raising=False)
        patch.setenv("KERAS_HOME", str(empty))
        patch.setenv("XDG_CACHE_HOME", str(empty))
        return prepare_data(None, cache=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def given(prepared):
    """The folder that the sandbox may read."""
    return prepared.visible


@pytest.fixture(scope="session")
def live(given):
    """One kernel for all tests that only look: all flavours of Keras are loaded, ``watched`` is watched."""
    kernel = Teller(given, WATCH)
    assert not kernel.run("import keras, tf_keras, tensorflow as tf, numpy as np").errors
    yield kernel
    kernel.close()


@pytest.fixture(scope="session")
def needs_bubblewrap():
    """Skip where bubblewrap does not work."""
    if NO_BUBBLEWRAP:
        pytest.skip(NO_BUBBLEWRAP)
