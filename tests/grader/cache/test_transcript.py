"""What checks asked a kernel is repeated only for the same questions in the same order, all of them."""

import contextlib

import numpy as np
import pytest

from checks.kit import Gone, Raised, Reply
from grader.cache.arrays import Arrays
from grader.cache.store import open_store
from grader.cache.transcript import Recorder, Repeater, question
from grader.evidence import Evidence, LiveStudent
from grader.recall import NotKept

ONE, TWO = np.arange(6000.0).reshape(2, 3000) ** 2, np.arange(6, dtype=np.int8)


def student_with(put, folder):
    return LiveStudent(evidence=Evidence(folder / "evidence"), given={}, seed=0, put=put, errors=())


def kernel(op, arguments, arrays):
    """Answers as a kernel might, by what is asked."""
    if op == "apply" and arguments["function"] == "broken":
        raise Raised("ValueError", "a bad value")
    if op == "signature":
        return Reply({"parameters": [{"name": "x"}]})
    return Reply({"told": arguments}, tuple(array * 2 for array in arrays))


@pytest.fixture
def recorded(tmp_path):
    """Two parts that asked: a signature, an array, a function that raises; then an array and a signature."""
    recorder = Recorder(Arrays(open_store(tmp_path / "store")), kernel)
    student = student_with(recorder.put, tmp_path)
    recorder.begin("first")
    student.ask("signature", function="f")
    student.ask("apply", (ONE,), function="f")
    with pytest.raises(Raised):
        student.ask("apply", (TWO,), function="broken")
    recorder.begin("second")
    student.ask("signature", function="f")  # remembered, so the kernel is not asked
    student.ask("apply", (TWO,), function="f")
    assert recorder.doubtful == ""
    return recorder


@pytest.fixture
def repeated(recorded, tmp_path):
    """What repeats it, and a student who asks it."""
    repeater = Repeater(recorded.arrays, lambda: recorded.questions)
    return repeater, student_with(repeater.put, tmp_path)


def test_the_same_questions_have_the_same_answers(repeated):
    """Data, arrays and exceptions come back as they were."""
    repeater, student = repeated
    repeater.begin("first", student)
    assert student.ask("signature", function="f").data == {"parameters": [{"name": "x"}]}
    reply = student.ask("apply", (ONE,), function="f")
    assert reply.data == {"told": {"function": "f"}}
    assert (reply.arrays[0] == ONE * 2).all()
    with pytest.raises(Raised, match="ValueError: a bad value"):
        student.ask("apply", (TWO,), function="broken")
    repeater.end()


def test_a_part_alone_remembers_what_those_before_it_had_asked(repeated):
    """The second part asks nothing that the first had asked, as when the notebook ran."""
    repeater, student = repeated
    repeater.skip("first")
    repeater.begin("second", student)
    student.ask("signature", function="f")
    assert (student.ask("apply", (TWO,), function="f").arrays[0] == TWO * 2).all()
    repeater.end()


OTHERS = {
    "another-operation": lambda ask: ask("train", (ONE,), function="f"),
    "another-argument": lambda ask: ask("apply", (ONE,), function="g"),
    "another-value": lambda ask: ask("apply", (ONE + 1,), function="f"),
    "another-dtype": lambda ask: ask("apply", (ONE.astype("float32"),), function="f"),
    "another-shape": lambda ask: ask("apply", (ONE.reshape(3000, 2),), function="f"),
    "another-order": lambda ask: ask("apply", (TWO,), function="broken"),
    "no-arrays": lambda ask: ask("apply", (), function="f"),
    "one-more": lambda ask: [ask("apply", (ONE,), function="f") for _ in range(2)],
}


def test_a_part_alone_remembers_what_raised_before_it(tmp_path):
    """A function that stopped for one part is not asked of again by the next, live or repeated."""
    asked = []

    def stops(op, arguments, _arrays):
        asked.append(op)
        raise Raised("ValueError", f"for {arguments['arguments']['n']}")

    def ask(student):
        with pytest.raises(Raised, match=r"^ValueError: for 1$"):
            student.ask("describe", function="f", arguments={"n": 1})

    recorder = Recorder(Arrays(open_store(tmp_path / "store")), stops)
    student = student_with(recorder.put, tmp_path)
    for part in ("first", "second"):
        recorder.begin(part)
        ask(student)
    assert asked == ["describe"]
    repeater = Repeater(recorder.arrays, lambda: recorder.questions)
    again = student_with(repeater.put, tmp_path)
    repeater.skip("first")
    repeater.begin("second", again)
    ask(again)
    repeater.end()


@pytest.mark.parametrize("ask", OTHERS.values(), ids=OTHERS)
def test_another_question_ends_it(repeated, ask):
    """Whatever is asked that was not asked there and then, the part is not kept, even if a check hides it."""
    repeater, student = repeated
    repeater.begin("first", student)
    student.ask("signature", function="f")
    with pytest.raises(Gone):
        ask(student.ask)
    with pytest.raises(NotKept):
        repeater.end()


def test_fewer_questions_end_it(repeated):
    """A part that stops early leaves the process otherwise than it was for those after it."""
    repeater, student = repeated
    repeater.begin("first", student)
    student.ask("signature", function="f")
    with pytest.raises(NotKept):
        repeater.end()


def test_an_unknown_part_may_ask_nothing(repeated):
    """A check that did not run then has no transcript."""
    repeater, student = repeated
    repeater.begin("third", student)
    repeater.end()
    with pytest.raises(Gone):
        student.ask("apply", (ONE,), function="f")
    with pytest.raises(NotKept):
        repeater.end()


def test_a_lost_array_ends_it(repeated, recorded):
    """An answer whose array is gone is no answer."""
    for path in recorded.arrays.store.folder.rglob("arrays/*/*"):
        path.unlink()
    repeater, student = repeated
    repeater.begin("first", student)
    student.ask("signature", function="f")
    with pytest.raises(Gone):
        student.ask("apply", (ONE,), function="f")
    with pytest.raises(NotKept):
        repeater.end()


def raising(error):
    def put(*_):
        raise error

    return put


@pytest.mark.parametrize(
    "put",
    [
        raising(Gone("no answer within 90 s")),
        raising(Raised("MemoryError", "")),
        raising(Raised("ResourceExhaustedError", "OOM")),
        lambda *_: Reply({}, (), ("np.allclose",)),
        lambda *_: Reply({"cut": True, "history": {}}),
        lambda *_: Reply({}, (np.array(["text"]),)),
    ],
    ids=["gone", "memory", "tensorflow-memory", "replaced", "out-of-time", "no-numbers"],
)
def test_answers_that_another_day_would_change(tmp_path, put):
    """What the machine may be to blame for, and what cannot be kept, makes the whole run doubtful."""
    recorder = Recorder(Arrays(open_store(tmp_path)), put)
    recorder.begin("part")
    with contextlib.suppress(Gone, Raised):
        recorder.put("apply", {}, ())
    assert recorder.doubtful


def test_arrays_are_told_apart_by_every_bit():
    """Two questions are one only with equal bits."""
    nan, other = np.array([np.nan]), np.array([0x7FF8000000000001], np.uint64).view(float)
    asked = [question("apply", {}, (one,)) for one in (nan, other, np.array([0.0]), np.array([-0.0]))]
    assert len(set(asked)) == 4
    assert question("apply", {}, (ONE.T,)) == question("apply", {}, (ONE.T.copy(),))


def test_a_real_kernel(live, tmp_path):
    """A model that is kept between two questions, and a function with a state of its own, come back."""
    code = (
        "import keras\ncount = 0\ndef counted(x):\n    global count\n    count += 1\n    return x + count\n"
        "def small(n):\n    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(n)])\n"
        "    model.compile('adam', 'mse', metrics=['mae'])\n    return model"
    )
    real = live.run(code)
    recorder = Recorder(Arrays(open_store(tmp_path / "store")), real.put)
    real.put = recorder.put
    recorder.begin("part")
    images, labels = np.ones((3, 4), np.float32), np.zeros((3, 2), np.float32)
    call = {"function": "small", "arguments": {"n": 2}}

    def ask(student):
        return [
            student.ask("apply", (TWO,), function="counted", arguments={}).arrays[0].tolist(),
            student.ask("apply", (TWO,), function="counted", arguments={}).arrays[0].tolist(),
            student.ask("predict", (images,), keep="measured", **call).arrays[0].tolist(),
            student.ask("evaluate", (images, labels), keep="measured").data,
            student.ask("describe", **call).data,
        ]

    then = ask(real)
    assert then[0] != then[1]
    repeater = Repeater(recorder.arrays, lambda: recorder.questions)
    student = student_with(repeater.put, tmp_path)
    repeater.begin("part", student)
    assert ask(student) == then
    repeater.end()
